package runner

import (
	"fmt"
	"time"

	"docserve/internal/proc"
	"docserve/runner/sphinx"
)

// The deadline counts time without progress: the answer to a command, each of
// which is about one document at most, or, while something is done to the whole
// site, what Sphinx prints about how far it has come.

const (
	// openings is how many deadlines conf.py and the extensions may take: some run
	// examples, or wait for other servers, and say nothing meanwhile. After the
	// first one, people are told.
	openings = 5
	// waking is how often an answer is looked for.
	waking = 25 * time.Millisecond
	// connecting is how long a fork may take until it connects: a thousand times
	// what it needs. Until then no save is dealt with, so it is no deadline.
	connecting = 5 * time.Second
)

// getsOn notes a sign of life of a process that works on the whole site; what a
// single document prints may be a loop that prints.
func (p *process) getsOn() {
	if t := p.busy; t != nil && t.doc == "" && !p.shut {
		t.heard, t.asked, t.told = time.Now(), time.Time{}, false
	}
}

// checkTime ends the processes that stand still, and returns when to look again.
func (r *Runner) checkTime() time.Duration {
	next := far
	for _, ident := range sorted(r.crew.all) {
		p := r.crew.all[ident]
		switch {
		case p.shut:
		case p == r.recycling.fresh:
			next = min(next, r.checkFresh(p))
		case p.conn == nil && p.own:
			next = min(next, r.checkStart(p))
		case p.busy != nil:
			next = min(next, r.checkTask(p, p.busy))
		}
	}
	if f := r.crew.forking; f != nil && f.pid != 0 {
		next = min(next, r.checkFork(f))
	}
	return next
}

// checkStart ends a Python that does not get as far as our own code.
func (r *Runner) checkStart(p *process) time.Duration {
	if left := openings*r.opts.Timeout - time.Since(p.began); left > 0 {
		return left
	}
	r.pool.Kill(p.ident)
	return far
}

// checkFresh lets go of what is to be the worker, if it takes long: there is one.
func (r *Runner) checkFresh(p *process) time.Duration {
	left := openings*r.opts.Timeout - time.Since(p.began)
	if left <= 0 {
		r.leave("it stands still")
		return far
	}
	return left
}

// checkTask asks a process for its stacks when it has stood still for too long,
// and a moment later says where, and ends it.
func (r *Runner) checkTask(p *process, t *task) time.Duration {
	quiet := time.Since(t.heard)
	if left := r.opts.Timeout - quiet; left > 0 {
		return left
	}
	if t.told {
		if left := openings*r.opts.Timeout - quiet; left > 0 {
			return left
		}
		t.told, t.asked = false, time.Time{}
	}
	if t.asked.IsZero() {
		t.asked = time.Now()
		_, p.stacks = r.pool.Stacks(p.ident, 0)
		proc.AskStacks(p.conn.Pid)
		return waking
	}
	text, size := r.pool.Stacks(p.ident, p.stacks)
	if !sphinx.Answered(text, time.Since(t.asked)) {
		return waking
	}
	p.stacks = size
	d := r.standstill(t, text, quiet)
	if t.op == "open" && text != "" && quiet < openings*r.opts.Timeout {
		t.told = true
		r.announce(d)
		return openings*r.opts.Timeout - quiet
	}
	if t.op == "open" && text != "" {
		r.setBack(t, d) // it was given its time: no second one
	}
	r.giveUp(p, t, d)
	return far
}

// checkFork gives up a fork that does not connect: the lock of some library was
// held when it was made.
func (r *Runner) checkFork(f *forking) time.Duration {
	if left := min(connecting, r.opts.Timeout) - time.Since(f.began); left > 0 {
		return left
	}
	text, size := r.pool.Stacks(f.parent.ident, f.parent.stacks)
	f.parent.stacks = size
	if !f.asked { // it writes into its parent's file, as long as it has none of its own
		f.asked, f.began = true, f.began.Add(sphinx.Answering)
		proc.AskStacks(f.pid)
		return sphinx.Answering
	}
	d := r.located(nil, text)
	d.Message = fmt.Sprintf("a fork of the Sphinx process (%s) does not come up%s", f.role, d.Message)
	proc.KillGroup(f.pid)
	r.announce(d)
	r.notForked(f)
	r.dontFork("a fork does not come up")
	return 0
}

// standstill says where a process stands still.
func (r *Runner) standstill(t *task, text string, quiet time.Duration) Diagnostic {
	d := r.located(t, text)
	if text == "" {
		d.Message = "; Python did not answer when it was asked where"
	}
	d.Message = fmt.Sprintf("Sphinx stood still for %.0f s %s%s", quiet.Seconds(), r.doing(t), d.Message)
	return d
}

// located begins a diagnostic with what stacks say: where, in words, and the whole
// stack as the hint.
func (r *Runner) located(t *task, text string) Diagnostic {
	d := Diagnostic{Severity: Error}
	if t != nil {
		if page := r.pages[t.doc]; page != nil {
			d.Doc, d.Path = page.doc, page.source
		}
	}
	stacks := sphinx.ParseStacks(text)
	found, ok := r.code().Blame(stacks)
	if !ok {
		return d
	}
	if d.Path == "" {
		d.Path, d.Line = found.File, found.Line
	}
	d.Message = found.Place(r.relative(found.File))
	d.Hint = r.code().WithoutDriver(text)
	return d
}
