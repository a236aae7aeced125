package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"docserve/internal/digest"
	"docserve/runner/loops"
	"docserve/runner/sphinx"
)

// finishing is how far the work after the pages has come: order and search
// index, collection of garbage, a fork that stands by, and a fork of that which
// makes indices, search, inventory and environment.
type finishing struct {
	sorted      bool
	collected   bool
	forked      bool // the standby is of this very state
	rehearsed   bool // and the worker has paid for the fork
	audited     bool // pages that are believed to be fresh have been checked
	running     bool
	done        bool
	everything  bool          // pages of extensions are stale as well
	steps       []string      // still to do
	environment string        // names the environment on disk
	facts       *sphinx.Facts // of the state that the standby has
	asked       bool          // the watcher was asked whether a save is on its way
	notes       []Diagnostic
	lacking     bool            // a step that the next session needs has failed
	made        map[string]bool // site paths of the pages that it has made, or that are still right
}

// abortFinish gives up on results that are no longer true.
func (r *Runner) abortFinish() {
	if r.finish.running {
		r.kill(r.crew.finisher)
		r.crew.finisher = nil
	}
	r.finish = finishing{everything: r.finish.everything, environment: r.finish.environment, facts: r.finish.facts}
}

// driveQuiet does what can wait, one command at a time, when no page is stale.
func (r *Runner) driveQuiet(ctx context.Context, w *process) time.Duration {
	if r.settled && (r.finish.rehearsed || !r.canFork()) {
		return r.driveRest(ctx) // until something happens; that takes settled back
	}
	r.report(false)
	f := &r.finish
	if f.done && !r.settled && !f.asked {
		f.asked = true
		r.settle(ctx)
	}
	if f.forked && !f.rehearsed && r.crew.standby != nil {
		f.rehearsed = true
		if r.rehearse(w) {
			return far
		}
	}
	if f.running || f.done && (f.forked || !r.canFork()) {
		return far
	}
	if r.opts.Audit && !f.audited && !f.done {
		f.audited = true
		if r.auditPages() {
			return 0
		}
	}
	if wait := r.opts.Quiet - time.Since(r.lastWord); wait > 0 {
		return wait
	}
	if !f.done {
		r.phase(Finishing, 0, 0)
	}
	switch {
	case !f.sorted && !f.done:
		call(r, w, "settle", "", map[string]any{"toctrees": sorted(r.toctrees)}, func(s sphinx.Settled) { r.finish.sorted = !s.More })
	case !f.collected:
		full := r.reads > 20 || !r.settled && r.crew.standby == nil
		call(r, w, "idle", "", map[string]any{"full": full}, func(struct{}) {
			r.finish.collected = true
			if full {
				r.reads = 0
			}
		})
	case r.canFork() && !f.forked:
		r.kill(r.crew.standby)
		r.crew.standby = nil
		f.forked, f.facts = true, r.facts
		r.fork(w, "standby")
	case !r.canFork():
		r.callFinish(ctx, w)
	}
	return far
}

// driveFinish has the standby fork the finisher, and the finisher do its steps.
func (r *Runner) driveFinish(ctx context.Context) {
	f := &r.finish
	if f.done || !f.forked {
		return
	}
	switch p := r.crew.finisher; {
	case p.idle():
		r.callFinish(ctx, p)
	case p == nil && !f.running && r.crew.standby.idle() && r.crew.forking == nil:
		f.running = true
		r.fork(r.crew.standby, "finish")
	}
}

// firstSteps are those of which the first answer says the rest.
var firstSteps = []string{"environment", "consistency"}

// keptSteps are those whose files the next session starts with: all of them, or
// those of before, which belong together.
var keptSteps = map[string]bool{"environment": true, "search": true, "record": true}

// callFinish runs the next step.
func (r *Runner) callFinish(ctx context.Context, p *process) {
	step := r.nextStep()
	if step == "" {
		r.endFinish()
		return
	}
	f := &r.finish
	stage := filepath.Join(r.stage, "finish-"+p.ident)
	arguments := map[string]any{"stage": stage, "everything": f.everything, "steps": []string{step}}
	call(r, p, "finish", "", arguments, func(result sphinx.Finished) {
		if r.crew.finisher != p && r.crew.worker != p {
			return
		}
		r.stepped(step, &result)
	})
	p.busy.step = step
}

// nextStep returns what is to be done, "" when that is nothing. What has cost
// enough processes is left out.
func (r *Runner) nextStep() string {
	f := &r.finish
	if len(f.steps) == 0 {
		f.steps = firstSteps
	}
	for len(f.steps) > 0 {
		d, given := r.given(task{op: "finish", step: f.steps[0]})
		if !given {
			return f.steps[0]
		}
		f.notes = append(f.notes, d)
		f.lacking = true
		f.steps = f.steps[1:]
	}
	return ""
}

// stepped takes over what a step has made, and ends it all after the last one.
func (r *Runner) stepped(step string, result *sphinx.Finished) {
	f := &r.finish
	if f.made == nil {
		f.made = map[string]bool{}
	}
	f.notes = append(f.notes, r.notes("", result.Diagnostics)...)
	for _, e := range result.Errors {
		f.lacking = f.lacking || keptSteps[step]
		f.notes = append(f.notes, Diagnostic{Severity: Error, Path: e.Path, Line: e.Line, Message: fmt.Sprintf("%s: %s", e.Step, e.Message)})
	}
	for _, path := range result.Kept {
		f.made[path] = true
	}
	for _, pair := range result.Files {
		f.made[pair[0]] = true
		r.made[pair[0]] = true // it is there, even if the finish does not get to its end
		hash, err := digest.File(pair[1])
		if err == nil {
			var changed bool
			if changed, err = r.install(pair[1], r.output(pair[0]), hash, digest.Digest{}); changed {
				r.opts.Audience.Publish(Push{Kind: "update", Page: pair[0], Hash: hash, State: Fresh})
			}
		}
		if err != nil {
			f.notes = append(f.notes, Diagnostic{Severity: Error, Message: err.Error()})
		}
	}
	f.steps = result.Steps[slices.Index(result.Steps, step)+1:]
	if len(f.steps) == 0 {
		r.endFinish()
	}
}

// endFinish ends it all.
func (r *Runner) endFinish() {
	f := &r.finish
	f.done, f.running, f.everything = true, false, false
	r.kill(r.crew.finisher)
	r.crew.finisher = nil
	r.site(Finishing, append(f.notes, r.dropRemains()...))
	r.pruneMedia()
	r.pruneMade(f.made)
	if err := r.keepState(); err != nil {
		r.opts.Reporter.Diagnose(Diagnostic{Severity: Warning, Message: "the next start will be a cold one: " + err.Error()})
	}
	r.wakeAll()
	r.report(false)
}

// keepState puts the environment in place and writes the manifest that belongs
// to it, in this order: a manifest never speaks of an environment that is not there.
func (r *Runner) keepState() error {
	const fresh = ".docserve-new"
	environment := filepath.Join(r.opts.Sphinx.Doctrees, "environment.pickle")
	inventory := filepath.Join(r.state, "inventory.pickle")
	index := filepath.Join(r.state, "index.pickle")
	if r.finish.lacking { // the diagnostics of the site say why
		for _, file := range []string{index, environment, inventory} {
			if err := os.Remove(file + fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove what could not be written: %w", err)
			}
		}
		return nil
	}
	for _, file := range []string{index, environment, inventory} {
		if err := os.Rename(file+fresh, file); err != nil && (file != index || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("keep the environment: %w", err)
		}
	}
	info, err := os.Stat(environment)
	if err != nil {
		return fmt.Errorf("keep the environment: %w", err)
	}
	r.finish.environment = fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
	if err := r.save(); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	r.unsaved = map[string]bool{}
	return nil
}

// rehearse has the worker read and write a page for nothing: after a fork the
// first work pays for the copies of memory pages, which no save should. The page
// that is most likely to be saved next is one that is open, or the last one.
func (r *Runner) rehearse(w *process) bool {
	if _, given := r.given(task{op: "rehearse"}); given {
		return false
	}
	p := first(r.order, func(p *page) bool { return r.open[p.path] && p.failure == nil })
	if p == nil {
		p = r.pages[r.last]
	}
	if p == nil && r.facts != nil {
		p = r.pages[r.facts.Root]
	}
	if p == nil || p.failure != nil {
		return false
	}
	arguments := map[string]any{"doc": p.doc, "stage": filepath.Join(r.stage, "discard"), "known": p.parsed.String()}
	call(r, w, "rehearse", "", arguments, func(result sphinx.Reads) {
		for i := range result.Docs { // it was saved just then, of which the watcher tells in most cases
			back, affected := r.takenBack(&result.Docs[i]), r.readAffected(&result.Docs[i])
			if back || affected {
				r.touch()
			}
		}
	})
	w.busy.played = p.doc
	r.finish.sorted = false // the document has the last place now: of no matter, unless the standby is lost
	return true
}

// settle asks the watcher whether a save is on its way, and says that all is
// true if there is none.
func (r *Runner) settle(ctx context.Context) {
	word := r.lastWord
	go func() {
		err := r.opts.Files.Barrier(ctx)
		if ctx.Err() != nil {
			return
		}
		r.later(ctx, func() {
			if err != nil {
				r.log.Warn("cannot tell whether a save is on its way", "err", err)
			}
			r.finish.asked = false
			if !r.lastWord.Equal(word) || !r.finish.done || r.breaker.Holding() {
				return
			}
			if !r.freeLoops(loops.Freed) && !r.changedBack() {
				r.settled, r.trouble = true, nil
				r.forget()
				r.phase(Settled, len(r.pages), len(r.pages))
			}
		})
	}()
}

func (r *Runner) unsettle() { r.settled = false }
