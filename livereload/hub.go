// Package livereload owns who is looking at what: the websockets of browsers
// and the pages that they show. It turns each published Message into messages
// to just the tabs that are concerned, and tells others, as a snapshot, which
// pages are open.
//
// It refuses to know how pages come about, where they lie, or what HTTP is
// beyond the upgrade; it waits for nobody, and nobody has to wait for it.
package livereload

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"docserve/internal/digest"
)

// Options are what a Hub is made from. Only Token is needed; the zero values
// of the others are good.
type Options struct {
	Logger *slog.Logger // nil discards
	Token  string       // what a tab must say in its hello; "" refuses every tab

	// Hosts says whether a Host header names this server. Nil accepts every
	// name, and leaves only the comparison of Origin with Host.
	Hosts func(host string) bool

	// Origins are those of the site beside the one that a Host header names, as
	// "https://docs.example.com", under which a proxy shows it.
	Origins []string

	// Page returns the page that a guest shows at an address, "" for none. Nil
	// knows no address: a guest is told of every page.
	Page func(address *url.URL) string

	// Heard is told each message as it is routed, and the epoch after it. It is
	// called from the hub's goroutine and must not block. Nil tells nobody.
	Heard func(m Message, epoch uint64)

	// Current returns the digest of a page's newest bytes (zero when there are
	// none), how true they are, and a short note. It is asked from the hub's
	// goroutine at each hello and must not block. Nil knows no page.
	Current func(page string) (digest.Digest, State, string)

	// Problems counts what is wrong with a page at this moment. It is asked as
	// Current is, for each message to the page's tabs. Nil finds nothing wrong.
	Problems func(page string) Tally
}

// Hub routes messages to tabs. Its Run owns all that it knows, so that there
// is no lock but the one around the inbox.
type Hub struct {
	opts    Options
	log     *slog.Logger
	started time.Time

	mu    sync.Mutex // guards inbox
	inbox queue      // published, not yet routed; coalesced, and so bounded
	wake  chan struct{}

	joins  chan *tab
	hellos chan greeting
	leaves chan *tab
	done   chan struct{} // closed when Run stops to route

	views     atomic.Pointer[[]View]
	attention chan struct{}
	tabs      door // docserve's own client
	guests    door // what speaks LiveReload's protocol
	helloWait time.Duration
}

// door counts connections of one kind, those without a hello included.
type door struct {
	count atomic.Int64
	limit int64
}

// maxTabs bounds the connections at a time. A reader has a few dozen tabs; the
// bound is there for a page that opens sockets in a loop.
const maxTabs = 2048

// New returns a hub, which routes as long as its Run does.
func New(opts Options) *Hub {
	h := &Hub{
		opts: opts, log: opts.Logger, started: time.Now(),
		wake: make(chan struct{}, 1), attention: make(chan struct{}, 1), done: make(chan struct{}),
		joins: make(chan *tab), hellos: make(chan greeting), leaves: make(chan *tab),
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	h.tabs.limit, h.guests.limit, h.helloWait = maxTabs, maxGuests, helloWait
	if h.opts.Heard == nil {
		h.opts.Heard = func(Message, uint64) {}
	}
	if h.opts.Current == nil {
		h.opts.Current = func(string) (digest.Digest, State, string) { return digest.Digest{}, Fresh, "" }
	}
	if h.opts.Problems == nil {
		h.opts.Problems = func(string) Tally { return Tally{} }
	}
	h.views.Store(&[]View{})
	return h
}

// Publish hands a message to the tabs that it concerns. It never blocks and
// may be called from any goroutine, also before and after Run. Messages to one
// tab keep their order, but what a later one makes useless may be left out.
func (h *Hub) Publish(m Message) {
	h.mu.Lock()
	h.inbox.put(envelope{Message: m, at: time.Now()})
	h.mu.Unlock()
	notify(h.wake)
}

// Views returns the pages that are open, sorted by page. The caller must not
// change the slice.
func (h *Hub) Views() []View { return *h.views.Load() }

// Attention wakes up its one reader after Views has changed.
func (h *Hub) Attention() <-chan struct{} { return h.attention }

// Run routes messages until ctx is done. It then closes every tab's connection
// and returns when their goroutines have ended; its error is nil. A Hub runs
// once.
func (h *Hub) Run(ctx context.Context) error {
	r := newRouter(h.opts.Current, h.opts.Problems)
	r.heard = h.opts.Heard
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case t := <-h.joins:
			r.join(t)
		case g := <-h.hellos:
			r.greet(g, time.Now())
		case t := <-h.leaves:
			r.leave(t)
		case <-h.wake:
			h.mu.Lock()
			batch := h.inbox.take()
			h.mu.Unlock()
			for _, e := range batch {
				r.route(e)
			}
		}
		if r.moved {
			r.moved = false
			views := r.views()
			h.views.Store(&views)
			notify(h.attention)
		}
	}
	close(h.done)
	for t := range r.tabs {
		t.hangUp()
	}
	for len(r.tabs) > 0 {
		r.leave(<-h.leaves)
	}
	h.views.Store(&[]View{})
	return nil
}

// ServeHTTP upgrades a request of the browser client to a websocket and serves
// it until either side leaves.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.connect(w, r, h.refusal(r), &h.tabs, own{h.opts.Token})
}

// connect makes a connection of a request, unless there is a reason to refuse it.
func (h *Hub) connect(w http.ResponseWriter, r *http.Request, reason string, d *door, s speech) {
	if reason != "" {
		h.log.Warn("refused a live reload connection", "reason", reason, "host", r.Host, "origin", r.Header.Get("Origin"))
		http.Error(w, "live reload: "+reason, http.StatusForbidden)
		return
	}
	defer d.count.Add(-1)
	if d.count.Add(1) > d.limit {
		http.Error(w, "live reload: too many connections", http.StatusServiceUnavailable)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil { // the upgrader has answered
		h.log.Debug("refused a live reload connection", "err", err)
		return
	}
	t := newTab(conn, s, h.log)
	select {
	case h.joins <- t:
	case <-h.done:
		t.hangUp()
		t.abandon()
		return
	}
	t.serve(h.helloWait, func(msg hello) {
		select {
		case h.hellos <- greeting{t, msg}:
		case <-h.done:
		}
	})
	h.leaves <- t // Run takes leaves until every tab that joined has left
}

// notify puts a wake-up into a one-slot channel, if there is none.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// sortViews makes a snapshot's order independent of the map it came from.
func sortViews(views []View) []View {
	sort.Slice(views, func(i, j int) bool { return views[i].Page < views[j].Page })
	return views
}
