package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"docserve/internal/digest"
	"docserve/watch"
)

// Files is a watcher whose batches are made by a test. It looks at the files
// only when it is told to, so that a test decides what comes in one batch.
type Files struct {
	source  string
	batches chan watch.Batch
	ready   chan struct{}

	mu    sync.Mutex // guards known
	known map[string]digest.Digest
}

// NewFiles returns a watcher that knows all files as they are now.
func NewFiles(source string) (*Files, error) {
	f := &Files{source: source, batches: make(chan watch.Batch), ready: make(chan struct{})}
	if _, err := f.Scan(); err != nil {
		return nil, err
	}
	close(f.ready)
	return f, nil
}

// Scan looks at every file and returns what differs from last time.
func (f *Files) Scan() ([]watch.Change, error) {
	now := map[string]digest.Digest{}
	err := filepath.WalkDir(f.source, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "_build" || entry.Name() == "__pycache__") {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() {
			now[path], err = digest.File(path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look at the files: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var changes []watch.Change
	for path, d := range now {
		if before, ok := f.known[path]; !ok {
			changes = append(changes, watch.Change{Path: path, Op: watch.Create, Digest: d})
		} else if before != d {
			changes = append(changes, watch.Change{Path: path, Op: watch.Write, Digest: d})
		}
	}
	for path := range f.known {
		if _, ok := now[path]; !ok {
			changes = append(changes, watch.Change{Path: path, Op: watch.Remove})
		}
	}
	f.known = now
	slices.SortFunc(changes, func(a, b watch.Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

// Notify offers what has changed since the last look to the runner, in one
// batch, and reports whether anything has.
func (f *Files) Notify() (bool, error) {
	changes, err := f.Scan()
	if err != nil || len(changes) == 0 {
		return false, err
	}
	select {
	case f.batches <- watch.Batch{Changes: changes, First: time.Now()}:
		return true, nil
	case <-time.After(Patience):
		return false, fmt.Errorf("offer a batch: the runner takes none")
	}
}

// Batches is what the runner takes changes from.
func (f *Files) Batches() <-chan watch.Batch { return f.batches }

// Ready is closed from the start.
func (f *Files) Ready() <-chan struct{} { return f.ready }

// Add does nothing: everything is looked at anyway.
func (f *Files) Add(...string) {}

// Barrier returns at once: nothing is on its way.
func (f *Files) Barrier(context.Context) error { return nil }

// Snapshot returns all files with their contents, as of the last look.
func (f *Files) Snapshot() map[string]digest.Digest {
	f.mu.Lock()
	defer f.mu.Unlock()
	copied := map[string]digest.Digest{}
	for path, d := range f.known {
		copied[path] = d
	}
	return copied
}

// Digest returns the content of one file, as of the last look.
func (f *Files) Digest(path string) (digest.Digest, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.known[path]
	return d, ok
}
