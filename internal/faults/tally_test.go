//go:build linux

package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// outcome is what came of one fault.
type outcome struct {
	reached bool     // the fault has come about
	hung    bool     // the site did not come to rest
	lost    []string // where it differs from a clean build
	orphans []string // processes that nobody knows
	took    time.Duration
}

// row counts the outcomes of one kind of fault.
type row struct {
	injected, missed, hangs, orphans, lost int
	longest                                time.Duration
}

// tally adds outcomes up.
type tally struct {
	mu    sync.Mutex // guards the rest
	rows  map[string]*row
	total row
	left  int // processes after the end of a session
	took  fetches
}

func (s *tally) add(w way, name string, out outcome, took fetches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		s.rows = map[string]*row{}
	}
	if s.rows[name] == nil {
		s.rows[name] = &row{}
	}
	for _, r := range []*row{s.rows[name], &s.total} {
		if !out.reached {
			r.missed++
			continue
		}
		r.injected++
		r.longest = max(r.longest, out.took)
		r.hangs += one(out.hung)
		r.orphans += one(len(out.orphans) > 0)
		r.lost += one(len(out.lost) > 0)
	}
	s.took.add(took)
}

// leave counts a process that has outlived its session.
func (s *tally) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left++
}

// far says how far a run has come.
func (s *tally) far() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%d faults, %d not reached; %s", s.total.injected, s.total.missed, s.took)
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

const header = `| Fault | Injected | Hangs | Orphans | Lost saves | Longest, s |
| --- | --- | --- | --- | --- | --- |
`

// String is the table.
func (s *tally) String() string {
	var text strings.Builder
	text.WriteString(header)
	line := func(name string, r *row) {
		fmt.Fprintf(&text, "| %s | %d | %d | %d | %d | %.1f |\n", name, r.injected, r.hangs, r.orphans, r.lost, r.longest.Seconds())
	}
	for _, name := range slices.Sorted(maps.Keys(s.rows)) {
		line(name, s.rows[name])
	}
	line("All", &s.total)
	return text.String()
}
