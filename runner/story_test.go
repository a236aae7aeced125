package runner_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"docserve/internal/compare"
	"docserve/internal/digest"
	"docserve/internal/proc"
	"docserve/internal/testenv"
	"docserve/runner"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// patience is how long a test waits for a condition that must come true.
const patience = 60 * time.Second

// files is a watcher whose batches the test makes itself.
type files struct {
	source  string
	batches chan watch.Batch
	ready   chan struct{}
	mu      sync.Mutex
	known   map[string]digest.Digest
}

func newFiles(t *testing.T, source string) *files {
	f := &files{source: source, batches: make(chan watch.Batch), ready: make(chan struct{}), known: map[string]digest.Digest{}}
	f.scan(t)
	close(f.ready)
	return f
}

// scan looks at every file and returns what differs from last time.
func (f *files) scan(t *testing.T) []watch.Change {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	now := map[string]digest.Digest{}
	err := filepath.WalkDir(f.source, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "_build" {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() {
			now[path], err = digest.File(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
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
	return changes
}

func (f *files) Batches() <-chan watch.Batch { return f.batches }
func (f *files) Ready() <-chan struct{}      { return f.ready }
func (f *files) Add(...string)               {}
func (f *files) Barrier(context.Context) error {
	return nil
}

func (f *files) Snapshot() map[string]digest.Digest {
	f.mu.Lock()
	defer f.mu.Unlock()
	copied := map[string]digest.Digest{}
	for path, d := range f.known {
		copied[path] = d
	}
	return copied
}

func (f *files) Digest(path string) (digest.Digest, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.known[path]
	return d, ok
}

// audience is browsers that the test plays.
type audience struct {
	changed chan struct{}
	mu      sync.Mutex
	open    []string
}

func newAudience() *audience { return &audience{changed: make(chan struct{}, 1)} }

func (a *audience) Open() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.open)
}

func (a *audience) Changed() <-chan struct{} { return a.changed }

func (a *audience) Publish(runner.Push) {}

func (a *audience) look(pages ...string) {
	a.mu.Lock()
	a.open = pages
	a.mu.Unlock()
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// story is one session on a project.
type story struct {
	t        *testing.T
	source   string
	output   string
	files    *files
	audience *audience
	runner   *runner.Runner
	stop     func()
}

// write makes or changes files of the project.
func (s *story) write(texts map[string]string) {
	s.t.Helper()
	for name, text := range texts {
		path := filepath.Join(s.source, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			s.t.Fatal(err)
		}
	}
}

// save writes files and tells the runner, as the watcher would.
func (s *story) save(texts map[string]string) {
	s.t.Helper()
	s.write(texts)
	s.notify()
}

func (s *story) notify() {
	s.t.Helper()
	changes := s.files.scan(s.t)
	if len(changes) == 0 {
		return
	}
	select {
	case s.files.batches <- watch.Batch{Changes: changes, First: time.Now()}:
	case <-time.After(patience):
		s.t.Fatal("the runner takes no batches")
	}
}

// start opens a session; python names the environment, as "9.0".
func (s *story) start(python string, change func(*runner.Options)) {
	s.t.Helper()
	s.files = newFiles(s.t, s.source)
	s.audience = newAudience()
	opts := runner.Options{
		Sphinx: sphinx.Options{
			Source: s.source, Config: s.source, Output: s.output,
			Doctrees: filepath.Join(s.output, ".doctrees"), Builder: "html",
		},
		Python: testenv.Python(s.t, python), Files: s.files, Audience: s.audience,
	}
	if change != nil {
		change(&opts)
	}
	s.runner = runner.New(opts)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.runner.Run(ctx) }()
	var once sync.Once
	s.stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					s.t.Errorf("run: %v", err)
				}
			case <-time.After(patience):
				s.t.Error("the runner does not end")
			}
		})
	}
	s.t.Cleanup(s.stop)
}

func newStory(t *testing.T, texts map[string]string) *story {
	t.Helper()
	source, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, source: source, output: filepath.Join(source, "_build", "html")}
	s.write(texts)
	return s
}

// settled waits until everything is true.
func (s *story) settled() runner.Status {
	s.t.Helper()
	return s.until("settled", func(st runner.Status) bool { return st.Settled })
}

func (s *story) until(what string, holds func(runner.Status) bool) runner.Status {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		status := s.runner.Status(ctx)
		if holds(status) {
			return status
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("not %s: %+v", what, status)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// page fetches a page and returns its text and state.
func (s *story) page(path string) (string, runner.State) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := s.runner.Fetch(ctx, path)
	if err != nil {
		s.t.Fatalf("fetch %s: %v %+v", path, err, result)
	}
	data, err := os.ReadFile(result.File)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data), result.State
}

// shows waits until a page has a text.
func (s *story) shows(path, text string) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		page, _ := s.page(path)
		if strings.Contains(page, text) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s never showed %q", path, text)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

var small = map[string]string{
	"conf.py":      "project = 'small'\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build', 'inc']\n",
	"index.rst":    "Start\n=====\n\n.. toctree::\n\n   one\n   two\n\nWelcome.\n",
	"one.rst":      "One\n===\n\nText of one. See :doc:`two`.\n\n.. include:: inc/part.txt\n",
	"two.rst":      ".. _second:\n\nTwo\n===\n\nText of two.\n",
	"inc/part.txt": "Included text.\n",
}

func TestEditIsShown(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	page, state := s.page("one.html")
	t.Logf("first page: %s", state)
	if !strings.Contains(page, "Text of one") {
		t.Fatal("first page lacks its text")
	}
	st := s.settled()
	t.Logf("%+v", st)
	s.save(map[string]string{"one.rst": small["one.rst"] + "\nAnother line.\n"})
	s.shows("one.html", "Another line")
	s.save(map[string]string{"inc/part.txt": "Other included text.\n"})
	s.shows("one.html", "Other included text")
	s.save(map[string]string{"two.rst": ".. _second:\n\nZwei\n====\n\nText of two.\n"})
	s.shows("one.html", "Zwei")
	st = s.settled()
	s.equalsClean("9.0")
	for _, b := range st.Builds {
		t.Logf("%+v", b)
	}
}

// equalsClean compares the output with what a clean build of the same sources writes.
func (s *story) equalsClean(python string) {
	s.t.Helper()
	clean := s.t.TempDir()
	result, err := proc.Run(context.Background(), proc.Spec{
		Name: "sphinx-build",
		Argv: []string{testenv.Python(s.t, python), "-m", "sphinx", "-q", "-b", "html", "-d", filepath.Join(clean, "doctrees"), s.source, filepath.Join(clean, "html")},
		Dir:  s.source,
	})
	if err != nil {
		s.t.Fatalf("clean build: %v", err)
	}
	if result.ExitCode != 0 {
		s.t.Fatalf("clean build: %s", result.Output)
	}
	differences, err := compare.Directories(s.output, filepath.Join(clean, "html"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range differences[:min(5, len(differences))] {
		s.t.Errorf("one of %d not clean: %s", len(differences), d)
	}
}
