package generate

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"docserve/internal/config"
	"docserve/internal/digest"
)

// Options configure a Generator. Config, Source and State are required.
type Options struct {
	Config  config.Config
	Source  string                                         // the source directory, absolute
	State   string                                         // the directory of what is kept, absolute
	Closed  []string                                       // directories in which nothing is read or written: Sphinx's own output
	Kind    func(name string, o KindOptions) (Kind, error) // of structured content; nil knows none
	Skip    func(path string, dir bool) bool
	Jobs    int           // how much is done at once; 0 is one for each processor
	Timeout time.Duration // how long a command may print nothing; 0 is 60 s
	Adopt   bool          // overwrite outputs that docserve has not written
	Check   bool          // change nothing; Result says what would change

	// Wrote is called with an output's new content before the file is written, and
	// with the zero Digest before one is removed, from many goroutines; nil is nobody.
	Wrote   func(path string, d digest.Digest)
	NoTouch bool            // leave the times of documents alone
	Needed  func() []string // files that somebody waits for; their jobs go first; nil is none
	Met     func()          // called when these are up to date and other jobs are still to be done; nil is nobody
	Logger  *slog.Logger    // nil discards
}

// defaultTimeout is that of a Sphinx process.
const defaultTimeout = 60 * time.Second

// stage is where commands put their outputs.
func (o *Options) stage() string { return filepath.Join(o.State, "commands") }

// Generator applies rules. Open, Run, Reload and Save belong to one goroutine; the
// other methods may be called from any.
type Generator struct {
	opts  Options
	rules []*rule
	log   *slog.Logger

	// These belong to the goroutine of Run; readers and rules are changed under
	// the lock, as others look at them.
	jobs    map[string]*job
	readers map[string]map[*job]bool // by file: the jobs that have read, or missed, or may not write it
	queue   []*job                   // that are to be run
	pending map[*rule]int            // how many of a rule are in the queue or running
	sorted  bool                     // the queue is
	urgent  map[*job]bool
	awaited bool          // some of them are still to be done
	circles map[*job]bool // that would go round in this run
	past    bool          // there is a manifest
	intact  bool          // it says all that is known
	kept    *manifest     // of the last session; nil when it has been taken over

	journal *journal

	mu        sync.Mutex // guards what follows
	depends   []*dependency
	told      map[string][]string // by output: the documents that its maker says depend on it
	untold    map[string][]string // those of before, of outputs that were changed when they were made last
	unwatched map[string]bool     // see Watched
	running   map[*job]context.CancelFunc
	owned     map[string]*output
	writing   map[string]bool   // outputs that a job is deciding on, or writing
	written   *sync.Cond        // of the lock, when one is not any more
	files     map[string]stamp  // contents as they are known
	cache     map[string][]byte // contents read in this run
	changes   map[string]digest.Digest
	traces    map[Origin]Origin        // what search has found, or not
	touched   map[string]digest.Digest // contents at the end of the last session; nil when they have been dealt with
	all       []Diagnostic             // what was wrong at the end of the last run
	notices   []Diagnostic             // of the last run, that belong to no job
}

// job is one application of a rule: to one input, or to all of them.
type job struct {
	rule   *rule
	key    string
	inputs []string // sorted; those of a job that takes several are changed under the lock

	queued, running bool
	signature       string // with which it was done; "" is never
	reads           map[string]digest.Digest
	outputs         []string
	refused         []string // outputs that it may not write
	notes           []Diagnostic
}

// output is a file that docserve has written.
type output struct {
	job    *job // nil when nothing makes it any more
	digest digest.Digest
	lines  string // see packLines
}

// Change is an output that is not what it was.
type Change struct {
	Path   string        // absolute
	Before digest.Digest // zero: it was not there
	After  digest.Digest // zero: it is gone
}

// New returns a Generator for the rules of a configuration.
func New(opts Options) (*Generator, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.NumCPU()
	}
	opts.Timeout = cmp.Or(opts.Timeout, defaultTimeout)
	g := &Generator{
		opts: opts, log: opts.Logger,
		jobs: map[string]*job{}, readers: map[string]map[*job]bool{}, pending: map[*rule]int{},
		unwatched: map[string]bool{}, running: map[*job]context.CancelFunc{}, owned: map[string]*output{}, told: map[string][]string{}, untold: map[string][]string{},
		traces: map[Origin]Origin{}, files: map[string]stamp{}, cache: map[string][]byte{}, changes: map[string]digest.Digest{},
	}
	g.writing, g.written = map[string]bool{}, sync.NewCond(&g.mu)
	g.journal = &journal{path: filepath.Join(opts.State, journalName), off: opts.Check}
	var err error
	g.rules, err = newRules(&g.opts)
	g.depends = newDependencies(g.opts.Config)
	g.places()
	return g, err
}

// Open takes over what the last session has left, and finds the inputs. Run then
// does what has to be done since.
func (g *Generator) Open(ctx context.Context) error {
	g.load()
	return g.discover(ctx)
}

// Reload goes on with other rules.
func (g *Generator) Reload(ctx context.Context, c config.Config) error {
	opts := g.opts
	opts.Config = c
	rules, err := newRules(&opts)
	if err != nil {
		return err
	}
	before := g.jobs
	g.mu.Lock()
	g.opts, g.rules, g.readers = opts, rules, map[string]map[*job]bool{}
	g.depends = newDependencies(c)
	g.places()
	for path, s := range g.files { // some may have changed while no rule was concerned
		g.files[path] = examine(path, s)
		g.declare(path, g.files[path].Digest) // others ask while files are looked for
	}
	g.mu.Unlock()
	g.jobs, g.queue, g.pending = map[string]*job{}, nil, map[*rule]int{}
	g.kept, g.intact = &manifest{jobs: before}, false
	return g.discover(ctx)
}

// discover finds the inputs of all rules, and what must be done about them.
func (g *Generator) discover(ctx context.Context) error {
	found, err := g.walk(ctx)
	if err != nil {
		return err
	}
	for _, path := range found {
		g.present(path)
		g.mu.Lock()
		g.declare(path, g.files[path].Digest)
		g.mu.Unlock()
	}
	for _, r := range g.rules {
		if r.many != nil {
			g.joined(r)
		}
	}
	g.mu.Lock()
	for _, o := range g.owned {
		if o.job == nil || g.jobs[o.job.key] != o.job {
			o.job = nil // nothing makes it any more
		}
	}
	g.mu.Unlock()
	for _, j := range g.jobs {
		if why := g.outdated(j); why != "" {
			g.mark(j, why)
		}
	}
	g.intact = g.intact && len(g.jobs) == len(g.kept.jobs)
	g.kept = nil
	return ctx.Err()
}

// present notes that there is a file: it may be an input.
func (g *Generator) present(path string) {
	for _, r := range g.rules {
		if !r.takes(path) || g.madeBy(path, r) {
			continue
		}
		if r.many != nil {
			g.joined(r)
			continue
		}
		key := r.id + " " + g.name(path)
		if g.jobs[key] == nil {
			g.add(&job{rule: r, key: key, inputs: []string{path}})
		}
	}
}

// madeBy reports whether a file is an output of a rule, or made from one: a rule is
// not applied to what it has made itself.
func (g *Generator) madeBy(path string, r *rule) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.descends(path, r, 0)
}

func (g *Generator) descends(path string, r *rule, depth int) bool {
	o := g.owned[path]
	if o == nil || o.job == nil || depth > len(g.rules) {
		return depth > len(g.rules)
	}
	if o.job.rule.id == r.id {
		return true
	}
	return slices.ContainsFunc(o.job.inputs, func(input string) bool { return g.descends(input, r, depth+1) })
}

// joined brings the one job of a rule that takes all its inputs at once up to
// date with the files that there are.
func (g *Generator) joined(r *rule) {
	var inputs []string
	g.mu.Lock()
	for path, f := range g.files {
		if !f.Digest.IsZero() && r.takes(path) && !g.descends(path, r, 0) {
			inputs = append(inputs, path)
		}
	}
	g.mu.Unlock()
	slices.Sort(inputs)
	key := r.id + " *"
	j := g.jobs[key]
	switch {
	case len(inputs) == 0 && j != nil:
		g.drop(j)
	case len(inputs) == 0:
	case j == nil:
		g.add(&job{rule: r, key: key, inputs: inputs})
	case !slices.Equal(j.inputs, inputs):
		g.mu.Lock()
		j.inputs = inputs
		g.mu.Unlock()
		g.mark(j, "its inputs are others")
	}
}

// name is the path of a file in messages and in what is kept: relative to the
// directory of the configuration, where it is below that.
func (g *Generator) name(path string) string {
	if within(path, g.opts.Config.Dir) {
		name, _ := relative(g.opts.Config.Dir, path)
		return name
	}
	return filepath.ToSlash(path)
}

// path is the inverse of name.
func (g *Generator) path(name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return g.opts.Config.Dir + string(filepath.Separator) + name // it is clean
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
