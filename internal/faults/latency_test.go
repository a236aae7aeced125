//go:build linux

package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"docserve/internal/serve"
	"docserve/runner"
	"docserve/web"
)

// reader fetches pages that are already written, one after the other, for as
// long as a session lives, and notes how long each took.
type reader struct {
	server *httptest.Server
	cancel context.CancelFunc
	ended  chan struct{}
	took   fetches // read it after stop
}

// fetches is how long pages took that were written: those that were up to date,
// and those that were not, which may be held back for newer bytes.
type fetches struct{ fresh, stale []time.Duration }

func (f *fetches) add(other fetches) {
	f.fresh, f.stale = append(f.fresh, other.fresh...), append(f.stale, other.stale...)
}

// site is the runner as the web sees it.
type site struct{ runner *runner.Runner }

func (s site) Fetch(ctx context.Context, path string) (web.File, error) {
	return serve.Fetch(ctx, s.runner, path)
}

func (s site) Status() any { return nil }

// pace is how often a page is fetched.
const pace = 20 * time.Millisecond

// read starts to fetch pages.
func read(r *runner.Runner, root string, pages []string) (*reader, error) {
	handler, err := web.New(web.Options{Site: site{r}, Root: root, Host: "127.0.0.1"})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &reader{server: httptest.NewServer(handler), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(f.ended)
		tick := time.NewTicker(pace)
		defer tick.Stop()
		for i := 0; ctx.Err() == nil; i++ {
			page := pages[i%len(pages)]
			if entry, ok := r.Current(page); ok && entry.File != "" {
				took := &f.took.fresh
				if entry.State == runner.Building {
					took = &f.took.stale
				}
				began := time.Now()
				if f.get(ctx, page) == nil {
					*took = append(*took, time.Since(began))
				}
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	return f, nil
}

func (f *reader) get(ctx context.Context, page string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.server.URL+"/"+page, nil)
	if err != nil {
		return err
	}
	answer, err := f.server.Client().Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func (f *reader) stop() {
	f.cancel()
	<-f.ended
	f.server.Close()
}

// String says in words how long they took.
func (f fetches) String() string {
	return "up to date: " + latencies(f.fresh) + "; out of date: " + latencies(f.stale)
}

func latencies(took []time.Duration) string {
	if len(took) == 0 {
		return "no page was fetched"
	}
	took = slices.Sorted(slices.Values(took))
	at := func(share float64) time.Duration { return took[min(len(took)-1, int(share*float64(len(took))))] }
	within := func(limit time.Duration) float64 {
		n, _ := slices.BinarySearch(took, limit)
		return 100 * float64(n) / float64(len(took))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d pages fetched: median %s, 99 %% %s, longest %s; within 50 ms %.2f %%, within 500 ms %.2f %%",
		len(took), at(0.5).Round(10*time.Microsecond), at(0.99).Round(10*time.Microsecond), took[len(took)-1].Round(100*time.Microsecond),
		within(50*time.Millisecond), within(500*time.Millisecond))
	return text.String()
}
