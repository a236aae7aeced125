package watch

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"docserve/internal/digest"
	"docserve/internal/filesystem"

	"github.com/fsnotify/fsnotify"
)

// Options are what a Watcher watches and what it leaves out. All paths may be
// relative to the current directory.
type Options struct {
	Roots      []string         // directories, watched with all below them, or files; need not exist
	Ignore     []string         // patterns in gitignore's syntax, relative to SourceDir and to WorkDir
	ReIgnore   []*regexp.Regexp // searched for in absolute paths with slashes; directories end in one
	OutputDirs []string         // never watched, not even a file in them that was named
	SourceDir  string           // what Ignore is relative to
	WorkDir    string           // what Ignore is relative to as well
	CookieDir  string           // where Barrier makes a directory of its own; a temporary one when empty
	Quiet      time.Duration    // silence after which a single file is believed to be written; when zero 8 ms, 2 ms after a lone write in place
	Poll       bool             // look at everything now and then; otherwise this is done where no events come
	PollEvery  time.Duration    // how often that is done, and then no file more often; 1 s, less often if it takes long, when zero
	Logger     *slog.Logger     // none when nil

	// Known is what the last session knew (see Snapshot). When it is not nil,
	// what differs from it is the first Batch; otherwise the files as they are
	// found are where changes start from.
	Known map[string]digest.Digest
}

// Watcher watches files and tells in batches which of them have a new content.
// Its methods may be called from any goroutine, before, while and after Run
// runs.
type Watcher struct {
	opts    Options
	logger  *slog.Logger
	rules   *rules
	queue   *queue
	batches chan Batch
	ready   chan struct{}
	ended   chan struct{} // Run has returned

	mu   sync.Mutex // guards core; held for map operations only
	core *coalescer

	// What follows belongs to the goroutine of Run.
	tree     *tree
	looker   *looker
	locks    *locks
	poller   *poller
	barriers barriers
}

// New returns a Watcher, or an error when a pattern of opts cannot be parsed.
func New(opts Options) (*Watcher, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	for _, list := range []*[]string{&opts.Roots, &opts.OutputDirs} {
		clean := make([]string, len(*list))
		for i, path := range *list {
			var err error
			if clean[i], err = filepath.Abs(path); err != nil {
				return nil, err
			}
		}
		*list = clean
	}
	for _, path := range []*string{&opts.SourceDir, &opts.WorkDir, &opts.CookieDir} {
		if *path == "" {
			continue
		}
		clean, err := filepath.Abs(*path)
		if err != nil {
			return nil, err
		}
		*path = clean
	}
	r, err := newRules(opts)
	if err != nil {
		return nil, err
	}
	for _, root := range opts.Roots {
		if info, err := os.Stat(root); err != nil || info.IsDir() {
			r.root(root)
		}
	}
	w := &Watcher{
		opts:    opts,
		logger:  opts.Logger,
		rules:   r,
		queue:   newQueue(),
		batches: make(chan Batch),
		ready:   make(chan struct{}),
		ended:   make(chan struct{}),
		core:    newCoalescer(defaultPace(opts.Quiet), opts.Known),
		looker:  newLooker(opts.Logger),
		locks:   &locks{},
	}
	w.poller = newPoller(opts.PollEvery, w.queue.event, func(name string) {
		w.queue.put(func(in *intake) { in.passed = append(in.passed, name) })
	})
	return w, nil
}

// Batches returns the channel that changes come on, in their order. It is not
// buffered: until a batch is taken, further changes are merged into it. It is
// never closed.
func (w *Watcher) Batches() <-chan Batch { return w.batches }

// Ready returns a channel that is closed when everything is watched, and the
// contents of all files are known.
func (w *Watcher) Ready() <-chan struct{} { return w.ready }

// Run watches until ctx is done, and then returns nil. Where the system gives no
// notification of changes, everything is polled. Run can be called once.
func (w *Watcher) Run(ctx context.Context) (err error) {
	defer close(w.ended)
	if w.opts.Poll {
		return w.run(ctx, w.polled())
	}
	notify, err := fsnotify.NewWatcher()
	switch {
	case exhausted(err):
		s := shortage(err, sysctl)
		w.logger.Warn(s.what+", so everything is polled", "error", err, "hint", s.hint)
		return w.run(ctx, w.polled())
	case err != nil:
		w.logger.Warn("this system does not tell about changes, so everything is polled", "error", err)
		return w.run(ctx, w.polled())
	}
	var drained sync.WaitGroup
	drained.Go(func() { w.queue.drain(notify.Events, notify.Errors, w.logger) })
	defer drained.Wait()
	defer closing(notify, &err)
	return w.run(ctx, &host{notifier: notify, kind: filesystem.Type, hears: hears, spell: newSpeller})
}

// polled is a host of which no events are wanted.
func (w *Watcher) polled() *host {
	return &host{
		notifier: w.poller, polls: true,
		kind:  func(string) string { return "" },
		hears: func(string) bool { return true },
		spell: newSpeller,
	}
}

// run is Run with the host given; its events come from the queue.
func (w *Watcher) run(ctx context.Context, h *host) error {
	cleanup, err := w.barriers.open(w.opts.CookieDir)
	if err != nil {
		return err
	}
	defer cleanup()
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { w.poller.run(ctx) })
	defer watchMounts(func() { w.queue.put(func(in *intake) { in.mounts = true }) })()
	defer running.Wait()
	defer cancel()
	w.tree = newTree(h, w.poller, w.rules, w.locks, w.logger)
	if !h.mute() {
		_ = w.barriers.prepare(h) // it is tried again, and an error told, when it is needed
	}
	w.start(ctx)
	if ctx.Err() == nil {
		close(w.ready)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		offer, out, wake := w.next()
		timer.Reset(time.Until(wake))
		select {
		case <-ctx.Done():
		case out <- offer:
			w.mu.Lock()
			w.core.delivered(offer)
			w.mu.Unlock()
		case <-w.queue.wake:
			w.handle(ctx, w.queue.take())
		case <-timer.C:
		}
		w.doubt(time.Now())
		w.settle(ctx)
	}
	return nil
}

func closing(c io.Closer, err *error) {
	*err = errors.Join(*err, c.Close())
}

// start watches the roots, and takes what is there as the state to start from.
func (w *Watcher) start(ctx context.Context) {
	for _, root := range w.opts.Roots {
		if top := repository(root); top != "" {
			w.locks.add(filepath.Join(top, ".git"))
		}
		w.tree.want(root)
	}
	fresh := w.opts.Known != nil
	now := time.Now()
	found := w.baseline(ctx, now, fresh)
	if !fresh {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for path := range w.opts.Known {
		if _, ok := found[path]; !ok && w.rules.explain(path, false) == "" {
			w.core.touch(now, path, true)
		}
	}
	w.core.rescan = true
	w.core.close(now)
}

// baseline takes the contents of all that the tree has found as known. It
// returns what was found.
func (w *Watcher) baseline(ctx context.Context, now time.Time, fresh bool) map[string]digest.Digest {
	found, lost := w.tree.take()
	paths := make([]string, 0, len(found))
	for path := range found {
		paths = append(paths, path)
	}
	seen := w.looker.look(ctx, paths, func(string) bool { return true })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.core.touchUnder(now, lost)
	for path, d := range seen {
		w.core.baseline(now, path, d, fresh)
	}
	return seen
}

// next returns what is on offer, the channel for it (nil without an offer), and
// when to wake up.
func (w *Watcher) next() (offer Batch, out chan<- Batch, wake time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.barriers.release(w.core)
	wake = time.Now().Add(time.Hour)
	if at, ok := w.core.closes(); ok {
		wake = at
	}
	if at, ok := w.barriers.late(); ok && at.Before(wake) {
		wake = at
	}
	offer, ok := w.core.offer()
	if ok {
		out = w.batches
	}
	return offer, out, wake
}

// Add watches paths too: files wherever they are, also while they do not exist,
// and directories with all below them. It does not wait until they are watched.
// The content that a file is found with is no change, unless it was adopted or
// known with another one.
func (w *Watcher) Add(paths ...string) {
	clean := make([]string, 0, len(paths))
	for _, path := range paths {
		path, err := filepath.Abs(path)
		if err != nil {
			w.logger.Warn("cannot watch a file", "path", path, "error", err)
			continue
		}
		clean = append(clean, path)
	}
	w.queue.put(func(in *intake) { in.adds = append(in.adds, clean...) })
}

// Adopt says that whoever takes the batches knows that path has the content d:
// it wrote or read it. So there is no batch for it. It is best called before
// the file is written.
func (w *Watcher) Adopt(path string, d digest.Digest) {
	path, err := filepath.Abs(path)
	if err != nil || w.rules.output(path) != "" {
		return
	}
	w.mu.Lock()
	w.core.adopt(time.Now(), path, d)
	w.mu.Unlock()
	w.queue.put(func(*intake) {}) // what is on offer may have changed
}

// Digest returns the content that path was last seen with, and false when there
// is no such file or it is not watched.
func (w *Watcher) Digest(path string) (digest.Digest, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.core.content(path)
}

// Snapshot returns the contents that the taker of the batches was told of or
// has adopted: what to give to New the next time.
func (w *Watcher) Snapshot() map[string]digest.Digest {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.core.known)
}

// Ignores reports whether a rule ignores a path for what it is called, not for what
// the directories above it are: who walks a tree has not come into those.
func (w *Watcher) Ignores(path string, dir bool) bool { return w.rules.why(path, dir) != "" }

// Explain returns the rule by which path is not watched, or "" when none keeps
// it from being watched.
func (w *Watcher) Explain(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return err.Error()
	}
	info, err := os.Stat(path)
	return w.rules.explain(path, err == nil && info.IsDir())
}
