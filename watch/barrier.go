package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
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

	name    string    // of the cookie file
	placed  time.Time // when the cookie was written
	silent  bool      // the cookie's event has not come (yet)
	polling bool      // the directories that bring no events have not all been looked at (yet)
	arrived bool      // neither of the two, any longer
	decided bool      // what came before it has been decided
	window  int       // the window that was open when it arrived
	taken   int       // batches that had been taken when all was decided
}

// overdue is how long a cookie's event may take. It takes less than a
// millisecond, unless there are no events at all.
const overdue = 2 * time.Second

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

// prepare makes and watches the directory of the cookies. That is done before
// anything else is watched: if there are not enough watches, it has one.
func (s *barriers) prepare(h *host) error {
	err := os.MkdirAll(s.dir, 0o755)
	if err == nil {
		err = h.Add(s.dir)
	}
	return err
}

// place writes the cookie of b, and has everything polled that is polled.
// Directory and watch are renewed each time: a clean-up of caches may have
// removed them. Without events there is no cookie.
func (s *barriers) place(b *barrier, h *host, p *poller) {
	s.count++
	b.name = cookiePrefix + strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(s.count)
	b.placed, b.silent = time.Now(), !h.mute()
	if b.silent {
		err := s.prepare(h)
		b.silent = !exhausted(err) // then nothing else is watched either
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, b.name), nil, 0o644)
		}
		if err != nil && b.silent {
			b.done <- fmt.Errorf("write cookie in %s: %w", s.dir, err)
			return
		}
	}
	b.polling = p.ask(b.name)
	s.waiting = append(s.waiting, b)
}

// again writes new cookies for those whose events were lost.
func (s *barriers) again(h *host, p *poller) {
	old := s.waiting
	s.waiting = nil
	for _, b := range old {
		if b.arrived {
			s.waiting = append(s.waiting, b)
			continue
		}
		_ = os.Remove(filepath.Join(s.dir, b.name)) // it is on its way out anyhow
		s.place(b, h, p)
	}
}

// returned reports whether name is that of a cookie.
func (s *barriers) returned(name string) bool { return strings.HasPrefix(name, cookiePrefix) }

// heard notes that the event of the cookie called name came in.
func (s *barriers) heard(name string) {
	for _, b := range s.waiting {
		if b.name == name && b.silent {
			b.silent = false
			_ = os.Remove(filepath.Join(s.dir, name)) // it has done its duty
		}
	}
}

// polled notes that everything was polled for the barrier whose cookie is called name.
func (s *barriers) polled(name string) {
	for _, b := range s.waiting {
		if b.name == name {
			b.polling = false
		}
	}
}

// late returns when the first cookie is overdue, and false when none is out.
func (s *barriers) late() (at time.Time, ok bool) {
	for _, b := range s.waiting {
		if t := b.placed.Add(overdue); b.silent && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// arrive notes which barriers have nothing before them any more that could be
// news.
func (s *barriers) arrive(c *coalescer) {
	for _, b := range s.waiting {
		if !b.arrived && !b.silent && !b.polling {
			b.arrived, b.window = true, c.windows
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
