package generate

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"docserve/internal/config"
	"docserve/internal/digest"
	"docserve/watch"
)

// Watcher is what a Stage needs of the watcher.
type Watcher interface {
	Batches() <-chan watch.Batch
	Ready() <-chan struct{}
	Snapshot() map[string]digest.Digest
	Digest(path string) (digest.Digest, bool)
	Add(paths ...string)
	Adopt(path string, d digest.Digest)
	Barrier(ctx context.Context) error
}

// StageOptions configure a Stage. Watcher, Generator and Load are required.
type StageOptions struct {
	Watcher    Watcher
	Generator  Options                       // its Config is read by Load; its Wrote is filled in here
	Candidates []string                      // files that the configuration may be in
	Load       func() (config.Config, error) // reads it; a *config.Error has its mistakes
	Logger     *slog.Logger                  // nil discards
}

// Stage stands between the watcher and an engine. It applies the rules before the
// engine hears of a change, and adds the outputs to the same batch, so that a page
// that shows them is built at once. What concerns no rule goes through as it is.
type Stage struct {
	opts    StageOptions
	log     *slog.Logger
	g       *Generator
	batches chan watch.Batch
	ready   chan struct{}
	ended   chan struct{}
	tokens  chan chan struct{} // of barriers, on their way through
	news    chan struct{}      // a wake-up when Diagnostics may say something else

	// What follows belongs to the goroutine of Run.
	out      pending                  // for the engine
	held     pending                  // the changes that rules are being applied for
	queued   map[string]digest.Digest // changed since, and of concern to rules
	met      chan struct{}            // a wake-up when what open pages show is up to date
	results  chan finished            // nil when no rule is being applied
	runs     int                      // how often rules were applied
	checked  int                      // up to which of them it is known that they have not read what nobody tells of
	checks   chan int                 // a run, when all is delivered that was done to files before it ended
	waiting  []chan struct{}          // tokens that wait until all before them is delivered
	opened   bool                     // the rules were applied for the first time
	begun    time.Time                // when the rules began to be applied last
	patience time.Duration            // see the constant
	release  time.Time                // when the engine is told of what there is, while rules are applied
	save     time.Time                // when the manifest is written; zero when it is up to date

	mu       sync.Mutex // guards what follows
	config   config.Config
	mistakes []Diagnostic // of the configuration as it is now
	revision int          // counts the configurations
}

// rest is how long nothing must have happened before the manifest is written: a
// session that is killed before has more to do at its next start, and loses nothing.
const rest = 500 * time.Millisecond

// finished is the end of applying the rules.
type finished struct {
	result Result
	err    error
}

// patience is how long the engine is not told of changes while rules are applied
// for them, and somebody waits for what they make. After that it is told what there
// is, and the rest later: a command may take long.
const patience = 300 * time.Millisecond

// NewStage returns a Stage for a configuration that was loaded already. Run makes
// it work.
func NewStage(opts StageOptions) (*Stage, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	opts.Generator.Wrote = opts.Watcher.Adopt
	opts.Generator.Logger = opts.Logger
	met := make(chan struct{}, 1)
	opts.Generator.Met = func() { notify(met) }
	s := &Stage{
		opts: opts, log: opts.Logger, config: opts.Generator.Config, patience: patience, met: met,
		batches: make(chan watch.Batch), ready: make(chan struct{}), ended: make(chan struct{}),
		tokens: make(chan chan struct{}), checks: make(chan int), news: make(chan struct{}, 1),
	}
	var err error
	s.g, err = New(opts.Generator)
	return s, err
}

// Batches is the watcher's, with outputs.
func (s *Stage) Batches() <-chan watch.Batch { return s.batches }

// Ready is closed when everything is watched, and all outputs are up to date.
func (s *Stage) Ready() <-chan struct{} { return s.ready }

// Snapshot is the watcher's.
func (s *Stage) Snapshot() map[string]digest.Digest { return s.opts.Watcher.Snapshot() }

// Digest is the watcher's.
func (s *Stage) Digest(path string) (digest.Digest, bool) { return s.opts.Watcher.Digest(path) }

// Add is the watcher's.
func (s *Stage) Add(paths ...string) { s.opts.Watcher.Add(paths...) }

// Barrier returns when all changes before it have been delivered, and the outputs
// that follow from them.
func (s *Stage) Barrier(ctx context.Context) error {
	if err := s.opts.Watcher.Barrier(ctx); err != nil {
		return err
	}
	token := make(chan struct{})
	select {
	case s.tokens <- token:
	case <-s.ended:
		return watch.ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-token:
		return nil
	case <-s.ended:
		return watch.ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// News has a wake-up when Diagnostics may say something else than before.
func (s *Stage) News() <-chan struct{} { return s.news }

// Diagnostics returns what is wrong with the configuration, and with what rules
// are applied to.
func (s *Stage) Diagnostics() []Diagnostic {
	s.mu.Lock()
	mistakes := slices.Clone(s.mistakes)
	s.mu.Unlock()
	return append(mistakes, s.g.Diagnostics()...)
}

// Origin says where a line of an output comes from (see Generator.Origin).
func (s *Stage) Origin(path string, line int) (Origin, bool) { return s.g.Origin(path, line) }

// Declared returns the files that a document depends on as declared.
func (s *Stage) Declared(document string) map[string]digest.Digest { return s.g.Declared(document) }

// Dependents returns the documents that depend on a file as declared.
func (s *Stage) Dependents(file string) []string { return s.g.Dependents(file) }

// Config returns the configuration that is in force, and a number that is another
// one for another configuration.
func (s *Stage) Config() (config.Config, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config, s.revision
}

// Run works until ctx is done. The error is docserve's own trouble.
func (s *Stage) Run(ctx context.Context) error {
	defer close(s.ended)
	select {
	case <-s.opts.Watcher.Ready():
	case <-ctx.Done():
		return nil
	}
	s.opts.Watcher.Add(s.opts.Candidates...)
	if err := s.g.Open(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	// Of what was edited since the configuration was loaded no batch tells.
	if now, err := s.opts.Load(); err != nil || !reflect.DeepEqual(now, s.opts.Generator.Config) {
		s.reload(ctx)
	}
	s.watch()
	s.start(ctx, nil)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var offer watch.Batch
		var batches chan watch.Batch
		if !s.out.empty() && s.opened {
			offer, batches = s.out.batch(), s.batches
		}
		s.answer()
		timer.Reset(s.due())
		select {
		case <-ctx.Done():
			if s.results != nil {
				<-s.results
			}
			s.keep()
			return nil
		case batch := <-s.opts.Watcher.Batches():
			if err := s.take(ctx, batch); err != nil {
				return err
			}
		case batches <- offer:
			s.out = pending{}
		case token := <-s.tokens:
			s.waiting = append(s.waiting, token)
		case end := <-s.results:
			if err := s.finish(ctx, end); err != nil {
				return err
			}
		case run := <-s.checks:
			s.compare(ctx, run)
		case <-s.met:
			s.tell()
		case <-timer.C:
			s.lapse()
		}
	}
}

// due returns after which time something is to be done without an event.
func (s *Stage) due() time.Duration {
	switch {
	case s.results != nil:
		return time.Until(s.release)
	case !s.save.IsZero():
		return time.Until(s.save)
	}
	return time.Hour
}

// lapse does it. While rules are being applied, the engine is told what there is.
func (s *Stage) lapse() {
	switch now := time.Now(); {
	case s.results == nil && !s.save.IsZero() && !now.Before(s.save):
		s.keep()
	case s.results != nil && !now.Before(s.release):
		s.tell()
	}
}

// tell has the engine know what there is, while rules are applied.
func (s *Stage) tell() {
	s.release = time.Now().Add(s.patience)
	if s.opened && s.results != nil {
		s.held.addOutputs(s.g.Take(), s.since())
		s.out.merge(&s.held)
	}
}

// since is when what is being done was asked for.
func (s *Stage) since() time.Time {
	if s.held.first.IsZero() {
		return time.Now()
	}
	return s.held.first
}

// answer lets barriers go for which all is delivered.
func (s *Stage) answer() {
	if s.results != nil || !s.out.empty() || len(s.queued) > 0 || s.checked < s.runs {
		return
	}
	for _, token := range s.waiting {
		close(token)
	}
	s.waiting = nil
}

// take handles a batch of the watcher.
func (s *Stage) take(ctx context.Context, batch watch.Batch) error {
	configured := slices.ContainsFunc(batch.Changes, func(c watch.Change) bool { return slices.Contains(s.opts.Candidates, c.Path) })
	concerned := map[string]digest.Digest{}
	batch.Changes = slices.Clone(batch.Changes)
	for i := range batch.Changes {
		c := &batch.Changes[i]
		if d, ours := s.g.Current(c.Path); ours && d != c.Digest { // it was written while the batch was on its way
			switch c.Digest = d; {
			case d.IsZero():
				c.Op = watch.Remove
			case c.Op == watch.Remove:
				c.Op = watch.Write
			}
		}
		if s.g.Affected(c.Path) {
			concerned[c.Path] = c.Digest
		}
	}
	if len(concerned) == 0 && !configured {
		s.out.addBatch(batch)
		return nil
	}
	s.held.addBatch(batch)
	if configured {
		// What is being done may be what nobody wants any more.
		for s.results != nil {
			if err := s.finish(ctx, <-s.results); err != nil {
				return err
			}
		}
		s.reload(ctx)
		for _, c := range batch.Changes {
			if s.g.Affected(c.Path) { // by rules that are new
				concerned[c.Path] = c.Digest
			}
		}
	}
	if s.results == nil {
		s.start(ctx, concerned)
		return nil
	}
	if s.queued == nil {
		s.queued = map[string]digest.Digest{}
	}
	for path, d := range concerned {
		s.queued[path] = d
		s.g.Interrupt(path, d)
	}
	return nil
}

// start applies the rules to what has changed.
func (s *Stage) start(ctx context.Context, changed map[string]digest.Digest) {
	results := make(chan finished, 1)
	s.results, s.begun = results, time.Now()
	s.runs++
	s.release = s.begun.Add(s.patience)
	select {
	case <-s.met: // it is of before
	default:
	}
	go func() {
		result, err := s.g.Run(ctx, changed)
		results <- finished{result, err}
	}()
}

// finish takes over what applying the rules has changed.
func (s *Stage) finish(ctx context.Context, end finished) error {
	s.results = nil
	if end.err != nil && ctx.Err() == nil {
		return fmt.Errorf("generate: %w", end.err)
	}
	if n := end.result.Made; n > 0 {
		s.log.Info("applied rules", "jobs", n, "changed", len(end.result.Changes), "took", time.Since(s.begun).Round(100*time.Microsecond))
	}
	if s.opened {
		s.held.addOutputs(end.result.Changes, s.since())
	} else { // the engine has not looked at anything yet: it finds the outputs itself
		s.opened = true
		close(s.ready)
	}
	s.out.merge(&s.held)
	s.watch()
	s.wake()
	s.save = time.Now().Add(rest)
	if len(s.queued) > 0 {
		queued := s.queued
		s.queued = nil
		s.start(ctx, queued)
		return nil
	}
	s.check(ctx)
	return nil
}

// keep writes the manifest. Without it the next start has more to do.
func (s *Stage) keep() {
	s.save = time.Time{}
	if err := s.g.Save(); err != nil {
		s.log.Warn("the next start will know less", "err", err)
	}
}

func (s *Stage) wake() { notify(s.news) }

func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
