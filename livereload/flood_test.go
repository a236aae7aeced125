package livereload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"docserve/internal/digest"
)

// A tab that says hello without end, or pings, is left.
func TestTalkativeTab(t *testing.T) {
	_, server, _ := serve(t, Options{})
	for name, say := range map[string]func(*client) error{
		"hellos": func(c *client) error { return c.WriteJSON(hello{Page: "a.html", Token: "secret"}) },
		"pings": func(c *client) error {
			return c.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience))
		},
		"pongs": func(c *client) error {
			return c.WriteControl(websocket.PongMessage, nil, time.Now().Add(patience))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, server, "a.html", oldHash)
			ended := make(chan error, 1)
			go func() {
				for {
					if _, _, err := c.ReadMessage(); err != nil {
						ended <- err
						return
					}
				}
			}()
			for range maxTalk + 1 { // they fit into the buffers of the connection
				if say(c) != nil {
					break // it has ended already
				}
			}
			// The connection may be gone before the close code was read.
			var late net.Error
			if err := <-ended; errors.As(err, &late) && late.Timeout() {
				t.Errorf("it was not left: %v", err)
			}
		})
	}
}

// A connection that says nothing is left, also when it answers pings that nobody
// has sent.
func TestSilentTab(t *testing.T) {
	h := New(Options{})
	h.helloWait = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	server := doors(h)
	defer func() { cancel(); <-ended; server.Close() }()
	for _, path := range []string{"/ws", "/livereload"} {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+path, http.Header{"Origin": {server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(patience))
		if err := conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		var late net.Error
		if _, _, err := conn.ReadMessage(); errors.As(err, &late) && late.Timeout() {
			t.Errorf("%s: it was not left: %v", path, err)
		}
	}
}

func TestTalk(t *testing.T) {
	var talk talk
	now := time.Unix(1000, 0)
	for range maxTalk {
		if err := talk.word(now); err != nil {
			t.Fatal(err)
		}
	}
	if err := talk.word(now.Add(talkTime)); err == nil {
		t.Error("one more is accepted")
	}
	if err := talk.word(now.Add(talkTime + 1)); err != nil {
		t.Errorf("later: %v", err)
	}
}

// A page that opens sockets in a loop is refused at some point; when it is gone,
// there is room again.
func TestTooManyTabs(t *testing.T) {
	h, server, _ := serve(t, Options{})
	h.tabs.limit = 3
	var tabs []*client
	for range 3 {
		tabs = append(tabs, open(t, server, "a.html", oldHash))
	}
	for range 2 { // the first refusal must leave no trace
		if _, answer, err := dial(t, server, nil); err == nil || answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("one too many: %v, %v", answer, err)
		}
	}
	tabs[0].Close()
	for deadline := time.Now().Add(patience); ; {
		if _, _, err := dial(t, server, nil); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("there is no room after one has left")
		}
	}
}

// A thousand tabs that do nothing hold up nobody, and leave nothing behind.
func TestThousandIdleTabs(t *testing.T) {
	h, server, _ := serve(t, Options{})
	idle := make([]*client, 1000)
	for i := range idle {
		idle[i] = open(t, server, "idle.html", oldHash)
		idle[i].next()
	}
	busy := open(t, server, "busy.html", oldHash)
	busy.next()
	for i := range 100 {
		hash := digest.Of([]byte{byte(i)})
		h.Publish(Message{Kind: Update, Page: "busy.html", Hash: hash})
		for busy.next().Hash != hash {
			continue
		}
	}
	awaitViews(t, h, View{"busy.html", 1}, View{"idle.html", 1000})
	for _, c := range idle {
		c.Close()
	}
	awaitViews(t, h, View{"busy.html", 1})
	// The connections are counted until their goroutines have ended.
	for deadline := time.Now().Add(patience); h.tabs.count.Load() > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are left", h.tabs.count.Load())
		}
	}
}

// 200 tabs show 50 pages, and one page is edited: its four tabs are told, and no
// other tab hears anything.
func TestOnlyTheEditedPagesTabsAreTold(t *testing.T) {
	h, server, _ := serve(t, Options{})
	tabs := make([]*client, 200)
	for i := range tabs {
		tabs[i] = open(t, server, fmt.Sprintf("p%d.html", i%50), oldHash)
		tabs[i].next()
	}
	h.Publish(Message{Kind: Update, Page: "p7.html", Hash: newHash})
	var first, last time.Time
	for i, c := range tabs {
		if i%50 != 7 {
			continue
		}
		if m := c.next(); m.Kind != Update || m.Hash != newHash {
			t.Errorf("tab %d got %v", i, m)
		}
		last = time.Now()
		if first.IsZero() {
			first = last
		}
	}
	t.Logf("the last tab was told %v after the first", last.Sub(first))
	// Messages keep their order: whoever had been told anything would find that
	// before this one.
	h.Publish(Message{Kind: Status, Note: "for all"})
	for i, c := range tabs {
		if m := c.next(); m.Note != "for all" {
			t.Errorf("tab %d got %v", i, m)
		}
	}
}

// What is nearly a websocket is answered with an error, and takes no place.
func TestMalformedUpgrade(t *testing.T) {
	h, _, stop := serve(t, Options{})
	server := doors(h)
	defer func() { stop(); server.Close() }()
	for name, test := range map[string]struct {
		change func(http.Header)
		code   int
	}{
		"no upgrade":         {func(h http.Header) { h.Del("Upgrade") }, http.StatusBadRequest},
		"another upgrade":    {func(h http.Header) { h.Set("Upgrade", "h2c") }, http.StatusBadRequest},
		"no connection":      {func(h http.Header) { h.Del("Connection") }, http.StatusBadRequest},
		"an old version":     {func(h http.Header) { h.Set("Sec-WebSocket-Version", "8") }, http.StatusBadRequest},
		"no key":             {func(h http.Header) { h.Del("Sec-WebSocket-Key") }, http.StatusBadRequest},
		"a short key":        {func(h http.Header) { h.Set("Sec-WebSocket-Key", "AAAA") }, http.StatusBadRequest},
		"an origin of dirt":  {func(h http.Header) { h.Set("Origin", "http://[::1") }, http.StatusForbidden},
		"an origin of words": {func(h http.Header) { h.Set("Origin", "a b, c") }, http.StatusForbidden},
		"a host in origin":   {func(h http.Header) { h.Set("Origin", "localhost") }, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/ws", "/livereload"} {
				r, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				for key, value := range map[string]string{
					"Connection": "Upgrade", "Upgrade": "websocket", "Origin": server.URL,
					"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
				} {
					r.Header.Set(key, value)
				}
				test.change(r.Header)
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode != test.code {
					t.Errorf("%s: %d, want %d", path, answer.StatusCode, test.code)
				}
			}
		})
	}
	if n := h.tabs.count.Load() + h.guests.count.Load(); n != 0 {
		t.Errorf("%d places are taken", n)
	}
}

// Bytes that are no frames end the connection.
func TestMalformedFrames(t *testing.T) {
	_, server, _ := serve(t, Options{})
	for name, frame := range map[string]string{
		"not masked":          "\x81\x02{}",
		"reserved bits":       "\xf1\x82\x00\x00\x00\x00{}",
		"an unknown kind":     "\x83\x82\x00\x00\x00\x00{}",
		"a length of 2^63":    "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
		"a length of a GB":    "\x81\xff\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00",
		"a continuation":      "\x80\x82\x00\x00\x00\x00{}",
		"a long ping":         "\x89\xfe\x00\xff\x00\x00\x00\x00" + strings.Repeat("x", 255),
		"text that is binary": "\x81\x82\x00\x00\x00\x00\xff\xfe",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			r := httptest.NewRequest(http.MethodGet, server.URL+"/", nil)
			for key, value := range map[string]string{
				"Connection": "Upgrade", "Upgrade": "websocket", "Origin": server.URL,
				"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
			} {
				r.Header.Set(key, value)
			}
			if err := r.Write(conn); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(conn)
			answer, err := http.ReadResponse(in, r)
			if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("%v, %v", answer, err)
			}
			if _, err := io.WriteString(conn, frame); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, in); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("the connection is still open: %v", err)
			}
		})
	}
}
