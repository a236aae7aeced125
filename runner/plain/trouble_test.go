package plain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"docserve/runner"
)

// TestBrokenConf: an exception is said with its place, the last good pages stay,
// and the next save mends it.
func TestBrokenConf(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			s.start(version, nil)
			s.settled(1)
			s.save(map[string]string{"conf.py": small["conf.py"] + "raise ValueError('boom')\n"})
			st := s.failed(2)
			if d := st.Diagnostics[0]; d.Path != filepath.Join(s.source, "conf.py") || d.Line != 4 || d.Message != "ValueError: boom" || d.Severity != runner.Critical {
				t.Errorf("got %+v", d)
			}
			entry, ok := s.engine.Current("one.html")
			if !ok || entry.State != runner.Broken || len(entry.Errors) != 1 {
				t.Errorf("entry %+v", entry)
			}
			s.page("one.html")
			s.save(map[string]string{"conf.py": small["conf.py"]})
			st = s.settled(3)
			if entry, _ := s.engine.Current("one.html"); st.Failed || entry.State != runner.Fresh || len(st.Builds[2].Fixed) != 1 {
				t.Errorf("status %+v, entry %+v", st, entry)
			}
		})
	}
}

// TestHang: a build that stands still is ended, with a word where, and the next
// save is another try.
//
// Variables by which people have their other tools use colours change nothing.
func TestHang(t *testing.T) {
	t.Setenv("FORCE_COLOR", "1")
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			hold := filepath.Join(s.source, "_build", "hold")
			s.write(map[string]string{"conf.py": small["conf.py"] + holding(hold), "_build/hold": ""})
			s.start(version, func(o *Options) { o.Timeout = 3 * time.Second })
			st := s.failed(1)
			want := "Sphinx stood still for 3 s reading index, in conf.py, line 8 of wait() (conf.py)"
			if d := st.Incidents[0].Diagnostic; d.Message != want || !strings.Contains(d.Hint, "most recent call first") || strings.Contains(d.Hint, "_docserve") {
				t.Errorf("got %+v", d)
			}
			if st.Processes["sphinx-build"] != 0 {
				t.Error("the process lives on")
			}
			if err := os.Remove(hold); err != nil {
				t.Fatal(err)
			}
			s.save(map[string]string{"two.rst": small["two.rst"] + "\nMore.\n"})
			if st := s.settled(2); st.Failed {
				t.Errorf("status %+v", st)
			}
			s.page("two.html")
		})
	}
}

// TestAfterAKill: who finds the mark of a build that did not end writes all
// pages; half a page does not stay.
func TestAfterAKill(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled(1)
	s.stop()
	if err := os.WriteFile(filepath.Join(s.output, "two.html"), []byte("<html>half"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.output, ".doctrees", ".docserve", mark), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s.start("9.0", nil)
	s.settled(1)
	if page := s.page("two.html"); !strings.Contains(page, "Text of two") {
		t.Errorf("page:\n%s", page)
	}
	if _, err := os.Stat(filepath.Join(s.output, ".doctrees", ".docserve", mark)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mark stays: %v", err)
	}
}

// TestStrict: with -W a warning is a failure, and the pages are there.
func TestStrict(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			s.write(map[string]string{"two.rst": small["two.rst"] + "\nBad `x\n"})
			s.start(version, func(o *Options) { o.Strict, o.KeepGoing = true, true })
			st := s.settled(1)
			if warned(t, st, "two.rst:8: "); !st.Failed || !st.Builds[0].Failed {
				t.Errorf("status %+v", st)
			}
			s.save(map[string]string{"two.rst": small["two.rst"]})
			if st := s.settled(2); st.Failed || st.Builds[1].Failed {
				t.Errorf("status %+v", st)
			}
		})
	}
}

// TestSuddenEnd: a Sphinx that ends without a word is reported, and what it has
// not written is written by the next build.
func TestSuddenEnd(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled(1)
	s.save(map[string]string{
		"conf.py": small["conf.py"] + "import os\n\ndef setup(app):\n    app.connect('html-page-context', lambda app, page, *rest: print('Bye.', flush=True) or os._exit(3))\n",
	})
	st := s.failed(2)
	if d := st.Diagnostics[0]; d.Message != "sphinx-build ended (exit status 3)" || !strings.Contains(d.Hint, "Bye.") || len(st.Incidents) != 1 {
		t.Errorf("got %+v", st)
	}
	s.save(map[string]string{"conf.py": small["conf.py"], "inc/part.txt": "Other text.\n"})
	s.settled(3)
	if page := s.page("one.html"); !strings.Contains(page, "Other text.") {
		t.Errorf("page:\n%s", page)
	}
}

// TestNoInitial: nothing is built before somebody asks.
func TestNoInitial(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", func(o *Options) { o.NoInitial = true })
	s.until("the loop runs", func(st runner.Status) bool { return st.Source == s.source })
	if st := s.engine.Status(t.Context()); st.Processes["sphinx-build"] != 0 || st.Settled {
		t.Errorf("it is built: %+v", st)
	}
	if entry, ok := s.engine.Current("one.html"); ok {
		t.Errorf("it was built: %+v", entry)
	}
	s.page("one.html")
	s.until("built", func(st runner.Status) bool { return st.Settled })
}

// TestRemovedOutput: what make clean removes is built anew.
func TestRemovedOutput(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled(1)
	if err := os.RemoveAll(filepath.Join(s.source, "_build")); err != nil {
		t.Fatal(err)
	}
	if st := s.settled(2); st.Builds[1].Reason != "the output directory was removed" {
		t.Errorf("build %+v", st.Builds[1])
	}
	s.page("one.html")
}

// TestBefore: what comes before a build may refuse it, and the next change has it
// made with all that came meanwhile.
func TestBefore(t *testing.T) {
	s := newStory(t, small)
	var refuse atomic.Bool
	said := make(chan runner.Diagnostic, 10)
	s.start("9.0", func(o *Options) {
		before := func(context.Context) error {
			if refuse.Load() {
				return errors.New("not now")
			}
			return nil
		}
		o.Before = func() func(context.Context) error { return before }
		o.Reporter = listener{said}
	})
	s.settled(1)
	refuse.Store(true)
	s.save(map[string]string{"one.rst": "One\n===\n\nFirst.\n"})
	if d := <-said; d.Message != "not now" {
		t.Errorf("said %+v", d)
	}
	refuse.Store(false)
	s.save(map[string]string{"two.rst": "Two\n===\n\nSecond.\n"})
	if st := s.settled(2); len(st.Builds[1].Changed) != 2 {
		t.Errorf("build %+v", st.Builds[1])
	}
	if !strings.Contains(s.page("one.html"), "First.") {
		t.Error("what was refused is lost")
	}
}

// listener hears what belongs to no build.
type listener struct{ said chan runner.Diagnostic }

func (listener) Progress(runner.Progress)       {}
func (listener) Visible(runner.Build)           {}
func (listener) Built(runner.Build)             {}
func (l listener) Diagnose(d runner.Diagnostic) { l.said <- d }
