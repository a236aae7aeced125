package runner

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"docserve/runner/sphinx"
)

// far is how long the loop may sleep when nothing is due.
const far = time.Hour

// driveWorker gives the worker the most urgent command there is. The order of
// the steps is the order of need: what somebody looks at, what was edited,
// what must be read, what must be written.
func (r *Runner) driveWorker(ctx context.Context) time.Duration {
	if r.reload {
		r.reload = false
		r.reopen(ctx)
	}
	w := r.crew.worker
	if w == nil {
		switch {
		case !r.crew.ready || r.closed():
		case r.crew.spare.idle():
			r.openProject(ctx)
		case r.crew.lacking.IsZero():
			r.crew.lacking = time.Now()
		}
		return far
	}
	if !w.idle() || r.facts == nil || r.crew.forking != nil {
		return far
	}
	if r.discover {
		r.callDiscover(w)
		return far
	}
	if r.cold {
		r.driveCold(ctx, w)
		return far
	}
	return r.driveWarm(ctx, w)
}

// driveCold reads everything for the first time, in Sphinx's own order: order
// is semantics. Meanwhile the preview answers for pages that somebody looks at.
func (r *Runner) driveCold(ctx context.Context, w *process) {
	if r.crew.preview == nil && !r.crew.previewing {
		r.crew.previewing = true
		if r.canFork() {
			r.fork(w, "preview")
			return
		}
		r.spawnPreview(ctx)
	}
	if r.assets {
		r.callAssets(w)
		return
	}
	done := 0
	for _, p := range r.order {
		if p.read && p.failure == nil {
			r.phase(Reading, done, len(r.order))
			r.callRead(w, p, true)
			return
		}
		done++
	}
	r.callUpdate(w, true)
}

// driveWarm is the worker's ordinary life.
func (r *Runner) driveWarm(ctx context.Context, w *process) time.Duration {
	reading, writing := r.stale()
	urgent := r.shown // first, before what was edited with it
	if first(reading, urgent) == nil && first(writing, urgent) == nil {
		urgent = r.urgent
	}
	if p := first(reading, urgent); p != nil {
		r.callRead(w, p, false)
		return far
	}
	if p := first(writing, urgent); p != nil && p.early && p.writer == "" && r.kept() {
		// What it exports is looked at when it is on the screen; should that ask
		// for it, the page is written once more.
		p.early = false
		r.callWrite(w, p)
		return far
	}
	if len(r.unread) > 0 && (len(reading) == 0 || first(writing, urgent) != nil) {
		r.callUpdate(w, false)
		return far
	}
	if p := first(writing, urgent); p != nil && p.writer == "" && len(r.unread) == 0 {
		r.callWrite(w, p)
		return far
	}
	if r.assets {
		r.callAssets(w)
		return far
	}
	if r.spread.due && len(r.unread) == 0 {
		r.callSpread(w)
		return far
	}
	if len(reading) > 0 {
		r.phase(Reading, len(r.pages)-len(reading), len(r.pages))
		r.callRead(w, reading[0], true)
		return far
	}
	if r.opts.NoInitial && r.account.build.Initial && len(r.account.build.Changed) == 0 {
		return far
	}
	if len(writing) > 0 {
		r.phase(Writing, len(r.pages)-len(writing), len(r.pages))
		r.driveWriting(w, writing)
		return far
	}
	if len(r.crew.writers) > 0 {
		return far // they still have the last pages
	}
	if len(r.words) > 0 {
		n := min(wordsAtOnce, len(r.words))
		words := r.words[:n]
		r.words = slices.Clone(r.words[n:])
		call(r, w, "ingest", "", map[string]any{"words": words}, func(struct{}) {})
		return far
	}
	return r.driveQuiet(ctx, w)
}

// stale returns the pages to read and the pages to write, in Sphinx's order;
// what a writer is busy with is in neither.
func (r *Runner) stale() (reading, writing []*page) {
	for _, p := range r.order {
		switch {
		case p.failure != nil || p.writer != "":
		case p.read:
			reading = append(reading, p)
		case p.write && r.wanted(p):
			writing = append(writing, p)
		}
	}
	r.nearest(writing)
	return reading, writing
}

// kept reports whether all documents that were read since the last update give to
// others what they gave before: numbers are theirs at once then, and no page is
// waiting for an update to show them.
func (r *Runner) kept() bool {
	for _, kept := range r.unread {
		if !kept {
			return false
		}
	}
	return true
}

func first(pages []*page, matches func(*page) bool) *page {
	for _, p := range pages {
		if matches(p) {
			return p
		}
	}
	return nil
}

// driveWriting writes stale pages in the background: a few by the worker
// itself, many by forks, while the worker stays free for what is urgent.
func (r *Runner) driveWriting(w *process, writing []*page) {
	if r.canFork() && r.facts.WritesInParallel {
		if len(r.crew.writers) > 0 && len(r.crew.writers) >= min(r.opts.Jobs, len(writing)/2+1) {
			return
		}
		if len(r.crew.writers) > 0 || len(writing) > fewPages {
			r.fork(w, "writer")
			return
		}
	}
	r.callWrite(w, writing[0])
}

// driveWriters gives each writer a page, or lets it go when there is none.
func (r *Runner) driveWriters() {
	if len(r.crew.writers) == 0 {
		return
	}
	_, writing := r.stale()
	if r.crew.worker.idle() || r.cold {
		writing = slices.DeleteFunc(writing, r.urgent) // the worker takes these at once
	}
	for _, ident := range sorted(r.crew.writers) {
		p := r.crew.writers[ident]
		if !p.idle() {
			continue
		}
		if len(writing) == 0 {
			if len(r.unread) == 0 {
				r.kill(p)
				r.release(p)
			}
			continue
		}
		r.callWrite(p, writing[0])
		writing = writing[1:]
	}
}

func (r *Runner) canFork() bool {
	return !r.opts.NoFork && !r.crew.alone && r.facts != nil && r.facts.CanFork
}

// fork has a process fork another one with a role of its own.
func (r *Runner) fork(p *process, role string) {
	f := &forking{role: role, ident: r.name(role), parent: p, began: time.Now()}
	r.crew.forking = f
	call(r, p, "fork", "", map[string]any{"role": role, "ident": f.ident}, func(answer sphinx.Forked) {
		f.pid = answer.Pid
		if answer.Refused != "" {
			r.log.Info("going on without forks", "reason", answer.Refused)
			r.facts.CanFork = false
			r.notForked(f)
		}
	})
}

// drivePreview has the preview write the pages that somebody looks at while the
// worker has not read everything.
func (r *Runner) drivePreview() {
	p := r.crew.preview
	if !p.idle() || !r.cold || !r.crew.previewing {
		return
	}
	for _, page := range r.order {
		if !r.urgent(page) || page.failure != nil || page.preview != nil && page.preview.parsed == r.digest(page.source) && !page.edited {
			continue
		}
		page.edited = false
		arguments := map[string]any{"doc": page.doc, "directory": filepath.Join(r.state, "preview"), "static": r.output("_static")}
		call(r, p, "preview", page.doc, arguments, func(w sphinx.Written) { r.previewed(page, &w) })
		return
	}
}

// spawnPreview starts a process of its own for provisional pages, where the
// worker may not fork.
func (r *Runner) spawnPreview(ctx context.Context) {
	p := &process{ident: r.name("preview"), own: true, began: time.Now()}
	if err := r.pool.Spawn(ctx, p.ident); err != nil {
		r.log.Warn("no provisional pages", "err", err)
		return
	}
	r.crew.all[p.ident] = p
	r.crew.preview = p
}

// openPreview has that process open the project in directories of its own.
func (r *Runner) openPreview(p *process) {
	options := r.opts.Sphinx
	directory := filepath.Join(r.state, "preview")
	options.Output, options.Doctrees = filepath.Join(directory, "html"), filepath.Join(directory, "doctrees")
	options.Fresh, options.State = true, ""
	call(r, p, "open", "", map[string]any{"options": options}, func(sphinx.Facts) {})
}

// endPreview lets the preview go once the worker has read everything.
func (r *Runner) endPreview() {
	r.kill(r.crew.preview)
	r.crew.preview, r.crew.previewing = nil, false
	r.table.mu.Lock()
	r.table.preview = ""
	r.table.mu.Unlock()
	for _, page := range r.pages {
		page.preview = nil
	}
	if err := os.RemoveAll(filepath.Join(r.state, "preview")); err != nil {
		r.log.Debug("cannot remove provisional pages", "err", err)
	}
}
