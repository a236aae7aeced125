package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"docserve/internal/digest"
)

// until waits for a condition.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// silence is a notifier without events; err is what it answers.
type silence struct{ err error }

func (s silence) Add(string) error    { return s.err }
func (s silence) Remove(string) error { return nil }

// quietHost is a host that sends no events, and whose Add returns err.
func quietHost(err error) *host {
	return &host{
		notifier: silence{err},
		kind:     func(string) string { return "ext4" },
		hears:    func(string) bool { return true },
		spell:    newSpeller,
	}
}

// muted starts a Watcher on dir that gets no events but those that the test
// puts into its queue.
func muted(t *testing.T, dir string, h *host) *rig {
	t.Helper()
	r := &rig{t: t, dir: dir, ask: make(chan chan []Batch), log: &logbook{}}
	opts := Options{Roots: []string{dir}, CookieDir: filepath.Join(t.TempDir(), "cookies"), Logger: newLogger(r.log)}
	var failed error
	r.w, failed = New(opts)
	must(t, failed)
	r.run(func(ctx context.Context) error {
		defer close(r.w.ended)
		return r.w.run(ctx, h)
	})
	return r
}

// gather takes batches until together they are the changes wanted.
func (r *rig) gather(changes ...string) (rescan bool) {
	r.t.Helper()
	slices.Sort(changes)
	var batches []Batch
	until(r.t, fmt.Sprintf("changes are %q", changes), func() bool {
		reply := make(chan []Batch)
		r.ask <- reply
		for _, b := range <-reply {
			batches = append(batches, b)
			rescan = rescan || b.Rescan
		}
		told := maps.Clone(r.told)
		got := r.fold(batches)
		if !slices.Equal(got, changes) {
			r.told = told
		}
		return slices.Equal(got, changes)
	})
	return rescan
}

func TestLostEventsLeadToARescan(t *testing.T) {
	r := muted(t, place(t, "a.rst", "b.rst", "dir/c.rst", "dir/d.rst"), quietHost(nil))
	r.write("a.rst", "two\n")
	r.remove("dir")
	fill(t, r.dir, "new/e.rst")
	r.w.queue.put(func(in *intake) { in.overflow = true })
	if !r.gather("create new/e.rst", "remove dir/c.rst", "remove dir/d.rst", "write a.rst") {
		t.Error("the batch does not say that it is from a rescan")
	}
}

func TestBacklogIsBounded(t *testing.T) {
	q := newQueue()
	for i := range backlog + 10 {
		q.event(event{name: fmt.Sprint(i)})
	}
	if in := q.take(); !in.overflow || len(in.events) != backlog {
		t.Errorf("overflow: %v with %d events, want true with %d", in.overflow, len(in.events), backlog)
	}
}

func TestDirectoriesBeyondTheLimitArePolled(t *testing.T) {
	r := muted(t, place(t, "a.rst", "dir/b.rst", "dir/sub/c.rst"), quietHost(syscall.ENOSPC))
	r.write("dir/b.rst", "two\n")
	r.gather("write dir/b.rst")
	fill(t, r.dir, "dir/sub/d.rst", "new/sub/e.rst")
	r.remove("a.rst")
	r.gather("create dir/sub/d.rst", "create new/sub/e.rst", "remove a.rst")
	r.remove("dir/sub")
	r.write("new/sub/e.rst", "two\n")
	r.gather("remove dir/sub/c.rst", "remove dir/sub/d.rst", "write new/sub/e.rst")
	r.write("dir/b.rst", "three\n")
	r.remove("new")
	r.expect("remove new/sub/e.rst", "write dir/b.rst")
	if text := r.log.String(); strings.Count(text, "limit of file watches") != 1 {
		t.Errorf("log: %s\nwant one line about the limit", text)
	}
}

func TestBarrier(t *testing.T) {
	t.Run("without a directory of its own", func(t *testing.T) {
		r := watchDir(t, place(t, "a.rst"), func(o *Options) { o.CookieDir = "" })
		r.write("a.rst", "two\n")
		r.expect("write a.rst")
	})
	t.Run("in an ignored directory, which is removed", func(t *testing.T) {
		dir := place(t, "a.rst", "_build/x")
		r := watchDir(t, dir, func(o *Options) {
			o.OutputDirs = []string{filepath.Join(dir, "_build")}
			o.CookieDir = filepath.Join(dir, "_build", "cookies")
		})
		r.write("a.rst", "two\n")
		r.expect("write a.rst")
		r.remove("_build")
		r.expect()
	})
	t.Run("in the source directory", func(t *testing.T) {
		dir := place(t, "a.rst", "sub/b.rst")
		r := watchDir(t, dir, func(o *Options) { o.CookieDir = filepath.Join(dir, "sub") })
		r.rename("sub", "gone")
		r.expect("create gone/b.rst", "remove sub/b.rst")
		r.write("gone/b.rst", "two\n")
		r.expect("write gone/b.rst")
	})
	t.Run("many at once", func(t *testing.T) {
		r := watchDir(t, place(t, "a.rst"), nil)
		errs := make(chan error)
		for range 20 {
			go func() { errs <- r.w.Barrier(t.Context()) }()
		}
		for range 20 {
			must(t, <-errs)
		}
		entries, err := os.ReadDir(filepath.Join(r.w.opts.CookieDir, cookieDir))
		must(t, err)
		if len(entries) > 0 {
			t.Errorf("cookies are left: %v", entries)
		}
	})
	t.Run("nobody takes", func(t *testing.T) {
		dir := place(t, "a.rst")
		w, err := New(Options{Roots: []string{dir}})
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		<-w.Ready()
		fill(t, dir, "a.rst=two\n")
		passed := make(chan error)
		go func() { passed <- w.Barrier(ctx) }()
		until(t, "the change is on offer", func() bool {
			d, _ := w.Digest(filepath.Join(dir, "a.rst"))
			return d == digest.Of([]byte("two\n"))
		})
		select {
		case err := <-passed:
			t.Errorf("passed before the change was taken: %v", err)
		default:
		}
		fill(t, dir, "a.rst=three\n")
		until(t, "the second change is merged", func() bool {
			d, _ := w.Digest(filepath.Join(dir, "a.rst"))
			return d == digest.Of([]byte("three\n"))
		})
		if b := <-w.Batches(); len(b.Changes) != 1 || b.Changes[0].Digest != digest.Of([]byte("three\n")) {
			t.Errorf("batch: %v, want the last content", b)
		}
		must(t, <-passed)
		cancel()
		must(t, <-ended)
		if err := w.Barrier(t.Context()); !errors.Is(err, ErrEnded) {
			t.Errorf("barrier after the end: %v, want %v", err, ErrEnded)
		}
	})
}

// Whatever is done to the files, the taker of the batches ends up with what
// there is.
func TestRandomChanges(t *testing.T) { onEachBackend(t, randomChanges) }

func randomChanges(t *testing.T, start func(testing.TB, string) *rig) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			dir := place(t, "a/f=", "b/a/f", "c")
			r := start(t, dir)
			told := contents(t, dir)
			for range 12 {
				for range random.IntN(40) {
					disturb(random, dir)
				}
				for _, b := range r.batches() {
					for _, c := range b.Changes {
						if c.Op == Remove {
							delete(told, c.Path)
						} else {
							told[c.Path] = c.Digest
						}
					}
				}
				if want := contents(t, dir); !maps.Equal(told, want) {
					t.Fatalf("told: %v\nthere: %v", slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(want)))
				}
			}
		})
	}
}

// disturb does one random thing below dir. It may fail: then nothing happens.
func disturb(random *rand.Rand, dir string) {
	path := func() string {
		p := dir
		for range 1 + random.IntN(3) {
			p = filepath.Join(p, string(rune('a'+random.IntN(4))))
		}
		return p
	}
	switch p := path(); random.IntN(7) {
	case 0, 1:
		_ = os.WriteFile(p, []byte{byte('0' + random.IntN(4))}, 0o644)
	case 2:
		_ = os.MkdirAll(p, 0o755)
	case 3:
		_ = os.RemoveAll(p)
	case 4, 5:
		_ = os.Rename(p, path())
	case 6:
		_ = os.WriteFile(p, nil, 0o644)
	}
}

// contents returns the digests of the files below dir.
func contents(t *testing.T, dir string) map[string]digest.Digest {
	found := map[string]digest.Digest{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			found[path], err = digest.File(path)
		}
		return err
	}))
	return found
}

// A lock that a crash has left behind does not slow down saves, even when the
// clock was set back since.
func TestLocksHeld(t *testing.T) {
	dir := place(t, ".git/index.lock")
	l := &locks{}
	l.add(filepath.Join(dir, ".git"))
	info, err := os.Stat(filepath.Join(dir, ".git", "index.lock"))
	must(t, err)
	for after, want := range map[time.Duration]bool{0: true, 30 * time.Second: true, 2 * time.Minute: false, -time.Hour: false} {
		if got := l.held(info.ModTime().Add(after)); got != want {
			t.Errorf("held %v after it was made: %v", after, got)
		}
	}
}
