// Package events owns the stream of server-sent events: who listens, and what is
// told to them. Editors and scripts listen, and docserve's own status page.
//
// It refuses to know what an event means: status, builds and changes are values
// for encoding/json. It waits for nobody: what it is told it takes over at once,
// and a listener that does not read is left. The format is that of the section
// "Server-sent events" of the HTML standard.
package events

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"docserve/internal/origin"
)

const (
	// pace is the shortest time between two looks at the status: 4 a second are
	// as much as a person can follow.
	pace = 250 * time.Millisecond
	// lookEvery is how often the status is looked at when nobody says that it has
	// changed: some of it changes without a word, as the list of processes does.
	lookEvery = 2 * time.Second
	// beatEvery keeps proxies from closing an idle connection; the shortest common
	// limit is 30 s.
	beatEvery = 20 * time.Second
	// writeWait is how long one write may take before the listener is left.
	writeWait = 5 * time.Second
	// maxPending is how much may wait for a listener, in bytes, when one more event
	// comes. A rebuild of some thousand pages has about half of it.
	maxPending = 1 << 20
	// maxListeners bounds the listeners at a time, and so the memory that they can
	// take.
	maxListeners = 64
)

// Options are what a Stream is made from. Status is needed.
type Options struct {
	// Status returns what the event "status" tells. It may take a moment, unless
	// ctx is done, and is called from Run only.
	Status func(ctx context.Context) any
	// Origins are those of the site beside the one that a Host header names.
	Origins []string
	Logger  *slog.Logger // nil discards
}

// Stream tells listeners what happens.
type Stream struct {
	opts  Options
	log   *slog.Logger
	wake  chan struct{} // one slot: the status may have changed
	done  chan struct{} // closed when Run ends
	epoch atomic.Uint64 // of the last change

	mu        sync.Mutex // guards listeners, and pending and live of each
	listeners map[*listener]struct{}
}

// listener is one connection. Its goroutine is that of ServeHTTP.
type listener struct {
	pending []byte
	live    bool          // it has been told the status, and is told all that follows
	news    chan struct{} // one slot: there is something pending
	gone    chan struct{} // closed when the stream has left it
}

// New returns a stream, which tells the status as long as its Run does.
func New(opts Options) *Stream {
	s := &Stream{
		opts: opts, log: opts.Logger, wake: make(chan struct{}, 1), done: make(chan struct{}),
		listeners: map[*listener]struct{}{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Touch says that the status may have changed. It never blocks.
func (s *Stream) Touch() { notify(s.wake) }

// Built tells of a finished build. It never blocks.
func (s *Stream) Built(build any) {
	s.tell("build", build)
	s.Touch()
}

// Changed tells of a message to browsers, and the epoch after it. It never blocks.
func (s *Stream) Changed(message any, epoch uint64) {
	s.epoch.Store(epoch)
	s.tell("change", message)
	s.Touch()
}

// Run looks at the status and tells what has changed, until ctx is done. Then it
// leaves all listeners; its error is nil. A Stream runs once.
func (s *Stream) Run(ctx context.Context) error {
	defer close(s.done)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var last []byte
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		}
		if !s.heard() {
			continue
		}
		status := s.opts.Status(ctx)
		if ctx.Err() != nil {
			return nil
		}
		data, err := json.Marshal(status)
		if err != nil {
			s.log.Error("could not tell an event", "event", "status", "err", err)
			continue
		}
		s.tellStatus(data, !bytes.Equal(data, last))
		last = data
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pace):
		}
	}
}

// heard says whether anybody listens.
func (s *Stream) heard() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.listeners) > 0
}

// tellStatus tells the status: news to all, anything to those who just came.
func (s *Stream) tellStatus(data []byte, news bool) {
	event := s.event("status", data)
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.listeners {
		if news || !l.live {
			l.live = true
			s.put(l, event)
		}
	}
}

// tell tells of something that has happened.
func (s *Stream) tell(name string, value any) {
	if !s.heard() {
		return
	}
	data, err := json.Marshal(value)
	if err != nil {
		s.log.Error("could not tell an event", "event", name, "err", err)
		return
	}
	event := s.event(name, data)
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.listeners {
		if l.live {
			s.put(l, event)
		}
	}
}

// event returns the text of an event. Encoded JSON has no line breaks.
func (s *Stream) event(name string, data []byte) []byte {
	return fmt.Appendf(nil, "event: %s\nid: %d\ndata: %s\n\n", name, s.epoch.Load(), data)
}

// put gives a listener something to write, or leaves it. It is called with mu held.
func (s *Stream) put(l *listener, event []byte) {
	if len(l.pending) > maxPending {
		delete(s.listeners, l)
		close(l.gone)
		return
	}
	l.pending = append(l.pending, event...)
	notify(l.news)
}

// take returns what is pending.
func (s *Stream) take(l *listener) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := l.pending
	l.pending = nil
	return events
}

// ServeHTTP tells one listener, until either side leaves.
func (s *Stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if reason := origin.Foreign(r, s.opts.Origins...); reason != "" {
		s.log.Warn("refused a listener", "reason", reason, "host", r.Host, "origin", r.Header.Get("Origin"))
		http.Error(w, "events: "+reason, http.StatusForbidden)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no") // or nginx would keep it until there is more
	if r.Method == http.MethodHead {
		return
	}
	l := s.join()
	if l == nil {
		head.Del("Content-Type")
		head.Set("Retry-After", "5")
		http.Error(w, "events: too many listeners", http.StatusServiceUnavailable)
		return
	}
	defer s.leave(l)
	s.write(w, r.Context(), l)
}

// write writes what is pending, and a comment now and then.
func (s *Stream) write(w http.ResponseWriter, ctx context.Context, l *listener) {
	control := http.NewResponseController(w)
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	text := []byte("retry: 1000\n\n") // milliseconds until a browser comes back
	for {
		// The server's own limit is for answers that end. An error says that this
		// connection has none.
		_ = control.SetWriteDeadline(time.Now().Add(writeWait))
		if _, err := w.Write(text); err != nil {
			return
		}
		if err := control.Flush(); err != nil {
			return
		}
		select {
		case <-l.news:
			text = s.take(l)
		case <-beat.C:
			text = []byte(":\n\n")
		case <-ctx.Done():
			return
		case <-l.gone:
			s.log.Debug("left a listener that does not read")
			return
		case <-s.done:
			return
		}
	}
}

// join adds a listener; nil when there are too many.
func (s *Stream) join() *listener {
	l := &listener{news: make(chan struct{}, 1), gone: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.listeners) >= maxListeners {
		return nil
	}
	s.listeners[l] = struct{}{}
	s.Touch()
	return l
}

func (s *Stream) leave(l *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// notify puts a wake-up into a one-slot channel, if there is none.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
