// Package session runs a runner in the process of a test, on a project in a
// directory, with a watcher and browsers that the test plays.
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
	"time"

	"docserve/runner"
	"docserve/runner/sphinx"
)

// Patience is how long a test waits for a condition that must come true: long
// enough for a machine on which other tests run.
const Patience = 120 * time.Second

// Session is a runner at work.
type Session struct {
	Runner   *runner.Runner
	Files    *Files // nil when Options.Files was given
	Audience *Audience

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

// Start runs a runner. Without a watcher in the options, the test plays it.
func Start(opts runner.Options) (*Session, error) {
	s := &Session{Audience: NewAudience(), ended: make(chan error, 1)}
	if opts.Files == nil {
		var err error
		if s.Files, err = NewFiles(opts.Sphinx.Source); err != nil {
			return nil, err
		}
		opts.Files = s.Files
	}
	opts.Audience = s.Audience
	s.Runner = runner.New(opts)
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go func() { s.ended <- s.Runner.Run(ctx) }()
	return s, nil
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
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond) // a page takes about as long
	defer tick.Stop()
	for {
		status := s.Runner.Status(ctx)
		if holds(status) {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return status, fmt.Errorf("wait for %s: not so after %s: %+v", what, Patience, status)
		case <-tick.C:
		}
	}
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
