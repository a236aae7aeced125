package runner

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/internal/filesystem"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// looping is where the diagnostics of broken loops are kept.
const looping Phase = "loops"

// does notes what the code in a process is about to do.
func (r *Runner) does(p *process, told *sphinx.Act) {
	t := p.busy
	if t == nil {
		t = &task{op: "idle", ended: time.Now().Add(straying)}
	}
	r.breaker.note(t, *told)
}

// Command says that a command that the user has given with an option runs, until
// ended is called: it may change sources.
func (r *Runner) Command(ctx context.Context, option string) (ended func()) {
	began := time.Now()
	var t *task
	r.later(ctx, func() { t = r.commanded(option, began) })
	ctx = context.WithoutCancel(ctx)
	return func() {
		now := time.Now()
		r.later(ctx, func() {
			if t != nil {
				t.ended = now
			}
		})
	}
}

// commanded notes such a command, as a task of which it must be told when it ends.
func (r *Runner) commanded(option string, began time.Time) *task {
	t := &task{op: option}
	r.breaker.note(t, sphinx.Act{At: began.UnixNano()})
	return t
}

// origins says of the changes of a batch that come from builds how.
func (r *Runner) origins(batch watch.Batch) map[string]origin {
	found := map[string]origin{}
	if len(r.breaker.acts)+len(r.breaker.programs) == 0 {
		return found
	}
	for _, c := range batch.Changes {
		if by := r.breaker.origin(c.Path, changed(c.Path, batch.First)); by.act != nil {
			found[c.Path] = by
		}
	}
	return found
}

// changed returns when a file was last changed or put in its place; otherwise when
// there is none.
func changed(path string, otherwise time.Time) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return otherwise
	}
	return filesystem.Changed(info)
}

// heard returns the changes of a batch that are reacted to now: not those that a
// build has made in a loop that is broken, or once too often; and none of them
// while it must be found out whether a build has made them.
func (r *Runner) heard(ctx context.Context, batch watch.Batch) []watch.Change {
	origins := r.origins(batch)
	if len(origins)+len(r.breaker.tallies)+len(r.breaker.loops) == 0 {
		return batch.Changes // as nearly always
	}
	batch.Changes = slices.DeleteFunc(slices.Clone(batch.Changes), func(c watch.Change) bool {
		return r.breaker.muted(c.Path, origins[c.Path])
	})
	plan := r.graph.Plan(changesOf(batch))
	all := r.opts.Before != nil || len(r.failed())+len(r.lacking(batch)) > 0 || r.broken != nil
	if plan.Empty() && !all {
		return batch.Changes
	}
	counts := func(c watch.Change) bool { return all || !slices.Contains(plan.Ignored, graph.Path(c.Path)) }
	if slices.ContainsFunc(batch.Changes, func(c watch.Change) bool { return origins[c.Path].act == nil && counts(c) }) {
		r.breaker.elsewhere()
		if len(plan.Restart) > 0 {
			r.freeLoops(func(*loop) bool { return true })
		}
		return batch.Changes
	}
	doubtful := false
	batch.Changes = slices.DeleteFunc(batch.Changes, func(c watch.Change) bool {
		if !counts(c) {
			return false
		}
		v, _ := r.breaker.count(c.Path, origins[c.Path], c.Digest)
		if v == ignore {
			r.breakLoop(c.Path, origins[c.Path])
		}
		doubtful = doubtful || v == wait
		return v == ignore
	})
	if doubtful {
		r.wait(ctx, batch)
		return nil
	}
	return batch.Changes
}

// wait looks at a batch later, unless something happens until then.
func (r *Runner) wait(ctx context.Context, batch watch.Batch) {
	r.touch()
	waiting := &batch
	r.breaker.waiting = waiting
	time.AfterFunc(idleHands, func() {
		r.later(ctx, func() {
			if r.breaker.waiting == waiting {
				r.breaker.waiting, r.breaker.idled = nil, true
				if batch.Changes = r.heard(ctx, batch); len(batch.Changes) > 0 {
					r.react(ctx, batch)
				}
				r.breaker.idled = false
			}
		})
	})
}

// joined adds what was waited for to a batch.
func (r *Runner) joined(batch watch.Batch) watch.Batch {
	waiting := r.breaker.waiting
	if waiting == nil {
		return batch
	}
	r.breaker.waiting = nil
	changes := map[string]watch.Change{}
	for _, c := range slices.Concat(waiting.Changes, batch.Changes) {
		changes[c.Path] = c
	}
	batch.First, batch.Changes = waiting.First, nil
	for _, path := range sorted(changes) {
		batch.Changes = append(batch.Changes, changes[path])
	}
	return batch
}

// heeds reports whether docserve reacts to a file that is not what a process has
// loaded or parsed, before the watcher tells of it.
func (r *Runner) heeds(path string, now digest.Digest) bool {
	by := r.breaker.origin(path, changed(path, time.Now()))
	if by.act == nil {
		return true
	}
	if before, err := digest.Parse(by.act.Before); err == nil && before == now {
		return false // written anew with what was there
	}
	if r.breaker.muted(path, by) {
		return false
	}
	v, fresh := r.breaker.count(path, by, now)
	if v == ignore && fresh {
		r.breakLoop(path, by)
	}
	return v == react && fresh // what is doubtful the watcher brings
}

// breakLoop stops reacting to what builds do to a file.
func (r *Runner) breakLoop(path string, by origin) {
	note := r.loopNote(path, by)
	r.breaker.loops[path] = &loop{origin: by, note: note}
	r.showLoops()
	r.opts.Audience.Publish(Push{Kind: "status", Note: note.Message})
	r.touch()
}

// freeLoops reacts to everything again where free says so, and reports whether
// that is anywhere.
func (r *Runner) freeLoops(free func(*loop) bool) bool {
	before := len(r.breaker.loops)
	maps.DeleteFunc(r.breaker.loops, func(_ string, l *loop) bool { return free(l) })
	if len(r.breaker.loops) == before {
		return false
	}
	r.showLoops()
	r.touch()
	return true
}

// showLoops says which files docserve does not react to.
func (r *Runner) showLoops() {
	var notes []Diagnostic
	for _, path := range sorted(r.breaker.loops) {
		notes = append(notes, r.breaker.loops[path].note)
	}
	r.site(looping, notes)
}

// loopNote says of one file what changes it, and what to do about it.
func (r *Runner) loopNote(path string, by origin) Diagnostic {
	a, t := by.act, by.act.task
	op, doc := t.work()
	during := r.doing(&task{op: op, step: t.step, doc: doc})
	how := "It is written while " + during
	switch {
	case strings.HasPrefix(op, "--"):
		how = "It is probably written by a command of " + op
	case op == "idle":
		how = "It is written by something that Sphinx runs beside its work"
	case !by.certain:
		program := a.Program
		if program == "" {
			program = "a fork"
		}
		how = fmt.Sprintf("It is probably written by %s, a program started while %s", program, during)
	}
	if a.Event != "" {
		how += ", in the event " + a.Event
	}
	if found, ok := r.code().BlameFrames(a.Frames); ok {
		how += found.Place(r.relative(found.File))
	}
	return Diagnostic{
		Severity: Warning, Path: path,
		Message: fmt.Sprintf("builds have changed this file %d times in a row, and each change asks for another build: docserve does not react any more when a build changes it. %s", rounds, how),
		Hint:    fmt.Sprintf("to ignore it whoever changes it, start docserve with %s; better, have it written only when its content differs, or outside of the sources", r.ignoring(path)),
	}
}

// ignoring returns the option with which the watcher ignores a file.
func (r *Runner) ignoring(path string) string {
	for _, base := range []string{r.opts.Sphinx.Source, r.opts.WorkDir} {
		relative, err := filepath.Rel(base, path)
		if base != "" && err == nil && filepath.IsLocal(relative) {
			escaped := regexp.MustCompile(`[*?\[\\]`).ReplaceAllString(filepath.ToSlash(relative), `\$0`)
			return "--ignore " + quoted("/"+escaped)
		}
	}
	return "--re-ignore " + quoted("^"+regexp.QuoteMeta(filepath.ToSlash(path))+"$")
}

// quoted returns a word as a shell takes it.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
