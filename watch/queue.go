package watch

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// backlog is how many events may wait (about 10 MB). Whoever makes more of them
// while one directory is being walked has changed so much that comparing
// everything is quicker.
const backlog = 1 << 16

// event is one fsnotify event and when it came in.
type event struct {
	name string
	op   fsnotify.Op
	at   time.Time
}

// intake is what has come in for the loop of a Watcher.
type intake struct {
	events   []event
	overflow bool // events were lost
	mounts   bool // something was mounted or unmounted
	adds     []string
	barriers []*barrier
	passed   []string // cookies up to which everything was polled
}

// queue takes in without ever blocking, so that neither the kernel's queue of
// events fills up nor a caller waits while directories are walked and files are
// hashed. The loop of the Watcher takes out.
type queue struct {
	wake chan struct{} // one slot: there is something to take

	mu sync.Mutex // guards in
	in intake
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

// put changes what waits, and wakes the loop.
func (q *queue) put(change func(*intake)) {
	q.mu.Lock()
	change(&q.in)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns all that has come in since the last take.
func (q *queue) take() intake {
	q.mu.Lock()
	defer q.mu.Unlock()
	in := q.in
	q.in = intake{}
	return in
}

// drain moves events into the queue until both channels are closed.
func (q *queue) drain(events <-chan fsnotify.Event, errs <-chan error, logger *slog.Logger) {
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			q.event(event{name: e.Name, op: e.Op, at: time.Now()})
		case err, ok := <-errs:
			switch {
			case !ok:
				errs = nil
			case errors.Is(err, fsnotify.ErrEventOverflow):
				logger.Debug("file events were lost, comparing everything")
				q.put(func(in *intake) { in.overflow = true })
			default:
				logger.Warn("file notification failed", "error", err)
			}
		}
	}
}

func (q *queue) event(e event) {
	q.put(func(in *intake) {
		n := len(in.events)
		if n > 0 && in.events[n-1].name == e.name && in.events[n-1].op == e.op {
			in.events[n-1].at = e.at
			return
		}
		if n >= backlog {
			in.overflow = true
			return
		}
		in.events = append(in.events, e)
	})
}
