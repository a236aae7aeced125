package runner_test

import (
	"testing"

	"docserve/runner"
)

// TestKilledWhileCopying saves conf.py while the process of before has a style
// sheet open to write it. What it leaves is half a file, not what a handler of
// build-finished has made of it.
func TestKilledWhileCopying(t *testing.T) {
	for _, python := range []string{"7.4", "9.0"} {
		t.Run(python, func(t *testing.T) {
			hold := newHold(t)
			conf := func(title string) string {
				return "import os, time\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\nhtml_static_path = ['_static']\nhtml_title = '" + title + "'\n\n\n" +
					"def wait():\n" + hold.python("True") + "def opened(app):\n    copy, output = app.builder.create_pygments_style_file, app.outdir\n\n" +
					"    def slowly():\n        if app.outdir == output:\n            open(os.path.join(output, '_static', 'pygments.css'), 'w').close()\n            wait()\n        copy()\n\n" +
					"    app.builder.create_pygments_style_file = slowly\n\n\ndef setup(app):\n    app.connect('builder-inited', opened)\n"
			}
			s := newStory(t, map[string]string{
				"conf.py": conf("One"), "index.rst": "Start\n=====\n\nText.\n", "_static/own.css": "p { color: black }\n",
			})
			s.start(python, nil)
			s.settled()
			hold.set(t)
			s.save(map[string]string{"_static/own.css": "p { color: navy }\n"})
			hold.held(s)
			killed := s.until("", func(runner.Status) bool { return true }).Processes["worker"]
			s.save(map[string]string{"conf.py": conf("Two")})
			s.until("replaced", func(st runner.Status) bool { worker := st.Processes["worker"]; return worker != 0 && worker != killed })
			hold.release(t)
			s.shows("index.html", "Two")
			s.settled()
			s.equalsClean(python)
		})
	}
}
