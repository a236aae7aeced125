package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrEnded is returned by Barrier when the Watcher does not run any more.
var ErrEnded = errors.New("watcher has ended")

// cookieDir is the directory that cookies are in. No other directory is watched
// under its name, so that its watch never depends on what happens to the tree.
const cookieDir = ".docserve-barrier"

// cookiePrefix starts the name of a cookie file.
const cookiePrefix = ".docserve-cookie-"

// barrier is one call of Barrier.
type barrier struct {
	done chan error // takes one answer

	name    string // of the cookie file
	blind   bool   // there is no cookie, as its event would not come
	arrived bool   // its event came back
	decided bool   // what came before it has been decided
	window  int    // the window that was open when it arrived
	taken   int    // batches that had been taken when all was decided
}

// barriers are the calls of Barrier that wait. A cookie's event comes after the
// events of all that was done before the cookie was written, as they go through
// one queue.
type barriers struct {
	dir     string // real directory of the cookies
	count   int
	waiting []*barrier
}

// Barrier returns when everything that was done to the watched files before the
// call has been delivered on Batches, or turned out to be no change. Someone
// must be taking the batches meanwhile. It waits for windows to close in their
// own time rather than to split what belongs together, 4 s at most.
func (w *Watcher) Barrier(ctx context.Context) error {
	b := &barrier{done: make(chan error, 1)}
	w.queue.put(func(in *intake) { in.barriers = append(in.barriers, b) })
	select {
	case err := <-b.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ended:
		return ErrEnded
	}
}

// open makes the directory for cookies in dir. The function that it returns
// removes what is left of it.
func (s *barriers) open(dir string) (cleanup func(), err error) {
	own := dir == ""
	if own {
		dir, err = os.MkdirTemp("", "docserve-watch-")
	} else {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("make directory for cookies: %w", err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("resolve directory for cookies: %w", err)
	}
	s.dir = filepath.Join(real, cookieDir)
	return func() {
		// What cannot be removed is an empty file or directory that is never watched.
		for _, b := range s.waiting {
			_ = os.Remove(filepath.Join(s.dir, b.name))
		}
		_ = os.Remove(s.dir)
		if own {
			_ = os.Remove(real)
		}
	}, nil
}

// place writes the cookie of b. Directory and watch are renewed each time: a
// clean-up of caches may have removed them.
func (s *barriers) place(b *barrier, n notifier) {
	s.count++
	b.name = cookiePrefix + strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(s.count)
	err := os.MkdirAll(s.dir, 0o755)
	if err == nil {
		err = n.Add(s.dir)
		b.blind = exhausted(err)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, b.name), nil, 0o644)
	}
	if err != nil && !b.blind {
		b.done <- fmt.Errorf("write cookie in %s: %w", s.dir, err)
		return
	}
	s.waiting = append(s.waiting, b)
}

// again writes new cookies for those whose events were lost.
func (s *barriers) again(n notifier) {
	old := s.waiting
	s.waiting = nil
	for _, b := range old {
		if b.arrived {
			s.waiting = append(s.waiting, b)
			continue
		}
		_ = os.Remove(filepath.Join(s.dir, b.name)) // it is on its way out anyhow
		s.place(b, n)
	}
}

// returned reports whether name is that of a cookie.
func (s *barriers) returned(name string) bool { return strings.HasPrefix(name, cookiePrefix) }

// arrive notes that an event of the cookie called name came in.
func (s *barriers) arrive(name string, c *coalescer) {
	for _, b := range s.waiting {
		if b.name == name && !b.arrived {
			b.arrived, b.window = true, c.windows
			_ = os.Remove(filepath.Join(s.dir, name)) // it has done its duty
		}
	}
}

// release lets those go for which all is delivered.
func (s *barriers) release(c *coalescer) {
	var waiting []*barrier
	for _, b := range s.waiting {
		if b.arrived && !b.decided && (len(c.dirty) == 0 || c.windows > b.window) {
			b.decided, b.taken = true, c.deliveries
		}
		if b.decided && (len(c.decided) == 0 || c.deliveries > b.taken) {
			b.done <- nil
			continue
		}
		waiting = append(waiting, b)
	}
	s.waiting = waiting
}
