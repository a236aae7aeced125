package runner_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"docserve/internal/testenv/session"
	"docserve/runner"
)

// stamped is a project of which a build changes a file each time; how says when,
// in lines of Python of an extension that can call stamp(name).
func stamped(how string) map[string]string {
	texts := map[string]string{}
	for name, text := range small {
		texts[name] = text
	}
	texts["conf.py"] = `import os, sys
sys.path.insert(0, os.path.abspath('_ext'))
project = 'small'
html_theme = 'alabaster'
exclude_patterns = ['_build', 'inc']
extensions = ['stampy']
templates_path = ['_templates']
html_static_path = ['_static']
html_js_files = ['stamp.js']
`
	texts["_static/stamp.js"] = "0\n"
	texts["_templates/stamp.html"] = "0\n"
	texts["_ext/stampy.py"] = `import os, subprocess, sys, time

def stamp(app, name, form='%d'):
    # The times of files are behind the clock. A file that seems older than the reading
    # of its document was read as it is, and nothing is to be done again for it.
    time.sleep(0.02)
    with open(os.path.join(app.srcdir, name), 'w') as file:
        file.write(form % time.time_ns() + '\n')

def swap(app, name):
    stamp(app, name + '.new')
    os.replace(os.path.join(app.srcdir, name + '.new'), os.path.join(app.srcdir, name))

def child(app, name):
    subprocess.run([sys.executable, '-c', 'import sys, time; print(time.time_ns(), file=open(sys.argv[1], "w"))',
                    os.path.join(app.srcdir, name)], check=True)

` + how
	return texts
}

// on is an extension that does something in an event.
func on(event, does string) string {
	return fmt.Sprintf("def setup(app):\n    app.connect(%q, lambda app, *args: %s)\n", event, does)
}

// watched starts a session with the real watcher.
func (s *story) watched(python string, change func(*runner.Options)) {
	s.t.Helper()
	s.open(session.StartWatched, python, change)
}

// looped returns the warning about a file that builds change, and fails if there
// is none.
func (s *story) looped(st runner.Status, file string) runner.Diagnostic {
	s.t.Helper()
	for _, d := range st.Diagnostics {
		if d.Path == filepath.Join(s.source, filepath.FromSlash(file)) && strings.Contains(d.Message, "builds have changed this file") {
			return d
		}
	}
	s.t.Fatalf("no warning about %s: %v", file, st.Diagnostics)
	return runner.Diagnostic{}
}

// TestLoops: a file that builds change again and again is named, with who does
// it, and the site settles.
func TestLoops(t *testing.T) {
	kinds := []struct {
		name, how, file string
		says            string // in the warning; "" when there is to be none, since it is no loop
	}{
		{"builder-inited", on("builder-inited", "stamp(app, 'inc/part.txt')"), "inc/part.txt", ""},
		{"env-before-read-docs", on("env-before-read-docs", "stamp(app, 'inc/part.txt')"), "inc/part.txt", ""},
		{"source-read", on("source-read", "args[0] == 'one' and stamp(app, 'inc/part.txt')"), "inc/part.txt", "while reading one.rst, in the event source-read, in extension stampy, line"},
		{"own source", on("source-read", "args[0] == 'one' and stamp(app, 'one.rst', 'One\\n===\\n\\n%d')"), "one.rst", "in the event source-read, in extension stampy"},
		{"doctree-read", on("doctree-read", "args[0].get('source').endswith('one.rst') and swap(app, 'inc/part.txt')"), "inc/part.txt", "in the event doctree-read, in extension stampy, line"},
		{"html-page-context", on("html-page-context", "args[0] == 'one' and stamp(app, 'inc/part.txt')"), "inc/part.txt", "writing the page of one.rst, in the event html-page-context, in extension stampy"},
		{"static", on("html-page-context", "args[0] == 'one' and stamp(app, '_static/stamp.js')"), "_static/stamp.js", "in the event html-page-context, in extension stampy"},
		{"template", on("build-finished", "stamp(app, '_templates/stamp.html')"), "_templates/stamp.html", "in the event build-finished, in extension stampy"},
		{"build-finished", on("build-finished", "stamp(app, 'inc/part.txt')"), "inc/part.txt", "in the event build-finished, in extension stampy"},
		{"new document", on("build-finished", "stamp(app, 'three.rst', ':orphan:\\n\\nThree\\n=====\\n\\n%d')"), "three.rst", "in the event build-finished, in extension stampy"},
		{"child", on("build-finished", "child(app, 'inc/part.txt')"), "inc/part.txt", "probably written by python"},
		{"child while reading", on("source-read", "args[0] == 'one' and child(app, 'inc/part.txt')"), "inc/part.txt", "a program started while reading one.rst, in the event source-read, in extension stampy"},
		{"the same again", on("build-finished", "open(os.path.join(app.srcdir, 'inc', 'part.txt'), 'w').write('same')"), "inc/part.txt", ""},
	}
	for _, kind := range kinds {
		for _, python := range []string{"9.0", "7.4"} {
			t.Run(kind.name+" "+python, func(t *testing.T) {
				s := newStory(t, stamped(kind.how))
				s.watched(python, func(o *runner.Options) { o.NoFork = python == "7.4" && kind.name == "build-finished" })
				st := s.settled()
				s.write(map[string]string{"two.rst": ".. _second:\n\nTwo\n===\n\nEdited.\n"})
				s.shows("two.html", "Edited.")
				st = s.settled()
				if st.Changes > 12 || len(st.Builds) > 12 { // endless without the breaker
					t.Errorf("%d changes, %d builds", st.Changes, len(st.Builds))
				}
				t.Logf("%d changes, %d builds", st.Changes, len(st.Builds))
				if kind.says == "" {
					if len(st.Diagnostics) > 0 {
						t.Errorf("said: %v", st.Diagnostics)
					}
					return
				}
				d := s.looped(st, kind.file)
				if !strings.Contains(d.Message, kind.says) || !strings.Contains(d.Hint, "--ignore '/"+kind.file+"'") {
					t.Errorf("got %s\n%s", d.Message, d.Hint)
				}
			})
		}
	}
}

// TestLoopingModule: a module that conf.py itself writes, then imports, does not
// have the project opened again and again, and is named if it always differs.
func TestLoopingModule(t *testing.T) {
	const conf = `import os, sys, time, pathlib
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
pathlib.Path(__file__).with_name('made.py').write_text('version = "%s"')
import made
project = 'small'
html_theme = 'alabaster'
exclude_patterns = ['_build', 'inc']
`
	for _, way := range []struct {
		name, value string
		loops       bool
	}{{"same", "1.0", false}, {"other", `' + str(time.time_ns()) + '`, true}} {
		t.Run(way.name, func(t *testing.T) {
			s := newStory(t, small)
			s.write(map[string]string{"conf.py": fmt.Sprintf(conf, way.value)})
			s.watched("9.0", nil)
			st := s.settled()
			if way.loops {
				d := s.looped(st, "made.py")
				if !strings.Contains(d.Message, "while loading conf.py and the extensions, in conf.py, line 3") {
					t.Errorf("got %s", d.Message)
				}
				s.write(map[string]string{"conf.py": small["conf.py"]})
				st = s.until("repaired", func(st runner.Status) bool { return st.Settled && len(st.Diagnostics) == 0 })
				s.equalsClean("9.0")
			}
			if len(st.Diagnostics) > 0 {
				t.Errorf("said: %v", st.Diagnostics)
			}
			s.write(map[string]string{"one.rst": small["one.rst"] + "\nEdited.\n"})
			s.shows("one.html", "Edited.")
		})
	}
}

// TestLoopIsRepaired: what somebody else does to such a file is reacted to at
// once, and everything is when the extension has been repaired.
func TestLoopIsRepaired(t *testing.T) {
	s := newStory(t, stamped(on("build-finished", "stamp(app, 'inc/part.txt')")))
	s.watched("9.0", nil)
	s.looped(s.settled(), "inc/part.txt")
	s.write(map[string]string{"inc/part.txt": "By hand.\n"})
	s.shows("one.html", "By hand.")
	s.looped(s.settled(), "inc/part.txt") // and written over once more
	s.write(map[string]string{"_ext/stampy.py": stamped(on("build-finished", "None"))["_ext/stampy.py"]})
	s.until("repaired", func(st runner.Status) bool { return st.Settled && len(st.Diagnostics) == 0 })
	s.write(map[string]string{"inc/part.txt": "By hand again.\n"})
	s.shows("one.html", "By hand again.")
	s.settled()
	s.equalsClean("9.0")
}

// TestLoopEnds: when builds do not write the file any more, though nobody has
// repaired anything that docserve knows of, the word about it goes.
func TestLoopEnds(t *testing.T) {
	s := newStory(t, stamped(on("build-finished", "os.path.exists(os.path.join(app.srcdir, '_build', 'on')) and stamp(app, 'inc/part.txt')")))
	s.write(map[string]string{"_build/on": ""})
	s.watched("9.0", nil)
	s.looped(s.settled(), "inc/part.txt")
	if err := os.Remove(filepath.Join(s.source, "_build", "on")); err != nil {
		t.Fatal(err)
	}
	s.write(map[string]string{"inc/part.txt": "By hand.\n"})
	s.until("the word is taken back", func(st runner.Status) bool { return st.Settled && len(st.Diagnostics) == 0 })
	s.shows("one.html", "By hand.")
	s.equalsClean("9.0")
}

// TestTypingIsNoLoop: somebody whose editor saves again and again, also while a
// document is read that starts programs, is followed to the last word.
func TestTypingIsNoLoop(t *testing.T) {
	for _, way := range []struct{ name, how string }{
		{"quiet", on("source-read", "None")},
		{"programs", on("source-read", "args[0] == 'one' and subprocess.run([sys.executable, '-c', 'import time; time.sleep(0.2)'], check=True)")},
		{"writing elsewhere", on("source-read", "stamp(app, 'inc/other.txt')")},
	} {
		t.Run(way.name, func(t *testing.T) {
			s := newStory(t, stamped(way.how))
			s.watched("9.0", nil)
			s.settled()
			pause := time.NewTicker(170 * time.Millisecond) // meets every phase of a reading of 200 ms
			defer pause.Stop()
			word := ""
			for i := range 40 {
				<-pause.C
				word = fmt.Sprintf("Word %d.", i)
				s.write(map[string]string{"one.rst": small["one.rst"] + "\n" + word + "\n"})
			}
			s.shows("one.html", word)
			st := s.settled()
			if len(st.Diagnostics) > 0 {
				t.Errorf("said: %v", st.Diagnostics)
			}
			s.equalsClean("9.0")
		})
	}
}

// after is a terminal that does something after each build.
type after struct {
	diagnosed
	do func()
}

func (a *after) Built(runner.Build) { go a.do() }

// TestCommandLoop: a command that is run before or after each build, and changes a
// source each time, is not run for ever.
func TestCommandLoop(t *testing.T) {
	for _, option := range []string{"--pre-build", "--post-build"} {
		t.Run(option, func(t *testing.T) {
			s := newStory(t, small)
			var runs atomic.Int64
			write := func() error {
				text := fmt.Appendf(nil, "Run %d.\n", runs.Add(1))
				return os.WriteFile(filepath.Join(s.source, "inc", "part.txt"), text, 0o666)
			}
			started := make(chan struct{})
			s.watched("9.0", func(o *runner.Options) {
				if option == "--pre-build" {
					o.Before = func() func(context.Context) error { return func(context.Context) error { return write() } }
					return
				}
				o.Reporter = &after{do: func() {
					<-started
					defer s.session.Runner.Command(context.Background(), option)()
					if err := write(); err != nil {
						t.Error(err)
					}
				}}
			})
			close(started)
			s.settled()
			s.write(map[string]string{"two.rst": ".. _second:\n\nTwo\n===\n\nEdited.\n"})
			s.shows("two.html", "Edited.")
			st := s.until("said", func(st runner.Status) bool { return st.Settled && len(st.Diagnostics) > 0 })
			if d := s.looped(st, "inc/part.txt"); !strings.Contains(d.Message, "probably written by a command of "+option) {
				t.Errorf("got %s", d.Message)
			}
			t.Logf("run %d times", runs.Load())
		})
	}
}
