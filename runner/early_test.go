package runner_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"docserve/runner"
)

// hold is a place in Sphinx's work where it waits, as long as a file is there.
type hold string

func newHold(t *testing.T) hold { return hold(filepath.Join(t.TempDir(), "hold")) }

// python is the body of a function in conf.py that waits if a condition holds.
func (h hold) python(condition string) string {
	return fmt.Sprintf("    if %[2]s and os.path.exists(%[1]q):\n        open(%[1]q + '.held', 'w').close()\n"+
		"        while os.path.exists(%[1]q):\n            time.sleep(0.01)\n\n\n", string(h), condition)
}

// whenRead is a conf.py with which Sphinx waits before it reads a document for which
// a condition holds; more is the rest of its setup().
func (h hold) whenRead(condition, more string) string {
	return h.conf("source-read", "docname, source", condition, more)
}

// conf is a conf.py with which Sphinx waits in an event if a condition holds, for
// which there are the event's parameters; more is the rest of its setup().
func (h hold) conf(event, parameters, condition, more string) string {
	return "import os, time\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build', 'inc']\n\n\n" +
		"def wait(app, " + parameters + "):\n" + h.python(condition) +
		"def setup(app):\n    app.connect('" + event + "', wait)\n" + more
}

// set has Sphinx wait when it comes there.
func (h hold) set(t *testing.T) {
	t.Helper()
	_ = os.Remove(string(h) + ".held") // of the time before, if there was one
	if err := os.WriteFile(string(h), nil, 0o666); err != nil {
		t.Fatal(err)
	}
}

// held waits until Sphinx is there.
func (h hold) held(s *story) {
	s.t.Helper()
	s.until("held", func(runner.Status) bool {
		_, err := os.Stat(string(h) + ".held")
		return err == nil
	})
}

// release lets it go on.
func (h hold) release(t *testing.T) {
	t.Helper()
	if err := os.Remove(string(h)); err != nil {
		t.Fatal(err)
	}
}

// TestPageAndItsNeighbour saves two pages at once: of one just the text, while
// the other defines a label that a third one defines as well. Until numbers are
// assigned again the second may have none, and the first shows its title.
func TestPageAndItsNeighbour(t *testing.T) {
	s := newStory(t, map[string]string{
		"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n   :numbered:\n\n   y\n   a\n   z\n",
		"a.rst":     "A\n=\n\nText.\n", "y.rst": "Y\n=\n\nText.\n\nPart\n----\n\nText.\n", "z.rst": "Z\n=\n\nText.\n\n.. _twice:\n\nPart\n----\n\nText.\n",
	})
	s.start("9.0", nil)
	s.settled()
	for _, label := range []string{"twice", "once"} {
		s.save(map[string]string{"a.rst": "A\n=\n\nWith " + label + ".\n", "y.rst": "Y\n=\n\nText.\n\n.. _" + label + ":\n\nPart\n----\n\nText.\n"})
		s.shows("a.html", "With "+label)
		s.settled()
		s.equalsClean("9.0")
	}
}

// TestTakenBack takes a change back while a page that shows it is being written,
// before it was followed to the others. Nothing has changed then, but that page.
func TestTakenBack(t *testing.T) {
	hold := newHold(t)
	s := newStory(t, map[string]string{
		"conf.py": "import os, time\n\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n\n\n" +
			"def hold(app, page, *args):\n" + hold.python("page == 'a'") + "def setup(app):\n    app.connect('html-page-context', hold)\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n",
		"a.rst":     "A\n=\n\nSee :ref:`there`.\n", "b.rst": "B\n=\n\n.. _there:\n\nPart\n----\n\nText.\n",
	})
	s.start("9.0", nil)
	s.settled()
	hold.set(t)
	s.save(map[string]string{"a.rst": "A\n=\n\nSee :ref:`there` again.\n", "b.rst": "B\n=\n\nPart\n----\n\nText.\n"})
	hold.held(s)
	s.save(map[string]string{"b.rst": "B\n=\n\n.. _there:\n\nPart\n----\n\nText.\n"})
	s.until("taken", func(st runner.Status) bool { return st.Changes == 2 })
	hold.release(t)
	s.settled()
	s.equalsClean("9.0")
}

// TestTakenBackWhileRead takes back what a document includes, and what it has
// missed, while it is being read.
func TestTakenBackWhileRead(t *testing.T) {
	hold := newHold(t)
	picture := "<svg xmlns='http://www.w3.org/2000/svg'/>\n"
	s := newStory(t, map[string]string{
		"conf.py":   hold.conf("doctree-read", "doctree", "app.env.docname == 'a'", ""),
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n",
		"a.rst":     "A\n=\n\n.. include:: inc/part.txt\n\n.. image:: pic.svg\n\n.. csv-table::\n   :file: data.csv\n", "inc/part.txt": "Part.\n", "pic.svg": picture, "data.csv": "a,b\n",
	})
	s.start("9.0", nil)
	s.settled()
	for _, step := range []struct {
		name string
		away func()
		back map[string]string
	}{
		{"include", func() { s.write(map[string]string{"inc/part.txt": "Other.\n"}) }, map[string]string{"inc/part.txt": "Part.\n"}},
		{"picture", func() { os.Remove(filepath.Join(s.source, "pic.svg")) }, map[string]string{"pic.svg": picture}},
		{"table", func() {
			os.Remove(filepath.Join(s.source, "data.csv"))
			s.write(map[string]string{"inc/part.txt": "More.\n"})
		}, map[string]string{"data.csv": "a,b\n"}},
	} {
		hold.set(t)
		step.away()
		s.notify()
		hold.held(s)
		s.save(step.back)
		s.until("heard", func(runner.Status) bool { return true })
		hold.release(t)
		if notes := s.settled().Diagnostics; len(notes) > 0 {
			t.Errorf("%s: %v", step.name, notes)
		}
		s.equalsClean("9.0")
	}
}

// TestRepairedWhileCold repairs a document, which defines a role, before all
// others have been read for the first time.
func TestRepairedWhileCold(t *testing.T) {
	hold := newHold(t)
	s := newStory(t, map[string]string{
		"conf.py": "import os, time\n\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n\n\n" +
			"def hold(app, docname, text):\n    if 'boom' in text[0]:\n        raise RuntimeError('boom')\n" + hold.python("docname == 'c'") +
			"def setup(app):\n    app.connect('source-read', hold)\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n   c\n",
		"a.rst":     "A\n=\n\n.. role:: strange\n\nboom\n", "b.rst": "B\n=\n\nA :strange:`word`.\n", "c.rst": "C\n=\n\nText.\n",
	})
	hold.set(t)
	s.start("9.0", func(opts *runner.Options) { opts.NoFork = true })
	hold.held(s)
	s.save(map[string]string{"a.rst": "A\n=\n\n.. role:: strange\n\nText.\n"})
	s.until("taken", func(st runner.Status) bool { return st.Changes == 1 })
	hold.release(t)
	s.settled()
	s.equalsClean("9.0")
}

// TestOpenPageFirst: of the pages that an edit concerns, the one that somebody looks
// at is on the screen before the others are read.
func TestOpenPageFirst(t *testing.T) {
	for _, noFork := range []bool{false, true} {
		t.Run(fmt.Sprintf("no fork %t", noFork), func(t *testing.T) {
			hold := newHold(t)
			s := newStory(t, map[string]string{
				"conf.py":   hold.whenRead("docname == 'a'", ""),
				"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   m\n",
				"a.rst":     "A\n=\n\n.. include:: inc/part.rst\n", "m.rst": "M\n=\n\n.. include:: inc/part.rst\n",
				"inc/part.rst": "A part.\n",
			})
			s.start("9.0", func(o *runner.Options) { o.NoFork = noFork })
			s.settled()
			s.session.Audience.Look("m.html")
			hold.set(t)
			s.save(map[string]string{"inc/part.rst": "Another part.\n"})
			hold.held(s)
			s.onDisk("m.html", "Another part.")
			hold.release(t)
			s.settled()
			s.equalsClean("9.0")
		})
	}
}

// TestChangedBack: a document is read because of a file that it includes, and with a
// text of its own that is gone before the watcher has looked at it.
func TestChangedBack(t *testing.T) {
	for _, noFork := range []bool{false, true} {
		t.Run(fmt.Sprintf("no fork %t", noFork), func(t *testing.T) {
			reading, ending := newHold(t), newHold(t)
			page := "B\n=\n\nText.\n\n.. include:: inc/part.rst\n"
			s := newStory(t, map[string]string{
				"conf.py": reading.whenRead("docname == 'a'", "    app.connect('build-finished', end)\n\n\n") +
					"def end(app, error):\n" + ending.python("True"),
				"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n",
				"a.rst":     "A\n=\n\n.. include:: inc/part.rst\n", "b.rst": page,
				"inc/part.rst": "A part.\n",
			})
			s.start("9.0", func(o *runner.Options) { o.NoFork = noFork })
			s.settled()
			reading.set(t)
			ending.set(t)
			s.save(map[string]string{"inc/part.rst": "Another part.\n"})
			reading.held(s)
			s.write(map[string]string{"b.rst": page + "\nMore.\n"}) // nobody is told
			reading.release(t)
			ending.held(s)
			s.onDisk("b.html", "More.")
			s.write(map[string]string{"b.rst": page})
			ending.release(t)
			s.settled()
			s.equalsClean("9.0")
		})
	}
}

// TestRemovedAndMadeAgain: a document is read while a file that it includes is not
// there. Of the removal nobody tells, so that the file seems to be written.
func TestRemovedAndMadeAgain(t *testing.T) {
	hold := newHold(t)
	page := "A\n=\n\n.. include:: inc/part.rst\n"
	s := newStory(t, map[string]string{
		"conf.py":   hold.whenRead("True", ""),
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n", "a.rst": page, "inc/part.rst": "A part.\n",
	})
	s.start("9.0", nil)
	s.settled()
	hold.set(t)
	s.save(map[string]string{"a.rst": page + "\nMore.\n"})
	hold.held(s)
	if err := os.Remove(filepath.Join(s.source, "inc", "part.rst")); err != nil {
		t.Fatal(err)
	}
	hold.release(t)
	s.onDisk("a.html", "More.")
	s.save(map[string]string{"inc/part.rst": "Another part.\n"})
	s.settled()
	s.equalsClean("9.0")
}
