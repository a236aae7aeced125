package watch

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"docserve/internal/digest"
)

// patience is how long a test waits for what must come; it has failed by then.
const patience = 30 * time.Second

// rig is a Watcher on a temporary directory, with somebody who takes the batches.
type rig struct {
	t   testing.TB
	dir string // the source directory
	w   *Watcher
	ask chan chan []Batch
	log *logbook

	told map[string]digest.Digest // what the taker of the batches knows
}

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newLogger(l *logbook) *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// place returns a directory called src with files, given as "path" or
// "path=content"; a path that ends in a slash is a directory.
func place(t testing.TB, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "src")
	must(t, os.Mkdir(dir, 0o755))
	fill(t, dir, files...)
	return dir
}

func fill(t testing.TB, dir string, files ...string) {
	t.Helper()
	for _, file := range files {
		name, text, ok := strings.Cut(file, "=")
		if !ok {
			text = "one\n"
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

// watchDir starts a Watcher on dir; change may add to its options.
func watchDir(t testing.TB, dir string, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, dir: dir, ask: make(chan chan []Batch), log: &logbook{}}
	opts := Options{
		Roots: []string{dir}, SourceDir: dir, CookieDir: filepath.Join(t.TempDir(), "cookies"),
		Logger: newLogger(r.log),
	}
	if change != nil {
		change(&opts)
	}
	var err error
	r.w, err = New(opts)
	must(t, err)
	r.told = maps.Clone(opts.Known)
	r.run(r.w.Run)
	return r
}

// backends are the ways in which a Watcher learns of changes: each must tell the
// same.
var backends = []struct {
	name   string
	choose func(*Options)
}{
	{"events", func(*Options) {}},
	{"polling", func(o *Options) { o.Poll = true }},
}

// onEachBackend runs a test with each of them, by a function that starts a
// Watcher as watchDir does.
func onEachBackend(t *testing.T, test func(t *testing.T, start func(t testing.TB, dir string) *rig)) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			test(t, func(t testing.TB, dir string) *rig { return watchDir(t, dir, b.choose) })
		})
	}
}

// run runs the Watcher by start until the test ends.
func (r *rig) run(start func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := start(ctx); err != nil {
			r.t.Errorf("run: %v", err)
		}
	})
	running.Go(func() {
		var batches []Batch
		for {
			select {
			case b := <-r.w.Batches():
				batches = append(batches, b)
			case reply := <-r.ask:
				reply <- batches
				batches = nil
			case <-ctx.Done():
				return
			}
		}
	})
	r.t.Cleanup(func() { cancel(); running.Wait() })
	select {
	case <-r.w.Ready():
	case <-time.After(patience):
		r.t.Fatal("watcher does not become ready")
	}
	if r.told == nil {
		r.told = r.w.Snapshot()
	}
}

// batches returns what has come since the last call, up to now.
func (r *rig) batches() []Batch {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(r.t, r.w.Barrier(ctx))
	reply := make(chan []Batch)
	r.ask <- reply
	return <-reply
}

// expect fails unless what has come is these changes, or nothing when there are
// none. A change is "op path", relative to the source directory. Where a busy
// machine made several batches of what was done, they count together.
func (r *rig) expect(changes ...string) {
	r.t.Helper()
	got := r.fold(r.batches())
	slices.Sort(changes)
	if !slices.Equal(got, changes) {
		r.t.Errorf("changes: %q, want %q", got, changes)
	}
}

// fold returns the changes that batches are together, sorted.
func (r *rig) fold(batches []Batch) []string {
	r.t.Helper()
	existed, last := map[string]bool{}, map[string]Change{}
	for _, b := range batches {
		for _, c := range b.Changes {
			if _, ok := last[c.Path]; !ok {
				existed[c.Path] = c.Op != Create
			}
			last[c.Path] = c
			if why := r.w.Explain(c.Path); why != "" && !strings.HasPrefix(why, "outside") {
				r.t.Errorf("%s %s: should be ignored: %s", c.Op, c.Path, why)
			}
		}
	}
	var got []string
	for path, c := range last {
		if d, err := digest.File(path); err == nil && d != c.Digest {
			r.t.Errorf("%s: digest of the change is not that of the file", path)
		}
		switch {
		case !existed[path] && c.Op == Remove, existed[path] && c.Digest == r.told[path]:
			continue
		case existed[path] && c.Op == Create:
			c.Op = Write
		case !existed[path]:
			c.Op = Create
		}
		rel, err := filepath.Rel(r.dir, path)
		must(r.t, err)
		got = append(got, fmt.Sprintf("%s %s", c.Op, filepath.ToSlash(rel)))
	}
	for path, c := range last {
		r.told[path] = c.Digest
	}
	slices.Sort(got)
	return got
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r *rig) write(name, text string) {
	r.t.Helper()
	must(r.t, os.WriteFile(r.path(name), []byte(text), 0o644))
}

func (r *rig) rename(from, to string) {
	r.t.Helper()
	must(r.t, os.Rename(r.path(from), r.path(to)))
}

func (r *rig) remove(name string) {
	r.t.Helper()
	must(r.t, os.RemoveAll(r.path(name)))
}

func (r *rig) link(target, name string) {
	r.t.Helper()
	if err := os.Symlink(target, r.path(name)); err != nil {
		r.t.Skipf("no symbolic links here: %v", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
