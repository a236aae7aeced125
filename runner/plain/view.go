package plain

import (
	"context"
	"maps"
	"path/filepath"
	"slices"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner"
)

// unsaid is the only reason there is: plain Sphinx decides what it reads and
// writes.
var unsaid = &runner.Reason{Cause: runner.Unknown, Text: "was out of date for Sphinx, which does not say why"}

// Consult calls look with what the environment of the last build says, from the
// engine's goroutine. It may be called from any goroutine.
func (e *Engine) Consult(ctx context.Context, look func(runner.View)) error {
	done := make(chan struct{})
	select {
	case e.orders <- func() { defer close(done); look(e.view()) }:
		<-done // the loop is at it
		return nil
	case <-e.gone:
		return runner.ErrEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *Engine) view() runner.View {
	return runner.View{
		Graph: e.facts.graph(e.opts.Sphinx.Source), Partial: e.facts == nil,
		Page: func(doc string) (runner.Page, bool) {
			if e.facts == nil || e.facts.Docs[doc][0] == "" {
				return runner.Page{}, false
			}
			page := e.facts.told(e.opts.Sphinx.Builder, doc)
			page.State = e.table.state
			if e.failed != nil {
				page.Failure = e.failed.Message
			}
			return page, true
		},
		Files: func() []string { return runner.Paths(e.opts.Files.Snapshot()) },
	}
}

// told returns what the environment says of a document's page.
func (f *facts) told(builder, doc string) runner.Page {
	page := runner.Page{Path: f.page(builder, doc), State: runner.Fresh}
	if at := readAt(f.Docs[doc][1]); !at.IsZero() {
		page.Read = &runner.Event{Reason: unsaid, Time: at}
	}
	return page
}

// graph returns what the environment says in the graph's form. Sphinx does not
// say how a document depends on a file, nor which content it has read.
func (f *facts) graph(source string) *graph.Graph {
	if f == nil {
		return graph.New()
	}
	if f.drawn == nil {
		f.drawn = f.draw(source)
	}
	return f.drawn
}

func (f *facts) draw(source string) *graph.Graph {
	g := graph.New()
	project := graph.Project{
		SourceDir: graph.Path(source), Suffixes: f.Suffixes, Excludes: f.Excludes,
		Templates: slashed(f.Templates), Static: slashed(f.Static), Catalogs: slashed(f.Locales),
	}
	for _, path := range append([]string{f.Config}, f.Modules...) {
		project.Loaded = append(project.Loaded, graph.Input{Path: graph.Path(path), Kind: graph.Config, Digest: someContent})
	}
	for _, in := range slices.Concat(f.Shaping, f.Generating) {
		project.Inputs = append(project.Inputs, graph.Place{Path: graph.Path(in.Path), Endings: in.Endings})
	}
	g.SetProject(project)
	for _, doc := range slices.Sorted(maps.Keys(f.Docs)) {
		d := graph.Document{Name: doc, Source: graph.Path(f.Docs[doc][0]), Digest: someContent}
		for _, path := range f.Deps[doc] {
			if filepath.IsAbs(path) {
				d.Deps = append(d.Deps, graph.Dep{Path: graph.Path(path), Kind: graph.Other, Digest: someContent})
			}
		}
		g.SetDocument(d)
	}
	return g
}

// someContent stands for a content that nobody knows.
var someContent = digest.Of([]byte("unsure\x00"))

func slashed(paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = graph.Path(path)
	}
	return out
}
