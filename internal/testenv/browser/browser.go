// Package browser drives a real Chromium in tests: one for all tests of a
// package, with a tab for each that asks.
//
// It owns the browser's life and the waiting for what must become true in a page.
// What that is, is the test's own business.
package browser

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"docserve/internal/testenv"
)

// Patience is how long a condition may take to come true in a browser that
// shares two cores with other tests.
const Patience = 15 * time.Second

var (
	started sync.Once
	shared  context.Context
	failure error
	end     = func() {}
)

// Main runs the tests of a package and then ends the browser, if one was started.
// It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	end()
	return code
}

func start(path string) {
	dir, err := os.MkdirTemp("", "docserve-chromium-")
	if err != nil {
		failure = err
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
	end = func() {
		cancel()
		cancelAllocator()
		os.RemoveAll(dir)
	}
	shared, failure = ctx, chromedp.Do(ctx)
}

// Tab is a tab of the browser.
type Tab struct {
	T   testing.TB
	Ctx context.Context

	mu     sync.Mutex // guards what follows
	errors []string
	said   []string
}

// Open opens an empty tab, for as long as the test runs.
func Open(t testing.TB) *Tab {
	t.Helper()
	path := testenv.Chromium(t)
	started.Do(func() { start(path) })
	if failure != nil {
		t.Fatalf("start %s: %v", path, failure)
	}
	ctx, cancel := chromedp.NewContext(shared)
	t.Cleanup(cancel)
	b := &Tab{T: t, Ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return b
}

// listen keeps what a person would see in red in the console.
func (b *Tab) listen(event any) {
	text := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		for _, argument := range e.Args {
			text += fmt.Sprintf("%s %s ", argument.Value, argument.Description)
		}
		if e.Type != "error" {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.said = append(b.said, text)
			return
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			text = e.Entry.Text + " " + e.Entry.URL
		}
	}
	if text == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors = append(b.errors, text)
}

// Said returns what the console has shown since the tab was opened, but for errors.
func (b *Tab) Said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.said)
}

// Errors returns the errors that the console has shown since the tab was opened.
func (b *Tab) Errors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.errors)
}

// Navigate goes to an address.
func (b *Tab) Navigate(url string) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.Navigate(url)); err != nil {
		b.T.Fatalf("open %s: %v", url, err)
	}
}

// Run evaluates a JavaScript expression for what it does.
func (b *Tab) Run(script string) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](script+"; 0")); err != nil {
		b.T.Fatalf("run %s: %v", script, err)
	}
}

// Get evaluates a JavaScript expression to a text.
func (b *Tab) Get(expression string) string {
	b.T.Helper()
	value, err := chromedp.Run(b.Ctx, chromedp.Evaluate[any](expression))
	if err != nil {
		b.T.Fatalf("evaluate %s: %v", expression, err)
	}
	return fmt.Sprint(value)
}

// Want compares an expression with what it should be.
func (b *Tab) Want(expression, value string) {
	b.T.Helper()
	if got := b.Get(expression); got != value {
		b.T.Errorf("%s = %q, want %q", expression, got, value)
	}
}

// Until waits until an expression is true. Errors on the way are those of a page
// that is just being loaded.
func (b *Tab) Until(expression string) {
	b.T.Helper()
	var ok bool
	var err error
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok, err = chromedp.Run(b.Ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err == nil && ok {
			return
		}
	}
	body, _ := chromedp.Run(b.Ctx, chromedp.Evaluate[string]("document.documentElement.outerHTML.slice(0, 2000)"))
	b.T.Fatalf("waited in vain for %s (last error %v, console %q) on\n%s", expression, err, b.Errors(), body)
}

// Press sends keys, as chromedp's package kb has them.
func (b *Tab) Press(keys string) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.KeyEvent(keys)); err != nil {
		b.T.Fatalf("press %q: %v", keys, err)
	}
}

// Prefer sets what the system is said to prefer, as "prefers-color-scheme: dark".
func (b *Tab) Prefer(feature string) {
	b.T.Helper()
	name, value, _ := strings.Cut(feature, ": ")
	_, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: name, Value: value}},
	})
	if err != nil {
		b.T.Fatalf("prefer %s: %v", feature, err)
	}
}

// Resize gives the window another size, in pixels of a page; it has four for each.
func (b *Tab) Resize(width, height int) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.EmulateViewport(int64(width), int64(height), chromedp.EmulateScale(2))); err != nil {
		b.T.Fatalf("resize the window: %v", err)
	}
}

// Picture returns what the window shows as PNG: so much of its lower right corner.
func (b *Tab) Picture(width, height int) []byte {
	b.T.Helper()
	clip, err := chromedp.Run(b.Ctx, chromedp.Evaluate[page.Viewport](fmt.Sprintf(
		`({x: scrollX + Math.max(innerWidth - %[1]d, 0), y: scrollY + Math.max(innerHeight - %[2]d, 0), width: Math.min(innerWidth, %[1]d), height: Math.min(innerHeight, %[2]d), scale: 1})`, width, height)))
	if err != nil {
		b.T.Fatalf("measure the window: %v", err)
	}
	picture, err := chromedp.Call(b.Ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "png", Clip: &clip})
	if err != nil {
		b.T.Fatalf("take a picture: %v", err)
	}
	return picture.Data
}
