// Package differential proves that docserve's output equals a clean build, by
// random edits.
//
// A sequence starts a session on a project that uses all that Sphinx has
// (testdata/project), makes 20 random edits with random pauses between them,
// and compares the settled output, bytes and warnings, with a clean serial
// sphinx-build of the same sources: at the end and at three random points
// before. A plan says all that is left to chance, and a seed gives the plan.
//
// It owns the project, the grammar of edits, the plans and the sequences. The
// clean builds come from internal/testenv/clean, which shares no code with
// docserve.
package differential

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"docserve/internal/testenv"
)

// Variables that say what a run does.
const (
	seedVar      = "DOCSERVE_DIFFERENTIAL_SEED"      // seed of the first sequence; fresh without it, if a number of sequences is asked for
	sequencesVar = "DOCSERVE_DIFFERENTIAL_SEQUENCES" // sequences for each version of Sphinx, instead of those of a test run
	versionsVar  = "DOCSERVE_DIFFERENTIAL_VERSIONS"  // environments, separated by commas, instead of all
	themeVar     = "DOCSERVE_DIFFERENTIAL_THEME"     // the only theme
	keepVar      = "DOCSERVE_DIFFERENTIAL_KEEP"      // directory where both sides of a difference are kept
	rulesVar     = "DOCSERVE_DIFFERENTIAL_RULES"     // a long run is in the project with rules
	tableVar     = "DOCSERVE_DIFFERENTIAL_TABLE"     // file that a long run adds its lines to, instead of the one in the manual
)

// A test run that asks for nothing makes few sequences, always the same ones: it
// is to find what a change has broken. The search for what nobody has found yet
// is asked for with a number of sequences, and has fresh seeds.
const (
	sequencesInTests = 2
	seedInTests      = "1"
)

// On one version, it makes so many through the real watcher, and so many in the
// project with rules.
const (
	watchedInTests    = 2
	structuredInTests = 2
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Both sides have the same order of sets; see package clean.
	os.Setenv("PYTHONHASHSEED", "0")
	os.Exit(m.Run())
}

// versions returns the environments to run.
func versions() []string {
	if chosen := os.Getenv(versionsVar); chosen != "" {
		return strings.Split(chosen, ",")
	}
	return testenv.Names()
}

// atOnce bounds how many sequences run at the same time: each keeps a core busy.
var atOnce = make(chan struct{}, 2)

// TestRandomEdits is the suite: random sequences on each version of Sphinx. A failing one is made as short as possible, and printed.
func TestRandomEdits(t *testing.T) {
	set(t, "rapid.checks", strconv.Itoa(testenv.Number(t, sequencesVar, sequencesInTests)))
	chooseSeed(t)
	for _, name := range versions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			env := open(t, name)
			check(t, env)
		})
	}
}

// TestRandomEditsWatched makes some sequences through the real watcher.
func TestRandomEditsWatched(t *testing.T) {
	set(t, "rapid.checks", strconv.Itoa(watchedInTests))
	t.Parallel()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	names := versions()
	env := open(t, names[len(names)-1])
	env.watched = true
	check(t, env)
}

// check lets rapid look for a failing plan, and for the shortest of its kind.
func check(t *testing.T, env *environment) {
	var sum summary
	memory := memory{}
	rapid.Check(t, func(rt *rapid.T) {
		p := plans.Draw(rt, "plan")
		if memory.failed && p.salt != memory.salt {
			rt.Skip("other edits are no shorter ones")
		}
		err, known := memory.recall(p)
		if !known {
			var out *outcome
			out, err = run(env, p)
			err = judge(p, out, err)
			memory.keep(p, out, err)
			sum.add(out)
			if err != nil {
				t.Logf("%d edits fail", out.Edits)
			}
		}
		if err != nil {
			rt.Fatal(err)
		}
	})
	t.Log(sum.String())
}

// memory saves shrinking from running again what does the same.
type memory struct {
	failed   bool
	salt     uint64 // of the plan that failed
	outcomes map[string]error
}

// recall returns the outcome of a plan, if it, or its beginning, was run.
func (m *memory) recall(p plan) (err error, known bool) {
	for last := range slots {
		if err, known = m.outcomes[p.key(last)]; known && (err != nil || last == slots-1) {
			return err, true
		}
	}
	return nil, false
}

// keep remembers an outcome; a failure by the slots up to it.
func (m *memory) keep(p plan, out *outcome, err error) {
	if m.outcomes == nil {
		m.outcomes = map[string]error{}
	}
	last := slots - 1
	if err != nil {
		m.failed, m.salt = true, p.salt
		last = out.Last
	}
	m.outcomes[p.key(last)] = err
}

// judge turns a bad outcome into an error that tells the story.
func judge(p plan, out *outcome, err error) error {
	if err == nil && !out.failed() {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%v\n", p)
	for _, step := range out.Steps {
		fmt.Fprintf(&text, "  %s\n", step)
	}
	for _, list := range [][]string{out.Files, out.Warnings} {
		for _, line := range list[:min(12, len(list))] {
			fmt.Fprintf(&text, "! %s\n", line)
		}
		if len(list) > 12 {
			fmt.Fprintf(&text, "! and %d more\n", len(list)-12)
		}
	}
	if err != nil {
		fmt.Fprintf(&text, "! %v\n", err)
	}
	return fmt.Errorf("%s", text.String())
}

// summary adds outcomes up.
type summary struct {
	mu                            sync.Mutex // guards the rest
	sequences, edits, comparisons int
	files, warnings, failed       int
	written, differ               int // of themes by toctree()
	others, othersDiffer          int // of the other themes
}

func (s *summary) add(out *outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequences++
	s.edits += out.Edits
	s.comparisons += out.Comparisons
	s.files += len(out.Files)
	s.warnings += len(out.Warnings)
	out.Tally.mu.Lock()
	defer out.Tally.mu.Unlock()
	if out.ByToctree {
		s.written += out.Tally.Written
		s.differ += out.Tally.Differ
	} else {
		s.others += out.Tally.Written
		s.othersDiffer += out.Tally.Differ
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (s *summary) String() string {
	return fmt.Sprintf("%d sequences, %d edits, %d comparisons, %d differing files, %d differing warnings; pages written/changed: %d/%d = %.2f, themes with a navigation of their own %d/%d = %.2f",
		s.sequences, s.edits, s.comparisons, s.files, s.warnings, s.written, s.differ, ratio(s.written, s.differ), s.others, s.othersDiffer, ratio(s.others, s.othersDiffer))
}

// chooseSeed has the plans of a test run be always the same, and those of others
// fresh, or as they were asked for.
func chooseSeed(t *testing.T) {
	t.Helper()
	switch seed := os.Getenv(seedVar); {
	case seed != "":
		set(t, "rapid.seed", seed)
	case os.Getenv(sequencesVar) == "":
		set(t, "rapid.seed", seedInTests)
	}
}

// set sets a flag of rapid's for this process.
func set(t *testing.T, name, value string) {
	t.Helper()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}
