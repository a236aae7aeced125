package runner_test

import (
	"testing"

	"docserve/runner"
)

// TestCycleOfToctrees has two documents list each other for a while, on which
// Sphinx itself fails.
func TestCycleOfToctrees(t *testing.T) {
	for _, version := range []string{"5.3", "9.0"} {
		t.Run(version, func(t *testing.T) {
			part := func(title, to string) string { return title + "\n======\n\n.. toctree::\n\n   " + to + "\n" }
			s := newStory(t, map[string]string{
				"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
				"index.rst": part("Start", "a"), "a.rst": part("Part A", "b"), "b.rst": "Part B\n======\n\nText.\n",
			})
			s.start(version, nil)
			s.settled()
			s.save(map[string]string{"b.rst": part("Part B", "a")})
			s.until("failed", func(st runner.Status) bool { return st.Failed })
			s.save(map[string]string{"b.rst": "Part B\n======\n\nOther text.\n"})
			s.settled()
			s.equalsClean(version)
		})
	}
}
