package anywhere

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"docserve/internal/testenv"
)

// patience is how long a condition may take to come true in a browser that
// shares two cores with other tests.
const patience = 20 * time.Second

var (
	started sync.Once
	shared  context.Context
	failure error
	end     = func() {}
)

func TestMain(m *testing.M) {
	code := m.Run()
	end()
	os.Exit(code)
}

// start starts one Chromium for all tests, the first time that one asks.
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

// tab is a tab of the browser, which takes the certificates of test servers.
type tab struct {
	t   testing.TB
	ctx context.Context
}

func openTab(t testing.TB) *tab {
	t.Helper()
	path := testenv.Chromium(t)
	started.Do(func() { start(path) })
	if failure != nil {
		t.Fatalf("start %s: %v", path, failure)
	}
	ctx, cancel := chromedp.NewContext(shared)
	t.Cleanup(cancel)
	b := &tab{t, ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if _, err := chromedp.Call(ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}); err != nil {
		t.Fatalf("take any certificate: %v", err)
	}
	return b
}

// navigate goes to an address, and marks the window, so that a page that is
// loaded anew can be told.
func (b *tab) navigate(url string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("open %s: %v", url, err)
	}
	if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void]("window.mark = 'not reloaded'; 0")); err != nil {
		b.t.Fatalf("mark the window: %v", err)
	}
}

func (b *tab) want(expression, value string) {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression))
	if err != nil || fmt.Sprint(got) != value {
		b.t.Errorf("%s = %v (%v), want %q", expression, got, err, value)
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

// listen reads the stream of events at a path until its first status.
func (b *tab) listen(path string) {
	b.t.Helper()
	script := fmt.Sprintf(`window.source = new EventSource(%q);
		source.addEventListener("status", (event) => { source.close(); window.status = event.data; });
		source.onerror = () => source.close(); 0`, path)
	if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		b.t.Fatalf("listen to %s: %v", path, err)
	}
	b.until("source.readyState === EventSource.CLOSED")
	b.want("window.status", `{"settled":true}`)
}
