package livereload

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// doors is a hub with both of its doors, as the web has them.
func doors(h *Hub) *httptest.Server {
	mux := http.NewServeMux()
	mux.Handle("/ws", h)
	mux.Handle("/livereload", h.Guests())
	mux.Handle("/livereload.js", h.Guests())
	return httptest.NewServer(mux)
}

// guest is a client of LiveReload's protocol.
type guest struct {
	t *testing.T
	*websocket.Conn
}

func visit(t *testing.T, server *httptest.Server, header http.Header) (*guest, *http.Response, error) {
	t.Helper()
	conn, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/livereload", header)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return &guest{t, conn}, answer, err
}

func (g *guest) say(text string) {
	g.t.Helper()
	if err := g.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		g.t.Fatal(err)
	}
}

func (g *guest) wants(want string) {
	g.t.Helper()
	_, data, err := g.ReadMessage()
	if got := strings.TrimSpace(string(data)); err != nil || got != want {
		g.t.Fatalf("got %s (%v), want %s", got, err, want)
	}
}

const (
	guestHello  = `{"command":"hello","protocols":["http://livereload.com/protocols/official-6","http://livereload.com/protocols/official-7"],"ver":"4.0.2"}`
	serverHello = `{"command":"hello","protocols":["http://livereload.com/protocols/official-7"],"serverName":"docserve"}`
)

func reloading(path string) string {
	return `{"command":"reload","path":"` + path + `","liveCSS":true,"liveImg":true}`
}

func TestGuests(t *testing.T) {
	h, _, stop := serve(t, Options{Page: func(u *url.URL) string { return strings.TrimPrefix(u.Path, "/") }})
	server := doors(h)
	defer func() { stop(); server.Close() }()
	editor, _, err := visit(t, server, nil)
	if err != nil {
		t.Fatal(err)
	}
	reader, _, err := visit(t, server, http.Header{"Origin": {server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	editor.say(guestHello)
	editor.wants(serverHello)
	reader.say(guestHello)
	reader.wants(serverHello)
	reader.say(`{"command":"info","plugins":{"less":{"disable":false,"version":"1.0"}},"url":"http://localhost:8000/guide.html#part"}`)
	reader.say(`{"command":"made up"}`)
	awaitViews(t, h, View{"guide.html", 1})

	h.Publish(Message{Kind: Update, Page: "other.html", Hash: newHash})
	h.Publish(Message{Kind: Status, Page: "guide.html", State: Failed, Note: "/home/me/guide.rst:1: secret"})
	h.Publish(Message{Kind: Update, Page: "guide.html", Hash: newHash})
	h.Publish(Message{Kind: Style, Paths: []string{"_static/a.css", "_static/b.css"}})
	h.Publish(Message{Kind: Image, Paths: []string{"_images/a.png"}})
	editor.wants(reloading("/other.html"))
	for _, g := range []*guest{editor, reader} {
		for _, path := range []string{"/guide.html", "/_static/a.css", "/_static/b.css", "/_images/a.png"} {
			g.wants(reloading(path))
		}
	}
	h.Publish(Message{Kind: Reload})
	editor.wants(reloading("/"))
	reader.wants(reloading("/"))

	reader.say(`{"command":"url","url":"http://localhost:8000/other.html"}`)
	awaitViews(t, h, View{"other.html", 1})
	h.Publish(Message{Kind: Update, Page: "guide.html", Hash: oldHash})
	h.Publish(Message{Kind: Update, Page: "other.html", Hash: oldHash})
	reader.wants(reloading("/other.html"))
}

func TestBadGuests(t *testing.T) {
	h, _, stop := serve(t, Options{})
	server := doors(h)
	defer func() { stop(); server.Close() }()
	for name, test := range map[string]struct {
		say  string
		code int
	}{
		"another protocol": {`{"command":"hello","protocols":["http://livereload.com/protocols/official-6"]}`, websocket.ClosePolicyViolation},
		"no handshake":     {`{"command":"info","url":"http://localhost/"}`, websocket.ClosePolicyViolation},
		"no JSON":          {`!!ver:1.6`, websocket.CloseUnsupportedData},
		"too long":         {`"` + strings.Repeat("x", maxHello) + `"`, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			g, _, err := visit(t, server, nil)
			if err != nil {
				t.Fatal(err)
			}
			g.say(test.say)
			if _, _, err := g.ReadMessage(); !websocket.IsCloseError(err, test.code) {
				t.Errorf("ended with %v, want %d", err, test.code)
			}
		})
	}
}

func TestGuestRefusal(t *testing.T) {
	h := New(Options{
		Hosts:   func(host string) bool { return host == "localhost:8000" },
		Origins: []string{"https://docs.test"},
	})
	for _, test := range []struct {
		name, host string
		origin     []string
		ok         bool
	}{
		{"a program", "localhost:8000", nil, true},
		{"our own page", "localhost:8000", []string{"http://localhost:8000"}, true},
		{"our own page, behind a proxy", "localhost:8000", []string{"https://docs.test"}, true},
		{"an extension", "localhost:8000", []string{"chrome-extension://jnihajbhpnppcggbcgedagnkighmdlei"}, true},
		{"another extension", "localhost:8000", []string{"moz-extension://0d0e1a2b-1234"}, true},
		{"another site", "localhost:8000", []string{"http://evil.test"}, false},
		{"another port", "localhost:8000", []string{"http://localhost:3000"}, false},
		{"a file", "localhost:8000", []string{"file://"}, false},
		{"a sandbox", "localhost:8000", []string{"null"}, false},
		{"a site that looks like an extension", "localhost:8000", []string{"http://chrome-extension"}, false},
		{"two origins", "localhost:8000", []string{"chrome-extension://a", "http://evil.test"}, false},
		{"rebound", "evil.test", []string{"http://evil.test"}, false},
		{"rebound, as an extension", "evil.test", []string{"chrome-extension://a"}, false},
		{"rebound, as a program", "evil.test", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/livereload", nil)
			r.Host = test.host
			r.Header["Origin"] = test.origin
			if reason := h.guestRefusal(r); (reason == "") != test.ok {
				t.Errorf("refusal is %q", reason)
			}
		})
	}
}

func TestForeignGuestIsForbidden(t *testing.T) {
	h, _, stop := serve(t, Options{})
	server := doors(h)
	defer func() { stop(); server.Close() }()
	_, answer, err := visit(t, server, http.Header{"Origin": {"http://evil.test"}})
	if err == nil || answer == nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("answer %v, error %v; want 403", answer, err)
	}
}

func TestGuestScript(t *testing.T) {
	server := doors(New(Options{}))
	defer server.Close()
	answer, err := http.Get(server.URL + "/livereload.js?snipver=1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || string(body) != clientScript || answer.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("got %d bytes, %v, %v", len(body), answer.Header, err)
	}
	r := httptest.NewRequest(http.MethodGet, "/livereload.js", nil)
	r.Header.Set("If-None-Match", answer.Header.Get("ETag"))
	w := httptest.NewRecorder()
	New(Options{}).Guests().ServeHTTP(w, r)
	if w.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", w.Code)
	}
}

// A guest that took the place of docserve's own tabs would blind the readers.
func TestGuestsHaveTheirOwnBound(t *testing.T) {
	h, _, stop := serve(t, Options{})
	h.guests.limit = 2
	server := doors(h)
	defer func() { stop(); server.Close() }()
	for range 2 {
		if _, _, err := visit(t, server, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, answer, err := visit(t, server, nil); err == nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one too many: %v, %v", answer, err)
	}
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/ws", http.Header{"Origin": {server.URL}})
	if err != nil {
		t.Fatalf("a tab finds no place: %v", err)
	}
	c.Close()
}

// FuzzGuest hears anything. What comes out is a page that can be filed, after a
// handshake.
func FuzzGuest(f *testing.F) {
	for _, text := range []string{guestHello, `{"command":"info","url":"http://localhost:8000/a.html"}`, `{"command":"url","url":"%zz"}`, `{"command":"url","url":"/\u0000"}`, `{"command":"hello"}`, "[]", "null", `{"command":1}`} {
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, greeted bool) {
		o := official{greeted: greeted, page: func(u *url.URL) string { return path.Clean(u.Path) }}
		msg, ok, err := o.hear(data)
		if ok && err != nil || ok && !o.greeted || msg.Page != "" && !validPage(msg.Page) {
			t.Fatalf("%s is heard as %+v, %v, %v", data, msg, ok, err)
		}
		var c command
		if json.Unmarshal(data, &c) != nil && err == nil {
			t.Fatalf("%s is understood", data)
		}
		if first := o.say(envelope{Message: Message{Kind: Status}}); !reflect.DeepEqual(first, []any{greeting7{"hello", []string{protocol7}, "docserve"}}) {
			t.Fatalf("the handshake is %v", first)
		}
	})
}
