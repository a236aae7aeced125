package runner_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"docserve/runner"
)

// TestFinishBrokenOff has a document show a module for a moment. The page of the
// module is written by a finish that does not come to its end.
func TestFinishBrokenOff(t *testing.T) {
	for _, noFork := range []bool{false, true} {
		name := "fork"
		if noFork {
			name = "no fork"
		}
		t.Run(name, func(t *testing.T) {
			hold := newHold(t)
			conf := "import os, sys, time\nsys.path.insert(0, os.path.dirname(__file__))\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n" +
				"extensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode']\n\n\n" +
				"def wait(app, error):\n" + hold.python("True") + "def setup(app):\n    app.connect('build-finished', wait)\n"
			text := "Start\n=====\n\nText.\n"
			s := newStory(t, map[string]string{
				"conf.py": conf, "index.rst": text, "tools.py": "def cut():\n    '''Cuts.'''\n",
			})
			s.start("9.0", func(o *runner.Options) { o.NoFork = noFork })
			s.settled()
			hold.set(t)
			s.save(map[string]string{"index.rst": text + "\n.. autofunction:: tools.cut\n"})
			hold.held(s)
			before := s.until("", func(runner.Status) bool { return true }).Changes
			s.save(map[string]string{"index.rst": text})
			s.until("noticed", func(st runner.Status) bool { return st.Changes > before })
			hold.release(t)
			s.settled()
			s.equalsClean("9.0")
		})
	}
}

// TestUnchangedPageThatGoes: what a finish has made again with the same bytes is not
// taken for what a later one makes, where the same process does both.
func TestUnchangedPageThatGoes(t *testing.T) {
	text, shown := "Start\n=====\n\nText.\n", "\n.. autofunction:: tools.cut\n"
	tools := "def cut():\n    '''Cuts.'''\n"
	s := newStory(t, map[string]string{
		"conf.py": "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nhtml_theme = 'alabaster'\n" +
			"exclude_patterns = ['_build']\nextensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode']\n",
		"index.rst": text + shown, "tools.py": tools,
	})
	s.start("9.0", func(o *runner.Options) { o.NoFork = true })
	s.settled()
	s.save(map[string]string{"tools.py": tools, "index.rst": text + "\nMore.\n" + shown}) // a newer file has its page made again
	s.settled()
	s.save(map[string]string{"index.rst": text})
	s.settled()
	s.equalsClean("9.0")
}

// TestFinisherComesLate: a save while the finisher is being forked. What it knows is
// then that of before, and it is not used when it connects after all.
func TestFinisherComesLate(t *testing.T) {
	hold := newHold(t)
	// A fork of a fork is the finisher: the standby has forked it.
	conf := "import os, time\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\ndepth = 0\n\n\n" +
		"def forked():\n    global depth\n    depth += 1\n" + hold.python("depth == 2") +
		"os.register_at_fork(after_in_child=forked)\n"
	s := newStory(t, map[string]string{"conf.py": conf, "index.rst": "Start\n=====\n\nText.\n"})
	s.start("9.0", nil)
	s.settled()
	for _, word := range []string{"One", "Two", "Three"} {
		hold.set(t)
		s.save(map[string]string{"index.rst": "Start\n=====\n\n" + word + ".\n"})
		hold.held(s)
		before := s.until("", func(runner.Status) bool { return true }).Changes
		s.save(map[string]string{"index.rst": "Start\n=====\n\n" + word + " and more.\n"})
		s.until("noticed", func(st runner.Status) bool { return st.Changes > before })
		hold.release(t)
		if st := s.settled(); len(st.Incidents) > 0 {
			t.Errorf("%s: %v", word, st.Incidents)
		}
		s.equalsClean("9.0")
	}
}

// TestPageThatCannotBeRemoved: what stays of a document that is gone is said, and
// removed as soon as that is possible, in the next session too.
func TestPageThatCannotBeRemoved(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarted %t", restarted), func(t *testing.T) {
			s := newStory(t, small)
			s.start("9.0", nil)
			s.settled()
			// A directory with something in it cannot be removed like a file, by root neither.
			page := filepath.Join(s.output, "two.html")
			if err := errors.Join(os.Remove(page), os.Mkdir(page, 0o777), os.WriteFile(filepath.Join(page, "x"), nil, 0o666)); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(s.source, "two.rst")); err != nil {
				t.Fatal(err)
			}
			s.save(map[string]string{"index.rst": "Start\n=====\n\n.. toctree::\n\n   one\n"})
			st := s.settled()
			if !slices.ContainsFunc(st.Diagnostics, func(d runner.Diagnostic) bool {
				return strings.HasPrefix(d.Message, "two is gone, and what was written for it cannot be removed: ")
			}) {
				t.Errorf("said: %v", st.Diagnostics)
			}
			if err := os.Remove(filepath.Join(page, "x")); err != nil {
				t.Fatal(err)
			}
			if restarted {
				if err := s.session.Stop(); err != nil {
					t.Fatal(err)
				}
				s.start("9.0", nil)
				s.settled()
			}
			s.save(map[string]string{"one.rst": "One\n===\n\nEdited.\n"})
			if st = s.settled(); len(st.Diagnostics) > 0 {
				t.Errorf("said: %v", st.Diagnostics)
			}
			s.equalsClean("9.0")
		})
	}
}

// TestStandbyLostBeforeFinish: the worker has rehearsed a document when the standby
// ends, and another one is forked, whose index must have the order of a clean one.
func TestStandbyLostBeforeFinish(t *testing.T) {
	hold, read := newHold(t), filepath.Join(t.TempDir(), "read")
	conf := "import os, time\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\ndepth = 0\n\n\n" +
		"def forked():\n    global depth\n    depth += 1\n" + hold.python("depth == 2") +
		"os.register_at_fork(after_in_child=forked)\n\n\n" +
		"def note(app, doc, text):\n    with open(" + strconv.Quote(read) + ", 'a') as file:\n        file.write(doc + '\\n')\n\n\n" +
		"def setup(app):\n    app.connect('source-read', note)\n"
	texts := map[string]string{"conf.py": conf, "index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n\nTodo\n----\n\nText.\n"}
	for _, doc := range []string{"a", "b"} {
		texts[doc+".rst"] = strings.ToUpper(doc) + "\n=\n\nText.\n\nTodo\n----\n\nText.\n"
	}
	s := newStory(t, texts)
	s.start("5.3", nil) // later ones sort the titles in the index
	s.settled()
	if err := os.Remove(read); err != nil {
		t.Fatal(err)
	}
	hold.set(t)
	s.save(map[string]string{"a.rst": texts["a.rst"] + "\nEdited.\n"})
	hold.held(s)
	s.until("rehearsed", func(runner.Status) bool {
		text, err := os.ReadFile(read)
		return err == nil && strings.Count(string(text), "a\n") > 1
	})
	st := s.until("idle", func(st runner.Status) bool { return st.Processes["standby"] > 0 })
	process, err := os.FindProcess(st.Processes["standby"])
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.until("lost", func(now runner.Status) bool { return now.Processes["standby"] != st.Processes["standby"] })
	hold.release(t)
	s.settled()
	s.equalsClean("5.3")
}
