package runner_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"docserve/runner"
)

// stuck is a project with a directive that never ends, in an extension.
func stuck(more string) map[string]string {
	texts := map[string]string{}
	for name, text := range small {
		texts[name] = text
	}
	texts["conf.py"] += "import os, sys\nsys.path.insert(0, os.path.abspath('_ext'))\nextensions = ['sticky']\n"
	texts["_ext/sticky.py"] = `import time
from docutils.parsers.rst import Directive

class Stick(Directive):
    def run(self):
        wait()
        return []

def wait():
    while True:
        time.sleep(1)

def setup(app):
    app.add_directive('stick', Stick)
` + more
	return texts
}

// diagnosed is a terminal that keeps what belongs to no build.
type diagnosed struct {
	mu       sync.Mutex // guards messages: the runner reports from its own goroutine
	messages []string
}

func (d *diagnosed) Progress(runner.Progress) {}
func (d *diagnosed) Visible(runner.Build)     {}
func (d *diagnosed) Built(runner.Build)       {}
func (d *diagnosed) Diagnose(each runner.Diagnostic) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = append(d.messages, each.Message)
}

func (d *diagnosed) has(message string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.messages, message)
}

// TestStandstill: a document that makes Sphinx stand still is named with the
// place, in time, then set aside; everything else goes on, and so does the
// document when it changes.
func TestStandstill(t *testing.T) {
	for _, way := range []struct {
		name   string
		noFork bool
	}{{"fork", false}, {"no fork", true}} {
		t.Run(way.name, func(t *testing.T) {
			s := newStory(t, stuck(""))
			const timeout = 2 * time.Second
			terminal := &diagnosed{}
			s.start("9.0", func(o *runner.Options) { o.Timeout, o.NoFork, o.Reporter = timeout, way.noFork, terminal })
			s.settled()
			saved := time.Now()
			s.save(map[string]string{"one.rst": small["one.rst"] + "\n.. stick::\n"})
			const want = "Sphinx stood still for 2 s reading one.rst, in extension sticky, line 11 of wait() (_ext/sticky.py)"
			st := s.until("said", func(st runner.Status) bool { return len(st.Incidents) > 0 })
			t.Logf("said %s after the save", time.Since(saved).Round(time.Millisecond))
			if d := st.Incidents[0].Diagnostic; d.Message != want || d.Doc != "one" || !strings.Contains(d.Hint, "most recent call first") {
				t.Errorf("got %+v", d)
			}
			inBrowser := func(p runner.Push) bool { return p.Page == "one.html" && p.Note == want }
			if !slices.ContainsFunc(s.session.Audience.Notes(), inBrowser) || !terminal.has(want) {
				t.Errorf("not told: browser %v, terminal %v", s.session.Audience.Notes(), terminal.messages)
			}
			st = s.until("set aside", func(st runner.Status) bool { return st.Settled })
			if len(st.Broken) != 1 || st.Broken[0] != "one" || len(st.Incidents) != 2 {
				t.Errorf("broken %v, incidents %v", st.Broken, st.Incidents)
			}
			if text, state := s.page("one.html"); state != runner.Broken || !strings.Contains(text, "Text of one.") {
				t.Errorf("the last good page is not there: %s", state)
			}
			s.save(map[string]string{"two.rst": ".. _second:\n\nTwo\n===\n\nEdited.\n"})
			s.shows("two.html", "Edited.")
			if st = s.settled(); len(st.Incidents) != 2 {
				t.Errorf("another document's save has it tried again: %v", st.Incidents)
			}
			s.save(map[string]string{"one.rst": small["one.rst"] + "\nRepaired.\n"})
			s.shows("one.html", "Repaired.")
			s.settled()
			s.equalsClean("9.0")
		})
	}
}

// TestStandstillFinishing: a step of the finish that stands still is left out
// and said; the pages are there all the same.
func TestStandstillFinishing(t *testing.T) {
	s := newStory(t, stuck("    app.connect('html-collect-pages', lambda app: wait())\n"))
	s.start("9.0", func(o *runner.Options) { o.Timeout = 2 * time.Second })
	st := s.settled()
	found := false
	for _, d := range st.Diagnostics {
		found = found || strings.Contains(d.Message, "finishing the site, step extensions, in extension sticky, line 11 of wait()")
	}
	if !found {
		t.Errorf("not said: %v", st.Diagnostics)
	}
	s.save(map[string]string{"_ext/sticky.py": stuck("")["_ext/sticky.py"]})
	s.until("repaired", func(st runner.Status) bool { return st.Settled && len(st.Diagnostics) == 0 })
	s.equalsClean("9.0")
}

// TestStandstillOpening: people are told after one deadline, and conf.py has five.
func TestStandstillOpening(t *testing.T) {
	texts := stuck("")
	texts["conf.py"] += "import time\ntime.sleep(1000)\n"
	s := newStory(t, texts)
	const timeout = time.Second
	started := time.Now()
	s.start("9.0", func(o *runner.Options) { o.Timeout = timeout })
	st := s.until("said", func(st runner.Status) bool { return len(st.Incidents) > 0 })
	if st.Failed || !strings.Contains(st.Incidents[0].Message, "loading conf.py and the extensions, in conf.py, line 8 (conf.py)") {
		t.Errorf("got %+v", st.Incidents)
	}
	s.until("failed", func(st runner.Status) bool { return st.Failed && st.Phase == runner.Failed })
	if took := time.Since(started); took < 5*timeout {
		t.Errorf("given up after %s", took)
	}
	s.save(map[string]string{"conf.py": stuck("")["conf.py"]})
	s.settled()
	s.equalsClean("9.0")
}
