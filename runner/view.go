package runner

import (
	"context"
	"errors"

	"docserve/graph"
	"docserve/internal/digest"
)

// View is what an engine knows of its documents, for those who ask. It is to be
// looked at, not altered.
type View struct {
	Graph   *graph.Graph
	Partial bool // not all documents have been read yet
	Page    func(doc string) (Page, bool)
	Files   func() []string // all files that are watched, by the graph's paths, in no order
}

// Page is what is known of a document's page beside its dependencies.
type Page struct {
	Path    string // site path
	State   State
	Failure string // why it cannot be built; "" when it can
	History
}

// ErrEnded is the answer of an engine that does not run any more.
var ErrEnded = errors.New("docserve is ending")

// Consult calls look with what the runner knows at this moment, from the runner's
// goroutine: so look must be short, and keep nothing of the view. It may be called
// from any goroutine.
func (r *Runner) Consult(ctx context.Context, look func(View)) error {
	done := make(chan struct{})
	select {
	case r.orders <- func() { defer close(done); look(r.view()) }:
		<-done // the loop is at it
		return nil
	case <-r.gone:
		return ErrEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *Runner) view() View {
	return View{
		Graph: r.graph, Partial: r.cold || r.facts == nil && !r.recalled,
		Page: func(doc string) (Page, bool) {
			p := r.pages[doc]
			if p == nil {
				return Page{}, false
			}
			page := Page{Path: p.path, State: p.state(), History: p.history}
			if p.failure != nil {
				page.Failure = p.failure.Message
			}
			return page, true
		},
		Files: func() []string { return Paths(r.opts.Files.Snapshot()) },
	}
}

// Paths returns the paths of a snapshot as the graph has them, in no order.
func Paths(snapshot map[string]digest.Digest) []string {
	paths := make([]string, 0, len(snapshot))
	for path := range snapshot {
		paths = append(paths, graph.Path(path))
	}
	return paths
}
