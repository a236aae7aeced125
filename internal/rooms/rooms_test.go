// Package rooms holds tests of the code as a whole: that the rooms of docserve keep
// to themselves, and that what the manual says of tests is so.
//
// The pipeline runs in one direction, watch → graph → runner → livereload and
// web, and each way of touching the world (file events, sockets, processes,
// flags, the log's looks) has one place. A new import that breaks this fails
// here, with the rule; a new rule belongs in docs/architecture.rst too.
package rooms

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "docserve"

// apart says for each room which of the others it may import. A room is a
// directory with all below it. What wires the rooms together (main, and
// internal/serve for it; internal/terminal, which shows the runner's reports;
// internal/inquiry, which asks the runner's graph) is
// no room, and may import all.
var apart = map[string][]string{
	"watch":      nil,
	"graph":      nil,
	"livereload": nil,
	"web":        nil,
	"runner":     {"graph", "watch"},
	"internal":   nil,
	"bench":      nil,
}

// wiring is what joins the rooms.
var wiring = []string{".", "internal/inquiry", "internal/serve", "internal/terminal"}

// engines are what the runner's own package, and everybody else who is not the
// wiring, must not know: which engine keeps a site true is chosen in one place.
var engines = []string{"runner/plain"}

// places says where an import may appear: in the directories named, each with
// all below it, "." being the main package alone. Packages from elsewhere that
// are not in this table may appear nowhere: adding one is a decision.
var places = map[string][]string{
	"github.com/fsnotify/fsnotify":     {"watch", "internal/doctor"}, // which tries whether events come at all
	"github.com/bmatcuk/doublestar/v4": {"watch", "internal/project", "internal/cli", "internal/config", "runner/generate"},
	"github.com/pelletier/go-toml/v2":  {"internal/config", "runner/generate"},
	"github.com/goccy/go-yaml":         {"runner/generate"},
	"github.com/nikolalohinski/gonja":  {"runner/generate"},
	"github.com/gorilla/websocket":     {"livereload"},
	"golang.org/x/net/html":            {"web", "bench"},
	"github.com/tdewolff/minify/v2":    {"web"},
	"os/exec":                          {"internal/proc", "bench"},
	"github.com/charmbracelet/log":     {"."},
	"github.com/spf13/cobra":           {".", "internal/cli"},
	"github.com/spf13/pflag":           {".", "internal/cli"},
	"flag":                             {".", "internal/cli", "bench"},
	"golang.org/x/term":                {".", "internal/terminal", "internal/cli"},
	"golang.org/x/text":                {"watch"}, // composed and decomposed characters in names of files
	"golang.org/x/sync":                {".", "internal", "runner", "bench"},
	"golang.org/x/sys":                 {".", "internal", "watch", "runner", "bench"},
	"github.com/chromedp":              {"bench"},
}

// tests says which imports only tests may have, besides those of places, which
// they may have anywhere.
var tests = []string{
	"testing", "pgregory.net/rapid", "go.uber.org/goleak", "github.com/rogpeppe/go-internal",
}

// testSupport may import what tests may, though its files are not called
// _test: it is imported by nothing but tests.
const testSupport = "internal/testenv"

// source is a Go file of the project.
type source struct {
	name string // slash-separated, relative to the module
	file *ast.File
}

func (s source) dir() string { return path.Dir(s.name) }
func (s source) test() bool {
	return strings.HasSuffix(s.name, "_test.go") || within(s.dir(), testSupport)
}
func (s source) wiring() bool { return slices.Contains(wiring, s.dir()) }

// imports returns the paths that a file imports.
func (s source) imports(t *testing.T) []string {
	var paths []string
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// within reports whether the path is dir or below it. Nothing but itself is
// within ".".
func within(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

func withinAny(name string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return within(name, dir) })
}

// sources parses all Go files of the module, whatever system they are for.
func sources(t *testing.T) []source {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	var found []source
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // another test's file
			return nil
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata"):
			return fs.SkipDir
		case !d.Type().IsRegular() || path.Ext(name) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(name)), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		found = append(found, source{name, f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("found only %d files below %s", len(found), root)
	}
	return found
}

func TestRooms(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.wiring() {
			continue
		}
		for _, p := range s.imports(t) {
			if rule := broken(s.dir(), p); rule != "" {
				t.Errorf("%s imports %s: %s", s.name, p, rule)
			}
		}
	}
}

// broken returns the rule that the import of p by a package in dir breaks.
func broken(dir, p string) string {
	target, ok := strings.CutPrefix(p, module+"/")
	if !ok {
		return ""
	}
	if within(target, testSupport) {
		return "only tests may"
	}
	if slices.Contains(wiring, target) {
		return "it joins the rooms, and only main may import it"
	}
	if withinAny(target, engines) && !within(dir, target) {
		return "it is an engine, and only what joins the rooms chooses one"
	}
	room, _, _ := strings.Cut(dir, "/")
	other, _, _ := strings.Cut(target, "/")
	allowed, ok := apart[room]
	switch {
	case !ok:
		return fmt.Sprintf("%s is not a room that this test knows", room)
	case other == room || other == "internal" || slices.Contains(allowed, other):
		return ""
	case len(allowed) == 0:
		return room + " imports none of the other rooms"
	}
	return fmt.Sprintf("of the other rooms %s imports only %s", room, strings.Join(allowed, ", "))
}

func TestPlaces(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range s.imports(t) {
			if rule := misplaced(s.dir(), s.test(), p); rule != "" {
				t.Errorf("%s imports %s: %s", s.name, p, rule)
			}
		}
	}
}

// misplaced returns the rule against the import of p in dir.
func misplaced(dir string, test bool, p string) string {
	if withinAny(p, tests) {
		if test {
			return ""
		}
		return "only tests may"
	}
	for pkg, dirs := range places {
		if within(p, pkg) {
			if test || withinAny(dir, dirs) {
				return ""
			}
			return "only these may: " + strings.Join(dirs, ", ")
		}
	}
	first, _, _ := strings.Cut(p, "/")
	if strings.Contains(first, ".") {
		return "no place is set for this package"
	}
	return ""
}

// TestRunnerTakesTypes: the runner takes the watcher's batches, but the watcher
// itself from whoever wires them, as an interface.
func TestRunnerTakesTypes(t *testing.T) {
	all := sources(t)
	actions := map[string]bool{}
	for _, s := range all {
		if s.dir() != "watch" || s.test() {
			continue
		}
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				actions[f.Name.Name] = true
			}
		}
	}
	for _, s := range all {
		if !within(s.dir(), "runner") || s.test() || !slices.Contains(s.imports(t), module+"/watch") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "watch" && (actions[sel.Sel.Name] || sel.Sel.Name == "Watcher") {
				t.Errorf("%s uses watch.%s: the runner imports watch for its data types only", s.name, sel.Sel.Name)
			}
			return true
		})
	}
}

// TestRules shows that the rules bite.
func TestRules(t *testing.T) {
	for _, test := range []struct {
		dir, imports string
		broken       bool
	}{
		{"graph", "docserve/watch", true},
		{"watch", "docserve/graph", true},
		{"web/client", "docserve/livereload", true},
		{"web", "docserve/web/client", false},
		{"web", "docserve/internal/digest", false},
		{"runner/sphinx", "docserve/graph", false},
		{"runner", "docserve/web", true},
		{"runner", "docserve/runner/plain", true},
		{"internal/verify", "docserve/runner/plain", true},
		{"runner/plain", "docserve/runner", false},
		{"runner/plain", "docserve/watch", false},
		{"runner/plain", "docserve/livereload", true},
		{"internal/cli", "docserve/runner", true},
		{"internal/cli", "docserve/internal/serve", true},
		{"graph", "docserve/internal/testenv", true},
		{"attic", "docserve/graph", true},
		{"graph", "sort", false},
	} {
		if rule := broken(test.dir, test.imports); (rule != "") != test.broken {
			t.Errorf("%s imports %s: %q", test.dir, test.imports, rule)
		}
	}
	for _, test := range []struct {
		dir       string
		test      bool
		imports   string
		misplaced bool
	}{
		{"runner", false, "os/exec", true},
		{"runner", true, "os/exec", false},
		{"bench", false, "os/exec", false},
		{"internal/proc", false, "os/exec", false},
		{"internal/process", false, "os/exec", true},
		{".", false, "github.com/charmbracelet/log", false},
		{"internal/terminal", false, "github.com/charmbracelet/log", true},
		{"internal/proc", false, "golang.org/x/sys/unix", false},
		{"graph", false, "example.org/other", true},
		{"graph", false, "pgregory.net/rapid", true},
		{"graph", false, "encoding/json", false},
	} {
		if rule := misplaced(test.dir, test.test, test.imports); (rule != "") != test.misplaced {
			t.Errorf("%s imports %s: %q", test.dir, test.imports, rule)
		}
	}
}
