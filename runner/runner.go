package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/loops"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// Runner keeps the site true. All its fields but the table and the echo
// belong to the goroutine of Run.
type Runner struct {
	opts  Options
	log   *slog.Logger
	graph *graph.Graph
	pool  *sphinx.Pool
	table *table

	requests chan request
	orders   chan func() // work for the loop from elsewhere: timers, barriers, hooks
	echo     echo

	firstPage chan struct{} // closed when the first page can be shown
	first     sync.Once

	crew       crew
	breaker    *loops.Breaker
	recycling  recycling
	facts      *sphinx.Facts // of the worker; nil until it has opened the project
	extensions []string      // of the project as it was opened last
	signature  string        // of the settings and extensions with which the pages were made
	state      string        // directory of what is kept between sessions
	stage      string        // directory of pages on their way into the output

	pages   map[string]*page // by docname
	byPath  map[string]*page // by site path
	order   []*page          // by docname
	open    map[string]bool  // site paths open in a browser
	linked  map[*page]bool   // pages that open ones link to
	waiting map[string]int   // site paths that requests wait for
	waiters map[chan struct{}]string
	asked   map[string]bool // site paths that were requested, and given as they were

	cold     bool              // the worker has not read everything yet
	unread   map[string]bool   // documents read since the last update, and whether each gives to others what it gave; "" when there are others than before
	during   []watch.Change    // what was changed while the worker was reading the document that it was given last
	spread   spreading         // what of it has not been followed to other pages
	toctrees map[string]bool   // arguments of toctree() in the pages that were written
	audit    Audit             // of this session
	made     map[string]bool   // site paths of indices and pages of extensions
	discover bool              // the list of documents must be found again
	reload   bool              // a module was saved while it was being loaded
	assets   bool              // static files must be copied
	removed  []string          // static files that are gone, and whose copies must go
	copied   map[string]string // images and downloads in the output: site path → source
	uncopied map[*page]bool    // pages of which an image or a download could not be copied
	missed   bool              // the output directory was not there a second ago
	noted    map[string]bool   // site paths that the manifest or the ledger knows
	remains  map[noted]error   // what could not be removed of documents that are gone
	orphans  []noted           // what a session that was killed has written; nil after the first discovery
	served   bool              // static files have been copied at least once
	words    [][2]string       // left by writers: docname, file
	finish   finishing
	broken   *Diagnostic     // why the project cannot be opened
	refused  *process        // that could not open it, until another one is to
	trouble  []Diagnostic    // of processes, that has not been got over yet
	since    map[string]bool // documents touched since the standby was forked
	listed   bool            // whether documents were looked for since then
	shared   spreading       // what all pages share that has changed since then
	unproven map[string]bool // documents read since the site was settled, and whether that was because of a file that was changed back
	unsaved  map[string]bool // documents read since the environment was last kept
	cleared  bool            // the worker that follows is to begin with a new environment
	recalled bool            // the state is that of the last session, and no worker has confirmed it
	reads    int             // documents read since the last full collection
	lastWord time.Time       // last time that something happened
	last     string          // docname of the last edited document
	settled  bool
	taken    int                     // batches
	reopened bool                    // the project was opened once more since the last of them, without a new one
	beside   int                     // other builds of the same sources that are under way
	held     map[string]watch.Change // what such a build may have done to generated documents, by path
	gone     chan struct{}           // closed when Run has returned

	account  current
	builds   []Build
	accounts []Incident // the last ones that were announced
	siteNote map[Phase][]Diagnostic
	told     map[Diagnostic]bool
	initial  bool // the first build has been reported
	declared int  // the revision of the declared dependencies that the graph knows
	progress Progress
}

// New returns a Runner; Run makes it work.
func New(opts Options) *Runner {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Timeout == 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Quiet == 0 {
		opts.Quiet = defaultQuiet
	}
	if opts.RecycleAfter == 0 {
		opts.RecycleAfter = defaultRecycleAfter
	}
	if opts.RecycleGrowth == 0 {
		opts.RecycleGrowth = defaultRecycleGrowth
	}
	if opts.Rest == 0 {
		opts.Rest = defaultRest
	}
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.NumCPU()
	}
	if opts.Reporter == nil {
		opts.Reporter = silent{}
	}
	if opts.Generated == nil {
		opts.Generated = nothing{}
	}
	return &Runner{
		copied: map[string]string{}, uncopied: map[*page]bool{}, noted: map[string]bool{}, remains: map[noted]error{}, made: map[string]bool{},
		opts: opts, log: opts.Logger, graph: graph.New(),
		table:     &table{entries: map[string]Entry{}},
		firstPage: make(chan struct{}),
		requests:  make(chan request), orders: make(chan func()), gone: make(chan struct{}),
		pages: map[string]*page{}, byPath: map[string]*page{},
		open: map[string]bool{}, waiting: map[string]int{}, waiters: map[chan struct{}]string{}, asked: map[string]bool{},
		unread: map[string]bool{}, since: map[string]bool{}, unproven: map[string]bool{}, unsaved: map[string]bool{},
		toctrees: map[string]bool{}, breaker: loops.New(),
		siteNote: map[Phase][]Diagnostic{}, told: map[Diagnostic]bool{},
		assets: true,
	}
}

// Run works until ctx is done. The error is docserve's own trouble; what is
// wrong with the documentation is in the pages and in the reports.
func (r *Runner) Run(ctx context.Context) error {
	defer close(r.gone)
	if r.opts.Started.IsZero() {
		r.opts.Started = time.Now()
	}
	r.state = filepath.Join(r.opts.Sphinx.Doctrees, ".docserve")
	r.stage = filepath.Join(r.state, "stage")
	r.opts.Sphinx.State = r.state
	if err := r.makeDirectories(); err != nil {
		return err
	}
	pool, err := sphinx.NewPool(sphinx.PoolOptions{Python: r.opts.Python, WorkDir: r.opts.WorkDir, Logger: r.log})
	if err != nil {
		return err
	}
	r.pool = pool
	poolContext, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(poolContext) }()
	r.lastWord = time.Now()
	r.account.begin(r.opts.Started, true)
	r.crew.init()
	if err = r.spawn(ctx); err == nil {
		r.beforeFirst(ctx)
		err = r.loop(ctx)
	}
	stop()
	r.killForks()
	closing := <-ended
	if ctx.Err() != nil {
		return nil // whatever did not work any more was not to work any more
	}
	if err == nil {
		err = closing
	}
	return err
}

// FirstPage is closed when there is a page that a browser can be shown.
func (r *Runner) FirstPage() <-chan struct{} { return r.firstPage }

// beforeFirst runs the hook before anything is built at all.
func (r *Runner) beforeFirst(ctx context.Context) {
	before := r.opts.NextBefore()
	if before == nil {
		return
	}
	err := before(ctx)
	r.account.build.Hook = time.Since(r.lastWord)
	if err != nil && ctx.Err() == nil {
		r.fail(Diagnostic{Severity: Error, Message: err.Error(), Hint: "nothing was built; the next change is another try"})
	}
}

// loop is the only place where the runner's state changes.
func (r *Runner) loop(ctx context.Context) error {
	ready := r.opts.Files.Ready()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	wake := time.NewTimer(time.Hour)
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ready:
			ready = nil
			r.crew.ready = true
			r.account.build.Watch = time.Since(r.account.build.Start)
			r.recall()
			r.redeclare()
			r.readLedger()
		case batch := <-r.opts.Files.Batches():
			r.hearAll(ctx) // what was told of the files before they changed
			r.take(ctx, batch)
		case event := <-r.pool.Events():
			r.hear(ctx, event)
		case request := <-r.requests:
			r.admit(request)
		case <-r.opts.Audience.Changed():
			r.look()
		case order := <-r.orders:
			order()
		case <-r.opts.Generated.News():
			r.hearRules()
		case <-tick.C:
			r.watchOutput(ctx)
		case <-wake.C:
		}
		wake.Reset(r.dispatch(ctx))
	}
}

// later has the loop run order, from any goroutine.
func (r *Runner) later(ctx context.Context, order func()) {
	select {
	case r.orders <- order:
	case <-r.gone:
	case <-ctx.Done():
	}
}

// look takes over which pages are open.
func (r *Runner) look() {
	r.open = map[string]bool{}
	for _, path := range r.opts.Audience.Open() {
		r.open[path] = true
	}
	r.follow()
	r.publishNeeded()
}

// urgent reports whether somebody is waiting to see the page, or has edited it.
func (r *Runner) urgent(p *page) bool { return p.edited || r.shown(p) }

// shown reports whether somebody looks at the page, or is about to.
func (r *Runner) shown(p *page) bool {
	return r.open[p.path] || r.waiting[p.path] > 0 || r.asked[p.path]
}

// wanted reports whether the page is written without being asked for.
func (r *Runner) wanted(p *page) bool {
	if len(r.opts.Filenames) == 0 {
		return true
	}
	for _, name := range r.opts.Filenames {
		if p.source == name {
			return true
		}
	}
	return r.urgent(p)
}

// dispatch gives every idle process the most urgent thing that it can do, and
// returns after which time something becomes due without an event.
func (r *Runner) dispatch(ctx context.Context) time.Duration {
	done := r.finish.done
	r.drivePreview()
	next := r.driveWorker(ctx)
	r.driveWriters()
	r.driveFinish(ctx)
	r.publish()
	if r.finish.done && !done { // its last steps were left out: there will be no answer to wake the loop
		next = 0
	}
	return min(next, r.checkTime())
}

// call sends a command to an idle process and has then called with the answer.
func call[T any](r *Runner, p *process, op, doc string, arguments map[string]any, then func(T)) {
	id, err := p.conn.Send(op, arguments)
	now := time.Now()
	p.busy = &task{op: op, doc: doc, id: id, began: now, heard: now}
	p.busy.answer = func(raw json.RawMessage) error {
		var result T
		if err := json.Unmarshal(raw, &result); err != nil {
			return fmt.Errorf("decode the answer to %s: %w", op, err)
		}
		then(result)
		return nil
	}
	if err != nil {
		r.giveUp(p, p.busy, Diagnostic{Severity: Error, Message: "the Sphinx process does not listen: " + err.Error()})
	}
}

// current digest of a source as the watcher knows it.
func (r *Runner) digest(path string) digest.Digest {
	d, ok := r.opts.Files.Digest(path)
	if !ok {
		d, _ = digest.File(path)
	}
	return d
}

// silent reports to nobody.
type silent struct{}

func (silent) Progress(Progress)   {}
func (silent) Visible(Build)       {}
func (silent) Built(Build)         {}
func (silent) Diagnose(Diagnostic) {}
