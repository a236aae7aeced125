package runner

import (
	"context"
	"encoding/json"
	"fmt"
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
	forking    *forking            // the fork that is under way; nil for none
	ready      bool                // the watcher knows all files
	lacking    time.Time           // since when there is no interpreter that could open the project; zero when there is one
	deaths     int                 // of workers since the last page was written
	strayed    int                 // standbys that ended by themselves
	setbacks   map[string]*setback // by what they happened at
	forsaken   map[[2]string]bool  // what forks of this worker were given up at: key of the task, document
	alone      bool                // its forks lack something: it does everything itself
}

func (c *crew) init() {
	c.all = map[string]*process{}
	c.writers = map[string]*process{}
	c.setbacks = map[string]*setback{}
}

// process is one Python process.
type process struct {
	ident string
	own   bool      // started by us, not a fork
	began time.Time // when it was started
	conn  *sphinx.Conn
	busy  *task
	shut  bool // on its way out, by our own doing

	stacks int // how much of the file of its stacks was read
}

// task is the command that a process is busy with.
type task struct {
	op     string
	step   string // of finish
	doc    string
	played string // document that is rehearsed
	id     int64
	began  time.Time
	ended  time.Time // zero while it is under way
	answer func(json.RawMessage) error
	undo   func() // puts back what the command was to deal with; nil for nothing

	heard  time.Time   // when it last got on
	asked  time.Time   // when its stacks were asked for; zero when they were not
	told   bool        // people know that it stands still
	failed *Diagnostic // why its process was given up
}

// undone puts back what a command was to deal with, and did not.
func (p *process) undone() {
	if p.busy != nil && p.busy.undo != nil {
		p.busy.undo()
	}
}

// forking is a fork that has not connected yet.
type forking struct {
	role   string
	ident  string
	parent *process
	pid    int // 0 until the parent has told
	began  time.Time
	asked  bool // its stacks were asked for
}

func (p *process) idle() bool { return p != nil && p.conn != nil && p.busy == nil && !p.shut }

func (r *Runner) name(role string) string {
	r.crew.count++
	return fmt.Sprintf("%s-%d", role, r.crew.count)
}

// spawn starts a spare interpreter.
func (r *Runner) spawn(ctx context.Context) error {
	p := &process{ident: r.name("worker"), own: true, began: time.Now()}
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
	case event.Progress:
		p.getsOn()
	case event.Act != nil:
		r.does(p, event.Act)
	case event.Reply != nil:
		r.answered(ctx, p, event.Reply)
	case event.Lost != "":
		r.lost(ctx, p, event.Lost)
	}
}

// hearAll handles all news that there are.
func (r *Runner) hearAll(ctx context.Context) {
	for {
		select {
		case event := <-r.pool.Events():
			r.hear(ctx, event)
		default:
			return
		}
	}
}

func (r *Runner) connected(ident string, conn *sphinx.Conn) {
	p := r.crew.all[ident]
	if p == nil { // a fork
		p = &process{ident: ident, began: time.Now()}
		r.crew.all[ident] = p
	}
	p.conn = conn
	if f := r.crew.forking; !p.own && (f == nil || f.ident != ident) {
		r.kill(p) // it was given up
		return
	}
	if p == r.crew.preview && p.own {
		r.openPreview(p)
		return
	}
	if p == r.recycling.fresh {
		r.openFresh(p)
		return
	}
	switch conn.Role {
	case "preview":
		r.crew.preview = p
	case "standby":
		r.crew.standby = p
		r.alike()
	case "finish":
		if r.finish.running {
			r.crew.finisher = p
		} else {
			r.kill(p) // what it knows is no longer true
		}
	case "writer":
		r.crew.writers[ident] = p
	}
	if !p.own {
		r.crew.forking = nil
	}
}

func (r *Runner) answered(ctx context.Context, p *process, answer *sphinx.Answer) {
	t := p.busy
	if t == nil || t.id != answer.ID || p.shut { // what a process says that was let go is about another state
		return
	}
	p.busy = nil
	t.ended = time.Now()
	if p == r.crew.worker || p == r.crew.preview {
		r.echo.answers.Add(1)
	}
	r.lastTask(t)
	if answer.Failure != nil {
		r.failedCommand(ctx, p, t, answer.Failure)
		return
	}
	r.overcome(t)
	if err := t.answer(answer.Result); err != nil {
		r.giveUp(p, t, Diagnostic{Severity: Error, Message: fmt.Sprintf("the Sphinx process sent what cannot be understood: %v", err)})
	}
}

// lastTask keeps the account of where the time goes.
func (r *Runner) lastTask(t *task) {
	took, b := time.Since(t.began), &r.account.build
	switch t.op {
	case "open":
		b.Open += took
	case "read":
		b.Read += took
	case "discover", "update", "spread":
		b.Follow += took
	case "write", "preview":
		b.Write += took
	case "assets":
		b.Copy += took
	}
}

// failedCommand handles an exception in a command that should have none: in
// opening a project it is the project's, elsewhere it costs the process.
func (r *Runner) failedCommand(ctx context.Context, p *process, t *task, f *sphinx.Failure) {
	switch {
	case t.op == "open" && p == r.crew.worker:
		r.openFailed(ctx, p, f)
	case p == r.recycling.fresh:
		r.leave(f.Message)
	case p == r.crew.preview:
		if t.op == "open" {
			r.kill(p)
		}
		if page := r.pages[t.doc]; page != nil {
			page.preview = &provisional{parsed: r.digest(page.source)}
		}
	default:
		r.log.Debug(f.Trace)
		r.giveUp(p, t, Diagnostic{Severity: Critical, Path: f.Path, Line: f.Line, Category: f.Kind, Message: fmt.Sprintf("%s: %s", t, f.Message), Hint: r.trace(f)})
	}
}

// giveUp ends a process because of what came of a task; what follows from that
// is dealt with when the process has ended.
func (r *Runner) giveUp(p *process, t *task, d Diagnostic) {
	t.failed, p.busy = &d, t
	r.kill(p)
}

// workerAt reports whether the worker is busy with such a command just now.
func (r *Runner) workerAt(op string) bool {
	w := r.crew.worker
	return w != nil && w.busy != nil && w.busy.op == op
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
