// Package anywhere holds tests: pages of docserve in a real Chromium, reached in
// other ways than from the machine itself, and with other clients than docserve's
// own.
package anywhere

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"docserve/internal/testenv/browser"
	"docserve/internal/testenv/pages"
	"docserve/livereload"
	"docserve/web"
	"docserve/web/events"
)

// site is a directory that a test edits, served by a real hub, handler and stream.
type site struct {
	*pages.Site
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
	s := &site{Site: pages.New(t)}
	var origins []string
	if o.origin != "" {
		origins = []string{o.origin}
	}
	stream := events.New(events.Options{Status: func(context.Context) any { return s.Status() }, Origins: origins})
	s.Hub = livereload.New(livereload.Options{
		Token: "secret", Hosts: web.AllowHosts("", nil), Origins: origins, Page: web.PageAt(o.prefix), Current: s.Current,
		Heard: func(m livereload.Message, epoch uint64) { stream.Changed(m, epoch) },
	})
	var socket http.Handler
	if !o.deaf {
		socket = s.Hub
	}
	handler, err := web.New(web.Options{
		Site: s, Root: s.Dir, Token: "secret", Socket: socket, Guests: s.Hub.Guests(), Events: stream, Origins: origins, Prefix: o.prefix,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(handler)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Hub.Run(ctx) })
	running.Go(func() { stream.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		s.server.CloseClientConnections()
		s.server.Close()
	})
	return s
}

// shown waits until the hub knows that exactly one client shows a page.
func (s *site) shown(page string) {
	s.T.Helper()
	browser.Await(s.T, func() error {
		views := s.Hub.Views()
		if len(views) != 1 || views[0] != (livereload.View{Page: page, Tabs: 1}) {
			return fmt.Errorf("views are %v, want one of %s", views, page)
		}
		return nil
	})
}

// gone waits until nobody shows anything.
func (s *site) gone() {
	s.T.Helper()
	browser.Await(s.T, func() error {
		if views := s.Hub.Views(); len(views) > 0 {
			return fmt.Errorf("views are %v, want none", views)
		}
		return nil
	})
}

// address is that of the site on this machine.
func (s *site) address() *url.URL {
	u, err := url.Parse(s.server.URL)
	if err != nil {
		s.T.Fatal(err)
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
