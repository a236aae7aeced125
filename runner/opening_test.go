package runner_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"docserve/runner"
)

// TestCommentInConfPy is a save of conf.py that changes nothing, and then one
// that changes every page.
func TestCommentInConfPy(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled()
	written := func(text string) int {
		t.Helper()
		s.save(map[string]string{"conf.py": text})
		builds := s.settled().Builds
		return builds[len(builds)-1].Written
	}
	if n := written("# A comment.\n\n" + small["conf.py"] + "# Another.\n"); n != 0 {
		t.Errorf("%d pages written after a comment was added", n)
	}
	if n := written(small["conf.py"] + "html_title = 'Other'\n"); n != 3 {
		t.Errorf("%d of 3 pages written after html_title was set", n)
	}
	s.equalsClean("9.0")
}

// TestBrokenAndMendedUnseen loads a conf.py that is broken, and mended before the
// watcher looks: there is no change that it could tell of.
func TestBrokenAndMendedUnseen(t *testing.T) {
	for _, name := range []string{"at the start", "later"} {
		t.Run(name, func(t *testing.T) {
			hold := newHold(t)
			broken := map[string]string{"conf.py": "import os, time\n\n\ndef wait():\n" + hold.python("True") + "wait()\nraise RuntimeError('broken')\n"}
			s := newStory(t, small)
			thought := make(chan struct{})
			start := func() {
				s.start("9.0", func(o *runner.Options) {
					o.Advise = func(context.Context, string) string { <-thought; return "too late" }
				})
			}
			hold.set(t)
			if name == "later" {
				start()
				s.settled()
				s.save(broken)
			} else {
				s.write(broken)
				start()
			}
			hold.held(s)
			s.write(map[string]string{"conf.py": small["conf.py"]})
			now := time.Now() // file systems' own clocks may be some milliseconds behind
			if err := os.Chtimes(filepath.Join(s.source, "conf.py"), now, now); err != nil {
				t.Fatal(err)
			}
			if _, err := s.session.Files.Scan(); err != nil {
				t.Fatal(err)
			}
			hold.release(t)
			s.settled()
			close(thought)
			if status := s.settled(); status.Failed {
				t.Error(status.Diagnostics)
			}
			s.equalsClean("9.0")
		})
	}
}
