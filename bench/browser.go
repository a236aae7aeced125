package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	devtools "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed data/visible.js
var visibleScript string

// binding is the function that visible.js reports through. It survives
// navigation, as the script does.
const binding = "docserveBench"

// browser is one Chromium with one tab.
type browser struct {
	ctx    context.Context // chromedp keeps the tab in a context; it lives as long as the browser
	cancel context.CancelFunc
	seen   chan sighting
}

// sighting says that a mark is on the screen.
type sighting struct {
	mark string
	hash string        // of the page's bytes, as docserve has it in its pages; "" when there is none
	made time.Duration // from the client having been told of it to its being in the page; 0 when a page was loaded
	at   time.Time
}

// parseSighting reads what visible.js reports.
func parseSighting(payload string, at time.Time) sighting {
	fields := append(strings.Split(payload, " "), "", "")
	milliseconds, _ := strconv.ParseFloat(fields[2], 64) // visible.js gives a number
	return sighting{mark: markPrefix + fields[0], hash: fields[1], made: time.Duration(milliseconds * float64(time.Millisecond)), at: at}
}

// openBrowser starts a headless Chromium with a fresh profile.
func openBrowser(ctx context.Context) (*browser, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1280, 900),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, stopTab := chromedp.NewContext(allocator)
	b := &browser{
		ctx:    tab,
		cancel: func() { stopTab(); stopAllocator() },
		seen:   make(chan sighting, 1024),
	}
	if err := b.prepare(); err != nil {
		b.close()
		return nil, fmt.Errorf("start chromium: %w", err)
	}
	return b, nil
}

// prepare starts the browser and puts the script into all pages to come.
func (b *browser) prepare() error {
	err := chromedp.Listen(b.ctx, func(event any) {
		called, ok := event.(*runtime.EventBindingCalled)
		if !ok || called.Name != binding {
			return
		}
		select {
		case b.seen <- parseSighting(called.Payload, time.Now()):
		default: // nobody has waited for a thousand of them
		}
	})
	if err != nil {
		return err
	}
	if _, err := chromedp.Call(b.ctx, runtime.AddBinding, runtime.AddBindingParams{Name: binding}); err != nil {
		return err
	}
	_, err = chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: visibleScript})
	return err
}

func (b *browser) close() { b.cancel() }

// open goes to a page, and does not wait for more than the beginning of the
// answer.
func (b *browser) open(url string) error {
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second) // a server may hold its answer for some
	defer cancel()
	answer, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: url})
	if err == nil && answer.ErrorText != "" {
		err = errors.New(answer.ErrorText)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", url, err)
	}
	return nil
}

// await waits until mark is on the screen and returns when that was.
func (b *browser) await(ctx context.Context, mark string) (time.Time, error) {
	s, err := b.sight(ctx, mark, func(s sighting) bool { return s.mark == mark })
	return s.at, err
}

// sight waits for the next sighting that matches; what names it in errors.
func (b *browser) sight(ctx context.Context, what string, matches func(sighting) bool) (sighting, error) {
	for {
		select {
		case s := <-b.seen:
			if matches(s) {
				return s, nil
			}
		case <-ctx.Done():
			return sighting{}, fmt.Errorf("wait for %s on the screen: %w", what, ctx.Err())
		case <-b.ctx.Done():
			return sighting{}, fmt.Errorf("wait for %s on the screen: the browser ended: %w", what, b.ctx.Err())
		}
	}
}

// forget drops what was seen and not waited for, and returns how much that was.
func (b *browser) forget() int {
	for n := 0; ; n++ {
		select {
		case <-b.seen:
		default:
			return n
		}
	}
}

// version is the browser's own word of what it is.
func (b *browser) version() (string, error) {
	answer, err := chromedp.CallBrowser(b.ctx, devtools.GetVersion, cdp.Empty{})
	if err != nil {
		return "", fmt.Errorf("ask chromium for its version: %w", err)
	}
	return answer.Product, nil
}
