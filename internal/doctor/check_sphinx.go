package doctor

import (
	"fmt"
	"strings"
)

// The checks of this file are about Sphinx, and what the project loads into it.
// Of a failure they tell its kind and its place, never its message: that may
// quote anything of conf.py.

// supported is the span of Sphinx versions that docserve's tests use.
const supported = "5.3 to 9.x"

const (
	oldestSphinx = "5.3"
	unknownYet   = "10" // the first Sphinx after those
)

func checkLoaded(f Facts) []Check {
	l := f.Loaded
	if l.At == "" && l.Err == nil && l.Ended == "" {
		return nil // there is no project to load
	}
	if l.Sphinx == "" {
		return []Check{broken(f, "Sphinx").advise("Try it by hand, with the Python above: python -m sphinx --version")}
	}
	list := []Check{checkSphinx(l.Sphinx), checkDocutils(l)}
	config := found("conf.py", OK, "loads")
	switch {
	case !l.Config:
		config = found("conf.py", OK, "none is used")
	case !l.Done || l.Failed != nil && l.At != "theme":
		config = broken(f, "conf.py").advise("sphinx-build shows the message. Extensions and theme are looked at once this is mended.")
	}
	list = append(list, config)
	if l.Listed != nil || len(l.Extensions) > 0 {
		list = append(list, checkExtensions(f)...)
	}
	if l.Done && (l.Theme != "" || l.At == "theme") {
		list = append(list, checkTheme(f))
	}
	return list
}

func checkSphinx(version string) Check {
	switch {
	case compareVersions(version, oldestSphinx) < 0:
		return found("Sphinx", Problem, "%s is too old; docserve works with %s", version, supported).advise("Install a later Sphinx.")
	case compareVersions(version, unknownYet) >= 0:
		return found("Sphinx", Note, "%s is newer than what docserve is tested with (%s)", version, supported)
	}
	return found("Sphinx", OK, "%s (docserve works with %s)", version, supported)
}

func checkDocutils(l Loaded) Check {
	switch fits, known := satisfies(l.Docutils, l.Wants); {
	case !known:
		return found("docutils", OK, "%s", l.Docutils)
	case fits:
		return found("docutils", OK, "%s (this Sphinx wants %s)", l.Docutils, l.Wants)
	}
	return found("docutils", Problem, "%s, but this Sphinx wants %s", l.Docutils, l.Wants).
		advise("Install one that fits:", fmt.Sprintf("  python -m pip install \"docutils%s\"", l.Wants))
}

// broken tells how loading came to its end.
func broken(f Facts, name string) Check {
	l := f.Loaded
	step := l.At
	if l.Name != "" {
		step += " " + l.Name
	}
	if step == "" {
		step = "Python"
	}
	at := ""
	if l.Spot.Path != "" {
		at = ", at " + l.Spot.shown()
	}
	switch {
	case l.Err != nil:
		return found(name, Problem, "could not be tried: %v", l.Err)
	case l.Hung:
		return found(name, Problem, "stood still for %v while loading %s%s", l.Waited, step, at).
			advise("Look there for a loop, or for a request to a server that does not answer.")
	case l.Ended != "":
		return found(name, Problem, "Python ended while loading %s (%s)", step, l.Ended)
	}
	return found(name, Problem, "cannot be loaded: %s", l.Failed.words(below(f.Project.ConfDir, f.Project.Source)))
}

// words are kind and place of a failure.
func (f *Failure) words(inside func(string) bool) string {
	if f == nil {
		return "for reasons unknown"
	}
	text := f.Kind
	if f.Needs != "" {
		return "it needs another Sphinx (" + f.Needs + ")"
	}
	if spot := f.spot(inside); spot.Path != "" {
		text += " in " + spot.shown()
	}
	return text
}

// describe names an extension with its version.
func (e Extension) describe() string {
	switch {
	case e.Own:
		return e.Name + " (the project's)"
	case e.Version != "" && !e.Sphinx:
		return e.Name + " " + e.Version
	}
	return e.Name
}

func checkExtensions(f Facts) []Check {
	var (
		names  []string
		others []string
		list   []Check
		inside = below(f.Project.ConfDir, f.Project.Source)
	)
	for _, e := range f.Loaded.Extensions {
		switch {
		case e.Failure == nil && e.Listed:
			names = append(names, e.describe())
			continue
		case e.Failure == nil:
			if !e.Sphinx {
				others = append(others, e.describe())
			}
			continue
		}
		c := found("extension", Problem, "%s cannot be loaded: %s", e.Name, e.Failure.words(inside))
		if m := e.Failure.Module; e.Failure.Kind == "ModuleNotFoundError" && m != "" {
			c.Found = fmt.Sprintf("%s cannot be imported: there is no module %s", e.Name, m)
			if m == e.Name {
				c.Found = e.Name + " is not installed"
			}
			c = c.advise(lines(f.Loaded.Advice[m])...)
		}
		list = append(list, c)
	}
	c := found("extensions", OK, "none")
	if len(names) > 0 {
		c.Found = fmt.Sprintf("%s: %s", count(len(names), "extension"), strings.Join(names, ", "))
	}
	if len(others) > 0 {
		c.Details = []string{"loaded by these: " + strings.Join(others, ", ")}
	}
	if len(names) == 0 && len(list) > 0 {
		return list // "none" would be a lie
	}
	return append([]Check{c}, list...)
}

// lines splits advice, with commands indented; none for "".
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func checkTheme(f Facts) Check {
	l := f.Loaded
	if l.Failed != nil {
		if l.Failed.Kind == "ThemeError" {
			return found("theme", Problem, "%s is not installed", l.Name).advise(lines(l.Advice[l.Name])...)
		}
		return found("theme", Problem, "%s cannot be loaded: %s", l.Name, l.Failed.words(below(f.Project.ConfDir, f.Project.Source)))
	}
	return found("theme", OK, "%s", Extension{Name: l.Theme, Version: l.ThemeVer, Own: l.ThemeOwn}.describe())
}

// checkFork says whether processes can be forked, by the rule of docserve's
// worker: the system has it, it is safe there, and no thread would be lost.
func checkFork(l Loaded, system string, refused bool) []Check {
	if !l.Done || l.Failed != nil && l.At != "theme" {
		return nil // not known
	}
	switch {
	case refused:
		return []Check{found("fork", OK, "not used, as --no-fork says")}
	case system == "darwin":
		return []Check{found("fork", OK, "not used: it is not safe on macOS")}
	case !l.Fork:
		return []Check{found("fork", OK, "not used: this system has none")}
	case l.Threads <= 1:
		return []Check{found("fork", OK, "used: there are no threads that it would lose")}
	}
	var starters []string
	for _, e := range l.Extensions {
		if e.Threads > 0 {
			starters = append(starters, e.Name)
		}
	}
	by := "conf.py"
	if len(starters) > 0 {
		by = strings.Join(starters, ", ")
	}
	return []Check{found("fork", Note, "not used, as on --no-fork: %s of %s run once everything is loaded", count(l.Threads-1, "thread"), by).
		advise("Pages in the background are written by one process, and a crash costs a cold restart.")}
}

// checkWriters is about parallel writing only: docserve reads in Sphinx's own
// order whatever extensions declare.
func checkWriters(l Loaded) []Check {
	if !l.Done || l.Failed != nil && l.At != "theme" {
		return nil
	}
	var unsafe []string
	for _, e := range l.Extensions {
		if !e.Writes && e.Failure == nil {
			unsafe = append(unsafe, e.Name)
		}
	}
	if len(unsafe) == 0 {
		return []Check{found("writing", OK, "in parallel: all extensions allow it")}
	}
	return []Check{found("writing", Note, "by one process: parallel_write_safe is false for %s", strings.Join(unsafe, ", "))}
}
