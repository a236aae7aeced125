package runner

import (
	"context"
	"slices"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/loops"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// looping is where the diagnostics of broken loops are kept.
const looping Phase = "loops"

// straying is how long what was done between two commands, by a thread, counts.
const straying = time.Second

// What says what a task does to which document, for the breaker: one that is read
// and written for nothing, or to be shown for a while, is read all the same.
func (t *task) What() (op, step, doc string) {
	switch t.op {
	case "rehearse":
		return "read", t.step, t.played
	case "preview":
		return "read", t.step, t.doc
	}
	return t.op, t.step, t.doc
}

// Ended returns when it was over.
func (t *task) Ended() time.Time { return t.ended }

// does notes what the code in a process is about to do.
func (r *Runner) does(p *process, told *sphinx.Act) {
	t := p.busy
	if t == nil {
		t = &task{op: loops.Idle, ended: time.Now().Add(straying)}
	}
	r.breaker.Note(t, *told)
}

// Command says that a command that the user has given with an option runs, until
// ended is called: it may change sources.
func (r *Runner) Command(ctx context.Context, option string) (ended func()) {
	ctx = context.WithoutCancel(ctx)
	return r.breaker.Commanded(option, func(order func()) { r.later(ctx, order) })
}

// heard returns the changes of a batch that are reacted to now.
func (r *Runner) heard(ctx context.Context, batch watch.Batch) []watch.Change {
	restart := false
	sifted := r.breaker.Sift(batch, func(changes []watch.Change) func(watch.Change) bool {
		plan := r.graph.Plan(changesOf(watch.Batch{Changes: changes}))
		all := r.opts.NextBefore() != nil || len(r.failed())+len(r.lacking(watch.Batch{Changes: changes})) > 0 || r.broken != nil
		if plan.Empty() && !all {
			return nil
		}
		restart = len(plan.Restart) > 0
		return func(c watch.Change) bool { return all || !slices.Contains(plan.Ignored, graph.Path(c.Path)) }
	})
	if sifted.Elsewhere && restart {
		r.freeLoops(loops.All)
	}
	for _, path := range sorted(sifted.Broken) {
		r.breakLoop(path, sifted.Broken[path])
	}
	if sifted.Wait {
		batch.Changes = sifted.Changes
		r.wait(ctx, batch)
		return nil
	}
	return sifted.Changes
}

// wait looks at a batch later, unless something happens until then.
func (r *Runner) wait(ctx context.Context, batch watch.Batch) {
	r.touch()
	due := r.breaker.Hold(batch)
	time.AfterFunc(loops.IdleHands, func() {
		r.later(ctx, func() {
			if !due() {
				return
			}
			r.breaker.Idled(func() {
				if batch.Changes = r.heard(ctx, batch); len(batch.Changes) > 0 {
					r.react(ctx, batch)
				}
			})
		})
	})
}

// heeds reports whether docserve reacts to a file that is not what a process has
// loaded or parsed, before the watcher tells of it.
func (r *Runner) heeds(path string, now digest.Digest) bool {
	by := r.breaker.Origin(path, time.Now())
	if !by.Build() {
		return true
	}
	if before, err := digest.Parse(by.Act().Before); err == nil && before == now {
		return false // written anew with what was there
	}
	if r.breaker.Muted(path, by) {
		return false
	}
	v, fresh := r.breaker.Count(path, by, now)
	if v == loops.Ignore && fresh {
		r.breakLoop(path, by)
	}
	return v == loops.React && fresh // what is doubtful the watcher brings
}

// breakLoop stops reacting to what builds do to a file.
func (r *Runner) breakLoop(path string, by loops.Origin) {
	op, step, doc := by.Work().What()
	place := ""
	if found, ok := r.code().BlameFrames(by.Act().Frames); ok {
		place = found.Place(r.relative(found.File))
	}
	l := loops.Explain(path, by, r.doing(&task{op: op, step: step, doc: doc}), place, r.opts.Sphinx.Source, r.opts.WorkDir)
	r.breaker.Break(l)
	r.showLoops()
	r.opts.Audience.Publish(Push{Kind: "status", Note: l.Message})
	r.touch()
}

// freeLoops reacts to everything again where free says so, and reports whether
// that is anywhere.
func (r *Runner) freeLoops(free func(loops.Loop) bool) bool {
	if !r.breaker.Free(free) {
		return false
	}
	r.showLoops()
	r.touch()
	return true
}

// showLoops says which files docserve does not react to.
func (r *Runner) showLoops() {
	var notes []Diagnostic
	for _, l := range r.breaker.Loops() {
		notes = append(notes, LoopNote(l))
	}
	r.site(looping, notes)
}

// LoopNote says of a file why docserve does not react to it.
func LoopNote(l loops.Loop) Diagnostic {
	return Diagnostic{Severity: Warning, Path: l.Path, Message: l.Message, Hint: l.Hint}
}
