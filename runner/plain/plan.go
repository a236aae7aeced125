package plain

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"docserve/runner"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// plan is what a build is to do beyond what Sphinx finds by itself.
type plan struct {
	build   bool
	all     bool     // write all pages (-a)
	fresh   bool     // read all documents (-E)
	clear   bool     // forget first all that is known from before
	again   []string // documents that must be read, whatever the times of their files say; sorted
	reason  string   // when it is more than the changed files tell
	changed []string // names of the files that asked for it
}

// merge adds what another plan asks for.
func (p *plan) merge(other plan) {
	p.build, p.all, p.fresh = p.build || other.build, p.all || other.all, p.fresh || other.fresh
	p.clear = p.clear || other.clear
	p.again = compact(append(p.again, other.again...))
	if p.reason == "" {
		p.reason = other.reason
	}
	for _, name := range other.changed {
		if !slices.Contains(p.changed, name) {
			p.changed = append(p.changed, name)
		}
	}
}

// compact sorts strings, each once.
func compact(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// judge is what the meaning of changed files depends on.
type judge struct {
	facts  *facts              // nil: nothing is known, and every change counts
	source string              // absolute
	config string              // absolute path of conf.py; "" when there is none
	failed bool                // every change is another try
	notes  []runner.Diagnostic // a file that is made may be one that they miss

	generated runner.Generated // nil generates nothing
}

// plan says what changed files ask for.
func (j judge) plan(changes []watch.Change) plan {
	var p plan
	for _, c := range changes {
		each := j.one(c)
		if !each.build && (j.failed || j.facts == nil) {
			each.build = true
		}
		if each.build {
			each.changed = []string{sphinx.Relative(j.source, j.edited(c.Path))}
			p.merge(each)
		}
	}
	return p
}

// one says what one changed file asks for.
func (j judge) one(c watch.Change) plan {
	p := plan{build: true}
	if c.Path == j.config {
		// What settings shape Sphinx knows; what the functions of conf.py do, nobody.
		p.all, p.fresh = true, definesSetup(c.Path)
		p.reason = "conf.py changed"
		return p
	}
	if j.facts == nil {
		return p
	}
	f := j.facts
	p.again = slices.Concat(f.users[c.Path], j.lacking(c), j.declared(c))
	switch name := filepath.Base(c.Path); {
	case within(c.Path, f.Templates):
		p.all = true
	case within(c.Path, f.Static):
		p.all = true // Sphinx copies them only when it writes pages, which may hold their checksums
	case within(c.Path, f.Locales) && strings.HasSuffix(name, ".po"):
	case isInput(c.Path, f.Shaping):
		p.fresh = true
	case isInput(c.Path, f.Generating):
	case len(f.users[c.Path]) > 0:
	case slices.Contains(f.Modules, c.Path):
		p.fresh = true
		p.reason = name + " changed"
	case c.Op == watch.Create && within(c.Path, []string{j.source}) && hasSuffix(name, f.Suffixes):
	default:
		p.build = len(p.again) > 0
	}
	return p
}

// edited is the file that somebody has edited when this one has changed: the source
// of a generated file.
func (j judge) edited(path string) string {
	if j.generated != nil {
		if source, _, ok := j.generated.Origin(path, 0); ok {
			return source
		}
	}
	return path
}

// declared returns the documents that are declared to depend on a file.
func (j judge) declared(c watch.Change) []string {
	if j.generated == nil {
		return nil
	}
	var docs []string
	for _, source := range j.generated.Dependents(c.Path) {
		for _, doc := range j.facts.users[source] {
			if j.facts.Docs[doc][0] == source {
				docs = append(docs, doc)
			}
		}
	}
	return docs
}

// lacking returns the documents that have missed a file which is there now: what
// a directive could not find is no dependency, but it has said its name.
func (j judge) lacking(c watch.Change) []string {
	if c.Op != watch.Create {
		return nil
	}
	var docs []string
	name := strings.TrimSuffix(filepath.Base(c.Path), ".py") // modules are known by name
	for _, d := range j.notes {
		if d.Doc != "" && strings.Contains(d.Message, name) {
			docs = append(docs, d.Doc)
		}
	}
	return docs
}

// within reports whether a path is one of some files, or below one of some
// directories.
func within(path string, places []string) bool {
	return slices.ContainsFunc(places, func(place string) bool {
		return path == place || strings.HasPrefix(path, strings.TrimSuffix(place, string(filepath.Separator))+string(filepath.Separator))
	})
}

// isInput reports whether a path is one of the files that extensions read.
func isInput(path string, inputs []sphinx.Input) bool {
	return slices.ContainsFunc(inputs, func(in sphinx.Input) bool {
		return within(path, []string{in.Path}) && (len(in.Endings) == 0 || hasSuffix(path, in.Endings))
	})
}

func hasSuffix(name string, suffixes []string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

var setupFunction = regexp.MustCompile(`(?m)^\s*def setup\(`)

// definesSetup reports whether a conf.py is an extension as well.
func definesSetup(path string) bool {
	text, err := os.ReadFile(path)
	return err == nil && setupFunction.Match(text)
}
