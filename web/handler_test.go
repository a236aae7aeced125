package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeSite is a directory, with exceptions.
type fakeSite struct {
	dir    string
	files  map[string]File  // what Fetch answers instead of what lies in dir
	errors map[string]error // what it fails with; ErrNotYet after waiting
}

func (s *fakeSite) Status() any { return map[string]any{"settled": true, "failed": false} }

func (s *fakeSite) Fetch(ctx context.Context, path string) (File, error) {
	file, special := s.files[path]
	if err := s.errors[path]; err != nil {
		if errors.Is(err, ErrNotYet) && file.State != "failed" {
			<-ctx.Done()
		}
		return file, err
	}
	if !special {
		file.Path = filepath.Join(s.dir, filepath.FromSlash(path))
		if _, err := os.Lstat(file.Path); err != nil {
			return File{}, ErrNotFound
		}
		if isHTML(path) && !strings.HasPrefix(path, "_downloads/") {
			file.Page = path
		}
	}
	return file, nil
}

const samplePage = "<!DOCTYPE html><html><head><meta charset=\"utf-8\" /><title>t</title></head><body>text</body></html>"

func newFake(t *testing.T) (*fakeSite, *Handler) {
	t.Helper()
	s := &fakeSite{dir: t.TempDir(), files: map[string]File{}, errors: map[string]error{}}
	for name, text := range map[string]string{
		"index.html": samplePage, "guide/index.html": samplePage, "guide/page.html": samplePage, "dir.v1/index.html": samplePage,
		"_static/theme.css": "h1 {}", "_static/movie.mp4": "0123456789", "_downloads/x.html": samplePage, ".buildinfo": "secret",
		"latin.html": "<head><meta charset=\"iso-8859-1\"></head>\xe9", "empty/readme.txt": "x",
	} {
		s.write(t, name, text)
	}
	h, err := New(Options{Site: s, Root: s.dir, Token: "secret", Wait: 20 * time.Millisecond, AllowedHosts: []string{"docs.test"}})
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}

func (s *fakeSite) write(t *testing.T, name, text string) {
	t.Helper()
	name = filepath.Join(s.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request; headers are "Name: value".
func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost:8000"+target, nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestServe(t *testing.T) {
	_, h := newFake(t)
	for _, test := range []struct {
		method, target string
		status         int
		kind           string // beginning of Content-Type
		location       string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", ""},
		{"GET", "/index.html", 200, "text/html; charset=utf-8", ""},
		{"GET", "/guide/", 200, "text/html", ""},
		{"GET", "/guide", 302, "", "./guide/"},
		{"GET", "/guide?a=b", 302, "", "./guide/?a=b"},
		{"GET", "//guide", 302, "", "./guide/"},
		{"GET", "/dir.v1", 302, "", "./dir.v1/"},
		{"GET", "/empty", 404, "text/html", ""},
		{"GET", "/empty/", 404, "text/html", ""},
		{"GET", "/_static/", 404, "text/html", ""},
		{"GET", "/_static/theme.css?v=1", 200, "text/css; charset=utf-8", ""},
		{"GET", "/latin.html", 200, "text/html; charset=iso-8859-1", ""},
		{"HEAD", "/", 200, "text/html", ""},
		{"GET", "/none.html", 404, "text/html", ""},
		{"GET", "/none.css", 404, "text/plain", ""},
		{"GET", "/index.html/x.html", 404, "text/html", ""},
		{"GET", "/.buildinfo", 404, "text/plain", ""},
		{"GET", "/%2ebuildinfo", 404, "text/plain", ""},
		{"GET", "/guide/%2e%2e/index.html", 404, "text/plain", ""},
		{"GET", "/..%2f..%2fetc/passwd", 404, "text/plain", ""},
		{"GET", "/%5c..%5cx", 404, "text/plain", ""},
		{"GET", "/a%00b", 404, "text/plain", ""},
		{"GET", "/__docserve/status", 200, "application/json", ""},
		{"GET", "/__docserve/client.js", 200, "text/javascript", ""},
		{"GET", "/__docserve/ws", 404, "text/plain", ""},
		{"GET", "/__docserve/", 200, "text/html; charset=utf-8", ""},
		{"GET", "/__docserve", 302, "", "./__docserve/"},
		{"GET", "/__docserve/statuspage.js", 200, "text/javascript", ""},
		{"GET", "/__docserve/statuspage.css", 200, "text/css", ""},
		{"GET", "/__docserve/page.html", 404, "text/plain", ""},
		{"GET", "/__docserve/../index.html", 404, "text/plain", ""},
		{"POST", "/", 405, "text/plain", ""},
		{"OPTIONS", "/", 405, "text/plain", ""},
		{"DELETE", "/__docserve/status", 405, "text/plain", ""},
	} {
		t.Run(test.method+" "+test.target, func(t *testing.T) {
			w := ask(h, test.method, test.target)
			head := w.Result().Header
			if w.Code != test.status || !strings.HasPrefix(head.Get("Content-Type"), test.kind) || head.Get("Location") != test.location {
				t.Errorf("got %d %v", w.Code, head)
			}
			if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Cross-Origin-Resource-Policy") != "same-site" || head.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("headers are %v", head)
			}
			if n := head.Get("Content-Length"); n != "" && test.method != "HEAD" && n != fmt.Sprint(w.Body.Len()) {
				t.Errorf("Content-Length is %s of %d", n, w.Body.Len())
			}
			if test.method == "HEAD" && w.Body.Len() > 0 {
				t.Error("HEAD has a body")
			}
		})
	}
}

func TestHost(t *testing.T) {
	_, h := newFake(t)
	for host, status := range map[string]int{"localhost:8000": 200, "docs.test": 200, "evil.test": 421, "": 421, "a b": 421} {
		if w := ask(h, "GET", "/", "Host: "+host); w.Code != status {
			t.Errorf("%q: %d, want %d", host, w.Code, status)
		}
	}
	if w := ask(h, "GET", "/__docserve/status", "Host: evil.test"); w.Code != 421 || !strings.Contains(w.Body.String(), "--allowed-host evil.test") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

var dataHash = regexp.MustCompile(`data-hash="([0-9a-f]*)"`)

func TestInjectedPage(t *testing.T) {
	s, h := newFake(t)
	w := ask(h, "GET", "/", "Range: bytes=0-3")
	body := w.Body.String()
	for _, want := range []string{`<script src="./__docserve/client.js?v=`, `data-page="index.html"`, `data-state="fresh"`, `data-token="secret"`, `defer></script></head>`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s lacks %s", body, want)
		}
	}
	if w.Code != 200 || w.Header().Get("Accept-Ranges") != "" || w.Header().Get("Last-Modified") != "" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	etag := w.Header().Get("ETag")
	if w := ask(h, "GET", "/", "If-None-Match: "+etag); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("got %d", w.Code)
	}
	s.files["index.html"] = File{Path: filepath.Join(s.dir, "index.html"), Page: "index.html", State: "building", Note: `"x"`}
	w = ask(h, "GET", "/", "If-None-Match: "+etag)
	if w.Code != 200 || w.Header().Get("ETag") == etag || !strings.Contains(w.Body.String(), `data-state="building" data-note="&#34;x&#34;"`) {
		t.Errorf("in another state: %d %v %s", w.Code, w.Header(), w.Body)
	}
	delete(s.files, "index.html")
	was := dataHash.FindString(body)
	s.write(t, "index.html", samplePage+" ")
	w = ask(h, "GET", "/", "If-None-Match: "+etag)
	if w.Code != 200 || dataHash.FindString(w.Body.String()) == was {
		t.Errorf("with other bytes: %d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/_downloads/x.html"); w.Body.String() != samplePage {
		t.Errorf("a download became %s", w.Body)
	}
}

func TestRanges(t *testing.T) {
	s, h := newFake(t)
	w := ask(h, "GET", "/_static/movie.mp4", "Range: bytes=2-4")
	if w.Code != 206 || w.Body.String() != "234" || w.Header().Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
	}
	etag := w.Header().Get("ETag")
	if w := ask(h, "GET", "/_static/movie.mp4", "If-None-Match: "+etag); w.Code != 304 {
		t.Errorf("got %d", w.Code)
	}
	s.write(t, "_static/movie.mp4", "9876543210")
	if w := ask(h, "GET", "/_static/movie.mp4", "If-Range: "+etag, "Range: bytes=2-4"); w.Code != 200 || w.Body.Len() != 10 {
		t.Errorf("after a change: %d %q", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/_static/movie.mp4", "Range: bytes="+strings.Repeat("0-,", 5000)+"0-"); w.Body.Len() > 10 {
		t.Errorf("overlapping ranges multiply the file: %d bytes", w.Body.Len())
	}
	s.write(t, "_static/large.mp4", strings.Repeat("0123456789", maxHashed/5))
	if w := ask(h, "GET", "/_static/large.mp4", "Range: bytes=-3"); w.Code != 206 || w.Body.String() != "789" {
		t.Errorf("large file: %d %q", w.Code, w.Body)
	}
}

func TestWaiting(t *testing.T) {
	s, h := newFake(t)
	s.errors["new.html"], s.errors["new.css"], s.errors["new/index.html"], s.errors["bad.html"] = ErrNotYet, ErrNotYet, ErrNotYet, ErrNotYet
	s.files["new.html"] = File{Page: "new.html", State: "building", Note: "reading 1 of 9"}
	s.files["bad.html"] = File{Page: "bad.html", State: "failed", Note: "conf.py:3: <oops>"}
	w := ask(h, "GET", "/new.html")
	if body := w.Body.String(); w.Code != 503 || w.Header().Get("Retry-After") != "1" || w.Header().Get("Cache-Control") != "no-store" ||
		!strings.Contains(body, `data-stand="waiting"`) || !strings.Contains(body, "reading 1 of 9") || !strings.Contains(body, `data-hash=""`) {
		t.Errorf("got %d %v %s", w.Code, w.Header(), body)
	}
	if w := ask(h, "GET", "/new.css"); w.Code != 503 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("style sheet: %d %v", w.Code, w.Header())
	}
	if w := ask(h, "GET", "/new"); w.Code != 302 {
		t.Errorf("a directory whose index is on its way: %d", w.Code)
	}
	if w := ask(h, "GET", "/bad.html"); w.Code != 503 || !strings.Contains(w.Body.String(), "conf.py:3: &lt;oops&gt;") || !strings.Contains(w.Body.String(), "Cannot build") {
		t.Errorf("failed: %d %s", w.Code, w.Body)
	}
}

func TestMissing(t *testing.T) {
	s, h := newFake(t)
	if w := ask(h, "GET", "/guide/none.html"); w.Code != 404 || !strings.Contains(w.Body.String(), `data-page="guide/none.html"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	s.write(t, "404.html", "<head></head>our own")
	w := ask(h, "GET", "/guide/none.html")
	if body := w.Body.String(); w.Code != 404 || !strings.HasSuffix(body, "our own") || !strings.Contains(body, `data-page="guide/none.html"`) ||
		!strings.Contains(body, `data-stand="missing"`) || w.Header().Get("ETag") != "" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), body)
	}
	if w := ask(h, "GET", "/none.png", "Accept: image/*"); strings.Contains(w.Body.String(), "our own") {
		t.Errorf("an image is answered with %s", w.Body)
	}
}

func TestContainment(t *testing.T) {
	s, h := newFake(t)
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	s.files["a.txt"] = File{Path: secret}
	s.files["b.txt"] = File{Path: filepath.Join(s.dir, "..", filepath.Base(outside), "secret.txt")}
	for _, target := range []string{"/a.txt", "/b.txt"} {
		if w := ask(h, "GET", target); w.Code != 500 || strings.Contains(w.Body.String(), "secret\n") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a privilege")
	}
	for name, target := range map[string]string{"abs.txt": secret, "dir": outside, "rel.txt": "../" + filepath.Base(outside) + "/secret.txt", "loop.txt": "loop.txt", "in.css": "_static/theme.css"} {
		if err := os.Symlink(target, filepath.Join(s.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for target, status := range map[string]int{"/abs.txt": 404, "/dir/secret.txt": 404, "/rel.txt": 404, "/loop.txt": 500, "/in.css": 200} {
		if w := ask(h, "GET", target); w.Code != status || strings.Contains(w.Body.String(), "secret\n") || w.Body.String() == "secret" {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	also, err := New(Options{Site: s, Root: s.dir, Also: []string{outside}})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(also, "GET", "/a.txt"); w.Code != 200 || w.Body.String() != "secret" {
		t.Errorf("a file of a preview: %d %s", w.Code, w.Body)
	}
}

func TestTrouble(t *testing.T) {
	s, h := newFake(t)
	s.errors["index.html"] = errors.New("the disk is <on> fire")
	if w := ask(h, "GET", "/"); w.Code != 500 || !strings.Contains(w.Body.String(), "the disk is &lt;on&gt; fire") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestOwnFiles(t *testing.T) {
	_, h := newFake(t)
	page := ask(h, "GET", "/").Body.String()
	_, rest, _ := strings.Cut(page, `src="`)
	src, _, _ := strings.Cut(rest, `"`)
	w := ask(h, "GET", strings.TrimPrefix(src, "."))
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %v", src, w.Code, w.Header())
	}
	w = ask(h, "GET", "/__docserve/client.js?v=old")
	if w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("old version: %v", w.Header())
	}
	if w := ask(h, "GET", "/__docserve/client.js", "If-None-Match: "+w.Header().Get("ETag")); w.Code != 304 {
		t.Errorf("got %d", w.Code)
	}
	var status struct{ Settled bool }
	if err := json.Unmarshal(ask(h, "GET", "/__docserve/status").Body.Bytes(), &status); err != nil || !status.Settled {
		t.Errorf("status is %v, %v", status, err)
	}
}

func TestNewServerAnswers(t *testing.T) {
	_, h := newFake(t)
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(h, slog.New(slog.DiscardHandler))
	server.Start()
	defer server.Close()
	answer, err := server.Client().Get(server.URL + "/guide")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || answer.Request.URL.Path != "/guide/" || answer.ContentLength != int64(len(body)) {
		t.Errorf("got %v %v", answer, err)
	}
}

func BenchmarkServePage(b *testing.B) {
	dir := b.TempDir()
	page := strings.Replace(samplePage, "text", strings.Repeat("<p>some text of a page</p>\n", 4000), 1)
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o666); err != nil {
		b.Fatal(err)
	}
	h, err := New(Options{Site: &fakeSite{dir: dir}, Root: dir})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if w := ask(h, "GET", "/"); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
