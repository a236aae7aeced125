package plain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"docserve/internal/testenv"
	"docserve/internal/testenv/session"
	"docserve/runner"
)

// story is one session of the engine on a project.
type story struct {
	t        *testing.T
	source   string
	output   string
	files    *session.Files
	audience *audience
	engine   *Engine
	stop     func()
}

// audience is browsers that a test plays; it keeps all that they are told.
type audience struct {
	*session.Audience
	pushes chan runner.Push
}

func (a *audience) Publish(p runner.Push) {
	a.Audience.Publish(p)
	select {
	case a.pushes <- p:
	default: // nobody reads along any more
	}
}

// told waits until browsers are told something.
func (s *story) told(what string, is func(runner.Push) bool) runner.Push {
	s.t.Helper()
	deadline := time.After(session.Patience)
	for {
		select {
		case p := <-s.audience.pushes:
			if is(p) {
				return p
			}
		case <-deadline:
			s.t.Fatalf("browsers are never told: %s", what)
		}
	}
}

var small = map[string]string{
	"conf.py":      "project = 'small'\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build', 'inc']\n",
	"index.rst":    "Start\n=====\n\n.. toctree::\n\n   one\n   two\n\nWelcome.\n",
	"one.rst":      "One\n===\n\nText of one.\n\n.. include:: inc/part.txt\n",
	"two.rst":      "Two\n===\n\nText of two.\n\n.. image:: dot.svg\n",
	"inc/part.txt": "Included text.\n",
	"dot.svg":      "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\n",
}

func newStory(t *testing.T, texts map[string]string) *story {
	t.Helper()
	source := session.Project(t, texts)
	return &story{t: t, source: source, output: filepath.Join(source, "_build", "html")}
}

func (s *story) write(texts map[string]string) {
	s.t.Helper()
	if err := session.Write(s.source, texts); err != nil {
		s.t.Fatal(err)
	}
}

// start opens a session; python names the environment.
func (s *story) start(python string, change func(*Options)) {
	s.t.Helper()
	opts := Options{Options: session.Options(testenv.Python(s.t, python), s.source)}
	var err error
	if s.files, err = session.NewFiles(s.source); err != nil {
		s.t.Fatal(err)
	}
	opts.Files = s.files
	s.open(opts, change)
}

// watched opens a session with the real watcher.
func (s *story) watched(python string, change func(*Options)) {
	s.t.Helper()
	opts := Options{Options: session.Options(testenv.Python(s.t, python), s.source)}
	watcher, err := session.Watch(opts.Sphinx)
	if err != nil {
		s.t.Fatal(err)
	}
	opts.Files = watcher
	s.open(opts, change, watcher.Run)
}

// open runs an engine, and what else has to run with it.
func (s *story) open(opts Options, change func(*Options), beside ...func(context.Context) error) {
	s.t.Helper()
	s.audience = &audience{session.NewAudience(), make(chan runner.Push, 1000)}
	opts.Audience = s.audience
	if change != nil {
		change(&opts)
	}
	s.engine = New(opts)
	ctx, cancel := context.WithCancel(context.Background())
	group, ctx := errgroup.WithContext(ctx)
	for _, run := range append(beside, s.engine.Run) {
		group.Go(func() error { return run(ctx) })
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }()
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				s.t.Errorf("run: %v", err)
			}
		case <-time.After(session.Patience):
			s.t.Error("the engine does not end")
		}
	}
	s.t.Cleanup(s.stop)
}

// save writes files, and tells the engine of all that has changed.
func (s *story) save(texts map[string]string) {
	s.t.Helper()
	s.write(texts)
	s.notify()
}

func (s *story) notify() {
	s.t.Helper()
	if _, err := s.files.Notify(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) until(what string, holds func(runner.Status) bool) runner.Status {
	s.t.Helper()
	return s.await(what, func(status runner.Status) error {
		if !holds(status) {
			return errors.New("not so")
		}
		return nil
	})
}

func (s *story) await(what string, objection func(runner.Status) error) runner.Status {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), session.Patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		status := s.engine.Status(ctx)
		err := objection(status)
		if err == nil {
			return status
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("waited in vain for %s: %v: %+v", what, err, status)
		}
	}
}

// settled waits until so many builds were made and nothing is left to do.
func (s *story) settled(builds int) runner.Status {
	s.t.Helper()
	return s.until(fmt.Sprintf("build %d, settled", builds), func(st runner.Status) bool { return st.Settled && len(st.Builds) == builds })
}

// failed waits until so many builds were made and the last one has failed.
func (s *story) failed(builds int) runner.Status {
	s.t.Helper()
	return s.until(fmt.Sprintf("build %d, failed", builds), func(st runner.Status) bool { return st.Failed && len(st.Builds) == builds })
}

// page fetches a page.
func (s *story) page(name string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), session.Patience)
	defer cancel()
	result, err := s.engine.Fetch(ctx, name)
	if err != nil {
		s.t.Fatalf("fetch %s: %v %+v", name, err, result)
	}
	text, err := os.ReadFile(result.File)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// warned checks which warnings there are: each is a part of one, in their order.
func warned(t *testing.T, status runner.Status, want ...string) {
	t.Helper()
	var got []string
	for _, d := range status.Diagnostics {
		got = append(got, d.String())
	}
	if len(got) != len(want) {
		t.Errorf("got warnings %q, want %q", got, want)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("got warning %q, want %q", got[i], want[i])
		}
	}
}
