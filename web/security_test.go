package web

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long something may take that must come.
const patience = 20 * time.Second

// raw is a server that is talked to byte by byte.
type raw struct {
	t *testing.T
	*httptest.Server
	closed chan struct{} // one for each connection that the server has closed
}

// newRaw serves with the limits of NewServer, those on time shortened by a factor.
// What is not limited stays so.
func newRaw(t *testing.T, h http.Handler, hurry time.Duration) *raw {
	t.Helper()
	r := &raw{t: t, Server: httptest.NewUnstartedServer(nil), closed: make(chan struct{}, 100)}
	r.Config = NewServer(h, slog.New(slog.DiscardHandler))
	r.Config.ReadHeaderTimeout /= hurry
	r.Config.ReadTimeout /= hurry
	r.Config.WriteTimeout /= hurry
	r.Config.IdleTimeout /= hurry
	r.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			r.closed <- struct{}{}
		}
	}
	r.Start()
	t.Cleanup(r.Close)
	return r
}

// send opens a connection and sends text.
func (r *raw) send(text string) net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.Listener.Addr().String())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, text); err != nil {
		r.t.Logf("the server has stopped to read: %v", err)
	}
	return conn
}

// answer sends a request and returns the answer; nil when there is none.
func (r *raw) answer(text string) *http.Response {
	r.t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(r.send(text)), nil)
	if err != nil {
		return nil
	}
	answer.Body.Close()
	return answer
}

// left waits until the server has closed a connection.
func (r *raw) left(who string) {
	r.t.Helper()
	select {
	case <-r.closed:
	case <-time.After(patience):
		r.t.Errorf("the server still waits for %s", who)
	}
}

func TestSlowRequests(t *testing.T) {
	s, h := newFake(t)
	r := newRaw(t, h, 1000)
	if r.Config.ReadHeaderTimeout <= 0 || r.Config.ReadHeaderTimeout >= r.Config.ReadTimeout || r.Config.IdleTimeout <= 0 {
		t.Error("headers and rest have no limits of their own")
	}
	r.send("GET / HTTP/1.1\r\nHost: local")
	r.left("the end of the headers")
	r.send("")
	r.left("a request")
	r.send("POST /__docserve/verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nx")
	r.left("a body")
	r.send("GET /_static/theme.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
	r.left("another request")
	// A file that fits into no buffer, and a client that does not read it.
	file, err := os.Create(filepath.Join(s.dir, "_static", "huge.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	file.Close()
	r.send("GET /_static/huge.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	r.left("a client that does not read")
}

func TestOversizedRequests(t *testing.T) {
	_, h := newFake(t)
	r := newRaw(t, h, 1)
	for name, request := range map[string]string{
		"a header":     "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n",
		"many headers": "GET / HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X: x\r\n", 20<<10) + "\r\n",
		"an address":   "GET /" + strings.Repeat("x", 100<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		if answer := r.answer(request); answer == nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: %v", name, answer)
		}
	}
	// A name that no file system has is not there, rather than trouble.
	if answer := r.answer("GET /" + strings.Repeat("x", 5000) + ".html HTTP/1.1\r\nHost: localhost\r\n\r\n"); answer == nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("a long name: %v", answer)
	}
}

// What is no request, or for no host, is answered with an error, or not at all.
func TestMalformedRequests(t *testing.T) {
	_, h := newFake(t)
	r := newRaw(t, h, 1)
	for name, request := range map[string]string{
		"no host":                  "GET / HTTP/1.1\r\n\r\n",
		"two hosts":                "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n",
		"an empty host":            "GET / HTTP/1.1\r\nHost: \r\n\r\n",
		"a host of dirt":           "GET / HTTP/1.1\r\nHost: local host\r\n\r\n",
		"a host with a path":       "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n",
		"a host with a user":       "GET / HTTP/1.1\r\nHost: localhost@evil.test\r\n\r\n",
		"a host that is not ASCII": "GET / HTTP/1.1\r\nHost: löcalhost\r\n\r\n",
		"an unfinished address":    "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
		"another host in the line": "GET http://evil.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a control character":      "GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"NUL in a header":          "GET / HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n",
		"a bare line feed":         "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nb: c\r\n d\r\nHost: evil.test\r\n\r\n",
		"two lengths":              "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
		"length and chunks":        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a bad escape":             "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"no path":                  "GET x HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a star":                   "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a tunnel":                 "CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n",
		"another protocol":         "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"an unknown method":        "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"noise":                    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
	} {
		if answer := r.answer(request); answer != nil && answer.StatusCode < 400 {
			// RFC 9110 wants an answer to "OPTIONS *", which net/http gives itself.
			if name != "a star" {
				t.Errorf("%s: %v", name, answer.Status)
			}
		}
	}
	if answer := r.answer("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"); answer == nil || answer.StatusCode != http.StatusOK {
		t.Errorf("afterwards a good request is answered with %v", answer)
	}
}

// Nothing that a request or a page says becomes a header of its own.
func TestHeaderInjection(t *testing.T) {
	s, h := newFake(t)
	s.write(t, "charset.html", "<head><meta charset=\"utf-8\r\nInjected: yes\"></head>")
	s.write(t, "refresh.html", "<head><meta http-equiv=\"Injected\" content=\"yes\"></head>")
	r := newRaw(t, h, 1)
	for _, target := range []string{
		"/charset.html", "/refresh.html", "/guide?a=%0d%0aInjected:%20yes", "/guide%0d%0aInjected:%20yes", "/guide/%0aInjected:yes", "/%0d%0aInjected:yes/",
		"/none%0d%0aInjected:yes.html", "/guide?\u2028Injected:yes", "/__docserve/%0d%0aInjected:yes",
	} {
		for _, host := range []string{"localhost", "evil.test%0d%0aInjected"} {
			answer := r.answer("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
			if answer == nil {
				t.Errorf("%s: no answer", target)
				continue
			}
			if kind := answer.Header.Get("Content-Type"); target == "/charset.html" && host == "localhost" && kind != contentType("a.html") {
				t.Errorf("a page sets its type to %q", kind)
			}
			for name, values := range answer.Header {
				if strings.Contains(name, "Injected") || strings.ContainsAny(strings.Join(values, ""), "\r\n") {
					t.Errorf("%s has the header %s: %q", target, name, values)
				}
			}
		}
	}
}

// What Sphinx and docserve keep for themselves is not served, wherever it lies.
func TestHiddenFiles(t *testing.T) {
	s, _ := newFake(t)
	for _, name := range []string{
		".doctrees/index.doctree", ".docserve/server.json", "guide/.htpasswd", "trees/index.doctree", "trees/environment.pickle", "trees/other", "index.doctree", "environment.pickle",
	} {
		s.write(t, name, "secret")
	}
	s.write(t, "trees.html", samplePage)
	h, err := New(Options{Site: s, Root: s.dir, Token: "secret", Wait: 1, Hidden: []string{filepath.Join(s.dir, "trees"), s.dir, filepath.Dir(s.dir), t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{
		"/.doctrees/index.doctree", "/.docserve/server.json", "/%2edocserve/server.json", "/guide/.htpasswd", "/trees/index.doctree", "/trees/environment.pickle",
		"/trees/other", "/trees//other", "/guide/../trees/other", "/index.doctree", "/environment.pickle", "/TREES/other", "/Index.DocTree",
	} {
		if w := ask(h, "GET", target); w.Code != 404 || strings.Contains(w.Body.String(), "secret\n") || w.Body.String() == "secret" {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	// Previews lie in there, and are served as the pages that they are of.
	previews := filepath.Join(s.dir, "trees", "previews")
	s.write(t, "trees/previews/new.html", samplePage)
	s.files["new.html"] = File{Path: filepath.Join(previews, "new.html"), Page: "new.html"}
	h, err = New(Options{Site: s, Root: s.dir, Token: "secret", Wait: 1, Also: []string{previews}, Hidden: []string{filepath.Join(s.dir, "trees")}})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(h, "GET", "/trees/previews/new.html"); w.Code != 404 {
		t.Errorf("a preview by its place: %d", w.Code)
	}
	for _, target := range []string{"/", "/trees.html", "/_static/theme.css", "/new.html"} {
		if w := ask(h, "GET", target); w.Code != 200 {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// An answer is not much longer than the file, whatever parts of it are asked for.
func TestRangeAbuse(t *testing.T) {
	s, h := newFake(t)
	s.write(t, "_static/middle.mp4", strings.Repeat("0123456789", 10_000))
	s.write(t, "_static/large.mp4", strings.Repeat("0123456789", maxHashed/5))
	var tiny, nested, same strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&tiny, ",%d-%d", 3*i, 3*i)
		fmt.Fprintf(&nested, ",%d-", i)
		same.WriteString(",0-")
	}
	for name, size := range map[string]int{"middle": 100_000, "large": maxHashed * 2} {
		for _, ranges := range []string{tiny.String(), nested.String(), same.String(), strings.Repeat(",", 50_000), strings.Repeat(",0-0", maxRanges)} {
			w := ask(h, "GET", "/_static/"+name+".mp4", "Range: bytes="+ranges[1:])
			if w.Code == http.StatusPartialContent && w.Body.Len() > 10_000 || w.Body.Len() > size {
				t.Errorf("%s, %.20s…: %d, %d bytes", name, ranges, w.Code, w.Body.Len())
			}
		}
	}
	if w := ask(h, "GET", "/_static/middle.mp4", "Range: bytes=0-1,5-6"); w.Code != http.StatusPartialContent {
		t.Errorf("two parts: %d", w.Code)
	}
	if w := ask(h, "GET", "/guide/page.html", "Range: bytes=0-1"); w.Code != http.StatusOK {
		t.Errorf("a part of a page: %d", w.Code)
	}
}

// What docserve has beside the site cannot be had under another name, has no effect
// when somebody else asks for it, and cannot be shown in another site's frame.
func TestOwnAddressesAreGuarded(t *testing.T) {
	s, _ := newFake(t)
	reached := 0
	inner := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ })
	v := &fakeVerifier{}
	h, err := New(Options{Site: s, Root: s.dir, Token: "secret", Verifier: v, Socket: inner, Guests: inner, Events: inner})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/", "/guide", "/_static/theme.css", "/livereload", "/livereload.js", reserved, reserved + "client.js", reserved + "status", reserved + "events", reserved + "ws", reserved + "verify"} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			w := ask(h, method, target, "Host: evil.test", "Origin: http://evil.test", tokenHeader+": secret", "Upgrade: websocket")
			if w.Code != http.StatusMisdirectedRequest {
				t.Errorf("rebound %s %s: %d", method, target, w.Code)
			}
			if method == "GET" {
				continue
			}
			for _, headers := range [][]string{{}, {"Origin: http://evil.test", tokenHeader + ": secret"}, {"Origin: http://localhost:8000"}, {"Upgrade: websocket"}} {
				w := ask(h, method, target, headers...)
				if w.Code < 400 || w.Header().Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s %s %q: %d", method, target, headers, w.Code)
				}
			}
		}
		if w := ask(h, "GET", target); strings.HasPrefix(target, reserved) && target != reserved+"verify" && !strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors '") {
			t.Errorf("%s may be shown in a frame: %v", target, w.Header())
		}
	}
	if v.started+v.stopped > 0 {
		t.Errorf("something was done: %+v", *v)
	}
	if reached != 3 { // events, ws and the script, asked for by GET
		t.Errorf("%d requests came through", reached)
	}
}
