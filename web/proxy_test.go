package web_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"docserve/internal/digest"
	"docserve/livereload"
	"docserve/web"
	"docserve/web/events"
)

// directory is a site of files that never change.
type directory string

func (d directory) Status() any { return map[string]bool{"settled": true} }

func (d directory) Fetch(_ context.Context, path string) (web.File, error) {
	file := web.File{Path: filepath.Join(string(d), filepath.FromSlash(path)), Page: path}
	if info, err := os.Stat(file.Path); err != nil || info.IsDir() {
		return web.File{}, web.ErrNotFound
	}
	return file, nil
}

// stopper is a Verifier that counts how often it is stopped.
type stopper struct{ stops int }

func (*stopper) Start(bool) error { return nil }
func (s *stopper) Stop()          { s.stops++ }
func (*stopper) Answer() any      { return nil }

// behind serves a site, and a proxy with TLS before it.
type behind struct {
	t       *testing.T
	public  string // address of the site, as the proxy shows it, with a slash
	client  *http.Client
	verify  *stopper
	trusted *tls.Config
}

// proxied makes a site that knows its public address, or does not, behind a proxy
// that shows it under a prefix. Strip takes the prefix off; keep passes on the name
// that the browser asked for.
func proxied(t *testing.T, known, strip, keep bool, prefix string) *behind {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"index.html", "guide/index.html", "guide/deep/page.html"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("<head></head>"+name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var inner *url.URL
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(inner)
			r.Out.Header["X-Forwarded-Host"] = []string{"evil.test"} // not believed
			r.Out.Header["X-Forwarded-Proto"] = []string{"gopher"}
			if strip {
				r.Out.URL.Path, r.Out.URL.RawPath = "/"+strings.TrimPrefix(r.In.URL.Path, prefix), ""
			}
			if keep {
				r.Out.Host = "docs.test"
			}
		},
	})
	t.Cleanup(proxy.Close)
	b := &behind{t: t, client: proxy.Client(), verify: &stopper{}, public: "https://docs.test" + prefix}
	// The proxy is called docs.test, by a certificate for example.com.
	transport := b.client.Transport.(*http.Transport)
	transport.TLSClientConfig.ServerName = "example.com"
	b.trusted = transport.TLSClientConfig
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, proxy.Listener.Addr().String())
	}

	var origins, hosts []string
	passed := ""
	if known {
		origins, hosts, passed = []string{"https://docs.test"}, []string{"docs.test"}, prefix
	}
	stream := events.New(events.Options{Status: func(context.Context) any { return directory(dir).Status() }, Origins: origins})
	hub := livereload.New(livereload.Options{
		Token: "secret", Hosts: web.AllowHosts("", hosts), Origins: origins, Page: web.PageAt(passed),
		Current: func(string) (digest.Digest, livereload.State, string) { return digest.Digest{}, livereload.Fresh, "" },
	})
	handler, err := web.New(web.Options{
		Site: directory(dir), Root: dir, Token: "secret", Socket: hub, Guests: hub.Guests(), Events: stream, Verifier: b.verify,
		AllowedHosts: hosts, Origins: origins, Prefix: passed,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	if inner, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { hub.Run(ctx) })
	running.Go(func() { stream.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait(); b.client.CloseIdleConnections(); server.Close() })
	return b
}

// get asks for something at the public address, and returns where it came from
// after redirects.
func (b *behind) get(path string) (status int, body string, from *url.URL) {
	b.t.Helper()
	base, err := url.Parse(b.public)
	if err != nil {
		b.t.Fatal(err)
	}
	address, err := base.Parse(path)
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := b.client.Get(address.String())
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(data), answer.Request.URL
}

// socket opens a websocket as a page at the public address does, and returns the
// status if it is refused.
func (b *behind) socket(path, origin string) (*websocket.Conn, int) {
	b.t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: b.trusted, NetDialContext: b.client.Transport.(*http.Transport).DialContext}
	conn, answer, err := dialer.Dial(strings.Replace(b.public, "http", "ws", 1)+path, http.Header{"Origin": {origin}})
	if err != nil {
		if answer == nil {
			b.t.Fatal(err)
		}
		return nil, answer.StatusCode
	}
	b.t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return conn, answer.StatusCode
}

var scriptSource = regexp.MustCompile(`<script src="([^"]*)"`)

func TestBehindProxy(t *testing.T) {
	for _, prefix := range []string{"/", "/docs/", "/a/b/"} {
		for _, strip := range []bool{false, true} {
			for _, keep := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s strip=%v keep=%v", prefix, strip, keep), func(t *testing.T) {
					b := proxied(t, true, strip, keep, prefix)
					for file, want := range map[string]string{
						"": "", "index.html": "index.html", "guide": "guide/", "guide/": "guide/", "guide/deep/page.html": "guide/deep/page.html",
					} {
						status, body, from := b.get(file)
						if status != 200 || from.String() != b.public+want {
							t.Errorf("%s: %d, from %s", file, status, from)
						}
						source := scriptSource.FindStringSubmatch(body)
						if source == nil {
							t.Fatalf("%s has no script: %s", file, body)
						}
						script, err := from.Parse(source[1])
						if err != nil || script.Path != prefix+"__docserve/client.js" {
							t.Errorf("the script of %s is at %v, %v", file, script, err)
						}
						if status, _, _ := b.get(strings.TrimPrefix(script.String(), b.public)); status != 200 {
							t.Errorf("%s: %d", script, status)
						}
					}
					if !strip && prefix != "/" { // else the proxy sees to it
						if status, _, from := b.get("../" + path.Base(prefix)); status != 200 || from.String() != b.public {
							t.Errorf("without the last slash: %d, from %s", status, from)
						}
					}
					if status, body, from := b.get("none/such.html"); status != 404 || !strings.Contains(body, `src="../__docserve/client.js`) {
						t.Errorf("missing: %d %s %s", status, from, body)
					}
					b.checkSockets()
					b.checkRequests()
				})
			}
		}
	}
}

func (b *behind) checkSockets() {
	b.t.Helper()
	own := "https://docs.test"
	conn, status := b.socket("__docserve/ws", own)
	if conn == nil {
		b.t.Fatalf("a page's socket: %d", status)
	}
	var answer struct{ Kind string }
	if err := conn.WriteJSON(map[string]string{"page": "index.html", "hash": "", "token": "secret"}); err != nil {
		b.t.Fatal(err)
	}
	if err := conn.ReadJSON(&answer); err != nil || answer.Kind != "status" {
		b.t.Errorf("hello was answered with %v, %v", answer, err)
	}
	if _, status := b.socket("livereload", own); status != http.StatusSwitchingProtocols {
		b.t.Errorf("a guest's socket: %d", status)
	}
	for _, origin := range []string{"https://evil.test", "http://evil.test", "null"} {
		for _, path := range []string{"__docserve/ws", "livereload"} {
			if _, status := b.socket(path, origin); status != http.StatusForbidden {
				b.t.Errorf("%s from %s: %d", path, origin, status)
			}
		}
	}
}

func (b *behind) checkRequests() {
	b.t.Helper()
	for origin, status := range map[string]int{"https://docs.test": 200, "https://evil.test": 403} {
		for _, call := range [][2]string{{"DELETE", "__docserve/verify"}, {"GET", "__docserve/events"}} {
			request, err := http.NewRequest(call[0], b.public+call[1], nil)
			if err != nil {
				b.t.Fatal(err)
			}
			request.Header.Set("Origin", origin)
			request.Header.Set("X-Docserve-Token", "secret")
			answer, err := b.client.Do(request)
			if err != nil {
				b.t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != status {
				b.t.Errorf("%s %s from %s: %d, want %d", call[0], call[1], origin, answer.StatusCode, status)
			}
		}
	}
	if b.verify.stops != 1 {
		b.t.Errorf("stopped %d times", b.verify.stops)
	}
}

// Without --public-url, a proxy that passes on the name needs --allowed-host, and
// one that does not has its sockets refused: what it says in other headers is not
// believed.
func TestBehindUnknownProxy(t *testing.T) {
	if status, _, _ := proxied(t, false, true, true, "/docs/").get(""); status != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", status)
	}
	b := proxied(t, false, true, false, "/docs/")
	if status, body, _ := b.get("guide/"); status != 200 || !strings.Contains(body, `src="../__docserve/client.js`) {
		t.Errorf("a page: %d %s", status, body)
	}
	if _, status := b.socket("__docserve/ws", "https://docs.test"); status != http.StatusForbidden {
		t.Errorf("a socket: %d", status)
	}
}
