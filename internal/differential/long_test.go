package differential

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv"
)

// longVar is how many sequences a long run makes for each version of Sphinx.
const longVar = "DOCSERVE_DIFFERENTIAL_LONG"

// table is what a long run adds its lines to; the manual shows it.
const table = "../../docs/differential-table.md"

// header begins the table.
const header = `| Date | Sphinx | Themes | Sequences | Edits | Comparisons | Sequences that failed | Differing files | Differing warnings | Pages written / changed | The same, themes that use toctree() | First seed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

// TestLongRun makes many sequences for each version, goes on after a
// difference, and adds a line for each version to the table in the manual.
func TestLongRun(t *testing.T) {
	if os.Getenv(longVar) == "" {
		t.Skipf("a long run is asked for with %s, the number of sequences for each version", longVar)
	}
	sequences := testenv.Number(t, longVar, 0)
	seed := testenv.Number(t, seedVar, int(time.Now().Unix()%1_000_000)*1000)
	rows := make([]string, len(versions()))
	t.Run("versions", func(t *testing.T) {
		for i, name := range versions() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				env := open(t, name)
				if os.Getenv(rulesVar) != "" {
					env.ruled, env.watched = true, true
				}
				rows[i] = long(t, env, sequences, seed+i*sequences) // other ones for each version
			})
		}
	})
	record(t, rows)
}

// long makes the sequences of one version, and returns its line of the table.
func long(t *testing.T, env *environment, sequences, seed int) string {
	var sum summary
	began := time.Now()
	for i := range sequences {
		p := plans.Example(seed + i)
		start := time.Now()
		out, err := run(env, p)
		sum.add(out)
		if err := judge(p, out, err); err != nil {
			sum.failed++
			t.Errorf("%s, seed %d:\n%v", env.name, seed+i, err)
		}
		t.Logf("%s, seed %d: %d edits, %d comparisons, %s", env.name, seed+i, out.Edits, out.Comparisons, time.Since(start).Round(time.Millisecond))
		if len(out.Tally.Idle) > 0 {
			t.Logf("seed %d (%s):\n%s", seed+i, out.Steps[0], strings.Join(out.Tally.Idle, "\n"))
		}
	}
	t.Logf("%s: %s; %d sequences failed; %s", env.name, &sum, sum.failed, time.Since(began).Round(time.Second))
	version := env.builder.Sphinx
	if env.ruled {
		version += ", with rules"
	}
	return fmt.Sprintf("| %s | %s | %s | %d | %d | %d | %d | %d | %d | %.2f | %.2f | %d |\n", time.Now().UTC().Format("2 January 2006"), version,
		strings.Join(env.themes, ", "), sum.sequences, sum.edits, sum.comparisons, sum.failed, sum.files, sum.warnings,
		ratio(sum.written+sum.others, sum.differ+sum.othersDiffer), ratio(sum.written, sum.differ), seed)
}

// record adds lines to the table, unless the variable names another file.
func record(t *testing.T, rows []string) {
	path := table
	if other := os.Getenv(tableVar); other != "" {
		path = other
	}
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		text, err = []byte(header), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	rows = slices.DeleteFunc(rows, func(row string) bool { return row == "" })
	text = append(text, strings.Join(rows, "")...)
	if err := os.WriteFile(filepath.Clean(path), text, 0o666); err != nil {
		t.Fatal(err)
	}
}
