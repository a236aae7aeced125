package runner_test

import (
	"testing"

	"docserve/runner"
)

// TestFinishBrokenOff has a document show a module for a moment. The page of the
// module is written by a finish that does not come to its end.
func TestFinishBrokenOff(t *testing.T) {
	for _, noFork := range []bool{false, true} {
		name := "fork"
		if noFork {
			name = "no fork"
		}
		t.Run(name, func(t *testing.T) {
			hold := newHold(t)
			conf := "import os, sys, time\nsys.path.insert(0, os.path.dirname(__file__))\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n" +
				"extensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode']\n\n\n" +
				"def wait(app, error):\n" + hold.python("True") + "def setup(app):\n    app.connect('build-finished', wait)\n"
			text := "Start\n=====\n\nText.\n"
			s := newStory(t, map[string]string{
				"conf.py": conf, "index.rst": text, "tools.py": "def cut():\n    '''Cuts.'''\n",
			})
			s.start("9.0", func(o *runner.Options) { o.NoFork = noFork })
			s.settled()
			hold.set(t)
			s.save(map[string]string{"index.rst": text + "\n.. autofunction:: tools.cut\n"})
			hold.held(s)
			before := s.until("", func(runner.Status) bool { return true }).Changes
			s.save(map[string]string{"index.rst": text})
			s.until("noticed", func(st runner.Status) bool { return st.Changes > before })
			hold.release(t)
			s.settled()
			s.equalsClean("9.0")
		})
	}
}
