package runner

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"docserve/internal/proc"
	"docserve/runner/sphinx"
)

// A Sphinx process may end or stand still at anything, for reasons of its own or
// because of what it works on. What it was at is tried once more; what has cost
// two processes is set aside until something changes that it may depend on, and
// all else goes on.

// enough is how many processes one thing may cost before it is set aside.
const enough = 2

// setback is what has happened at something that is no document: a step of the
// finish, the update, the opening of the project.
type setback struct {
	count    int
	last     Diagnostic
	overcome bool // it has succeeded since; forgotten when all has
}

// Incident is the unasked end of a process.
type Incident struct {
	Time time.Time `json:"time"`
	Diagnostic
}

// fewIncidents is how many of them the status shows.
const fewIncidents = 20

// key names a task among setbacks.
func (t *task) key() string { return t.op + " " + t.step }

// aside reports whether the document was set aside.
func (p *page) aside() bool { return p.failure != nil && p.kills >= enough }

// readmit gives documents that were set aside another chance, one: something has changed
// that it may have been because of.
func (r *Runner) readmit() {
	for _, p := range r.pages {
		if p.aside() {
			p.kills = enough - 1
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
	defer r.pool.Forget(p.ident)
	if p.busy != nil {
		p.busy.ended = time.Now()
	}
	if !p.own {
		proc.EndGroup(p.conn.Pid) // its children; those of the pool's processes end with them
	}
	if f := r.crew.forking; f != nil && f.parent == p {
		r.notForked(f)
	}
	_, writer := r.crew.writers[p.ident]
	r.release(p)
	switch p {
	case r.crew.preview:
		r.crew.preview = nil // there will be no other: the worker's own pages follow
		if p.busy != nil && (!p.shut || p.busy.failed != nil) {
			r.announce(r.accountOf(p, how))
		}
	case r.crew.standby:
		r.crew.standby = nil
		r.standbyLost(p, how)
	case r.crew.finisher:
		r.crew.finisher = nil
		r.finish.running = false
		r.strayed(p, how)
	case r.recycling.fresh:
		r.leave(how)
	case r.crew.spare:
		r.crew.spare = nil
		if !p.shut && p.conn == nil {
			r.startFailed(p, how)
		}
	case r.crew.worker:
		r.crew.worker = nil
		r.crash(ctx, p, how)
	default:
		if writer {
			r.strayed(p, how)
		}
	}
}

// strayed handles the end of a helper that was at work: somebody else does the
// work, unless it has cost enough.
func (r *Runner) strayed(p *process, how string) {
	t := p.busy
	if t == nil || p.shut && t.failed == nil {
		return
	}
	d := r.accountOf(p, how)
	r.announce(d)
	p.undone()
	if t.doc != "" {
		r.blame(t.doc, d)
	} else {
		r.setBack(t, d)
	}
	if !p.own {
		r.suspect(t)
	}
}

// standbyLost has another standby forked, if this one was not let go.
func (r *Runner) standbyLost(p *process, how string) {
	if p.shut && (p.busy == nil || p.busy.failed == nil) {
		return
	}
	r.finish.forked, r.finish.rehearsed = false, false
	if p.busy != nil {
		r.announce(r.accountOf(p, how))
	}
	if r.crew.strayed++; r.crew.strayed >= enough+1 && r.canFork() {
		r.dontFork("its forks end by themselves")
	}
}

// notForked gives up a fork.
func (r *Runner) notForked(f *forking) {
	if r.crew.forking == f {
		r.crew.forking = nil
	}
	switch f.role {
	case "standby":
		r.finish.forked = false
	case "finish":
		r.finish.running = false
	}
}

// dontFork goes on without forks for the rest of the session.
func (r *Runner) dontFork(why string) {
	r.log.Warn("going on without forks", "reason", why)
	r.opts.NoFork = true
}

// startFailed reports a Python that does not even get as far as our own code.
func (r *Runner) startFailed(p *process, how string) {
	lines := strings.Split(strings.TrimSpace(r.pool.Output(p.ident, 2000)), "\n")
	r.fail(Diagnostic{
		Severity: Critical,
		Message:  fmt.Sprintf("%s cannot start Sphinx (%s): %s", r.opts.Python, how, lines[len(lines)-1]),
	})
}

// accountOf says what became of a process that has ended.
func (r *Runner) accountOf(p *process, how string) Diagnostic {
	if p.busy != nil && p.busy.failed != nil {
		return *p.busy.failed
	}
	text, _ := r.pool.Stacks(p.ident, p.stacks)
	d := r.located(p.busy, text)
	d.Message = fmt.Sprintf("the Sphinx process ended (%s) while %s%s", how, r.doing(p.busy), d.Message)
	if d.Hint == "" {
		d.Hint = lastLines(r.pool.Output(p.ident, 1500))
	}
	return d
}

// announce tells people what has happened to a process.
func (r *Runner) announce(d Diagnostic) {
	r.opts.Reporter.Diagnose(d)
	r.trouble = append(r.trouble, d)
	r.accounts = append(r.accounts, Incident{Time: time.Now(), Diagnostic: d})
	if len(r.accounts) > fewIncidents {
		r.accounts = r.accounts[1:]
	}
	push := Push{Kind: "status", Note: d.Message}
	if p := r.pages[d.Doc]; p != nil {
		push.Page, push.State = p.path, p.state()
	}
	r.opts.Audience.Publish(push)
}

// crash handles a worker that has ended without having been asked to.
func (r *Runner) crash(ctx context.Context, p *process, how string) {
	r.touch()
	r.breaker.Elsewhere() // what is done once more is done because of this
	d, t := r.accountOf(p, how), p.busy
	r.facts = nil
	r.crew.deaths++
	p.undone()
	r.abortFinish()
	r.killWriters()
	r.kill(r.crew.preview)
	r.crew.forking = nil
	over := false
	switch {
	case t == nil:
	case t.doc != "":
		r.blame(t.doc, d)
	case t.op == "fork":
		r.dontFork("a process ended when it was to fork")
	default:
		over = r.setBack(t, d)
	}
	r.announce(d)
	if over {
		r.fail(d)
		return
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

// setBack notes what has happened at a task of the whole site, and reports
// whether nothing can go on without it. A step of the finish, and the rehearsal,
// can be left out.
func (r *Runner) setBack(t *task, d Diagnostic) bool {
	s := r.crew.setbacks[t.key()]
	if s == nil {
		s = &setback{}
		r.crew.setbacks[t.key()] = s
	}
	s.count++
	s.last, s.overcome = d, false
	return s.count >= enough && t.op != "finish" && t.op != "rehearse"
}

// given reports whether something has cost enough processes, and the last account.
func (r *Runner) given(t task) (Diagnostic, bool) {
	s := r.crew.setbacks[t.key()]
	if s == nil || s.count < enough {
		return Diagnostic{}, false
	}
	return s.last, true
}

// overcome notes that a task has succeeded. It can still fail on what is built
// next, and a new process then comes by the same success, again and again: what
// has happened counts until the site is settled.
func (r *Runner) overcome(t *task) {
	if s := r.crew.setbacks[t.key()]; s != nil {
		s.overcome = true
	}
}

// forget leaves behind what was overcome: the site is settled.
func (r *Runner) forget() {
	maps.DeleteFunc(r.crew.setbacks, func(_ string, s *setback) bool { return s.overcome })
}

// secondChance has what was left out tried once more: something has changed.
func (r *Runner) secondChance() {
	for _, s := range r.crew.setbacks {
		s.count = min(s.count, enough-1)
	}
}

// blame sets a document aside that has cost enough processes, until it changes.
func (r *Runner) blame(doc string, d Diagnostic) {
	page := r.pages[doc]
	if page == nil {
		return
	}
	if page.kills++; page.kills < enough {
		return
	}
	d.Doc, d.Path = doc, page.source
	page.failure, page.read, page.write, page.edited, page.unwritten = &d, false, false, false, false
	page.whyRead, page.whyWrite = nil, nil
	r.show(page)
	r.wake(page.path)
}

// promote makes the standby the worker: it reads again what was read since its fork.
func (r *Runner) promote(s *process) {
	r.log.Info("going on with the standby", "documents", len(r.since))
	r.crew.worker, r.crew.standby = s, nil
	r.trust()
	r.facts = r.finish.facts
	r.assets = true
	if len(r.since) > 0 || r.listed { // otherwise it is where the other one was, and a save need not wait
		r.discover = true
		r.unread[""] = false
	}
	why := because(Process, "belongs to a process that was replaced")
	r.checkAll(why)
	for doc := range r.since {
		if page := r.pages[doc]; page != nil && page.failure == nil {
			r.markRead(page, why)
			r.markWrite(page, why)
		}
	}
	// It may have loaded templates that others now stand before.
	r.spread.due = true
	r.spread.add(r.shared)
	r.alike()
}

// alike notes that the standby, or the next one, knows all that the worker knows.
func (r *Runner) alike() {
	r.since, r.listed, r.shared = map[string]bool{}, false, spreading{}
}

// doing says in words what a process was at.
func (r *Runner) doing(t *task) string {
	if t == nil {
		return "idle"
	}
	if page := r.pages[t.doc]; page != nil {
		source := r.relative(page.source)
		if t.op == "read" {
			return "reading " + source
		}
		return "writing the page of " + source
	}
	return t.String()
}

// String says what is done to the whole site.
func (t *task) String() string {
	switch t.op {
	case "open":
		return "loading conf.py and the extensions"
	case "discover":
		return "looking for documents"
	case "read":
		return "reading " + t.doc
	case "write", "preview":
		return "writing the page of " + t.doc
	case "update":
		return "bringing up to date what depends on all documents"
	case "spread":
		return "looking for the pages that a change affects"
	case "assets":
		return "copying static files"
	case "ingest", "settle":
		return "indexing words for the search"
	case "fork":
		return "forking"
	case "finish":
		return "finishing the site, step " + t.step
	}
	return "idle"
}

// relative names a file as the project's people do.
func (r *Runner) relative(path string) string {
	return sphinx.Relative(r.opts.Sphinx.Source, path)
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > 12 {
		lines = lines[len(lines)-12:]
	}
	return strings.Join(lines, "\n")
}

// code says whose code is whose.
func (r *Runner) code() sphinx.Code {
	return sphinx.Code{Driver: r.pool.Dir(), Project: []string{r.opts.Sphinx.Source, r.opts.Sphinx.Config}, Extensions: r.extensions}
}
