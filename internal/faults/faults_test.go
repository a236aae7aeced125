//go:build linux

// Package faults proves that docserve survives what Sphinx processes, extensions
// and file systems can do to it, by doing it.
//
// A sequence starts a session on a project (testdata/project) whose extension
// misbehaves on command, and injects one fault after the other while edits go
// on. After each fault the site must come to rest within a bound, equal a clean
// build byte for byte, and have all warnings of one; no process may be left that
// nobody knows, and at the end none at all. Meanwhile pages are fetched as a
// browser does. A seed gives the whole sequence.
//
// It owns the project, the faults and the sequences. Faults are injected from
// outside, by signals, limits and the file system, or from inside, by an order
// that the extension carries out; it is told by a file, and nothing of docserve
// knows of it.
package faults

import (
	"os"
	"testing"

	"docserve/internal/testenv"
)

// Variables that say what a run does.
const (
	seedVar  = "DOCSERVE_FAULTS_SEED"  // seed of the first sequence
	longVar  = "DOCSERVE_FAULTS_LONG"  // sequences of a long run
	tableVar = "DOCSERVE_FAULTS_TABLE" // file that a long run writes, instead of the one in the manual
	kindVar  = "DOCSERVE_FAULTS_KIND"  // the only kinds of faults, by a part of their names
)

// seedInTests is that of the short run: it is to find what a change has broken.
const seedInTests = 1

// shortFaults is how many faults a sequence of the short run injects.
const shortFaults = 4

func TestMain(m *testing.M) {
	os.Setenv("PYTHONHASHSEED", "0") // on both sides of a comparison; see package clean
	os.Exit(m.Run())
}

// TestFaults is the short run: some faults, always the same, with and without
// forks.
func TestFaults(t *testing.T) {
	env := open(t, "9.0")
	seed := testenv.Number(t, seedVar, seedInTests)
	for i, way := range []way{{noFork: false}, {noFork: true}} {
		t.Run(way.String(), func(t *testing.T) {
			run(t, env, way, uint64(seed+i), shortFaults, &tally{})
		})
	}
}
