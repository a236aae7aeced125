package runner_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestNumberedTwice has several toctrees number the same document, which they come to
// do in another order than that in which a clean build reads them.
func TestNumberedTwice(t *testing.T) {
	parents := []string{"r", "u", "w"} // two of which share a place in Python's set of them, by the seed below
	parent := func(i int, numbered bool) string {
		option := ""
		if numbered {
			option = "   :numbered:\n"
		}
		// In each one the document has another number.
		return fmt.Sprintf("Parent\n======\n\n.. toctree::\n%s\n   %s\n   shared\n", option, strings.Join(strings.Split("abcdefg"[:i+1], ""), "\n   "))
	}
	texts := map[string]string{
		"conf.py":    "html_theme = 'alabaster'\nexclude_patterns = ['_build']\nsuppress_warnings = ['toc.secnum']\n",
		"index.rst":  "Start\n=====\n\n.. toctree::\n\n   " + strings.Join(parents, "\n   ") + "\n",
		"shared.rst": "Shared\n======\n\nText.\n",
	}
	for _, each := range "abcdefg" {
		texts[string(each)+".rst"] = "One\n===\n\nText.\n"
	}
	for i, name := range parents {
		texts[name+".rst"] = parent(i, false)
	}
	t.Setenv("PYTHONHASHSEED", "0") // as in the clean build
	s := newStory(t, texts)
	s.start("9.0", nil)
	s.settled()
	for i := len(parents) - 1; i >= 0; i-- {
		s.save(map[string]string{parents[i] + ".rst": parent(i, true)})
		s.settled()
	}
	s.equalsClean("9.0")
}
