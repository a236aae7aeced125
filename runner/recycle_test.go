package runner_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"docserve/runner"
)

// replaced waits until another worker than before is there, and all is at rest.
func (s *story) replaced(before runner.Status) runner.Status {
	s.t.Helper()
	return s.until("the worker was replaced", func(st runner.Status) bool {
		pid := st.Processes["worker"]
		return st.Settled && pid != 0 && pid != before.Processes["worker"]
	})
}

// edit saves two.rst with a word of its own, and waits until it is shown.
func (s *story) edit(word string) {
	s.t.Helper()
	s.save(map[string]string{"two.rst": ".. _second:\n\nTwo\n===\n\n" + word + "\n"})
	s.shows("two.html", word)
}

// TestRecycledAfterBuilds: a worker that has lived long is replaced while nobody
// notices, and what comes after that is what it would have been.
func TestRecycledAfterBuilds(t *testing.T) {
	for _, way := range []struct {
		python string
		noFork bool
	}{{"9.0", false}, {"9.0", true}, {"7.4", false}} {
		t.Run(fmt.Sprintf("%s, without fork %t", way.python, way.noFork), func(t *testing.T) {
			texts := map[string]string{"_static/own.css": "p { color: black }\n"}
			for name, text := range small {
				texts[name] = text
			}
			texts["conf.py"] += "html_static_path = ['_static']\nhtml_css_files = ['own.css']\nextensions = ['sphinx.ext.viewcode', 'sphinx.ext.todo']\n"
			s := newStory(t, texts)
			s.start(way.python, func(o *runner.Options) {
				o.RecycleAfter, o.Rest, o.NoFork = 3, 300*time.Millisecond, way.noFork
			})
			s.session.Audience.Look("two.html")
			before := s.settled()
			for i := range 3 {
				s.edit(fmt.Sprintf("Word %d.", i))
				s.settled()
			}
			notes := len(s.session.Audience.Notes())
			st := s.replaced(before)
			if st.Recycled != "after 3 builds" || len(st.Incidents) > 0 {
				t.Errorf("recycled %q, incidents %v", st.Recycled, st.Incidents)
			}
			if n := len(st.Builds); n != 4 || st.Builds[n-1].Written != 1 {
				t.Errorf("builds: %+v", st.Builds)
			}
			if said := s.session.Audience.Notes()[notes:]; slices.ContainsFunc(said, func(p runner.Push) bool { return p.Note != string(runner.Settled) }) {
				t.Errorf("browsers were told: %v", said)
			}
			s.equalsClean(way.python)
			s.save(map[string]string{"_static/own.css": "p { color: red }\n", "two.rst": ".. _second:\n\nZwei\n====\n\nAfterwards.\n"})
			s.shows("one.html", "Zwei")
			s.settled()
			s.equalsClean(way.python)
		})
	}
}

// TestRecyclingIsOvertaken: a save in between has the old worker go on at once.
func TestRecyclingIsOvertaken(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", func(o *runner.Options) { o.RecycleAfter, o.Rest = 1, 300*time.Millisecond })
	before := s.settled()
	s.edit("Once.")
	s.until("another is on its way", func(st runner.Status) bool { return st.Processes["successor"] != 0 })
	s.edit("Twice.")
	st := s.settled()
	if pid := before.Processes["worker"]; st.Processes["worker"] != pid || st.Recycled != "" {
		t.Errorf("the worker is %v, was %d", st.Processes, pid)
	}
	s.equalsClean("9.0")
	st = s.replaced(before) // at the next rest
	s.edit("Three times.")
	s.settled()
	s.equalsClean("9.0")
}

// TestRecycledForItsMemory: an extension that keeps all that it sees has its
// process replaced, and only then.
func TestRecycledForItsMemory(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("the memory of processes is not known here")
	}
	texts := stamped("hoard = []\n" + on("source-read", "args[0] == 'two' and 'Heavy' in args[1][0] and hoard.append(bytearray(os.urandom(1 << 20)) * 160)"))
	s := newStory(t, texts)
	s.start("9.0", func(o *runner.Options) { o.Rest = 300 * time.Millisecond })
	before := s.settled()
	s.edit("Light.")
	if st := s.settled(); st.Processes["worker"] != before.Processes["worker"] {
		t.Errorf("replaced: %s", st.Recycled)
	}
	s.edit("Heavy.")
	st := s.replaced(before)
	if !strings.HasPrefix(st.Recycled, "its memory has grown from ") {
		t.Errorf("replaced for another reason: %s", st.Recycled)
	}
	t.Log(st.Recycled)
	s.equalsClean("9.0")
}

// TestSuccessorThatFails: a new interpreter that cannot be had leaves everything
// as it is, and is not asked for again and again.
func TestSuccessorThatFails(t *testing.T) {
	texts := stamped("import pathlib\n\n" + on("builder-inited", "late(app)") + `
def late(app):
    mark = pathlib.Path(app.srcdir) / '_build' / 'opened'
    with open(mark, 'a') as file:
        file.write('x')
    if len(mark.read_text()) > 1:
        raise RuntimeError('once is enough')
`)
	s := newStory(t, texts)
	s.write(map[string]string{"_build/opened": ""})
	s.start("9.0", func(o *runner.Options) { o.RecycleAfter, o.Rest = 1, 300*time.Millisecond })
	before := s.settled()
	s.edit("Once.")
	s.until("another is on its way", func(st runner.Status) bool { return st.Processes["successor"] != 0 })
	st := s.until("it is given up", func(st runner.Status) bool { return st.Processes["successor"] == 0 })
	if !st.Settled || st.Processes["worker"] != before.Processes["worker"] || len(st.Diagnostics)+len(st.Incidents) > 0 {
		t.Errorf("not as before: %+v", st)
	}
	s.edit("Twice.")
	s.settled()
}
