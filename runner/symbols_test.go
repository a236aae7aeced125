package runner_test

import (
	"testing"

	"docserve/runner"
)

// TestNamesThatAreGone moves a C++ function out of a namespace, and saves conf.py
// too: the new interpreter empties the environment of before the move. The
// function's old name must not hide the new one.
func TestNamesThatAreGone(t *testing.T) {
	conf := "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n"
	class := "C++\n===\n\n.. cpp:namespace:: geo\n\n.. cpp:class:: Point\n\n   A point, see :cpp:func:`open_it`.\n\n"
	function := ".. cpp:function:: void open_it(Point p)\n\n   Opens.\n"
	s := newStory(t, map[string]string{
		"conf.py":   conf,
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   z\n",
		"a.rst":     "A\n=\n\nText.\n", "z.rst": class + function,
	})
	s.start("8.2", nil)
	s.settled()
	s.save(map[string]string{"a.rst": "A\n=\n\nText.\n\n" + function, "z.rst": class, "conf.py": conf + "primary_domain = 'c'\n"})
	s.settled()
	s.equalsClean("8.2")
}

// TestNameTakenBesideSymbol gives a document with a symbol of C a name that a
// later one has too. The document is read again because of its symbol; the later
// one must still be told of the name.
func TestNameTakenBesideSymbol(t *testing.T) {
	for _, python := range []string{"5.3", "9.0"} {
		t.Run(python, func(t *testing.T) {
			a := func(book string) string {
				return "A\n=\n\n.. c:macro:: handle_t\n\n.. [" + book + "] A heavy book, see [" + book + "]_.\n"
			}
			s := newStory(t, map[string]string{
				"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
				"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n   c\n",
				"a.rst":     a("TOME"), "b.rst": "B\n=\n\n.. [BOOK] A book, see [BOOK]_.\n", "c.rst": "C\n=\n\n.. c:macro:: handle_t\n",
			})
			s.start(python, nil)
			s.settled()
			s.save(map[string]string{"a.rst": a("BOOK")})
			s.settled()
			s.equalsClean(python)
		})
	}
}

// TestReadAlongWithAnother has a document read along with another one, whose
// symbol it has too, while its page is to be checked for its toctree alone.
func TestReadAlongWithAnother(t *testing.T) {
	hold := newHold(t)
	index := func(part string) string {
		return "Start\n=====\n\n.. toctree::\n\n   a\n   m\n   z\n\n.. _part:\n\n" + part + "\n----\n\nText.\n"
	}
	s := newStory(t, map[string]string{
		"conf.py": "import os, time\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\nhtml_sidebars = {'**': ['globaltoc.html']}\n\n\n" +
			"def wait(app, doctree, docname):\n" + hold.python("docname == 'm'") + "def setup(app):\n    app.connect('doctree-resolved', wait)\n",
		"index.rst": index("Part"),
		"a.rst":     "A\n=\n\nText.\n", "m.rst": "M\n=\n\nSee :ref:`part`.\n", "z.rst": "Z\n=\n\n.. c:macro:: LIMIT\n",
	})
	s.start("9.0", func(o *runner.Options) { o.NoFork = true })
	s.settled()
	hold.set(t)
	s.save(map[string]string{"index.rst": index("Most")})
	hold.held(s)
	before := s.until("", func(runner.Status) bool { return true }).Changes
	s.save(map[string]string{"a.rst": "A\n=\n\n.. c:macro:: LIMIT\n"})
	s.until("noticed", func(st runner.Status) bool { return st.Changes > before })
	hold.release(t)
	s.settled()
	s.equalsClean("9.0")
}
