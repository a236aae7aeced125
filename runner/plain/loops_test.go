package plain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"docserve/runner"
)

// stamped is a project of which a build changes a file each time; how is an
// extension that can call stamp(app).
func stamped(how string) map[string]string {
	texts := map[string]string{}
	for name, text := range small {
		texts[name] = text
	}
	texts["conf.py"] = `import os, sys
sys.path.insert(0, os.path.abspath('_ext'))
` + small["conf.py"] + "extensions = ['stampy']\n"
	texts["_ext/stampy.py"] = `import os, subprocess, sys, time

def stamp(app):
    with open(os.path.join(app.srcdir, 'inc', 'part.txt'), 'w') as file:
        file.write('%d\n' % time.time_ns())

def child(app):
    subprocess.run([sys.executable, '-c', 'import sys, time; print(time.time_ns(), file=open(sys.argv[1], "w"))',
                    os.path.join(app.srcdir, 'inc', 'part.txt')], check=True)

def setup(app):
    app.connect(` + how + ")\n    return {'parallel_read_safe': True, 'parallel_write_safe': True}\n"
	return texts
}

// looped returns the warning about the file that builds change.
func (s *story) looped(st runner.Status) runner.Diagnostic {
	s.t.Helper()
	for _, d := range st.Diagnostics {
		if d.Path == filepath.Join(s.source, "inc", "part.txt") && strings.Contains(d.Message, "builds have changed this file") {
			return d
		}
	}
	s.t.Fatalf("no warning about inc/part.txt: %v", st.Diagnostics)
	return runner.Diagnostic{}
}

// rested waits until nothing is left to do.
func (s *story) rested() runner.Status {
	s.t.Helper()
	return s.until("settled", func(st runner.Status) bool { return st.Settled })
}

// TestLoops: a file that builds change again and again is named, with who does it,
// and the site settles.
func TestLoops(t *testing.T) {
	const first = "'source-read', lambda app, doc, text: doc == 'one' and "
	for _, kind := range []struct {
		name, how string
		says      string // in the warning; "" when there is to be none, since it is no loop
		jobs      int
	}{
		{"source-read", first + "stamp(app)", "while Sphinx builds the site, in the event source-read, in extension stampy, line", 0},
		{"fork", first + "stamp(app)", "in the event source-read, in extension stampy, line", 2},
		{"build-finished", "'build-finished', lambda app, error: stamp(app)", "in the event build-finished, in extension stampy, line", 0},
		{"child", "'build-finished', lambda app, error: child(app)", "probably written by python", 0},
		{"the same again", "'build-finished', lambda app, error: open(os.path.join(app.srcdir, 'inc', 'part.txt'), 'w').write('same')", "", 0},
	} {
		t.Run(kind.name, func(t *testing.T) {
			s := newStory(t, stamped(kind.how))
			s.watched(versions[len(versions)-1], func(o *Options) { o.Jobs = kind.jobs })
			st := s.rested()
			s.write(map[string]string{"two.rst": small["two.rst"] + "\nEdited.\n"})
			st = s.until("the edit is there", func(now runner.Status) bool { return now.Settled && now.Changes > st.Changes })
			if !strings.Contains(s.page("two.html"), "Edited.") {
				t.Error("the edit is not on the page")
			}
			if len(st.Builds) > 12 { // endless without the breaker
				t.Errorf("%d builds", len(st.Builds))
			}
			t.Logf("%d builds", len(st.Builds))
			if kind.says == "" {
				if len(st.Diagnostics) > 0 {
					t.Errorf("said: %v", st.Diagnostics)
				}
				return
			}
			d := s.looped(st)
			if !strings.Contains(d.Message, kind.says) || !strings.Contains(d.Hint, "--ignore '/inc/part.txt'") {
				t.Errorf("got %s\n%s", d.Message, d.Hint)
			}
		})
	}
}

// TestLoopIsRepaired: what somebody else does to such a file is reacted to at once,
// and everything is when the extension has been repaired.
func TestLoopIsRepaired(t *testing.T) {
	s := newStory(t, stamped("'build-finished', lambda app, error: stamp(app)"))
	s.watched(versions[0], nil)
	st := s.rested()
	s.looped(st)
	s.write(map[string]string{"inc/part.txt": "By hand.\n"})
	st = s.until("seen", func(now runner.Status) bool { return now.Settled && now.Changes > st.Changes })
	s.looped(st) // and written over once more
	if !strings.Contains(s.page("one.html"), "By hand.") {
		t.Error("what was saved by hand is not on the page")
	}
	s.write(map[string]string{"_ext/stampy.py": stamped("'build-finished', lambda app, error: None")["_ext/stampy.py"]})
	s.until("repaired", func(now runner.Status) bool {
		return now.Settled && now.Changes > st.Changes && len(now.Diagnostics) == 0
	})
	s.write(map[string]string{"inc/part.txt": "By hand again.\n"})
	s.until("seen again", func(runner.Status) bool { return strings.Contains(s.page("one.html"), "By hand again.") })
}

// TestCommandLoop: a command that is run before each build, and changes a source
// each time, is not run for ever.
func TestCommandLoop(t *testing.T) {
	s := newStory(t, small)
	var runs atomic.Int64
	s.watched(versions[0], func(o *Options) {
		before := func(context.Context) error {
			text := fmt.Appendf(nil, "Run %d.\n", runs.Add(1))
			return os.WriteFile(filepath.Join(s.source, "inc", "part.txt"), text, 0o666)
		}
		o.Before = func() func(context.Context) error { return before }
	})
	st := s.until("said", func(now runner.Status) bool { return now.Settled && len(now.Diagnostics) > 0 })
	if d := s.looped(st); !strings.Contains(d.Message, "probably written by a command of --pre-build") {
		t.Errorf("got %s", d.Message)
	}
	t.Logf("run %d times", runs.Load())
}
