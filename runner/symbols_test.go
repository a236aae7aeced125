package runner_test

import "testing"

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
