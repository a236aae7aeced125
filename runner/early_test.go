package runner_test

import "testing"

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
