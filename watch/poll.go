package watch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// This file is for directories that bring no events: those on file systems that
// others can change, those beyond the system's limit, and all of them if that is
// asked for. A poller stands in for the system: it reports the same events, so
// that nothing behind it knows where an event comes from. It has a goroutine of
// its own, as a server that does not answer must not hold up what else is saved.

const (
	// pollEvery is how long a poll waits after the one before. More often would
	// be felt in a laptop's battery.
	pollEvery = time.Second
	// pollAtMost bounds that wait where a poll takes long: longer, and one
	// wonders whether docserve is alive.
	pollAtMost = 10 * time.Second
	// pollShare is how many times longer than itself a poll waits: it takes 5 % of
	// the time, and on a network most of that is waiting.
	pollShare = 20
	// hotEvery is how often the files are looked at that were changed last. Who
	// edits a file will save it again, and should not wait a second each time.
	hotEvery = 100 * time.Millisecond
	// hotFiles is how many of them there are, and hotFor is for how long.
	hotFiles = 8
	hotFor   = 10 * time.Minute
)

// poller is a notifier that looks for itself. Its methods may be called from any
// goroutine.
type poller struct {
	report func(event)       // takes an event; does not block
	passed func(name string) // takes what ask was given, when all is reported
	every  time.Duration     // the wait between two polls; 0 is as long as is sensible
	start  time.Time
	wake   chan struct{} // one slot: there is something to do

	mu    sync.Mutex // guards what follows
	dirs  map[string]listing
	asked []string
	hot   map[string]time.Duration // path → when it was changed; empty with an interval that was asked for
}

func newPoller(every time.Duration, report func(event), passed func(string)) *poller {
	return &poller{
		report: report, passed: passed, every: every, start: time.Now(),
		wake: make(chan struct{}, 1),
		dirs: map[string]listing{}, hot: map[string]time.Duration{},
	}
}

// now is monotonic: clocks may be set while docserve runs.
func (p *poller) now() time.Duration { return time.Since(p.start) }

// Add has dir looked at from now on. What it holds when Add returns has not
// happened. A directory that cannot be read counts as empty.
func (p *poller) Add(dir string) error {
	p.mu.Lock()
	_, known := p.dirs[dir]
	p.mu.Unlock()
	if known {
		return nil // what has changed since is for the next poll to say
	}
	l, err := list(dir, p.now())
	if absent(err) {
		return err
	}
	p.mu.Lock()
	p.dirs[dir] = l
	p.mu.Unlock()
	p.nudge()
	return nil
}

// Remove ends that.
func (p *poller) Remove(dir string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.dirs, dir)
	return nil
}

// ask has passed called with name when everything has been reported that was
// done before. It returns false when no directory is polled.
func (p *poller) ask(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.dirs) == 0 {
		return false
	}
	p.asked = append(p.asked, name)
	p.nudge()
	return true
}

func (p *poller) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run polls until ctx is done.
func (p *poller) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	due := p.now() + p.pause(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-timer.C:
		}
		asked, busy := p.takeAsked()
		if now := p.now(); len(asked) > 0 || busy && now >= due {
			p.pass(ctx)
			for _, name := range asked {
				p.passed(name)
			}
			due = p.now() + p.pause(p.now()-now)
		} else if busy {
			p.glance()
		}
		if next, ok := p.next(due); ok {
			timer.Reset(next - p.now())
		}
	}
}

// takeAsked returns who has asked, and whether anything is polled at all.
func (p *poller) takeAsked() (asked []string, busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, p.asked = p.asked, nil
	return asked, len(p.dirs) > 0
}

// pause is how long to wait after a poll that took so long. An interval that was
// asked for is kept, but for a poll that takes longer than that.
func (p *poller) pause(took time.Duration) time.Duration {
	if p.every > 0 {
		return max(p.every, took)
	}
	return min(max(pollEvery, pollShare*took), max(pollAtMost, took))
}

// next returns when to wake up, and false when nothing is polled.
func (p *poller) next(due time.Duration) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.dirs) == 0 {
		return 0, false
	}
	if len(p.hot) > 0 {
		due = min(due, p.now()+hotEvery)
	}
	return due, true
}

// pass looks at all directories, several at once: where looking takes long, most
// of it is waiting for an answer.
func (p *poller) pass(ctx context.Context) {
	p.mu.Lock()
	dirs := make([]string, 0, len(p.dirs))
	for dir := range p.dirs {
		dirs = append(dirs, dir)
	}
	p.mu.Unlock()
	slices.Sort(dirs)
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(dirs) {
				return
			}
			p.look(dirs[i])
		}
	}
	var workers sync.WaitGroup
	for range min(lookers, len(dirs)) - 1 {
		workers.Go(work)
	}
	work()
	workers.Wait()
}

// look reports what has happened in dir since the last look.
func (p *poller) look(dir string) {
	at := p.now()
	l, err := list(dir, at)
	if err != nil && !absent(err) {
		return // a server that does not answer has removed nothing
	}
	p.mu.Lock()
	old, ok := p.dirs[dir]
	if !ok {
		p.mu.Unlock()
		return // it was given up meanwhile
	}
	p.dirs[dir] = l
	events := l.since(old)
	for _, e := range events {
		if e.op != fsnotify.Remove && p.every == 0 {
			p.heat(filepath.Join(dir, e.name), at)
		}
	}
	p.mu.Unlock()
	now := time.Now()
	for _, e := range events {
		p.report(event{name: filepath.Join(dir, e.name), op: e.op, at: now})
	}
	if err != nil && old != nil {
		p.report(event{name: dir, op: fsnotify.Remove, at: now})
	}
}

// heat makes path one of the files that were changed last; the lock is held.
func (p *poller) heat(path string, at time.Duration) {
	p.hot[path] = at
	for len(p.hot) > hotFiles {
		oldest := path
		for other, t := range p.hot {
			if t < p.hot[oldest] {
				oldest = other
			}
		}
		delete(p.hot, oldest)
	}
}

// glance looks at the files that were changed last, and at the whole directory
// of one that has changed again.
func (p *poller) glance() {
	for _, path := range p.hotPaths() {
		dir, name := filepath.Dir(path), filepath.Base(path)
		info, err := os.Lstat(path)
		p.mu.Lock()
		old, ok := p.dirs[dir].find(name)
		changed := ok && (err != nil || sign(info) != old.sign)
		p.mu.Unlock()
		if changed || !ok && err == nil {
			p.look(dir)
		}
	}
}

// hotPaths returns the files that were changed last, and forgets those that were
// not changed for long.
func (p *poller) hotPaths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var paths []string
	for path, at := range p.hot {
		if _, ok := p.dirs[filepath.Dir(path)]; !ok || p.now()-at > hotFor {
			delete(p.hot, path)
			continue
		}
		paths = append(paths, path)
	}
	return paths
}
