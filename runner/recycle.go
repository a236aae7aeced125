package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/internal/proc"
	"docserve/runner/sphinx"
)

// Extensions, and Python itself, forget less than they learn. So when nothing has
// happened for a while, a worker that has lived long or grown is replaced by a new
// interpreter. That one opens the project from the environment that was just kept,
// as at the next start of docserve, while the old one stays the worker and serves
// saves. Only when the new one knows what the old one knew, and nothing has
// happened until then, does it take over.

const (
	// defaultRecycleAfter is a long day's saves.
	defaultRecycleAfter = 1000
	// defaultRecycleGrowth is what somebody who works on the same machine would
	// notice. Half of a small worker is less, and grown to after a few saves, when
	// caches have filled: a new one would soon be as large.
	defaultRecycleGrowth = 100 << 20
	// defaultRest is long enough to be no pause between two saves of one thought.
	defaultRest = 15 * time.Second
	// fewTries is how often the replacement may be overtaken by changes before it is
	// left for later: an extension may make them by being loaded.
	fewTries = 3
)

// recycling is what is known of the worker's age.
type recycling struct {
	since  int       // r.taken when it took over
	first  int64     // its memory in bytes when it first rested; 0 when that is not known
	now    int64     // the same at its last rest
	looked time.Time // r.lastWord of that rest
	fresh  *process  // what is to be the worker; nil for nothing
	why    string    // of that
	facts  *sphinx.Facts
	tries  int
	told   string // why the worker was replaced last
}

// driveRest replaces the worker if that is due; the site is settled and nothing is
// to be done. It returns after which time to look again.
func (r *Runner) driveRest(ctx context.Context) time.Duration {
	c := &r.recycling
	w := r.crew.worker
	if !c.looked.Equal(r.lastWord) {
		c.looked = r.lastWord
		go func() {
			memory := proc.Memory(w.conn.Pid)
			r.later(ctx, func() { r.weighed(w, memory) })
		}()
		return far
	}
	if c.fresh != nil || r.finish.lacking || len(r.unsaved) > 0 || !r.finish.done {
		return far
	}
	why := c.due(&r.opts, r.taken)
	if why == "" {
		return far
	}
	if wait := r.opts.Rest - time.Since(r.lastWord); wait > 0 {
		return wait
	}
	p := &process{ident: r.name("worker"), own: true, began: time.Now()}
	if err := r.pool.Spawn(ctx, p.ident); err != nil {
		r.leave("no new interpreter: " + err.Error())
		return far
	}
	r.crew.all[p.ident] = p
	c.fresh, c.why = p, why
	return far
}

// weighed notes the memory of a worker that rests.
func (r *Runner) weighed(w *process, memory int64) {
	if w != r.crew.worker {
		return
	}
	r.recycling.now = memory
	if r.recycling.first == 0 {
		r.recycling.first = memory
	}
}

// due says why the worker is to be replaced, "" when it is not.
func (c *recycling) due(opts *Options, taken int) string {
	if n := taken - c.since; n >= opts.RecycleAfter {
		return fmt.Sprintf("after %d builds", n)
	}
	if grown := c.now - c.first; c.first > 0 && grown >= c.first/2 && grown >= opts.RecycleGrowth {
		return fmt.Sprintf("its memory has grown from %d to %d MB", c.first>>20, c.now>>20)
	}
	return ""
}

// openFresh has the new interpreter do what a worker does at a start: whatever
// differs from what the old one knows ends it.
func (r *Runner) openFresh(p *process) {
	options := r.opts.Sphinx
	options.Fresh = false
	call(r, p, "open", "", map[string]any{"options": options}, func(facts sphinx.Facts) {
		if !facts.Warm || facts.Environment != r.finish.environment || facts.Signature != r.signature {
			r.leave("it would not take over the environment: " + facts.Reason)
			return
		}
		r.recycling.facts = &facts
		call(r, p, "discover", "", nil, func(d sphinx.Discovery) {
			if len(d.Read)+len(d.Removed) > 0 || !slices.EqualFunc(d.Docs, r.order, func(doc [3]string, p *page) bool { return doc[0] == p.doc && doc[1] == p.source }) {
				r.leave("it would read documents")
				return
			}
			r.takeOver(p)
		})
	})
}

// takeOver makes the new interpreter the worker. No page is stale because of it;
// that it knows the static files, and that no save is on its way, is seen to next.
func (r *Runner) takeOver(p *process) {
	c := &r.recycling
	if !r.settled || !r.crew.worker.idle() || r.crew.forking != nil || !r.loadedSame(c.facts.Modules) {
		r.overtake()
		return
	}
	for _, old := range []*process{r.crew.standby, r.crew.worker} {
		r.kill(old)
	}
	r.crew.standby, r.crew.worker = nil, p
	c.facts.Modules = r.facts.Modules // those that reading brings in are loaded in time
	r.facts = c.facts
	r.finish.collected, r.finish.forked, r.finish.rehearsed = false, false, false
	r.alike()
	r.log.Info("replaced the worker", "reason", c.why)
	*c = recycling{since: r.taken, told: c.why}
	r.assets = true
	r.unsettle()
}

// loadedSame reports whether modules were loaded with the contents with which the
// worker has loaded them.
func (r *Runner) loadedSame(modules []sphinx.Module) bool {
	known := map[string]digest.Digest{}
	for _, input := range r.graph.Project().Loaded {
		known[input.Path] = input.Digest
	}
	return !slices.ContainsFunc(modules, func(m sphinx.Module) bool {
		d, ok := known[graph.Path(m[0])]
		return !ok || d != read(m[0], m[1])
	})
}

// overtake gives up the new interpreter because something has happened. It is
// tried again at the next rest, unless that has come to nothing too often.
func (r *Runner) overtake() {
	c := &r.recycling
	if c.fresh == nil {
		return
	}
	if c.tries++; c.tries >= fewTries {
		r.leave("something happens each time")
		return
	}
	r.drop()
}

// leave gives it up until the worker is as old once more, or has grown as much.
func (r *Runner) leave(why string) {
	c := &r.recycling
	r.log.Info("the worker is not replaced", "reason", why)
	r.drop()
	c.since, c.first, c.tries = r.taken, c.now, 0
}

// drop ends the new interpreter.
func (r *Runner) drop() {
	p := r.recycling.fresh
	r.recycling.fresh, r.recycling.facts = nil, nil
	r.kill(p)
}
