package plain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestClearCache: the environment, the doctrees and the record go, what is not
// ours stays, and all is read and written again.
func TestClearCache(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled(1)
	doctrees := filepath.Join(s.output, ".doctrees")
	gone, ours := filepath.Join(doctrees, "gone.doctree"), filepath.Join(doctrees, "notes.txt")
	for _, name := range []string{gone, ours, filepath.Join(doctrees, "environment.pickle"), filepath.Join(s.output, "two.html")} {
		if err := os.WriteFile(name, []byte("tampered with"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.engine.ClearCache(t.Context()); err != nil {
		t.Fatal(err)
	}
	status := s.settled(2)
	if b := status.Builds[1]; b.Reason != "the cache was cleared" || b.Written < 3 || b.Failed || b.Open == 0 || b.Read == 0 || b.Write == 0 {
		t.Errorf("the build is %+v", b)
	}
	if !strings.Contains(s.page("two.html"), "Text of two") {
		t.Error("a page was not written anew")
	}
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("a doctree of nobody stays: %v", err)
	}
	if _, err := os.Stat(ours); err != nil {
		t.Error(err)
	}
}
