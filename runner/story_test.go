package runner_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/internal/compare"
	"docserve/internal/proc"
	"docserve/internal/testenv"
	"docserve/internal/testenv/session"
	"docserve/runner"
)

// story is one session on a project.
type story struct {
	t       *testing.T
	source  string
	output  string
	session *session.Session
}

// write makes or changes files of the project.
func (s *story) write(texts map[string]string) {
	s.t.Helper()
	if err := session.Write(s.source, texts); err != nil {
		s.t.Fatal(err)
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
	if _, err := s.session.Files.Notify(); err != nil {
		s.t.Fatal(err)
	}
}

// start opens a session; python names the environment, as "9.0".
func (s *story) start(python string, change func(*runner.Options)) {
	s.t.Helper()
	s.open(session.Start, python, change)
}

// open opens a session in one of the ways that there are.
func (s *story) open(how func(runner.Options) (*session.Session, error), python string, change func(*runner.Options)) {
	s.t.Helper()
	opts := session.Options(testenv.Python(s.t, python), s.source)
	if change != nil {
		change(&opts)
	}
	var err error
	if s.session, err = how(opts); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := s.session.Stop(); err != nil {
			s.t.Errorf("run: %v", err)
		}
	})
}

func newStory(t *testing.T, texts map[string]string) *story {
	t.Helper()
	source := session.Project(t, texts)
	return &story{t: t, source: source, output: filepath.Join(source, "_build", "html")}
}

// settled waits until everything is true.
func (s *story) settled() runner.Status {
	s.t.Helper()
	return s.until("settled", func(st runner.Status) bool { return st.Settled })
}

func (s *story) until(what string, holds func(runner.Status) bool) runner.Status {
	s.t.Helper()
	status, err := s.session.Until(what, holds)
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

// page fetches a page and returns its text and state.
func (s *story) page(path string) (string, runner.State) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), session.Patience)
	defer cancel()
	result, err := s.session.Runner.Fetch(ctx, path)
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
	deadline := time.Now().Add(session.Patience)
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
		Argv: []string{testenv.Python(s.t, python), "-m", "sphinx", "-q", "-N", "-b", "html", "-d", filepath.Join(clean, "doctrees"), s.source, filepath.Join(clean, "html")},
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
	var shown []compare.Warning
	for _, d := range s.session.Runner.Status(s.t.Context()).Diagnostics {
		if d.Severity != runner.Info {
			shown = append(shown, compare.Warning{Path: d.Path, Line: d.Line, Message: d.Message, Category: d.Category})
		}
	}
	lost, invented := compare.Warnings(shown, compare.ParseWarnings(string(result.Output)))
	for _, w := range lost {
		s.t.Errorf("a clean build warns: %s", w)
	}
	for _, w := range invented {
		s.t.Errorf("a clean build does not warn: %s", w)
	}
}
