package runner_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"docserve/runner"
)

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
	hold := filepath.Join(t.TempDir(), "hold")
	s := newStory(t, map[string]string{
		"conf.py": fmt.Sprintf("import os, time\n\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n\n\n"+
			"def hold(app, page, *args):\n    if page == 'a' and os.path.exists(%[1]q):\n        open(%[1]q + '.held', 'w').close()\n"+
			"        while os.path.exists(%[1]q):\n            time.sleep(0.01)\n\n\n"+
			"def setup(app):\n    app.connect('html-page-context', hold)\n", hold),
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n",
		"a.rst":     "A\n=\n\nSee :ref:`there`.\n", "b.rst": "B\n=\n\n.. _there:\n\nPart\n----\n\nText.\n",
	})
	s.start("9.0", nil)
	s.settled()
	if err := os.WriteFile(hold, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s.save(map[string]string{"a.rst": "A\n=\n\nSee :ref:`there` again.\n", "b.rst": "B\n=\n\nPart\n----\n\nText.\n"})
	s.until("held", func(runner.Status) bool {
		_, err := os.Stat(hold + ".held")
		return err == nil
	})
	s.save(map[string]string{"b.rst": "B\n=\n\n.. _there:\n\nPart\n----\n\nText.\n"})
	s.until("taken", func(st runner.Status) bool { return st.Changes == 2 })
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	s.settled()
	s.equalsClean("9.0")
}
