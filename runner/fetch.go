package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"docserve/graph"
)

// The errors of Fetch.
var (
	ErrNotFound = errors.New("no such page")
	ErrNotYet   = errors.New("not built yet")
)

// Result is what can be shown at a site path.
type Result struct {
	Entry
	Page bool // it is a document's page
}

// holdBack is how long a page that is there is held back for its newer bytes:
// twice what nearly every page takes from a save to the file, and half of what a
// page may take to be served whatever becomes of Sphinx.
const holdBack = 250 * time.Millisecond

// request asks the loop to bring a path up to date.
type request struct {
	path string
	wake chan struct{} // closed when it is worth looking again; nil when nobody waits, and the page is wanted all the same
	gone bool          // nobody waits any longer
}

// echo tells whether it is worth waiting for Sphinx. It may be used from any
// goroutine.
type echo struct {
	answers atomic.Int64 // of the processes that write pages which somebody waits for
	vain    atomic.Int64 // what answers was, and one more, when a page was last held back and none came
}

// silent reports whether the last page that was held back has waited in vain,
// and there was no answer since.
func (e *echo) silent() bool { return e.vain.Load() > e.answers.Load() }

// Fetch brings the file at a site path up to date and says where it is. What is
// fresh, or failed, or not being built, is answered at once. A page of which
// there are older bytes is held back for a moment, unless Sphinx has just let
// one wait in vain, and is then given as it is: it stays wanted. For what is not
// there at all Fetch waits as long as ctx allows. It may be called from any
// goroutine.
func (r *Runner) Fetch(ctx context.Context, path string) (Result, error) {
	short, cancel := context.WithTimeout(ctx, holdBack)
	defer cancel()
	before := r.echo.answers.Load()
	for {
		result, wait, err := r.peek(path)
		if !wait {
			return result, err
		}
		patience := ctx
		if err == nil { // there is something to show
			if patience = short; r.echo.silent() {
				r.want(path)
				return result, nil
			}
		}
		wake := make(chan struct{})
		select {
		case r.requests <- request{path: path, wake: wake}:
		case <-patience.Done():
			return result, err
		}
		// Between the look and the request the page may have been made.
		if again, wait, err := r.peek(path); !wait {
			r.withdraw(path, wake)
			return again, err
		}
		select {
		case <-wake:
		case <-patience.Done():
			r.withdraw(path, wake)
			if ctx.Err() == nil {
				r.want(path)
				if r.echo.answers.Load() == before {
					r.echo.vain.Store(before + 1)
				}
			}
			result, _, err := r.peek(path)
			return result, err
		}
	}
}

// withdraw tells the loop that nobody waits any longer.
func (r *Runner) withdraw(path string, wake chan struct{}) {
	go func() { // the loop may have ended; then nobody cares
		select {
		case r.requests <- request{path: path, wake: wake, gone: true}:
		case <-wake:
		case <-r.gone:
		}
	}()
}

// want tells the loop that a page is wanted by somebody who does not wait for it.
func (r *Runner) want(path string) {
	go func() {
		select {
		case r.requests <- request{path: path}:
		case <-r.gone:
		}
	}()
}

// peek says what there is now, and whether waiting may bring something better.
func (r *Runner) peek(path string) (result Result, wait bool, err error) {
	t := r.table
	entry, isPage := t.get(path)
	t.mu.RLock()
	known, finished, failed, preview, trouble := t.known, t.finished, t.failed, t.preview, t.trouble
	t.mu.RUnlock()
	if isPage {
		result = Result{Entry: entry, Page: true}
		if entry.File == "" {
			if failed && len(entry.Errors) == 0 {
				result.Errors = trouble
			}
			return result, !failed && entry.State != Broken, ErrNotYet
		}
		return result, entry.State == Building && !failed, nil
	}
	file := filepath.Join(r.opts.Sphinx.Output, filepath.FromSlash(path))
	for _, candidate := range []string{file, r.previewFile(preview, path)} {
		if info, err := os.Stat(candidate); candidate != "" && err == nil && info.Mode().IsRegular() {
			return Result{Entry: Entry{File: candidate, State: Fresh}}, false, nil
		}
	}
	if finished || known && !generated(path) {
		return Result{}, false, ErrNotFound
	}
	return Result{Entry: Entry{Errors: trouble}}, !failed, ErrNotYet
}

// generated reports whether a path that is no document's may come into being
// later in a build: indices, search, assets, pages of extensions.
func generated(path string) bool {
	return strings.HasPrefix(path, "_") || !strings.Contains(path, "/")
}

func (r *Runner) previewFile(directory, path string) string {
	if directory == "" {
		return ""
	}
	return filepath.Join(directory, filepath.FromSlash(path))
}

// admit takes over a request, or its withdrawal.
func (r *Runner) admit(q request) {
	if q.gone {
		if path, ok := r.waiters[q.wake]; ok {
			delete(r.waiters, q.wake)
			r.release1(path)
		}
		return
	}
	if q.wake == nil {
		if p := r.byPath[q.path]; p != nil && p.stale() {
			r.asked[q.path] = true
		}
		return
	}
	r.waiters[q.wake] = q.path
	r.waiting[q.path]++
}

func (r *Runner) release1(path string) {
	if r.waiting[path]--; r.waiting[path] <= 0 {
		delete(r.waiting, path)
	}
}

// wake has those who wait for a path look again.
func (r *Runner) wake(path string) {
	delete(r.asked, path)
	if r.waiting[path] == 0 {
		return
	}
	for waiter, wanted := range r.waiters {
		if wanted == path {
			delete(r.waiters, waiter)
			close(waiter)
			r.release1(path)
		}
	}
}

// wakeAll has everybody look again.
func (r *Runner) wakeAll() {
	for waiter, path := range r.waiters {
		delete(r.waiters, waiter)
		close(waiter)
		r.release1(path)
	}
}

// brief is a failure for where there is little room: with the name under which people
// know the file.
func (r *Runner) brief(d Diagnostic) string {
	if d.Path != "" {
		d.Path = r.graph.Name(graph.Path(d.Path))
	}
	return d.String()
}

// show publishes what can be shown of a page now.
func (r *Runner) show(p *page) {
	entry := Entry{Doc: p.doc, State: p.state(), Hash: p.hash, Problems: p.diagnostics(), source: p.source}
	if !p.hash.IsZero() {
		entry.File = r.output(p.path)
	}
	if v := p.preview; v != nil && v.file != "" && r.cold {
		entry.File, entry.Hash = v.file, v.hash
		if !p.edited {
			entry.State = Provisional
		}
	}
	if p.failure != nil {
		failure := Trace(r.opts.Generated, *p.failure)
		entry.Errors, entry.Note = []string{failure.String()}, r.brief(failure)
	} else if r.broken != nil {
		entry.State = Broken
		entry.Errors = []string{r.broken.String()}
		entry.Note = r.brief(*r.broken)
	}
	before, known := r.table.get(p.path)
	r.table.set(p.path, entry)
	if entry.File != "" && entry.State != Building {
		r.first.Do(func() { close(r.firstPage) })
	}
	if (known || entry.State == Broken) && before.State != entry.State && (r.open[p.path] || entry.State == Broken) {
		r.opts.Audience.Publish(Push{Kind: "status", Page: p.path, State: entry.State, Note: entry.Note})
	}
}
