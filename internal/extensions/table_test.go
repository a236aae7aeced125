package extensions

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tablePath is the table in the manual.
var tablePath = filepath.Join("..", "..", "docs", "extensions-table.md")

// checkTable compares the table in the manual with what was found, or writes it.
// What was not tried this time keeps its row.
func checkTable(t *testing.T, stories []story, results map[string]result) {
	t.Helper()
	committed, err := os.ReadFile(tablePath)
	if err != nil && os.Getenv(tableVar) != "write" {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(committed)) {
		if name, _, found := strings.Cut(strings.TrimPrefix(line, "| `"), "` |"); found {
			rows[name] = strings.TrimSuffix(line, "\n")
		}
	}
	var b strings.Builder
	b.WriteString("| Extension | Used for | Edits tried | Result |\n|---|---|---|---|\n")
	for _, s := range stories {
		row, kept := rows[s.name]
		if r, told := results[s.name]; told {
			row = r.row()
		} else if !kept {
			row = s.untold()
		}
		b.WriteString(row + "\n")
	}
	if os.Getenv(tableVar) == "write" {
		if err := os.WriteFile(tablePath, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != string(committed) {
		t.Errorf("the table in the manual is not what was found; %s=write makes it anew:\n%s", tableVar, b.String())
	}
}

// row is the line of the table for an extension.
func (r *result) row() string {
	return fmt.Sprintf("| `%s` | %s | %s | %s |", r.name, r.use, r.titles(), r.verdict())
}

// titles lists what was tried.
func (s *story) titles() string {
	var titles []string
	for _, e := range s.edits {
		titles = append(titles, e.title)
	}
	return strings.Join(titles, "; ")
}

func (r *result) verdict() string {
	switch {
	case len(r.different) > 0:
		var reasons []string
		for _, title := range r.different {
			reasons = append(reasons, fmt.Sprintf("after “%s”: %s", title, r.known[title]))
		}
		return "not equal yet, " + strings.Join(reasons, "; ")
	case len(r.restarts) > 0:
		return "needs a cold restart after: " + strings.Join(r.restarts, "; ")
	}
	return "works warm"
}

// untold is the line for an extension that was never tried.
func (s *story) untold() string {
	return fmt.Sprintf("| `%s` | %s | none | not tried: it needs %s |", s.name, s.use, strings.Join(s.programs, ", "))
}
