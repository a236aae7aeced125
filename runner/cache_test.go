package runner_test

import (
	"os"
	"path/filepath"
	"testing"

	"docserve/runner"
)

// TestClearCache: what is kept of earlier builds goes, damaged as it may be, and
// what is not ours stays; the site then is that of a clean build, and the last
// good pages were there all the time.
func TestClearCache(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled()
	doctrees := filepath.Join(s.output, ".doctrees")
	gone := filepath.Join(doctrees, "old", "gone.doctree")
	ours := filepath.Join(doctrees, "notes.txt")
	environment := filepath.Join(doctrees, "environment.pickle")
	for name, text := range map[string]string{
		gone: "x", ours: "x", environment: "damaged",
		filepath.Join(s.output, "one.html"): "tampered with",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.session.Runner.ClearCache(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("a doctree of nobody stays: %v", err)
	}
	if _, err := os.Stat(ours); err != nil {
		t.Error(err)
	}
	s.page("two.html") // there, however true
	status := s.settled()
	last := status.Builds[len(status.Builds)-1]
	if last.Reason != "the cache was cleared" || last.Written < len(small)-2 || last.Open == 0 || last.Read == 0 || last.Write == 0 {
		t.Errorf("the build is %+v", last)
	}
	s.equalsClean("9.0")

	s.save(map[string]string{"two.rst": small["two.rst"] + "\nMore.\n"})
	s.shows("two.html", "More.")
	s.settled()
	s.equalsClean("9.0")
}

// TestClearCacheOfABrokenProject: it is another try, as every change is.
func TestClearCacheOfABrokenProject(t *testing.T) {
	s := newStory(t, map[string]string{"conf.py": "import missing_module\n", "index.rst": small["index.rst"]})
	s.start("9.0", nil)
	s.until("it cannot be built", func(st runner.Status) bool { return st.Phase == runner.Failed })
	s.write(map[string]string{"conf.py": small["conf.py"]}) // and nobody tells
	if err := s.session.Runner.ClearCache(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.settled()
}
