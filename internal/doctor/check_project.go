package doctor

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"docserve/internal/project"
	"docserve/internal/python"
)

// The checks of this file are about docserve, the machine, the project and its
// Python. They judge facts and touch nothing.

func checkProgram(s System) Check { return found("docserve", OK, "%s", s.Version) }

func checkSystem(s System) Check {
	parts := []string{s.Name}
	if s.Name == "" {
		parts[0] = s.OS + "/" + s.Arch
	}
	if strings.Contains(strings.ToLower(s.Name), "microsoft") {
		parts = append(parts, "WSL")
	}
	parts = append(parts, count(s.Processors, "processor"))
	if s.Memory > 0 {
		parts = append(parts, size(s.Memory)+" of memory")
	}
	if s.Container {
		parts = append(parts, "in a container")
	}
	return found("system", OK, "%s", strings.Join(parts, ", "))
}

func checkProject(p ProjectFacts) []Check {
	var refused *project.Error
	switch {
	case errors.As(p.Err, &refused) && refused.Hint != "":
		return []Check{found("project", Problem, "%s", p.absolute(refused.Problem)).advise(sentence(p.absolute(refused.Hint)))}
	case refused != nil:
		return []Check{found("project", Problem, "%s", p.absolute(refused.Problem))}
	case p.Err != nil:
		return []Check{found("project", Problem, "%v", p.Err)}
	}
	built := "not built yet"
	if p.Adopted {
		built = "built before"
	}
	where := "as sphinx-build -M would have it"
	switch {
	case p.OutputWhy == "given":
		where = "as given"
	case strings.HasSuffix(p.OutputWhy, "akefile"):
		where = "from the Makefile"
	}
	return []Check{found("project", OK, "builder %s, %s; output directory %s", p.Builder, built, where)}
}

// absolute undoes what makes the message of a project.Error easy to type: its
// paths are relative to the current directory, those of a report are not.
func (p ProjectFacts) absolute(message string) string {
	for _, path := range []string{p.Output, p.Doctrees, p.ConfDir, p.Source} {
		rel, err := filepath.Rel(p.WorkDir, path)
		if p.WorkDir == "" || path == "" || err != nil || rel == "." {
			continue
		}
		whole := regexp.MustCompile(`(^| )` + regexp.QuoteMeta(rel) + `($|[:;?])`)
		message = whole.ReplaceAllStringFunc(message, func(match string) string { return strings.Replace(match, rel, path, 1) })
	}
	return message
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

func checkPython(p PythonFacts) []Check {
	c := Check{Name: "Python"}
	for _, attempt := range p.Passed {
		c.Details = append(c.Details, fmt.Sprintf("not taken: %s (%s): %s", attempt.Path, attempt.Why, attempt.Fate))
	}
	active := slices.ContainsFunc(p.Passed, func(a python.Attempt) bool { return strings.HasPrefix(a.Why, "active") })
	commands := func() []string {
		lines := []string{"To install Sphinx:"}
		for _, command := range p.Install {
			lines = append(lines, "  "+command)
		}
		return lines
	}
	switch {
	case p.Path != "" && active:
		c.Level, c.Found = Note, fmt.Sprintf("%s: %s (%s), not the active environment", p.Version, p.Path, p.Why)
		c.Advice = []string{"If the active environment is the one that you want, install Sphinx there, or give the right one with --python."}
	case p.Path != "":
		c.Level, c.Found = OK, fmt.Sprintf("%s: %s (%s)", p.Version, p.Path, p.Why)
	case p.Makes:
		c.Level, c.Found = Note, "none has Sphinx; docserve would make an environment of its own, with Sphinx and nothing else"
		if len(p.Install) > 0 {
			c.Advice = append(commands(), "Without that, the first start takes longer and needs the network.")
		}
	case p.Explicit:
		c.Level, c.Found = Problem, "the one that --python gives will not do"
		c.Advice = []string{"Give another one, or none: then docserve looks for one itself."}
		if len(p.Install) > 0 {
			c.Advice = append(c.Advice, commands()...)
		}
	case len(p.Install) > 0:
		c.Level, c.Found, c.Advice = Problem, "none that has Sphinx", commands()
	default:
		c.Level, c.Found = Problem, "none that can have Sphinx"
		c.Advice = []string{"Install Python 3.9 or later, then Sphinx."}
	}
	return []Check{c}
}

// shown is a place in a file, as people write it.
func (s Spot) shown() string {
	if s.Line == 0 {
		return s.Path
	}
	return fmt.Sprintf("%s, line %d", s.Path, s.Line)
}

// spot is the line that a failure is best looked for at: the last one of the
// project, or else the last of all.
func (f Failure) spot(inside func(string) bool) Spot {
	for _, place := range slices.Backward(f.Places) {
		if inside(place.Path) {
			return place
		}
	}
	if len(f.Places) == 0 {
		return Spot{}
	}
	return f.Places[len(f.Places)-1]
}

// below returns a function that says whether a file is in one of the
// directories, and not in an environment there.
func below(dirs ...string) func(string) bool {
	return func(path string) bool {
		in := func(dir string) bool { return dir != "" && within(path, dir) }
		return slices.ContainsFunc(dirs, in) && !installed.MatchString(path) && !library(path)
	}
}

// within reports whether a path is in dir, or dir itself.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
