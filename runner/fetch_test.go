//go:build unix

package runner_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"docserve/internal/testenv/session"
	"docserve/runner"
)

// old fetches a page that is out of date and cannot be written now; it must come
// as it is, without waiting for that.
func (s *story) old(path, text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), session.Patience)
	defer cancel()
	result, err := s.session.Runner.Fetch(ctx, path)
	if err != nil || ctx.Err() != nil || result.State != runner.Building {
		s.t.Fatalf("fetch %s: %+v, %v, %v", path, result, err, ctx.Err())
	}
	if data, err := os.ReadFile(result.File); err != nil || !strings.Contains(string(data), text) {
		s.t.Fatalf("%s lacks %q, %v", path, text, err)
	}
}

// stale waits until a page is known to be out of date.
func (s *story) stale(path string) {
	s.t.Helper()
	s.until(path+" is out of date", func(runner.Status) bool {
		entry, ok := s.session.Runner.Current(path)
		return ok && entry.State == runner.Building
	})
}

// TestServedWhileStopped: a page that is written is served while Sphinx is
// stopped, and after the first time without holding anybody up.
func TestServedWhileStopped(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	status := s.settled()
	worker := status.Processes["worker"]
	if err := syscall.Kill(worker, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	s.save(map[string]string{"one.rst": small["one.rst"] + "\nAnother line.\n", "two.rst": ".. _second:\n\nTwo\n===\n\nMore of two.\n"})
	s.stale("one.html")
	s.stale("two.html")
	const holdBack, times = 250 * time.Millisecond, 40
	began := time.Now()
	for range times {
		s.old("one.html", "Text of one.")
		s.old("two.html", "Text of two.")
	}
	if took := time.Since(began); took > times*holdBack {
		t.Errorf("%d fetches took %s: each was held back", 2*times, took)
	}
	if err := syscall.Kill(worker, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.shows("one.html", "Another line.")
	s.settled()
	s.equalsClean("9.0")
}

// TestAskedForWhileHeld: a page that was given as it was, because Sphinx is at
// something else, is written all the same, also where only others are built
// without being asked for.
func TestAskedForWhileHeld(t *testing.T) {
	hold := newHold(t)
	list := "Start\n=====\n\n.. toctree::\n\n"
	texts := map[string]string{
		"conf.py": "import os, time\n\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n\n\n" +
			"def hold(app, docname, text):\n" + hold.python("docname == 'd0'") + "def setup(app):\n    app.connect('source-read', hold)\n",
	}
	edited := map[string]string{}
	for i := range 10 { // more than are taken for what somebody is writing
		name := fmt.Sprintf("d%d", i)
		list += "   " + name + "\n"
		texts[name+".rst"] = "Title\n=====\n\nFirst text.\n"
		edited[name+".rst"] = "Title\n=====\n\nSecond text.\n"
	}
	texts["index.rst"] = list
	s := newStory(t, texts)
	s.start("9.0", func(o *runner.Options) { o.Filenames = []string{s.source + "/index.rst"} })
	s.settled()
	s.shows("d7.html", "First text.") // it is written now, and not just a provisional page
	s.settled()
	hold.set(t)
	s.save(edited)
	hold.held(s)
	s.stale("d7.html")
	s.old("d7.html", "First text.")
	hold.release(t)
	s.until("d7.html is written", func(runner.Status) bool {
		entry, _ := s.session.Runner.Current("d7.html")
		return entry.State == runner.Fresh
	})
	s.shows("d7.html", "Second text.")
}
