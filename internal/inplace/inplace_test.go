// Package inplace tests what a reader keeps of a page while it is being edited:
// with real themes and extensions, in a real browser, by real saves.
//
// It owns no code but tests. What the client does with which change is tested
// beside it, in web/client; here is what only themes' and extensions' own scripts
// can tell.
package inplace

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/internal/serve"
	"docserve/internal/testenv/browser"
	"docserve/runner"
	"docserve/runner/sphinx"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// patience is how long docserve may take to settle at first.
const patience = 120 * time.Second

// project is docserve at work on a directory, with a tab.
type project struct {
	t      *testing.T
	source string
	url    string
	server *serve.Server
	texts  map[string]string
	loud   int // errors in the console when the page was there; a theme of today makes one
	*browser.Tab
}

// newProject serves sources and waits until all is built.
func newProject(t *testing.T, python string, texts map[string]string) *project {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, source: filepath.Join(dir, "docs"), texts: map[string]string{}, Tab: browser.Open(t)}
	for name, text := range texts {
		p.save(name, text)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.url = "http://" + listener.Addr().String() + "/"
	p.server, err = serve.New(serve.Options{
		Runner: runner.Options{
			Sphinx: sphinx.Options{
				Source: p.source, Config: p.source, Output: filepath.Join(dir, "html"), Doctrees: filepath.Join(dir, "doctrees"), Builder: "html",
			},
			Python: python, WorkDir: dir, Jobs: 1,
		},
		Listener: listener, Host: "127.0.0.1", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if status := p.server.Engine().Status(ctx); status.Settled {
			return p
		} else if time.Now().After(deadline) {
			t.Fatalf("docserve does not settle: %+v", status)
		}
	}
}

// save writes a source, whole or not at all, as editors do.
func (p *project) save(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.source, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		p.t.Fatal(err)
	}
	fresh := filepath.Join(filepath.Dir(p.source), "fresh")
	if err := os.WriteFile(fresh, []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(fresh, file); err != nil {
		p.t.Fatal(err)
	}
	p.texts[name] = text
}

// replace edits a source: in pairs, what is to be replaced and what by, once each.
func (p *project) replace(name string, pairs ...string) {
	p.t.Helper()
	text := p.texts[name]
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			p.t.Fatalf("%s has no %q", name, pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	p.save(name, text)
}

// show opens a page and waits until docserve knows that it is open.
func (p *project) show(page string) {
	p.t.Helper()
	p.Navigate(p.url + page)
	p.Until(`document.querySelector("docserve-indicator")?.dataset.state === "fresh" && document.readyState === "complete"`)
	p.Run(`window.mark = "kept"`)
	p.loud = len(p.Errors())
}

// drawn waits until the page was drawn with all that scripts do before.
func (p *project) drawn() {
	p.t.Helper()
	p.Run(`window.drew = false; requestAnimationFrame(() => requestAnimationFrame(() => { drew = true }))`)
	p.Until(`drew`)
}

// quiet fails the test for errors in the console since the page was there.
func (p *project) quiet() {
	p.t.Helper()
	for _, text := range p.Errors()[p.loud:] {
		if !strings.Contains(text, "/favicon.ico") { // which browsers look for

			p.t.Errorf("the console says: %s", text)
		}
	}
}

// long is a document with enough of everything to scroll.
func long() string {
	var b strings.Builder
	b.WriteString("Long\n====\n\nFirst words.\n\n")
	for i := range 12 {
		title := fmt.Sprintf("Part %d", i)
		fmt.Fprintf(&b, "%s\n%s\n\n", title, strings.Repeat("-", len(title)))
		for j := range 6 {
			fmt.Fprintf(&b, "Words %d-%d of a paragraph that goes on for a while, so that it has some lines in any window.\n\n", i, j)
		}
		fmt.Fprintf(&b, ".. code-block:: python\n\n   print(%d)\n\n.. list-table::\n\n   * - Cell %d\n     - Other\n\n", i, i)
	}
	return b.String()
}
