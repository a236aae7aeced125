// Package anywhere holds tests: pages of docserve in a real Chromium, reached in
// other ways than from the machine itself, and with other clients than docserve's
// own.
package anywhere

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"docserve/internal/digest"
	"docserve/livereload"
	"docserve/web"
	"docserve/web/events"
)

// site is a directory that a test edits, served by a real hub, handler and stream.
type site struct {
	t      testing.TB
	dir    string
	hub    *livereload.Hub
	server *httptest.Server
}

// options change how a site is served. The zero value is the usual.
type options struct {
	origin string // of the public address
	prefix string
	deaf   bool // docserve's own client finds no socket
}

func newSite(t testing.TB, o options) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	var origins []string
	if o.origin != "" {
		origins = []string{o.origin}
	}
	stream := events.New(events.Options{Status: func(context.Context) any { return s.Status() }, Origins: origins})
	s.hub = livereload.New(livereload.Options{
		Token: "secret", Hosts: web.AllowHosts("", nil), Origins: origins, Page: web.PageAt(o.prefix), Current: s.current,
		Heard: func(m livereload.Message, epoch uint64) { stream.Changed(m, epoch) },
	})
	var socket http.Handler
	if !o.deaf {
		socket = s.hub
	}
	handler, err := web.New(web.Options{
		Site: s, Root: s.dir, Token: "secret", Socket: socket, Guests: s.hub.Guests(), Events: stream, Origins: origins, Prefix: o.prefix,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(handler)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.hub.Run(ctx) })
	running.Go(func() { stream.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		s.server.CloseClientConnections()
		s.server.Close()
	})
	return s
}

func (s *site) Status() any { return map[string]bool{"settled": true} }

func (s *site) Fetch(_ context.Context, path string) (web.File, error) {
	file := web.File{Path: filepath.Join(s.dir, filepath.FromSlash(path))}
	if info, err := os.Stat(file.Path); err != nil || info.IsDir() {
		return web.File{}, web.ErrNotFound
	}
	if strings.HasSuffix(path, ".html") {
		file.Page = path
	}
	return file, nil
}

func (s *site) current(page string) (digest.Digest, livereload.State, string) {
	d, _ := digest.File(filepath.Join(s.dir, filepath.FromSlash(page)))
	return d, livereload.Fresh, ""
}

// write writes a file without telling anyone.
func (s *site) write(path, text string) digest.Digest {
	s.t.Helper()
	name := filepath.Join(s.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		s.t.Fatal(err)
	}
	return digest.Of([]byte(text))
}

// push writes a page and tells who shows it.
func (s *site) push(path, text string) {
	s.t.Helper()
	s.hub.Publish(livereload.Message{Kind: livereload.Update, Page: path, Hash: s.write(path, text), State: livereload.Fresh})
}

// shown waits until the hub knows that exactly one client shows a page.
func (s *site) shown(page string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		views := s.hub.Views()
		if len(views) == 1 && views[0] == (livereload.View{Page: page, Tabs: 1}) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("views are %v, want one of %s", views, page)
		}
	}
}

// gone waits until nobody shows anything.
func (s *site) gone() {
	s.t.Helper()
	for deadline := time.Now().Add(patience); len(s.hub.Views()) > 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("views are %v, want none", s.hub.Views())
		}
	}
}

// address is that of the site on this machine.
func (s *site) address() *url.URL {
	u, err := url.Parse(s.server.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// page returns a page with a text, and something in its head.
func page(text, head string) string {
	return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>sample</title>
` + head + `
</head><body><h1>Sample</h1><p id="text">` + text + `</p>
</body></html>
`
}
