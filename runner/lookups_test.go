package runner_test

import (
	"fmt"
	"testing"
)

// TestFirstToLookUp: docutils leaves a message in the first document of a process
// that uses an English name of a directive in another language. It is between the
// title and the module here, which therefore keeps its own anchor.
func TestFirstToLookUp(t *testing.T) {
	page := func(name, first string) string {
		return fmt.Sprintf("Page %[1]s\n======\n\n%[2]s.. js:module:: %[1]s\n\n.. js:function:: f(x)\n\n   Text.\n", name, first)
	}
	const role = ".. role:: strange\n\n"
	for _, python := range []string{"5.3", "7.4", "9.0"} {
		t.Run(python, func(t *testing.T) {
			s := newStory(t, map[string]string{
				"conf.py":   "html_theme = 'alabaster'\nlanguage = 'de'\nexclude_patterns = ['_build']\n",
				"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n   c\n",
				"a.rst":     page("a", ""), "b.rst": page("b", role), "c.rst": page("c", role),
			})
			s.start(python, nil)
			s.settled()
			s.equalsClean(python)
			for i, texts := range []map[string]string{
				{"b.rst": page("b", "")},
				{"a.rst": page("a", role)},
				{"b.rst": page("b", role)},
				{"a.rst": page("a", "")},
			} {
				s.save(texts)
				s.settled()
				if t.Run(fmt.Sprint(i), func(*testing.T) { s.equalsClean(python) }); t.Failed() {
					return
				}
			}
			if err := s.session.Stop(); err != nil {
				t.Fatal(err)
			}
			s.start(python, nil)
			s.settled()
			s.save(map[string]string{"b.rst": page("b", "")})
			s.settled()
			s.equalsClean(python)
		})
	}
}
