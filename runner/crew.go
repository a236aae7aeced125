package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"docserve/internal/proc"
	"docserve/runner/sphinx"
)

// crew is the few processes that there are, each with one purpose.
type crew struct {
	all        map[string]*process
	worker     *process            // its environment is the truth
	preview    *process            // answers while the worker reads everything for the first time
	standby    *process            // a fork of the worker in its last good state, asleep
	finisher   *process            // makes indices and search
	spare      *process            // an interpreter with Sphinx imported and no project
	writers    map[string]*process // forks that write stale pages
	count      int                 // of identifiers given
	previewing bool                // the preview was asked for; what comes of it is in preview
	forking    string              // role of the fork that is under way
	ready      bool                // the watcher knows all files
	deaths     int                 // of workers since the last page was written
}

func (c *crew) init() {
	c.all = map[string]*process{}
	c.writers = map[string]*process{}
}

// process is one Python process.
type process struct {
	ident string
	own   bool // started by us, not a fork
	conn  *sphinx.Conn
	busy  *task
	shut  bool // on its way out, by our own doing
}

// task is the command that a process is busy with.
type task struct {
	op     string
	doc    string
	id     int64
	began  time.Time
	answer func(json.RawMessage) error
	slow   bool // its stacks were asked for
}

func (p *process) idle() bool { return p != nil && p.conn != nil && p.busy == nil && !p.shut }

func (r *Runner) name(role string) string {
	r.crew.count++
	return fmt.Sprintf("%s-%d", role, r.crew.count)
}

// spawn starts a spare interpreter.
func (r *Runner) spawn(ctx context.Context) error {
	p := &process{ident: r.name("worker"), own: true}
	r.crew.all[p.ident] = p
	if err := r.pool.Spawn(ctx, p.ident); err != nil {
		return err
	}
	r.crew.spare = p
	return nil
}

// hear handles news of a process.
func (r *Runner) hear(ctx context.Context, event sphinx.Event) {
	switch p := r.crew.all[event.Ident]; {
	case event.Conn != nil:
		r.connected(event.Ident, event.Conn)
	case p == nil:
	case event.Reply != nil:
		r.answered(ctx, p, event.Reply)
	case event.Lost != "":
		r.lost(ctx, p, event.Lost)
	}
}

func (r *Runner) connected(ident string, conn *sphinx.Conn) {
	p := r.crew.all[ident]
	if p == nil { // a fork
		p = &process{ident: ident}
		r.crew.all[ident] = p
	}
	p.conn = conn
	if p == r.crew.preview && p.own {
		r.openPreview(p)
		return
	}
	switch conn.Role {
	case "preview":
		r.crew.preview = p
	case "standby":
		r.crew.standby = p
		r.since = map[string]bool{}
	case "finish":
		r.crew.finisher = p
	case "writer":
		r.crew.writers[ident] = p
	}
	if conn.Role != "worker" && r.crew.forking == conn.Role {
		r.crew.forking = ""
	}
}

func (r *Runner) answered(ctx context.Context, p *process, answer *sphinx.Answer) {
	t := p.busy
	if t == nil || t.id != answer.ID || p.shut { // what a process says that was let go is about another state
		return
	}
	p.busy = nil
	r.lastTask(t)
	if answer.Failure != nil {
		r.failedCommand(ctx, p, t, answer.Failure)
		return
	}
	if err := t.answer(answer.Result); err != nil {
		r.log.Error("a worker sent what cannot be understood", "process", p.ident, "err", err)
		r.kill(p)
	}
}

// lastTask keeps the account of where the time goes.
func (r *Runner) lastTask(t *task) {
	took := time.Since(t.began)
	switch t.op {
	case "read":
		r.account.build.Read += took
	case "write", "preview":
		r.account.build.Write += took
	}
}

// failedCommand handles an exception in a command that should have none: in
// opening a project it is the project's, elsewhere it costs the process.
func (r *Runner) failedCommand(ctx context.Context, p *process, t *task, f *sphinx.Failure) {
	switch {
	case t.op == "open" && p == r.crew.worker:
		r.openFailed(ctx, p, f)
	case p == r.crew.preview:
		if t.op == "open" {
			r.kill(p)
		}
		if page := r.pages[t.doc]; page != nil {
			page.preview = &provisional{parsed: r.digest(page.source)}
		}
	default:
		r.log.Error("a command failed in the worker", "command", t.op, "document", t.doc, "err", f.Message)
		r.log.Debug(f.Trace)
		r.site(Failed, []Diagnostic{{Severity: Error, Message: fmt.Sprintf("docserve's worker failed in %s: %s", t.op, f.Message), Path: f.Path, Line: f.Line}})
		r.kill(p)
	}
}

// kill ends a process and all that it has started.
func (r *Runner) kill(p *process) {
	if p == nil || p.shut {
		return
	}
	p.shut = true
	if p.own {
		r.pool.Kill(p.ident)
	} else if p.conn != nil {
		proc.KillGroup(p.conn.Pid)
		p.conn.Close()
	}
}

// killForks ends every fork; the processes that were started by the pool are the pool's.
func (r *Runner) killForks() {
	for _, p := range r.crew.all {
		if !p.own {
			r.kill(p)
		}
	}
}

// killWriters ends all writers: what they would write is no longer true.
func (r *Runner) killWriters() {
	for _, p := range r.crew.writers {
		r.kill(p)
		r.release(p)
	}
}

// release gives back what a process was working on.
func (r *Runner) release(p *process) {
	delete(r.crew.writers, p.ident)
	for _, page := range r.pages {
		if page.writer == p.ident {
			page.writer = ""
		}
	}
}

// lost handles the end of a process.
func (r *Runner) lost(ctx context.Context, p *process, how string) {
	if p.own && how == "connection closed" {
		if p.conn != nil {
			r.pool.Kill(p.ident) // what has let go of us must not live on; its real end is reported next
		}
		return
	}
	delete(r.crew.all, p.ident)
	r.release(p)
	switch p {
	case r.crew.preview:
		r.crew.preview = nil
	case r.crew.standby:
		r.crew.standby = nil
	case r.crew.finisher:
		r.crew.finisher = nil
		r.finish.running = false
	case r.crew.spare:
		r.crew.spare = nil
		if !p.shut && p.conn == nil {
			r.startFailed(p, how)
		}
	case r.crew.worker:
		r.crew.worker = nil
		if !p.shut {
			r.crash(ctx, p, how)
		}
	}
}

// startFailed reports a Python that does not even get as far as our own code.
func (r *Runner) startFailed(p *process, how string) {
	lines := strings.Split(strings.TrimSpace(r.pool.Output(p.ident, 2000)), "\n")
	r.fail(Diagnostic{
		Severity: Critical,
		Message:  fmt.Sprintf("%s cannot start Sphinx (%s): %s", r.opts.Python, how, lines[len(lines)-1]),
	})
}

// crash handles a worker that ended without having been asked to.
func (r *Runner) crash(ctx context.Context, p *process, how string) {
	r.touch()
	r.facts = nil
	r.crew.deaths++
	doing := "doing nothing"
	if p.busy != nil {
		doing = p.busy.op
		if p.busy.doc != "" {
			doing += " " + p.busy.doc
		}
	}
	d := Diagnostic{Severity: Error, Message: fmt.Sprintf("the Sphinx process ended (%s) while at: %s", how, doing), Hint: lastLines(r.pool.Output(p.ident, 1500))}
	r.opts.Reporter.Diagnose(d)
	r.abortFinish()
	r.killWriters()
	r.kill(r.crew.preview)
	r.crew.forking = ""
	if p.busy != nil && p.busy.op == "open" {
		r.fail(d)
		return
	}
	if p.busy != nil {
		if page := r.pages[p.busy.doc]; page != nil {
			r.markRead(page, "the worker ended while it was at it")
		}
		r.blame(p.busy.doc, d)
	}
	if s := r.crew.standby; s.idle() && r.crew.deaths < 3 {
		r.promote(s)
		return
	}
	r.kill(r.crew.standby)
	if r.crew.deaths > 5 {
		r.fail(Diagnostic{Severity: Critical, Message: "the Sphinx process ended again and again; waiting for a change. Last: " + d.Message, Hint: d.Hint})
		return
	}
	r.reopen(ctx)
}

// blame sets a document aside that has ended two workers, until it changes.
func (r *Runner) blame(doc string, d Diagnostic) {
	page := r.pages[doc]
	if page == nil {
		return
	}
	if page.kills++; page.kills < 2 {
		return
	}
	d.Doc, d.Path = doc, page.source
	page.failure, page.read, page.write, page.edited = &d, false, false, false
	r.show(page)
}

// promote makes the standby the worker: it reads again what was read since its fork.
func (r *Runner) promote(s *process) {
	r.log.Info("going on with the standby", "documents", len(r.since))
	r.crew.worker, r.crew.standby = s, nil
	r.facts = r.finish.facts
	r.discover = true
	r.unread[""] = false
	r.checkAll("the worker was replaced")
	for doc := range r.since {
		if page := r.pages[doc]; page != nil && page.failure == nil {
			r.markRead(page, "the worker was replaced")
			r.markWrite(page, "the worker was replaced")
		}
	}
	r.since = map[string]bool{}
}

// checkTime looks for commands that take too long: first their stacks are asked
// for, a moment later the process is killed.
func (r *Runner) checkTime() {
	for _, p := range r.crew.all {
		t := p.busy
		if t == nil || p.shut {
			continue
		}
		limit := r.opts.Timeout
		switch t.op {
		case "open", "finish", "settle", "idle", "update", "assets", "ingest":
			limit *= 5 // work on the whole site, or on the network
		}
		took := time.Since(t.began)
		if took > limit && !t.slow {
			t.slow = true
			proc.AskStacks(p.conn.Pid)
		} else if t.slow && took > limit+time.Second {
			r.opts.Reporter.Diagnose(Diagnostic{
				Severity: Error, Doc: t.doc,
				Message: fmt.Sprintf("Sphinx stood still for %.0f s at: %s %s", limit.Seconds(), t.op, t.doc),
				Hint:    lastLines(r.pool.Output(p.ident, 4000)),
			})
			if p.own {
				r.pool.Kill(p.ident)
			} else {
				proc.KillGroup(p.conn.Pid)
			}
		}
	}
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > 12 {
		lines = lines[len(lines)-12:]
	}
	return strings.Join(lines, "\n")
}
