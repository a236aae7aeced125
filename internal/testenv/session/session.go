// Package session runs a runner in the process of a test, on a project in a
// directory, with browsers that the test plays, and a watcher that it plays or
// the real one.
//
// It owns the life of the runner and the waiting for what must come true. What
// is to be true is the test's own business, and so is what the project holds.
package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"docserve/runner"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// Patience is how long a test waits for a condition that must come true: long
// enough for a machine on which other tests run.
const Patience = 120 * time.Second

// Session is a runner at work.
type Session struct {
	Runner   *runner.Runner
	Files    *Files         // what the test plays; nil when the real watcher is at work
	Watcher  *watch.Watcher // the real one; nil when the test plays it
	Audience *Audience
	Patience time.Duration // how long Until waits

	stage  Stage // nil when nothing is generated
	cancel context.CancelFunc
	ended  chan error
	once   sync.Once
	err    error
}

// Options returns what a runner needs for the project in source, with the
// output in its _build; the caller may change them.
func Options(python, source string) runner.Options {
	output := filepath.Join(source, "_build", "html")
	return runner.Options{
		Sphinx: sphinx.Options{
			Source: source, Config: source, Output: output,
			Doctrees: filepath.Join(output, ".doctrees"), Builder: "html",
		},
		Python: python, WorkDir: source,
	}
}

// Start runs a runner; the test plays the watcher, and says when it has saved.
func Start(opts runner.Options) (*Session, error) {
	files, err := NewFiles(opts.Sphinx.Source)
	if err != nil {
		return nil, err
	}
	opts.Files = files
	return start(&Session{Files: files}, opts), nil
}

// Watch returns a real watcher for the project of a session.
func Watch(project sphinx.Options) (*watch.Watcher, error) {
	return watch.New(watch.Options{
		Roots: []string{project.Source}, SourceDir: project.Source,
		OutputDirs: []string{project.Output, project.Doctrees},
		CookieDir:  filepath.Join(project.Doctrees, ".docserve", "cookies"),
	})
}

// StartWatched runs a runner and the real watcher.
func StartWatched(opts runner.Options) (*Session, error) {
	watcher, err := Watch(opts.Sphinx)
	if err != nil {
		return nil, err
	}
	opts.Files = watcher
	return start(&Session{Watcher: watcher}, opts), nil
}

// Stage stands between the real watcher and the runner.
type Stage interface {
	runner.Files
	Run(ctx context.Context) error
}

// StartStaged runs a runner, the real watcher, and what with puts between them;
// needed returns the files that open pages are made from.
func StartStaged(opts runner.Options, with func(watcher *watch.Watcher, needed func() []string) (Stage, runner.Generated, error)) (*Session, error) {
	watcher, err := Watch(opts.Sphinx)
	if err != nil {
		return nil, err
	}
	s := &Session{Watcher: watcher}
	if s.stage, opts.Generated, err = with(watcher, func() []string { return s.Runner.Needed() }); err != nil {
		return nil, err
	}
	opts.Files = s.stage
	return start(s, opts), nil
}

func start(s *Session, opts runner.Options) *Session {
	s.Audience, s.Patience = NewAudience(), Patience
	opts.Audience = s.Audience
	s.Runner = runner.New(opts)
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.Runner.Run(ctx) })
	if s.Watcher != nil {
		group.Go(func() error { return s.Watcher.Run(ctx) })
	}
	if s.stage != nil {
		group.Go(func() error { return s.stage.Run(ctx) })
	}
	s.ended = make(chan error, 1)
	go func() { s.ended <- group.Wait() }()
	return s
}

// Notify has the runner know of all that was saved, and reports whether that
// was anything; with the real watcher, it waits until that has delivered it, and
// what is generated from it.
func (s *Session) Notify() (bool, error) {
	if s.Files != nil {
		return s.Files.Notify()
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if s.stage != nil {
		return false, s.stage.Barrier(ctx)
	}
	return false, s.Watcher.Barrier(ctx)
}

// Stop ends the runner, once, and returns what it ended with.
func (s *Session) Stop() error {
	s.once.Do(func() {
		s.cancel()
		select {
		case s.err = <-s.ended:
		case <-time.After(Patience):
			s.err = errors.New("end the runner: it does not")
		}
	})
	return s.err
}

// Until waits for a status for which holds, and returns it; what names it in
// the error.
func (s *Session) Until(what string, holds func(runner.Status) bool) (runner.Status, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.Patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond) // a page takes about as long
	defer tick.Stop()
	var status runner.Status
	for {
		if now := s.Runner.Status(ctx); ctx.Err() == nil {
			status = now
		}
		if holds(status) {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return status, fmt.Errorf("wait for %s: not so after %s: %+v", what, s.Patience, status)
		case <-tick.C:
		}
	}
}

// Project writes a project into a directory of the test's, and returns that by
// the path that no link leads through.
func Project(t testing.TB, texts map[string]string) string {
	t.Helper()
	source, err := filepath.EvalSymlinks(t.TempDir())
	if err == nil {
		err = Write(source, texts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// Write makes or changes files below a directory; names have slashes.
func Write(dir string, texts map[string]string) error {
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return fmt.Errorf("write a source: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return fmt.Errorf("write a source: %w", err)
		}
	}
	return nil
}
