// Package client has the browser client's files. Its tests drive them in a real
// Chromium, against a real hub and handler, and a site whose files the test
// edits by hand.
package client_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"docserve/internal/digest"
	"docserve/internal/testenv/browser"
	"docserve/internal/testenv/pages"
	"docserve/livereload"
	"docserve/web"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// site is a directory that the test edits, with what the runner would know
// about it.
type site struct {
	*pages.Site
	addr  string
	stop  func()
	token string
	deaf  bool        // serve no websocket
	opts  web.Options // Follow, NoHighlight and Events are taken from here
	tabs  int         // opened so far

	mu     sync.Mutex // guards what follows
	states map[string]web.File
	held   map[string]bool // pages that are not written yet
	gets   map[string]int  // by site path
	gate   chan struct{}   // when it is there, pages are answered once it is closed
	wrong  map[string]report
	status map[string]any // nil says that nothing is left to do
}

// Status is what the status page shows.
func (s *site) Status() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == nil {
		return s.Site.Status()
	}
	return s.status
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{Site: pages.New(t), addr: "127.0.0.1:0", token: "first-run",
		states: map[string]web.File{}, held: map[string]bool{}, gets: map[string]int{}, wrong: map[string]report{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

// start serves the site, at the same address as before if there was one.
func (s *site) start() {
	s.T.Helper()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.T.Fatal(err)
	}
	s.addr = listener.Addr().String()
	s.Hub = livereload.New(livereload.Options{Token: s.token, Hosts: web.AllowHosts("", nil), Current: s.Current, Problems: s.tally})
	var socket http.Handler
	if !s.deaf {
		socket = s.Hub
	}
	handler, err := web.New(web.Options{
		Site: s, Socket: socket, Problems: s, Root: s.Dir, Token: s.token, Wait: 100 * time.Millisecond,
		Follow: s.opts.Follow, NoHighlight: s.opts.NoHighlight, Events: s.opts.Events,
	})
	if err != nil {
		s.T.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Hub.Run(ctx) })
	running.Go(func() { server.Serve(listener) })
	s.stop = sync.OnceFunc(func() {
		cancel()
		server.Close()
		running.Wait()
	})
}

func (s *site) Fetch(ctx context.Context, path string) (web.File, error) {
	s.mu.Lock()
	file, held, gate := s.states[path], s.held[path], s.gate
	s.gets[path]++
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if held {
		<-ctx.Done()
		return file, web.ErrNotYet
	}
	found, err := s.Site.Fetch(ctx, path)
	file.Path, file.Page = found.Path, found.Page
	return file, err
}

func (s *site) Current(page string) (digest.Digest, livereload.State, string) {
	s.mu.Lock()
	file, held := s.states[page], s.held[page]
	s.mu.Unlock()
	if held {
		return digest.Digest{}, livereload.Building, file.Note
	}
	d, state, _ := s.Site.Current(page)
	if file.State != "" {
		state = livereload.State(file.State)
	}
	return d, state, file.Note
}

// report is what is wrong with a page, as docserve tells it.
type report struct {
	tally    livereload.Tally
	problems []map[string]any
	others   []map[string]any
}

func (s *site) tally(page string) livereload.Tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong[page].tally
}

func (s *site) Problems(page string, here bool) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.wrong[page]
	return map[string]any{"page": page, "tally": w.tally, "problems": append([]map[string]any{}, w.problems...), "others": append([]map[string]any{}, w.others...), "more": 0}
}

// blame says what is wrong with a page from now on, and tells its tabs a state.
func (s *site) blame(page string, state livereload.State, w report) {
	s.mu.Lock()
	s.wrong[page] = w
	s.states[page] = web.File{State: string(state)}
	s.mu.Unlock()
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, Page: page, State: state})
}

func (s *site) set(path string, file web.File, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[path], s.held[path] = file, held
}

// shut has pages wait for what it returns to be called, as docserve has them
// while they are being made.
func (s *site) shut() (open func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.gate = nil
		close(gate)
	}
}

func (s *site) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets[path]
}

// await waits until a path was asked for so many times.
func (s *site) await(path string, times int) {
	s.T.Helper()
	browser.Await(s.T, func() error {
		if got := s.count(path); got < times {
			return fmt.Errorf("%s was asked for %d times, want %d", path, got, times)
		}
		return nil
	})
}

// tab is a tab of the browser that shows the site.
type tab struct {
	*browser.Tab
	site *site
}

// tab opens an empty tab.
func (s *site) tab() *tab {
	s.T.Helper()
	return &tab{browser.Open(s.T), s}
}

// open opens a path of the site in a new tab, marks its window, and waits until
// the hub knows the tab.
func (s *site) open(path string) *tab {
	s.T.Helper()
	b := s.tab()
	b.navigate(path)
	s.tabs++
	b.ready()
	b.Run("window.mark = 'not reloaded'")
	return b
}

func (b *tab) navigate(path string) {
	b.T.Helper()
	b.Navigate("http://" + b.site.addr + path)
}

// ready waits until the hub has heard the hellos of all tabs that were opened.
func (b *tab) ready() {
	b.T.Helper()
	b.Until("document.querySelector('docserve-indicator') && document.readyState === 'complete'")
	browser.Await(b.T, func() error {
		tabs := 0
		for _, view := range b.site.Hub.Views() {
			tabs += view.Tabs
		}
		if tabs != b.site.tabs {
			return fmt.Errorf("%d tabs said hello, want %d", tabs, b.site.tabs)
		}
		return nil
	})
}

// page returns a page as Sphinx writes them, with a paragraph to edit and enough
// text to scroll. Head is put before </head>.
func page(text, head string) string {
	var filler strings.Builder
	for i := range 120 {
		fmt.Fprintf(&filler, "<p id=\"p%d\">Paragraph %d of the filler.</p>\n", i, i)
	}
	return `<!DOCTYPE html>
<html lang="en" data-content_root="./">
  <head>
    <meta charset="utf-8" />
    <title>` + heading(text) + ` &#8212; sample</title>
    <link rel="stylesheet" type="text/css" href="/_static/theme.css?v=1" />
    <script src="/_static/documentation_options.js?v=1"></script>
    <script src="/_static/doctools.js?v=1"></script>
    ` + head + `
  </head><body>
<div class="document"><div class="body" role="main">
<section id="top"><h1>Sample</h1>
<p id="text">` + text + `</p>
<details id="more"><summary>More</summary><p>inside</p></details>
` + filler.String() + `
<input id="field" type="text" />
</section></div></div>
<search id="searchbox" style="display: none" role="search"><input type="text" name="q" /></search>
<script>document.getElementById('searchbox').style.display = "block"</script>
</body>
</html>
`
}

// heading is the text before the first tag.
func heading(text string) string {
	plain, _, _ := strings.Cut(text, "<")
	return plain
}

// withStatic writes the files that page refers to.
func (s *site) withStatic() *site {
	s.Write("_static/documentation_options.js", "const DOCUMENTATION_OPTIONS = {};")
	s.Write("_static/doctools.js", "window.doctools = true;")
	s.Write("_static/theme.css", "h1 { color: rgb(1, 2, 3) }")
	return s
}

// listeners makes the site one with a stream of events. What it returns waits until
// so many listen.
func (s *site) listeners() func(want int64) {
	var now atomic.Int64
	s.opts.Events = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now.Add(1)
		defer now.Add(-1)
		w.Header().Set("Content-Type", "text/event-stream")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	return func(want int64) {
		s.T.Helper()
		browser.Await(s.T, func() error {
			if got := now.Load(); got != want {
				return fmt.Errorf("%d listen, want %d", got, want)
			}
			return nil
		})
	}
}

func replace(text, old, new string) string { return strings.ReplaceAll(text, old, new) }

func webFile(state, note string) web.File { return web.File{State: state, Note: note} }
