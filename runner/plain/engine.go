package plain

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"docserve/runner"
	"docserve/runner/loops"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// Engine keeps a site up to date. All its fields but the table belong to the
// goroutine of Run.
type Engine struct {
	opts  Options
	log   *slog.Logger
	table *table

	orders    chan func() // work for the loop from elsewhere
	gone      chan struct{}
	firstPage chan struct{}
	first     sync.Once

	dir    string // private
	driver sphinx.Driver

	facts *facts          // of the last build that has left some; nil when everything counts
	files map[string]file // the output directory
	notes notes

	child   *child     // the build that runs; nil for none
	events  chan event // its news
	hooking bool       // what comes before a build is running
	pending plan       // what the next build is to do
	since   time.Time  // the first event that asked for it
	spent   spent      // before it was started
	count   int        // builds that were started
	unclean bool       // the last build did not come to its end: pages may be missing

	breaker   *loops.Breaker
	failed    *runner.Diagnostic // why there is no site; nil when there is
	build     runner.Build       // the account of the build that runs
	builds    []runner.Build
	told      map[runner.Diagnostic]bool
	incidents []runner.Incident
	progress  runner.Progress
	taken     int // batches that meant something
	word      int // counts what has happened, for settle
	settled   bool
	missed    bool // the output directory was not there a second ago
}

// New returns an Engine; Run makes it work.
func New(opts Options) *Engine {
	opts.complete()
	return &Engine{
		opts: opts, log: opts.Logger,
		table:  &table{state: runner.Building, edited: map[string]bool{}, busy: !opts.NoInitial, asked: opts.NoInitial, changed: make(chan struct{})},
		orders: make(chan func()), gone: make(chan struct{}), firstPage: make(chan struct{}), events: make(chan event),
		notes: newNotes(), told: map[runner.Diagnostic]bool{}, progress: runner.Progress{Phase: runner.Starting},
		breaker: loops.New(),
	}
}

// FirstPage is closed when there is a page that a browser can be shown.
func (e *Engine) FirstPage() <-chan struct{} { return e.firstPage }

// Beside says that another program builds the same sources. What extensions
// write then is told apart by itself.
func (e *Engine) Beside(context.Context) (ended func()) { return func() {} }

// Rebuild reads and writes everything again, as if nothing were known.
func (e *Engine) Rebuild(ctx context.Context) {
	e.later(ctx, func() {
		e.breaker.Elsewhere()
		e.breaker.Free(loops.All)
		e.demand(plan{build: true, all: true, fresh: true, reason: "asked for"})
	})
}

// ClearCache forgets all that is known from before, also what is on disk for the
// next session, and builds everything from nothing. A build that runs comes to
// its end first; what cannot be removed is a failure of the one that follows.
func (e *Engine) ClearCache(ctx context.Context) error {
	e.later(ctx, func() {
		e.breaker.Elsewhere()
		e.breaker.Free(loops.All)
		e.demand(plan{build: true, all: true, fresh: true, clear: true, reason: "the cache was cleared"})
	})
	return ctx.Err()
}

// Run works until ctx is done. The error is docserve's own trouble.
func (e *Engine) Run(ctx context.Context) (err error) {
	defer close(e.gone)
	if e.opts.Started.IsZero() {
		e.opts.Started = time.Now()
	}
	if err := e.makeDirectories(); err != nil {
		return err
	}
	if e.dir, err = os.MkdirTemp("", "docserve-"); err != nil {
		return fmt.Errorf("make a private directory: %w", err)
	}
	defer func() {
		if failed := os.RemoveAll(e.dir); failed != nil && err == nil && ctx.Err() == nil {
			err = fmt.Errorf("remove the private directory: %w", failed)
		}
	}()
	if e.driver, err = sphinx.Extract(e.dir); err != nil {
		return err
	}
	e.recall()
	e.loop(ctx)
	if e.child != nil {
		<-e.child.done
	}
	return nil
}

// loop is the only place where the engine's state changes.
func (e *Engine) loop(ctx context.Context) {
	ready := e.opts.Files.Ready()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	watched := false
	for {
		e.next(ctx, watched)
		batches := e.opts.Files.Batches()
		if e.child != nil || e.hooking || !watched {
			batches = nil // until they are taken, the watcher gathers them
		}
		select {
		case <-ctx.Done():
			return
		case <-ready:
			ready, watched = nil, true
			if !e.opts.NoInitial {
				e.demand(plan{build: true})
			}
		case batch := <-batches:
			e.take(ctx, batch)
		case event := <-e.events:
			e.hear(ctx, event)
		case order := <-e.orders:
			order()
		case <-e.opts.Generated.News():
			e.hearRules()
		case <-tick.C:
			e.watchOutput()
		}
	}
}

// later has the loop run order, from any goroutine.
func (e *Engine) later(ctx context.Context, order func()) {
	select {
	case e.orders <- order:
	case <-e.gone:
	case <-ctx.Done():
	}
}

// take handles changed files.
func (e *Engine) take(ctx context.Context, batch watch.Batch) {
	batch = e.breaker.Join(batch)
	batch.Changes = e.facts.meant(batch.Changes)
	e.react(ctx, batch)
}

// react finds out what changed files ask for.
func (e *Engine) react(ctx context.Context, batch watch.Batch) {
	arrived := time.Now()
	j := judge{facts: e.facts, source: e.opts.Sphinx.Source, failed: e.failed != nil, notes: e.notes.list(), generated: e.opts.Generated}
	if e.opts.Sphinx.Config != "" {
		j.config = filepath.Join(e.opts.Sphinx.Config, "conf.py")
	}
	p := j.plan(e.heard(ctx, batch, j))
	if !p.build {
		return
	}
	e.taken++
	if e.since.IsZero() {
		e.since, e.spent.watch = batch.First, arrived.Sub(batch.First)
	}
	e.spent.judge += time.Since(arrived)
	e.demand(p)
}

// spent is the time that goes before Sphinx is started.
type spent struct{ watch, judge, hook time.Duration }

// demand has a build made, when that which runs is over.
func (e *Engine) demand(p plan) {
	if e.since.IsZero() {
		e.since = time.Now()
	}
	e.word++
	e.settled = false
	e.pending.merge(p)
	edited := map[string]bool{}
	if e.facts != nil {
		for _, doc := range e.pending.again {
			edited[e.facts.page(e.opts.Sphinx.Builder, doc)] = true
		}
	}
	e.table.change(func() { e.table.busy, e.table.asked, e.table.edited = true, false, edited })
}

// next starts the build that is wanted, if nothing is in its way.
func (e *Engine) next(ctx context.Context, watched bool) {
	if !e.pending.build || e.child != nil || e.hooking || !watched || ctx.Err() != nil {
		return
	}
	before := e.opts.NextBefore()
	if before == nil {
		e.launch(ctx)
		return
	}
	e.hooking = true
	began := time.Now()
	ended := e.breaker.Command("--pre-build", began)
	go func() {
		err := before(ctx)
		e.later(ctx, func() {
			e.hooking = false
			now := time.Now()
			ended(now)
			e.spent.hook += now.Sub(began)
			if err == nil {
				e.launch(ctx)
				return
			}
			// What was to be built is built with the next change.
			e.pending.build, e.since, e.spent = false, time.Time{}, spent{}
			e.opts.Reporter.Diagnose(runner.Diagnostic{Severity: runner.Error, Message: err.Error(), Hint: "nothing was built"})
			e.table.change(func() { e.table.busy, e.table.trouble = false, []string{err.Error()} })
		})
	}()
}

// launch starts Sphinx.
func (e *Engine) launch(ctx context.Context) {
	p := e.pending
	initial := e.count == 0
	e.pending, e.count = plan{}, e.count+1
	if initial {
		p.fresh = p.fresh || e.opts.Sphinx.Fresh
		p.all = p.all || e.opts.WriteAll
	}
	p.all = p.all || e.unclean
	e.build = runner.Build{
		Start: e.since, Changed: p.changed, Reason: p.reason, Initial: initial,
		Watch: e.spent.watch, Graph: e.spent.judge, Hook: e.spent.hook, Pushes: &runner.Pushes{},
	}
	if initial {
		e.build.Start = e.opts.Started
		e.build.Watch = time.Since(e.opts.Started) - e.spent.hook
	}
	e.since, e.spent = time.Time{}, spent{}
	err := e.makeDirectories()
	if err == nil && p.clear {
		err = e.clear()
	}
	if err == nil {
		err = e.forget(p.again)
	}
	if err != nil {
		e.fail(runner.Diagnostic{Severity: runner.Critical, Message: err.Error()})
		return
	}
	c := &child{
		engine: e, dir: filepath.Join(e.dir, fmt.Sprintf("build-%d", e.count)), plan: p, known: e.files,
		transcript: newTranscript(), done: make(chan struct{}), sources: e.opts.Files.Snapshot(),
	}
	facts := e.facts
	c.source = func(doc string) string { return facts.source(e.opts.Sphinx.Source, doc) }
	if facts != nil {
		c.extensions = facts.Extensions
	}
	e.phase(runner.Progress{Phase: runner.Starting})
	if err := c.start(); err != nil {
		e.fail(runner.Diagnostic{Severity: runner.Critical, Message: err.Error()})
		return
	}
	e.child = c
	e.display(runner.Building, nil)
	go c.tend(ctx, e.events)
}

// phase notes what is being done, and how far it has come.
func (e *Engine) phase(next runner.Progress) {
	if next == e.progress {
		return
	}
	changed := next.Phase != e.progress.Phase
	e.progress = next
	e.opts.Reporter.Progress(next)
	if changed || next.Done%50 == 0 {
		e.opts.Audience.Publish(runner.Push{Kind: "status", Note: next.String(), Done: next.Done, Total: next.Total})
	}
}
