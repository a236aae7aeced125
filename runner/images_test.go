package runner_test

import (
	"testing"

	"docserve/runner"
)

// TestImagesOfAFailure names images while a document that shows one of them
// cannot be read, and again when it can.
func TestImagesOfAFailure(t *testing.T) {
	svg := "<svg xmlns='http://www.w3.org/2000/svg'><!-- "
	show := func(title, dir string) string { return title + "\n=\n\n.. image:: " + dir + "/pic.svg\n" }
	s := newStory(t, map[string]string{
		"conf.py": "from docutils.parsers.rst import Directive\n\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n\n\n" +
			"class Boom(Directive):\n    def run(self):\n        raise RuntimeError('boom')\n\n\ndef setup(app):\n    app.add_directive('boom', Boom)\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n   c\n",
		"a.rst":     show("A", "x"), "b.rst": show("B", "y"), "c.rst": show("C", "z"),
		"x/pic.svg": svg + "x --></svg>\n", "y/pic.svg": svg + "y --></svg>\n", "z/pic.svg": svg + "z --></svg>\n",
	})
	s.start("9.0", nil)
	s.settled()
	s.save(map[string]string{"b.rst": show("B", "y") + "\n.. boom::\n"})
	s.until("failed", func(st runner.Status) bool { return len(st.Broken) > 0 })
	s.save(map[string]string{"a.rst": "A\n=\n\nText.\n"})
	s.until("taken", func(st runner.Status) bool { return st.Changes == 2 && len(st.Stale) == 0 })
	s.save(map[string]string{"a.rst": show("A", "x")})
	s.until("taken", func(st runner.Status) bool { return st.Changes == 3 && len(st.Stale) == 0 })
	s.save(map[string]string{"b.rst": show("B", "y") + "\nText.\n"})
	s.settled()
	s.equalsClean("9.0")
}
