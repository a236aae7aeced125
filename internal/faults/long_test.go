//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv"
)

// table is what a long run writes; the manual shows it.
const table = "../../docs/faults-table.md"

// longFaults is how many faults a sequence of the long run injects: enough for
// them to meet what earlier ones have left.
const longFaults = 12

// versions are the environments of the long run.
var versions = []string{"9.0", "7.4", "5.3"}

// ways are the sessions that sequences take turns in.
var ways = []way{{}, {noFork: true}, {watched: true}, {}, {noFork: true, watched: true}}

// atOnce bounds how many sequences run at the same time: they mostly wait.
var atOnce = make(chan struct{}, 2)

// TestLongRun injects many faults, goes on after a failure, and writes the table
// in the manual.
func TestLongRun(t *testing.T) {
	if os.Getenv(longVar) == "" {
		t.Skipf("a long run is asked for with %s, the number of sequences", longVar)
	}
	var envs []*environment
	for _, name := range versions {
		envs = append(envs, open(t, name))
	}
	seed := testenv.Number(t, seedVar, int(time.Now().Unix()%1_000_000)*1000)
	sum := &tally{}
	t.Run("sequences", func(t *testing.T) {
		for i := range testenv.Number(t, longVar, 0) {
			env, w := envs[i%len(envs)], ways[i/len(envs)%len(ways)]
			w.long = true
			t.Run(fmt.Sprintf("%s, %s, seed %d", env.name, w, seed+i), func(t *testing.T) {
				t.Parallel()
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				run(t, env, w, uint64(seed+i), longFaults, sum)
				t.Log(sum.far())
			})
		}
	})
	write(t, seed, envs, sum)
}

// write writes the table, unless the variable names another file.
func write(t *testing.T, seed int, envs []*environment, sum *tally) {
	path := table
	if other := os.Getenv(tableVar); other != "" {
		path = other
	}
	var sphinx []string
	for _, env := range envs {
		sphinx = append(sphinx, env.builder.Sphinx)
	}
	t.Logf("%s, Sphinx %s, first seed %d; %d processes left after sessions\n%s%s",
		time.Now().UTC().Format("2 January 2006"), strings.Join(sphinx, " and "), seed, sum.left, sum, sum.took)
	if err := os.WriteFile(filepath.Clean(path), []byte(sum.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}
