package runner_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"docserve/runner"
)

// TestProblemsOfPages follows what is wrong with pages: what their reading and
// writing say, what is found out about them when all is looked at, and why there
// is no site.
func TestProblemsOfPages(t *testing.T) {
	texts := maps.Clone(small)
	texts["one.rst"] = "One\n===\n\nText of one, see :ref:`nowhere`.\n"
	texts["alone.rst"] = "Alone\n=====\n\nIn no toctree.\n"
	s := newStory(t, texts)
	s.start("9.0", nil)
	s.settled()
	want := func(page string, parts ...string) {
		t.Helper()
		entry, _ := s.session.Runner.Current(page)
		ok := len(entry.Problems) == len(parts)
		for i := 0; ok && i < len(parts); i++ {
			ok = strings.Contains(entry.Problems[i].String(), parts[i])
		}
		if !ok {
			t.Errorf("%s has the problems %v, want %q", page, entry.Problems, parts)
		}
	}
	want("one.html", filepath.Join(s.source, "one.rst")+":4: warning: undefined label: 'nowhere'")
	want("alone.html", "alone.rst: warning: document isn't included in any toctree")
	want("index.html")
	pages := slices.Sorted(maps.Keys(s.session.Runner.Problems()))
	if all := s.session.Runner.Problems(); !slices.Equal(pages, []string{"", "alone.html", "one.html"}) || len(all[""]) > 0 {
		t.Errorf("all problems are %v", all)
	}

	s.save(map[string]string{"one.rst": "One\n===\n\nText of one.\n", "index.rst": small["index.rst"] + "\n.. toctree::\n\n   alone\n"})
	s.settled()
	want("one.html")
	want("alone.html")

	s.save(map[string]string{"conf.py": "html_theme = 'alabaster'\nraise RuntimeError('no site today')\n"})
	s.until("failed", func(st runner.Status) bool { return st.Failed })
	want("two.html", "no site today")
	if _, ok := s.session.Runner.Current("genindex.html"); ok {
		t.Error("an index is taken for a document's page")
	}
	want("genindex.html", "no site today")
	if all := s.session.Runner.Problems(); len(all) != 1 || len(all[""]) > 0 {
		t.Errorf("why there is no site is said of pages one by one: %v", all)
	}
	s.save(map[string]string{"conf.py": small["conf.py"]})
	s.settled()
	want("two.html")
	want("genindex.html")
}

// TestEditedIsTold: who saves one document is told of as editing its page, with
// the place; other pages that change along are not, nor what is saved with others.
func TestEditedIsTold(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled()
	s.save(map[string]string{"two.rst": ".. _second:\n\nTwo, and more\n=============\n\nText of two.\n\nA new end.\n"})
	s.settled()
	s.save(map[string]string{"two.rst": ".. _second:\n\nTwo, and more\n=============\n\nText of two.\n\nAnother end.\n"})
	s.settled()
	s.save(map[string]string{"two.rst": small["two.rst"], "one.rst": "One\n===\n\nText.\n"})
	s.settled()
	edits := s.session.Audience.Edits()
	if len(edits) != 2 || edits[0].Page != "two.html" || edits[1].Page != "two.html" {
		t.Fatalf("told were %+v", edits)
	}
	if spot := edits[0].Spot; spot == nil || spot.Text != "Two, and more" {
		t.Errorf("the first place is %+v", spot)
	}
	if spot := edits[1].Spot; spot == nil || spot.Text != "Another end." || spot.ID != "two-and-more" && spot.ID != "second" {
		t.Errorf("the second place is %+v", spot)
	}
}

// TestNoteIsShort: in the corner of a page there is little room, which the directories
// above the project must not take.
func TestNoteIsShort(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled()
	s.session.Audience.Look("one.html")
	s.save(map[string]string{"conf.py": "import missing_module\n"})
	s.until("it cannot be built", func(st runner.Status) bool { return st.Phase == runner.Failed })
	entry, _ := s.session.Runner.Current("one.html")
	if !strings.HasPrefix(entry.Note, "conf.py:1: ") {
		t.Errorf("the note is %q", entry.Note)
	}
	s.save(map[string]string{"conf.py": small["conf.py"]})
	builds := s.settled().Builds
	if last := builds[len(builds)-1]; !slices.Equal(last.Changed, []string{"conf.py"}) {
		t.Errorf("the build is said to be for %v", last.Changed)
	}
}
