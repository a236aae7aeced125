// Package browser drives a real Chromium in tests: one for all tests of a
// package, with a tab for each that asks.
//
// It owns the browser's life, the waiting for what must become true in a page, and
// the notes of what a page asks for and complains of. What is to be true, and what a
// page may say, is the test's own business.
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
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"docserve/internal/testenv"
)

// Patience is how long a condition may take to come true in a browser that
// shares two cores with other tests.
const Patience = 20 * time.Second

// Await waits until something that a browser brings about holds: until the error
// that says what is not so yet is nil.
func Await(t testing.TB, holds func() error) {
	t.Helper()
	for deadline := time.Now().Add(Patience); ; time.Sleep(2 * time.Millisecond) {
		err := holds()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// PicturesVar names the directory to which tests write the pictures of the manual;
// without it they write none.
const PicturesVar = "DOCSERVE_TEST_PICTURES"

var (
	started sync.Once
	shared  context.Context
	broken  error // why there is none
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
		broken = err
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
	shared, broken = ctx, chromedp.Do(ctx)
}

// Tab is a tab of the browser.
type Tab struct {
	T        testing.TB
	Ctx      context.Context
	Patience time.Duration // how long Until waits; a test of a slow server has more

	mu       sync.Mutex // guards what follows
	requests []string
	remarks  []remark
}

// remark is something that the console shows.
type remark struct {
	kind kind
	text string
}

// kind is how bad a remark is.
type kind int

const (
	word    kind = iota // what a script has printed
	warning             // a script's warning, or what else the browser itself has to say
	failure             // what a person sees in red
)

// Open opens an empty tab, for as long as the test runs.
func Open(t testing.TB) *Tab {
	t.Helper()
	path := testenv.Chromium(t)
	started.Do(func() { start(path) })
	if broken != nil {
		t.Fatalf("start %s: %v", path, broken)
	}
	ctx, cancel := chromedp.NewContext(shared)
	t.Cleanup(cancel)
	b := &Tab{T: t, Ctx: ctx, Patience: Patience}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return b
}

// listen keeps what the page asks for and what the console shows.
func (b *Tab) listen(event any) {
	var said remark
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.mu.Lock()
		defer b.mu.Unlock()
		b.requests = append(b.requests, e.Request.URL)
		return
	case *runtime.EventExceptionThrown:
		said = remark{failure, e.ExceptionDetails.Text}
		if e.ExceptionDetails.Exception != nil {
			said.text += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError:
			said.kind = failure
		case runtime.ConsoleAPICalledTypeWarning:
			said.kind = warning
		}
		for _, argument := range e.Args {
			said.text += fmt.Sprintf("%s %s ", argument.Value, argument.Description)
		}
	case *log.EventEntryAdded:
		said = remark{warning, e.Entry.Text + " " + e.Entry.URL}
		if e.Entry.Level == "error" {
			said.kind = failure
		}
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remarks = append(b.remarks, said)
}

// remarked returns what the console has shown of these kinds, oldest first.
func (b *Tab) remarked(kinds ...kind) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var texts []string
	for _, r := range b.remarks {
		if slices.Contains(kinds, r.kind) {
			texts = append(texts, r.text)
		}
	}
	return texts
}

// Said returns what the console has shown since the tab was opened, but for errors.
func (b *Tab) Said() []string { return b.remarked(word, warning) }

// Errors returns the errors that the console has shown since the tab was opened.
func (b *Tab) Errors() []string { return b.remarked(failure) }

// Complaints returns the errors, and the warnings too.
func (b *Tab) Complaints() []string { return b.remarked(warning, failure) }

// Requests returns the addresses that the pages of the tab have asked for.
func (b *Tab) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// TakeAnyCertificate has the tab believe every server, as test servers need it.
func (b *Tab) TakeAnyCertificate() {
	b.T.Helper()
	if _, err := chromedp.Call(b.Ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}); err != nil {
		b.T.Fatalf("take any certificate: %v", err)
	}
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
	for deadline := time.Now().Add(b.Patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok, err = chromedp.Run(b.Ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err == nil && ok {
			return
		}
	}
	body, _ := chromedp.Run(b.Ctx, chromedp.Evaluate[string](
		`document.documentElement.outerHTML.slice(0, 2000) + "\n" + (document.body?.innerText ?? "").slice(0, 6000)`))
	b.T.Fatalf("waited in vain for %s (last error %v, console %q) on\n%s", expression, err, b.Complaints(), body)
}

// Click clicks an element as a person does.
func (b *Tab) Click(selector string) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.T.Fatalf("click %s: %v", selector, err)
	}
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

// Resize gives the window another size, in CSS px, each of which has so many
// pixels of a picture in a row.
func (b *Tab) Resize(width, height int, density float64) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.EmulateViewport(int64(width), int64(height), chromedp.EmulateScale(density))); err != nil {
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
	return b.capture(page.CaptureScreenshotParams{Clip: &clip})
}

// PictureOfPage returns so much of the page as PNG, from its upper left corner, also
// where the window does not show it.
func (b *Tab) PictureOfPage(width, height int) []byte {
	b.T.Helper()
	return b.capture(page.CaptureScreenshotParams{
		CaptureBeyondViewport: new(true), Clip: &page.Viewport{Width: float64(width), Height: float64(height), Scale: 1},
	})
}

func (b *Tab) capture(how page.CaptureScreenshotParams) []byte {
	b.T.Helper()
	how.Format = page.CaptureScreenshotFormatPng
	picture, err := chromedp.Call(b.Ctx, page.CaptureScreenshot, how)
	if err != nil {
		b.T.Fatalf("take a picture: %v", err)
	}
	return picture.Data
}
