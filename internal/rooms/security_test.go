package rooms

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityTable: each protection that the manual promises has a test, and each
// test that it names is there.
func TestSecurityTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "security.rst"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, s := range sources(t) {
		if !strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				there[s.dir()+": "+f.Name.Name] = true
			}
		}
	}
	_, table, _ := strings.Cut(string(text), ".. list-table::")
	rows := strings.Split(table, "\n   * - ")[2:] // behind the options and the heading
	if len(rows) < 20 {
		t.Fatalf("found only %d rows", len(rows))
	}
	for _, row := range rows {
		cells := strings.Split(row, "\n     - ")
		if len(cells) != 3 {
			t.Errorf("not threat, protection, test: %s", row)
			continue
		}
		promised := named(cells[2])
		if len(promised) == 0 {
			t.Errorf("%s: no test is named", cells[0])
		}
		for _, name := range promised {
			if !there[name] {
				t.Errorf("%s: there is no %s", cells[0], name)
			}
		}
	}
}

var literal = regexp.MustCompile("``([^`]+)``")

// named returns the tests of a cell as "package: name". A package is named before
// its tests.
func named(cell string) []string {
	var found []string
	dir := ""
	for _, match := range literal.FindAllStringSubmatch(cell, -1) {
		if strings.HasPrefix(match[1], "Test") || strings.HasPrefix(match[1], "Fuzz") {
			found = append(found, dir+": "+match[1])
		} else {
			dir = match[1]
		}
	}
	return found
}
