package runner_test

import "testing"

// TestSavedWhileRehearsed saves a document at the moment at which it is read for
// nothing. Pages that show its title must follow.
func TestSavedWhileRehearsed(t *testing.T) {
	hold := newHold(t)
	a := func(title, text string) string { return title + "\n=======\n\n" + text + "\n" }
	s := newStory(t, map[string]string{
		"conf.py": "import os, time\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n\n\n" +
			"def wait(app, env, docname):\n" + hold.python("docname == 'a'") + "def setup(app):\n    app.connect('env-purge-doc', wait)\n",
		"index.rst": "Start\n=====\n\nSee :doc:`b`.\n\n.. toctree::\n\n   a\n   b\n", "a.rst": a("Title A", "Text."),
		"b.rst": "B\n=\n\nSee :doc:`a`.\n",
	})
	s.start("9.0", nil)
	s.settled()
	s.save(map[string]string{"a.rst": a("Title A", "Other text.")})
	s.shows("a.html", "Other text.")
	hold.set(t)
	hold.held(s)
	s.save(map[string]string{"a.rst": a("Renamed", "Other text.")})
	hold.release(t)
	s.shows("a.html", "Renamed")
	s.settled()
	s.equalsClean("9.0")
}
