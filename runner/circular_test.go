package runner_test

import (
	"slices"
	"strings"
	"testing"

	"docserve/runner"
)

// TestCircularToctree adds a toctree that lists its own document, and takes it
// back. Sphinx 5.3 warns of it when it orders the pages, not when it writes them.
func TestCircularToctree(t *testing.T) {
	plain := "Part\n====\n\nText.\n"
	s := newStory(t, map[string]string{
		"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   part\n",
		"part.rst":  plain,
	})
	s.start("5.3", nil)
	warned := func() bool {
		return slices.ContainsFunc(s.settled().Diagnostics, func(d runner.Diagnostic) bool {
			return strings.Contains(d.Message, "self referenced toctree")
		})
	}
	if warned() {
		t.Fatal("warned at the start")
	}
	s.save(map[string]string{"part.rst": plain + "\n.. toctree::\n\n   part\n"})
	if !warned() {
		t.Error("no warning")
	}
	s.equalsClean("5.3")
	s.save(map[string]string{"part.rst": plain})
	if warned() {
		t.Error("the warning stays")
	}
}
