package plain

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"docserve/internal/compare"
	"docserve/runner"
)

// An incremental build prints the warnings of the documents that it reads and of
// the pages that it writes, and no others. Those of the rest still hold: they are
// kept until their document is read, or its page written, again.

// notes are the warnings that there are.
type notes struct {
	Docs map[string]map[runner.Phase][]runner.Diagnostic `json:"docs"` // by docname, of reading and of writing
	Site map[runner.Phase][]runner.Diagnostic            `json:"site"`
}

func newNotes() notes {
	return notes{Docs: map[string]map[runner.Phase][]runner.Diagnostic{}, Site: map[runner.Phase][]runner.Diagnostic{}}
}

// news is what a build has said, and what it has done.
type news struct {
	given   map[runner.Phase][]runner.Diagnostic
	read    map[string]bool // documents that were read
	written map[string]bool // documents whose pages were written; all, with everything
	all     bool            // every page was written
	steps   map[runner.Phase]bool
	facts   *facts // nil when they are not known
}

// take brings the warnings up to date.
func (n *notes) take(what news) {
	if what.facts != nil {
		for doc := range n.Docs {
			if _, ok := what.facts.Docs[doc]; !ok {
				delete(n.Docs, doc)
			}
		}
	}
	for doc, phases := range n.Docs {
		if what.read[doc] {
			delete(phases, runner.Reading)
		}
		if what.steps[runner.Writing] && (what.all || what.read[doc] || what.written[doc]) {
			delete(phases, runner.Writing)
		}
	}
	for phase := range what.steps {
		delete(n.Site, phase)
	}
	for phase, given := range what.given {
		for _, d := range given {
			n.add(phase, d)
		}
	}
}

// add notes a warning, once.
func (n *notes) add(phase runner.Phase, d runner.Diagnostic) {
	if d.Doc == "" || phase != runner.Reading && phase != runner.Writing {
		if !slices.Contains(n.Site[phase], d) {
			n.Site[phase] = append(n.Site[phase], d)
		}
		return
	}
	if n.Docs[d.Doc] == nil {
		n.Docs[d.Doc] = map[runner.Phase][]runner.Diagnostic{}
	}
	if !slices.Contains(n.Docs[d.Doc][phase], d) {
		n.Docs[d.Doc][phase] = append(n.Docs[d.Doc][phase], d)
	}
}

// list returns all warnings, sorted, each once.
func (n *notes) list() []runner.Diagnostic {
	var all []runner.Diagnostic
	for _, phases := range n.Docs {
		for _, given := range phases {
			all = append(all, given...)
		}
	}
	for _, given := range n.Site {
		all = append(all, given...)
	}
	return runner.Distinct(all)
}

// compareTold compares what is to be said with what people were told: what is new to
// them, and what is gone, sorted.
func compareTold(said []runner.Diagnostic, told map[runner.Diagnostic]bool) (fresh, fixed []runner.Diagnostic) {
	now := map[runner.Diagnostic]bool{}
	for _, d := range said {
		if now[d] = true; !told[d] {
			fresh = append(fresh, d)
		}
	}
	for _, d := range slices.Collect(maps.Keys(told)) {
		if !now[d] {
			fixed = append(fixed, d)
		}
	}
	slices.SortFunc(fixed, func(a, b runner.Diagnostic) int { return cmp.Compare(a.String(), b.String()) })
	return fresh, fixed
}

// category is Sphinx's type of a warning, which it prints since 8.0.
var category = regexp.MustCompile(` \[([a-z][\w-]*(?:\.[\w-]+)*)\]$`)

// diagnose makes diagnostics of printed warnings: with absolute paths, and the
// documents that they belong to.
func diagnose(given []compare.Warning, read map[string]bool, f *facts, dirs ...string) []runner.Diagnostic {
	var all []runner.Diagnostic
	for _, w := range given {
		d := runner.Diagnostic{Severity: runner.Severity(w.Severity), Path: absolute(w.Path, dirs), Line: w.Line, Message: w.Message}
		if m := category.FindStringSubmatchIndex(d.Message); m != nil {
			d.Category, d.Message = d.Message[m[2]:m[3]], d.Message[:m[0]]
		}
		docs := []string{""}
		if f != nil {
			docs = f.owners(d.Path, read)
		}
		for _, d.Doc = range docs {
			all = append(all, d)
		}
	}
	return all
}

// absolute finds what Sphinx has printed relative to one of some directories.
func absolute(path string, dirs []string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	for _, dir := range dirs {
		if full := filepath.Join(dir, path); dir != "" {
			if _, err := os.Stat(full); err == nil {
				return full
			}
		}
	}
	return path
}

// owners returns the documents that a warning about a file belongs to: that
// file's, or those that are made from it and were read just now; "" for none.
func (f *facts) owners(path string, read map[string]bool) []string {
	users := f.users[path]
	for _, doc := range users {
		if f.Docs[doc][0] == path {
			return []string{doc}
		}
	}
	if now := slices.DeleteFunc(slices.Clone(users), func(doc string) bool { return !read[doc] }); len(now) > 0 {
		return now
	}
	if len(users) > 0 {
		return users[:1]
	}
	return []string{""}
}
