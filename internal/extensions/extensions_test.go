package extensions

import (
	"os"
	"strings"
	"sync"
	"testing"

	"docserve/internal/proc"
	"docserve/internal/testenv"

	"go.uber.org/goleak"
)

// Variables that change what the test does.
const (
	tableVar = "DOCSERVE_TEST_TABLE" // "write": the table in the manual is written instead of compared
	keepVar  = "DOCSERVE_TEST_KEEP"  // not empty: clean builds are kept, and the test says where
)

// start is the name of the state before the first edit.
const start = "the start"

// TestMain fixes the order of Python's sets, for docserve and for clean builds:
// some extensions write them as they come.
func TestMain(m *testing.M) {
	os.Setenv("PYTHONHASHSEED", "0")
	goleak.VerifyTestMain(m)
}

// result is what was found out about an extension.
type result struct {
	story
	restarts  []string // edits that took a new interpreter, other than those of conf.py, which always do
	different []string // edits after which something was different
}

// TestExtensions tells each story.
func TestExtensions(t *testing.T) {
	stories := readStories(t)
	var found struct {
		sync.Mutex // guards results
		results    map[string]result
	}
	found.results = map[string]result{}
	t.Run("story", func(t *testing.T) {
		for _, s := range stories {
			t.Run(strings.TrimPrefix(s.name, "sphinx.ext."), func(t *testing.T) {
				t.Parallel()
				for _, program := range s.programs {
					if proc.Executable(program, os.Getenv("PATH")) == "" {
						s.lacks(t, program)
					}
				}
				r := tell(t, s)
				found.Lock()
				defer found.Unlock()
				found.results[s.name] = r
			})
		}
	})
	checkTable(t, stories, found.results)
}

// lacks ends the test of a story for which a program is not there. What is too
// large to be asked for, LaTeX, is missed visibly, but never required.
func (s *story) lacks(t *testing.T, program string) {
	t.Helper()
	if s.optional {
		t.Skip("skipped, there is no " + program)
	}
	testenv.Missing(t, "the program %s", program)
}

// tell plays a story, and compares with a clean build at the start and after
// each edit.
func tell(t *testing.T, s story) result {
	r := result{story: s}
	session := newSession(t, s)
	r.judge(t, start, session.differences())
	for _, e := range s.edits {
		session.edit(e)
		differences := session.differences()
		if session.replaced() && !e.configures() {
			r.restarts = append(r.restarts, e.title)
		}
		r.judge(t, e.title, differences)
	}
	return r
}

// judge compares what is different with what is known to be.
func (r *result) judge(t *testing.T, title string, differences []string) {
	t.Helper()
	reason, known := r.known[title]
	if len(differences) > 0 {
		r.different = append(r.different, title)
	}
	switch {
	case known && len(differences) == 0:
		t.Errorf("after %q all is equal to clean: the story need not say any more that %s", title, reason)
	case !known && len(differences) > 0:
		t.Errorf("after %q and what came before, %d differences:\n%s", title, len(differences), strings.Join(differences[:min(len(differences), 8)], "\n"))
	}
}
