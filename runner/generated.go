package runner

import (
	"context"
	"path/filepath"
	"slices"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/watch"
)

// Generated is what engines need of those who generate sources. Its methods may be
// called from any goroutine, and do not wait.
type Generated interface {
	// Diagnostics returns what is wrong with rules and with what they are applied to.
	Diagnostics() []Diagnostic
	// News has a wake-up when Diagnostics may say something else than before.
	News() <-chan struct{}
	// Origin says which line of a source a line of a generated file comes from; 0
	// when only the source is known. It is false for files that are not generated.
	Origin(path string, line int) (source string, at int, ok bool)
	// Declared returns the files that the document with this source is declared to
	// depend on, with their contents, and Dependents the reverse.
	Declared(source string) map[string]digest.Digest
	Dependents(file string) []string
	// Revision is another number when what is declared may be something else.
	Revision() int
}

// Nothing generates nothing.
var Nothing Generated = nothing{}

type nothing struct{}

func (nothing) Diagnostics() []Diagnostic                { return nil }
func (nothing) News() <-chan struct{}                    { return nil }
func (nothing) Origin(string, int) (string, int, bool)   { return "", 0, false }
func (nothing) Declared(string) map[string]digest.Digest { return nil }
func (nothing) Dependents(string) []string               { return nil }
func (nothing) Revision() int                            { return 0 }

// RuleCategory is the category of diagnostics of rules: they are docserve's, and no
// build of Sphinx has them.
const RuleCategory = "docserve.rule"

// Trace gives a diagnostic the place in the source of a generated file.
func Trace(g Generated, d Diagnostic) Diagnostic {
	if d.Path == "" || d.Generated != "" {
		return d
	}
	path, err := filepath.Abs(d.Path) // docutils names what is included relative to the current directory
	if err != nil {
		return d
	}
	source, line, ok := g.Origin(path, d.Line)
	if ok {
		d.Generated, d.GeneratedLine = path, d.Line
		d.Path, d.Line, d.Column = source, line, 0
	}
	return d
}

// Failing reports whether a rule could not be applied.
func Failing(g Generated) bool {
	for _, d := range g.Diagnostics() {
		if d.Severity == Error || d.Severity == Critical {
			return true
		}
	}
	return false
}

// RuleFiles are the names of the files that diagnostics of rules are about: nobody
// knows better what was edited when nothing is built because of it.
func RuleFiles(fresh, fixed []Diagnostic, name func(path string) string) []string {
	var names []string
	for _, d := range slices.Concat(fresh, fixed) {
		if d.Category == RuleCategory && d.Path != "" && !slices.Contains(names, name(d.Path)) {
			names = append(names, name(d.Path))
		}
	}
	return names
}

// NextBefore returns what runs before the next build; nil for nothing.
func (o *Options) NextBefore() func(context.Context) error {
	if o.Before == nil {
		return nil
	}
	return o.Before()
}

// declaredEdges adds declared dependencies to those that Sphinx has told.
func declaredEdges(deps []graph.Dep, declared map[string]digest.Digest) []graph.Dep {
	for _, path := range sorted(declared) {
		deps = append(deps, graph.Dep{Path: graph.Path(path), Kind: graph.Other, Digest: declared[path]})
	}
	return deps
}

// newlyDeclared is the reason of documents of whose declared dependencies the graph
// knows nothing.
var newlyDeclared = because(Configuration, "is declared to depend on files that are new to it")

// declaring returns the pages whose documents are declared to depend on what has
// changed, and why: of a new file, and of a new dependency, the graph knows nothing
// yet. When other dependencies are declared than before, those that have any are
// read too. Unlisted are the changed files that are declared to concern documents
// which are not there: extensions say so when the documents are listed.
func (r *Runner) declaring(batch watch.Batch) (pages map[*page]*Reason, unlisted []graph.Why) {
	type concern struct {
		why     graph.Why
		sources []string
	}
	var concerns []concern
	reasons := map[string]*Reason{} // by source
	for _, c := range batch.Changes {
		sources := r.opts.Generated.Dependents(c.Path)
		if len(sources) == 0 {
			continue
		}
		path := graph.Path(c.Path)
		why := graph.Why{Path: path, Name: r.graph.Name(path), Op: graph.Op(c.Op), Kind: graph.Other}
		concerns = append(concerns, concern{why, sources})
		reason := changedFile(Content, why)
		for _, source := range sources {
			reasons[source] = reason
		}
	}
	again := r.opts.Generated.Revision() != r.declared
	r.declared = r.opts.Generated.Revision()
	if len(concerns) == 0 && !again {
		return nil, nil
	}
	pages = map[*page]*Reason{}
	for _, p := range r.order {
		if why := reasons[p.source]; why != nil {
			pages[p] = why
			delete(reasons, p.source) // what is left is no document's
		} else if again && r.undeclared(p) {
			pages[p] = newlyDeclared
		}
	}
	for _, c := range concerns {
		if slices.ContainsFunc(c.sources, func(source string) bool { return reasons[source] != nil }) {
			unlisted = append(unlisted, c.why)
		}
	}
	return pages, unlisted
}

// redeclare has those documents read, of the last session's, that are declared to
// depend on files of which the graph knows nothing.
func (r *Runner) redeclare() {
	r.declared = r.opts.Generated.Revision()
	for _, p := range r.pages {
		if !p.read && r.undeclared(p) {
			r.markRead(p, newlyDeclared)
			r.show(p)
		}
	}
}

// undeclared reports whether a document is declared to depend on a file, and the
// graph does not know it.
func (r *Runner) undeclared(p *page) bool {
	declared := r.opts.Generated.Declared(p.source)
	if len(declared) == 0 {
		return false
	}
	document, ok := r.graph.Document(p.doc)
	if !ok {
		return false
	}
	known := map[string]bool{}
	for _, dep := range document.Deps {
		known[dep.Path] = true
	}
	for path := range declared {
		if !known[graph.Path(path)] {
			return true
		}
	}
	return false
}

// publishNeeded tells others which files the open pages are made from.
func (r *Runner) publishNeeded() {
	needed := map[string][]string{}
	for path := range r.open {
		p := r.byPath[path]
		if p == nil {
			continue
		}
		files := []string{p.source}
		document, _ := r.graph.Document(p.doc)
		for _, dep := range document.Deps {
			files = append(files, filepath.FromSlash(dep.Path))
		}
		needed[path] = files
	}
	r.table.mu.Lock()
	defer r.table.mu.Unlock()
	r.table.neededBy = needed
}

// Needed returns the files that pages are made from which are open in a browser: what
// is to be generated first. It may be called from any goroutine.
func (r *Runner) Needed() []string {
	r.table.mu.RLock()
	defer r.table.mu.RUnlock()
	var all []string
	for _, path := range sorted(r.table.neededBy) {
		all = append(all, r.table.neededBy[path]...)
	}
	return all
}

// hearRules tells what is new or gone of what is wrong with rules, when no build does
// so; the tabs hear it at once.
func (r *Runner) hearRules() {
	if fresh, fixed := r.news(); len(fresh)+len(fixed) == 0 {
		return
	}
	for path := range r.open {
		r.opts.Audience.Publish(Push{Kind: "status", Page: path})
	}
	if !r.account.open {
		r.report(false)
	}
}

// PageProblems returns what is wrong with a page, with the places in sources of
// generated files, and what is wrong with the sources of those files that it is made
// from.
func PageProblems(g Generated, files []string, own []Diagnostic) []Diagnostic {
	own = traced(g, own)
	rules := g.Diagnostics()
	if len(rules) == 0 {
		return own
	}
	sources := map[string]bool{}
	for _, file := range files {
		sources[file] = true
		if source, _, ok := g.Origin(file, 0); ok {
			sources[source] = true
		}
	}
	for _, d := range rules {
		if sources[d.Path] {
			own = append(own, d)
		}
	}
	return own
}

// traced gives diagnostics the places in sources.
func traced(g Generated, all []Diagnostic) []Diagnostic {
	all = slices.Clone(all)
	for i := range all {
		all[i] = Trace(g, all[i])
	}
	return all
}

// edited is the name of a changed file as whoever has changed it knows it: that of
// the source, if the file is generated.
func (r *Runner) edited(why graph.Why) string {
	if source, _, ok := r.opts.Generated.Origin(filepath.FromSlash(why.Path), 0); ok {
		return r.graph.Name(graph.Path(source))
	}
	return why.Name
}
