package livereload

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"docserve/internal/digest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

// serve runs a hub behind a server until the test ends.
func serve(t *testing.T, opts Options) (*Hub, *httptest.Server, context.CancelFunc) {
	t.Helper()
	if opts.Token == "" {
		opts.Token = "secret"
	}
	h := New(opts)
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(h)
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	stop := func() { cancel(); running.Wait() }
	t.Cleanup(func() { stop(); server.Close() })
	return h, server, stop
}

// client is a browser's side of a websocket.
type client struct {
	t *testing.T
	*websocket.Conn
}

func dial(t *testing.T, server *httptest.Server, header http.Header) (*client, *http.Response, error) {
	if header == nil {
		header = http.Header{"Origin": {server.URL}}
	}
	conn, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), header)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
		conn.SetReadDeadline(time.Now().Add(patience))
	}
	return &client{t, conn}, answer, err
}

// open connects and says hello.
func open(t *testing.T, server *httptest.Server, page string, hash digest.Digest) *client {
	t.Helper()
	c, _, err := dial(t, server, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.say(hello{Page: page, Hash: hash, Token: "secret"})
	return c
}

func (c *client) say(v any) {
	c.t.Helper()
	if err := c.WriteJSON(v); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) next() Message {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	var m Message
	if err := c.ReadJSON(&m); err != nil {
		c.t.Fatal(err)
	}
	return m
}

// awaitViews waits until the hub says that these pages are open. It does so a moment
// after it has answered a hello.
func awaitViews(t *testing.T, h *Hub, want ...View) {
	t.Helper()
	timeout := time.After(patience)
	for !slices.Equal(h.Views(), want) {
		select {
		case <-h.Attention():
		case <-timeout:
			t.Fatalf("views are %v, want %v", h.Views(), want)
		}
	}
}

// closed waits for the end of the connection and returns its close code.
func (c *client) closed() int {
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if e, ok := err.(*websocket.CloseError); ok {
				return e.Code
			}
			return -1
		}
	}
}

func TestOnlyTabsOfThePageAreTold(t *testing.T) {
	h, server, _ := serve(t, Options{})
	one, two, other := open(t, server, "a.html", oldHash), open(t, server, "a.html", oldHash), open(t, server, "b.html", oldHash)
	for _, c := range []*client{one, two, other} {
		if m := c.next(); m.Kind != Status {
			t.Fatalf("hello was answered with %v", m)
		}
	}
	awaitViews(t, h, View{"a.html", 2}, View{"b.html", 1})
	h.Publish(Message{Kind: Update, Page: "a.html", Hash: newHash})
	h.Publish(Message{Kind: Status, Note: "for all"})
	for _, c := range []*client{one, two} {
		if m := c.next(); m.Kind != Update || m.Hash != newHash {
			t.Errorf("a tab of the page got %v", m)
		}
	}
	for _, c := range []*client{one, two, other} {
		if m := c.next(); m.Note != "for all" {
			t.Errorf("got %v, want the message for all", m)
		}
	}
}

func TestOutdatedHelloIsAnsweredAtOnce(t *testing.T) {
	_, server, _ := serve(t, Options{Current: func(page string) (digest.Digest, State, string) {
		return digest.Of([]byte(page)), Fresh, ""
	}})
	c := open(t, server, "a.html", oldHash)
	if m := c.next(); m.Kind != Update || m.Hash != digest.Of([]byte("a.html")) {
		t.Errorf("got %v", m)
	}
	c.say(hello{Page: "b.html", Hash: digest.Of([]byte("b.html")), Token: "secret"})
	if m := c.next(); m.Kind != Status || m.Page != "b.html" {
		t.Errorf("got %v", m)
	}
}

func TestAttention(t *testing.T) {
	h, server, _ := serve(t, Options{})
	await := func(want ...View) { t.Helper(); awaitViews(t, h, want...) }
	c := open(t, server, "a.html", oldHash)
	await(View{"a.html", 1})
	c.say(hello{Page: "b.html", Token: "secret"})
	await(View{"b.html", 1})
	c.Close()
	await()
}

func TestStopClosesTabs(t *testing.T) {
	h, server, stop := serve(t, Options{})
	c := open(t, server, "a.html", oldHash)
	c.next()
	silent, _, err := dial(t, server, nil)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	for name, c := range map[string]*client{"a tab": c, "a connection without hello": silent} {
		if code := c.closed(); code != websocket.CloseGoingAway {
			t.Errorf("%s was closed with %d", name, code)
		}
	}
	late, _, err := dial(t, server, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code := late.closed(); code != websocket.CloseGoingAway {
		t.Errorf("a late connection was closed with %d", code)
	}
	h.Publish(Message{Kind: Reload}) // must not block or panic
}

func TestBadHello(t *testing.T) {
	_, server, _ := serve(t, Options{})
	for _, test := range []struct {
		name string
		say  func(*client) error
		code int
	}{
		{"another run's token", func(c *client) error { return c.WriteJSON(hello{Page: "a", Token: "old"}) }, closeToken},
		{"no token", func(c *client) error { return c.WriteJSON(hello{Page: "a"}) }, closeToken},
		{"no page", func(c *client) error { return c.WriteJSON(hello{Token: "secret"}) }, websocket.ClosePolicyViolation},
		{"a path with NUL", func(c *client) error { return c.WriteJSON(hello{Page: "a\x00", Token: "secret"}) }, websocket.ClosePolicyViolation},
		{"no JSON", func(c *client) error { return c.WriteMessage(websocket.TextMessage, []byte("{")) }, websocket.CloseUnsupportedData},
		{"a bad digest", func(c *client) error { return c.WriteMessage(websocket.TextMessage, []byte(`{"hash":"zz"}`)) }, websocket.CloseUnsupportedData},
		{"binary", func(c *client) error { return c.WriteMessage(websocket.BinaryMessage, []byte("{}")) }, websocket.CloseUnsupportedData},
		{"too long", func(c *client) error {
			return c.WriteMessage(websocket.TextMessage, []byte(strings.Repeat(" ", maxHello+1)))
		}, websocket.CloseMessageTooBig},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, err := dial(t, server, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.say(c); err != nil {
				t.Fatal(err)
			}
			if code := c.closed(); code != test.code {
				t.Errorf("closed with %d, want %d", code, test.code)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	h := New(Options{Hosts: func(host string) bool { return host == "localhost:8000" || host == "docs.test" }})
	for _, test := range []struct {
		name, host string
		origin     []string
		ok         bool
	}{
		{"same", "localhost:8000", []string{"http://localhost:8000"}, true},
		{"no origin", "localhost:8000", nil, false},
		{"another site", "localhost:8000", []string{"http://evil.test"}, false},
		{"rebound", "evil.test", []string{"http://evil.test"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/__docserve/ws", nil)
			r.Host = test.host
			r.Header["Origin"] = test.origin
			if reason := h.refusal(r); (reason == "") != test.ok {
				t.Errorf("refusal is %q", reason)
			}
		})
	}
}

func TestForeignOriginIsForbidden(t *testing.T) {
	_, server, _ := serve(t, Options{})
	_, answer, err := dial(t, server, http.Header{"Origin": {"http://evil.test"}})
	if err == nil || answer == nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("answer %v, error %v; want 403", answer, err)
	}
}

// A tab that does not read must not hold up the others, nor grow.
func TestSlowTab(t *testing.T) {
	h, server, _ := serve(t, Options{})
	slow, quick := open(t, server, "a.html", oldHash), open(t, server, "a.html", oldHash)
	slow.next()
	quick.next()
	long := strings.Repeat("x", 1<<16)
	for i := range 200 {
		hash := digest.Of([]byte{byte(i)})
		h.Publish(Message{Kind: Update, Page: "a.html", Hash: hash, Note: long})
		for quick.next().Hash != hash {
			continue
		}
	}
}

func TestManyTabs(t *testing.T) {
	h, server, _ := serve(t, Options{})
	var tabs []*client
	for range 200 {
		c := open(t, server, "a.html", oldHash)
		c.next()
		tabs = append(tabs, c)
	}
	h.Publish(Message{Kind: Update, Page: "a.html", Hash: newHash})
	for _, c := range tabs {
		if m := c.next(); m.Hash != newHash {
			t.Fatalf("got %v", m)
		}
	}
}
