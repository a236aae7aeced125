package plain

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"docserve/runner"
)

// table is what other goroutines look at: what can be shown at each address. The
// loop's goroutine writes it; any may read.
type table struct {
	mu      sync.Mutex // guards all below
	files   map[string]file
	state   runner.State                   // of all pages
	edited  map[string]bool                // pages of documents that are being read again: worth waiting for
	busy    bool                           // a build runs, or is about to
	asked   bool                           // nothing is built before it is asked for
	trouble []string                       // why nothing can be built
	notes   map[string][]runner.Diagnostic // all that is wrong, by site path; "" for what belongs to no page
	broken  *runner.Diagnostic             // why there is no site; nil when there is
	sources map[string][]string            // files that a page is made from, by site path
	changed chan struct{}                  // closed, and replaced, when any of it changes
}

// change alters the table, and has those who wait look again.
func (t *table) change(alter func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	alter()
	close(t.changed)
	t.changed = make(chan struct{})
}

// showSources tells others which files pages are made from.
func (e *Engine) showSources() {
	sources := map[string][]string{}
	for doc, source := range e.facts.Docs {
		page := e.facts.page(e.opts.Sphinx.Builder, doc)
		sources[page] = append(append(sources[page], source[0]), e.facts.Deps[doc]...)
	}
	e.table.change(func() { e.table.sources = sources })
}

// Needed returns the files that pages are made from which are open in a browser. It
// may be called from any goroutine.
func (e *Engine) Needed() []string {
	open := e.opts.Audience.Open()
	e.table.mu.Lock()
	defer e.table.mu.Unlock()
	var files []string
	for _, page := range open {
		files = append(files, e.table.sources[page]...)
	}
	return files
}

// entry is what can be shown at a site path that is a page's.
func (e *Engine) entry(name string) (runner.Entry, bool) {
	t := e.table
	found, ok := t.files[name]
	if !ok || !isPage(name) {
		return runner.Entry{}, false
	}
	entry := runner.Entry{File: e.output(name), Hash: found.digest, State: t.state}
	if t.state == runner.Broken {
		entry.Errors = t.trouble
		if len(t.trouble) > 0 {
			entry.Note = t.trouble[0]
		}
	}
	return entry, true
}

// Current says how true a page is just now. It may be called from any goroutine.
func (e *Engine) Current(name string) (runner.Entry, bool) {
	e.table.mu.Lock()
	defer e.table.mu.Unlock()
	entry, ok := e.entry(name)
	entry.Problems = runner.PageProblems(e.opts.Generated, e.table.sources[name], e.table.notes[name])
	if e.table.broken != nil {
		entry.Problems = append(entry.Problems, *e.table.broken)
	}
	return entry, ok
}

// Problems returns all that is wrong now, as a worker's runner does.
func (e *Engine) Problems() map[string][]runner.Diagnostic {
	e.table.mu.Lock()
	defer e.table.mu.Unlock()
	all := map[string][]runner.Diagnostic{"": nil}
	for page, given := range e.table.notes {
		all[page] = runner.PageProblems(e.opts.Generated, nil, given)
	}
	all[""] = append(all[""], e.opts.Generated.Diagnostics()...)
	return all
}

// showNotes makes the warnings, and why there is no site, visible to others.
func (e *Engine) showNotes() {
	all := map[string][]runner.Diagnostic{}
	for doc, phases := range e.notes.Docs {
		name := ""
		if e.facts != nil {
			name = e.facts.page(e.opts.Sphinx.Builder, doc)
		}
		for _, given := range phases {
			all[name] = append(all[name], given...)
		}
	}
	for _, given := range e.notes.Site {
		all[""] = append(all[""], given...)
	}
	for name, given := range all {
		all[name] = runner.Distinct(given)
	}
	e.table.change(func() { e.table.notes, e.table.broken = all, e.failed })
}

// Fetch says where the file at a site path is. A page whose document is being
// read again, and what may come into being, is waited for as long as ctx allows;
// then the last good page is given. It may be called from any goroutine.
func (e *Engine) Fetch(ctx context.Context, name string) (runner.Result, error) {
	for {
		result, wait, err := e.peek(name)
		if wait == nil {
			return result, err
		}
		select {
		case <-wait:
		case <-e.gone:
			return result, err
		case <-ctx.Done():
			return result, err
		}
	}
}

// peek says what there is now, and what to wait for if that may bring something
// better.
func (e *Engine) peek(name string) (result runner.Result, wait <-chan struct{}, err error) {
	t := e.table
	t.mu.Lock()
	defer t.mu.Unlock()
	if entry, ok := e.entry(name); ok {
		if t.edited[name] && t.busy {
			wait = t.changed
		}
		return runner.Result{Entry: entry, Page: true}, wait, nil
	}
	file := e.output(name)
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && !isPage(name) {
		return runner.Result{Entry: runner.Entry{File: file, State: runner.Fresh}}, nil, nil
	}
	if t.asked {
		t.asked = false
		go e.later(context.Background(), func() { e.demand(plan{build: true}) }) // whoever asked may be gone
		t.busy = true
	}
	switch {
	case t.busy:
		return runner.Result{}, t.changed, runner.ErrNotYet
	case len(t.trouble) > 0:
		return runner.Result{Entry: runner.Entry{State: runner.Broken, Errors: t.trouble}}, nil, runner.ErrNotYet
	}
	return runner.Result{}, nil, runner.ErrNotFound
}

func (e *Engine) output(name string) string {
	return filepath.Join(e.opts.Sphinx.Output, filepath.FromSlash(name))
}

// display changes the state of all pages, and tells the browsers.
func (e *Engine) display(state runner.State, trouble []string) {
	e.table.change(func() { e.table.state, e.table.trouble = state, trouble })
	push := runner.Push{Kind: "status", State: state}
	if len(trouble) > 0 {
		push.Note = trouble[0]
	}
	e.opts.Audience.Publish(push)
}

// Status returns the status of this moment. It may be called from any goroutine.
func (e *Engine) Status(ctx context.Context) runner.Status {
	answer := make(chan runner.Status, 1)
	e.later(ctx, func() { answer <- e.status() })
	select {
	case s := <-answer:
		return s
	case <-e.gone:
	case <-ctx.Done():
	}
	return runner.Status{Phase: runner.Starting}
}

func (e *Engine) status() runner.Status {
	s := runner.Status{
		Engine: "subprocess", Settled: e.settled, Phase: e.progress.Phase, Done: e.progress.Done, Total: e.progress.Total,
		Changes: e.taken, States: map[runner.State]int{}, Builds: runner.Measured(e.builds...),
		Source: e.opts.Sphinx.Source, Output: e.opts.Sphinx.Output, Interpreter: e.opts.Python,
		Processes: map[string]int{"docserve": os.Getpid()}, Incidents: slices.Clone(e.incidents),
	}
	s.Failed = e.failed != nil || runner.Failing(e.opts.Generated) || e.opts.Strict && len(e.told) > 0
	if n := e.pages(); n > 0 {
		s.States[e.table.state] = n
	}
	if e.facts != nil {
		s.Documents, s.Root = len(e.facts.Docs), e.facts.Root
		s.Sphinx, s.Python, s.Theme = e.facts.Sphinx, e.facts.Python, e.facts.Theme
	}
	if e.child != nil {
		s.Processes["sphinx-build"] = e.child.process.Pid()
		s.Stale = e.child.plan.again[:min(len(e.child.plan.again), 100)]
		s.Build = &runner.Measured(e.build)[0]
		s.Busy = []runner.Activity{e.child.activity()}
	}
	s.Diagnostics = e.diagnostics()
	return s
}

// diagnostics returns all that is to be said now: warnings, files that are not
// reacted to, why there is no site, and what is wrong with rules.
func (e *Engine) diagnostics() []runner.Diagnostic {
	all := e.notes.list()
	for _, l := range e.breaker.Loops() {
		all = append(all, runner.LoopNote(l))
	}
	if e.failed != nil {
		all = append(all, *e.failed)
	}
	for i := range all {
		all[i] = runner.Trace(e.opts.Generated, all[i])
	}
	return runner.Distinct(append(all, e.opts.Generated.Diagnostics()...))
}

// pages counts the pages in the output directory.
func (e *Engine) pages() int {
	n := 0
	for name := range e.files {
		if isPage(name) {
			n++
		}
	}
	return n
}
