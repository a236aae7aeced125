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
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"docserve/internal/digest"
	"docserve/internal/testenv"
	"docserve/livereload"
	"docserve/web"
)

// patience is how long a condition may take to come true in a browser that
// shares two cores with other tests.
const patience = 15 * time.Second

// browser starts one Chromium for all tests, the first time that one asks.
func browser(t testing.TB) context.Context {
	path := testenv.Chromium(t)
	started.Do(func() { startBrowser(path) })
	if startError != nil {
		t.Fatalf("start %s: %v", path, startError)
	}
	return browserContext
}

var (
	started        sync.Once
	browserContext context.Context
	startError     error
)

func startBrowser(path string) {
	dir, err := os.MkdirTemp("", "docserve-chromium-")
	if err != nil {
		startError = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.DisableGPU,
		chromedp.Flag("no-sandbox", os.Geteuid() == 0), // the sandbox refuses root, as which containers run
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1000, 700),
	)
	ctx, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	closeBrowser = func() {
		cancel()
		cancelAllocator()
		os.RemoveAll(dir)
	}
	browserContext, startError = ctx, chromedp.Do(ctx)
}

var closeBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	os.Exit(code)
}

// site is a directory that the test edits, with what the runner would know
// about it.
type site struct {
	t     testing.TB
	dir   string
	addr  string
	hub   *livereload.Hub
	stop  func()
	token string
	deaf  bool // serve no websocket
	tabs  int  // opened so far

	mu     sync.Mutex // guards what follows
	states map[string]web.File
	held   map[string]bool // pages that are not written yet
	gets   map[string]int  // by site path
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), addr: "127.0.0.1:0", token: "first-run",
		states: map[string]web.File{}, held: map[string]bool{}, gets: map[string]int{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

// start serves the site, at the same address as before if there was one.
func (s *site) start() {
	s.t.Helper()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr = listener.Addr().String()
	s.hub = livereload.New(livereload.Options{Token: s.token, Hosts: web.AllowHosts("", nil), Current: s.current})
	var socket http.Handler
	if !s.deaf {
		socket = s.hub
	}
	handler, err := web.New(web.Options{Site: s, Socket: socket, Root: s.dir, Token: s.token, Wait: 100 * time.Millisecond})
	if err != nil {
		s.t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.hub.Run(ctx) })
	running.Go(func() { server.Serve(listener) })
	s.stop = sync.OnceFunc(func() {
		cancel()
		server.Close()
		running.Wait()
	})
}

func (s *site) Status() any { return map[string]any{"settled": true} }

func (s *site) Fetch(ctx context.Context, path string) (web.File, error) {
	s.mu.Lock()
	file, held := s.states[path], s.held[path]
	s.gets[path]++
	s.mu.Unlock()
	if held {
		<-ctx.Done()
		return file, web.ErrNotYet
	}
	file.Path = filepath.Join(s.dir, filepath.FromSlash(path))
	if info, err := os.Stat(file.Path); err != nil || info.IsDir() {
		return file, web.ErrNotFound
	}
	if strings.HasSuffix(path, ".html") {
		file.Page = path
	}
	return file, nil
}

func (s *site) current(page string) (digest.Digest, livereload.State, string) {
	s.mu.Lock()
	file, held := s.states[page], s.held[page]
	s.mu.Unlock()
	if held {
		return digest.Digest{}, livereload.Building, file.Note
	}
	d, _ := digest.File(filepath.Join(s.dir, filepath.FromSlash(page)))
	state := livereload.State(file.State)
	if state == "" {
		state = livereload.Fresh
	}
	return d, state, file.Note
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

// push writes a page and tells its tabs.
func (s *site) push(path, text string) {
	s.t.Helper()
	s.hub.Publish(livereload.Message{Kind: livereload.Update, Page: path, Hash: s.write(path, text), State: livereload.Fresh})
}

func (s *site) set(path string, file web.File, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[path], s.held[path] = file, held
}

func (s *site) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets[path]
}

// tab is a tab of the browser.
type tab struct {
	t    testing.TB
	ctx  context.Context
	site *site
}

// tab opens an empty tab.
func (s *site) tab() *tab {
	s.t.Helper()
	ctx, cancel := chromedp.NewContext(browser(s.t))
	s.t.Cleanup(cancel)
	return &tab{t: s.t, ctx: ctx, site: s}
}

// open opens a path of the site in a new tab, marks its window, and waits until
// the hub knows the tab.
func (s *site) open(path string) *tab {
	s.t.Helper()
	b := s.tab()
	b.navigate(path)
	s.tabs++
	b.ready()
	b.run("window.mark = 'not reloaded'")
	return b
}

func (b *tab) navigate(path string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate("http://"+b.site.addr+path)); err != nil {
		b.t.Fatalf("open %s: %v", path, err)
	}
}

// ready waits until the hub has heard the hellos of all tabs that were opened.
func (b *tab) ready() {
	b.t.Helper()
	b.until("document.querySelector('docserve-indicator') && document.readyState === 'complete'")
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		tabs := 0
		for _, view := range b.site.hub.Views() {
			tabs += view.Tabs
		}
		if tabs == b.site.tabs {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%d tabs said hello, want %d", tabs, b.site.tabs)
		}
	}
}

// run evaluates a JavaScript expression for what it does.
func (b *tab) run(script string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](script+"; 0")); err != nil {
		b.t.Fatalf("run %s: %v", script, err)
	}
}

// get evaluates a JavaScript expression to a text.
func (b *tab) get(expression string) string {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return fmt.Sprint(value)
}

func (b *tab) want(expression, value string) {
	b.t.Helper()
	if got := b.get(expression); got != value {
		b.t.Errorf("%s = %q, want %q", expression, got, value)
	}
}

// until waits until an expression is true. Errors on the way are those of a page
// that is just being loaded.
func (b *tab) until(expression string) {
	b.t.Helper()
	var ok bool
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err == nil && ok {
			return
		}
	}
	body, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.documentElement.outerHTML.slice(0, 2000)"))
	b.t.Fatalf("waited in vain for %s (last error %v) on\n%s", expression, err, body)
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
	s.write("_static/documentation_options.js", "const DOCUMENTATION_OPTIONS = {};")
	s.write("_static/doctools.js", "window.doctools = true;")
	s.write("_static/theme.css", "h1 { color: rgb(1, 2, 3) }")
	return s
}

func replace(text, old, new string) string { return strings.ReplaceAll(text, old, new) }

func removeFile(s *site, path string) error {
	return os.Remove(filepath.Join(s.dir, filepath.FromSlash(path)))
}
