package runner_test

import (
	"testing"

	"docserve/runner"
)

// TestRehearsalKeepsParents edits one of two parents of a page, and, when the
// worker has rehearsed that parent, the page. Sphinx takes the last parent in
// the order of reading for what the page is part of.
func TestRehearsalKeepsParents(t *testing.T) {
	parent := func(title string) string { return title + "\n=======\n\n.. toctree::\n\n   /shared\n" }
	s := newStory(t, map[string]string{
		"conf.py":     "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
		"index.rst":   "Start\n=====\n\n.. toctree::\n\n   a/index\n   z/index\n",
		"a/index.rst": parent("Parent A"), "z/index.rst": parent("Parent Z"),
		"shared.rst": "Shared\n======\n\nText.\n",
	})
	s.start("9.0", nil)
	s.settled()
	s.save(map[string]string{"a/index.rst": parent("Parent A") + "\nMore.\n"})
	s.settled()
	s.until("rehearsed", func(st runner.Status) bool { return st.Settled && st.Processes["standby"] != 0 })
	s.save(map[string]string{"shared.rst": "Shared\n======\n\nOther text.\n"})
	s.settled()
	s.equalsClean("9.0")
}
