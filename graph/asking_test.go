package graph

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"docserve/internal/digest"

	"pgregory.net/rapid"
)

// drawGraph is a graph of the small world, without documents that hide.
var drawGraph = rapid.Custom(func(t *rapid.T) *Graph {
	g := New()
	g.SetProject(drawProject.Draw(t, "project"))
	for _, d := range rapid.SliceOfN(drawDoc, 0, 8).Draw(t, "docs") {
		g.SetDocument(d)
	}
	return g
})

// walk calls visit for each node below n, with the one above.
func walk(n Node, visit func(above, n Node)) {
	for _, below := range n.Below {
		visit(n, below)
		walk(below, visit)
	}
}

// TestTrees: a tree holds exactly what there is a way to, each edge of it is one
// of the graph, and nothing is there twice with what is below it.
func TestTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, path := drawGraph.Draw(t, "graph"), drawPath.Draw(t, "path")
		made, makes := map[string]bool{path: true}, map[string]bool{}
		expanded := map[string]int{}
		down := g.DependencyTree(path, 0)
		walk(down, func(above, n Node) {
			made[n.Path] = true
			if len(n.Below) > 0 {
				expanded[n.Path]++
			}
			if !uses(g, above, n.Path, n.Kind) {
				t.Fatalf("%s is not made from %+v", above.Name, n)
			}
		})
		up := g.DependentTree(path, 0)
		walk(up, func(above, n Node) {
			if n.Doc != "" {
				makes[n.Doc] = true
			}
			if len(n.Below) > 0 {
				expanded[n.Path]++
			}
			if !uses(g, n, above.Path, n.Kind) {
				t.Fatalf("%s is not made from %s", n.Name, above.Path)
			}
		})
		for _, doc := range g.Documents() {
			if _, ok := g.Why(doc, path); ok != makes[doc] && doc != down.Doc {
				t.Fatalf("%s is made from %s: %v, and in the tree: %v", doc, path, ok, makes[doc])
			}
		}
		for _, other := range somePaths {
			if _, ok := g.Why(down.Doc, other); down.Doc != "" && ok != made[other] {
				t.Fatalf("%s is made from %s: %v, and in the tree: %v", path, other, ok, made[other])
			}
		}
		for path, n := range expanded {
			if n > 2 { // once in each of the two trees
				t.Fatalf("%s is in the trees %d times with what is below it", path, n)
			}
		}
		if depth := rapid.IntRange(1, 3).Draw(t, "depth"); height(g.DependencyTree(path, depth)) > depth || height(g.DependentTree(path, depth)) > depth {
			t.Fatalf("a tree is higher than %d", depth)
		}
	})
}

// uses reports whether a node's file uses another one in some text, in a way.
func uses(g *Graph, n Node, path, kind string) bool {
	for _, doc := range g.Documents() {
		d, _ := g.Document(doc)
		linked := slices.Contains(d.Links, Link{n.Path, path}) && kind == Include.String()
		named := d.Source == n.Path && slices.ContainsFunc(d.Deps, func(dep Dep) bool { return dep.Path == path && dep.Kind.String() == kind })
		inner := kind == Include.String() && slices.ContainsFunc(d.Links, func(l Link) bool { return l.To == path })
		if linked || named && !inner {
			return true
		}
	}
	return false
}

// TestThrough: each file on the way includes the one before in the text of the
// document, whose source includes the last.
func TestThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, path := drawGraph.Draw(t, "graph"), drawPath.Draw(t, "path")
		for _, doc := range g.Documents() {
			d, _ := g.Document(doc)
			var files []string
			for _, name := range g.Through(doc, path) {
				i := slices.IndexFunc(somePaths, func(p string) bool { return g.Display(p) == name })
				files = append(files, somePaths[i])
			}
			if len(files) == 0 {
				continue
			}
			before := path
			for _, file := range append(files, d.Source) {
				if !slices.Contains(d.Links, Link{file, before}) {
					t.Fatalf("%s: %s does not include %s, of %v", doc, file, before, d.Links)
				}
				before = file
			}
		}
	})
}

func height(n Node) int {
	high := 0
	for _, below := range n.Below {
		high = max(high, 1+height(below))
	}
	return high
}

// TestCyclesAreAll: a file that leads back to itself is in a cycle, and nothing
// else is.
func TestCyclesAreAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph.Draw(t, "graph")
		var names []string
		path := map[string]string{}
		for _, each := range somePaths {
			names = append(names, g.Display(each))
			path[g.Display(each)] = each
		}
		includes := func(file, other string) bool {
			return uses(g, Node{Path: path[file]}, path[other], Include.String())
		}
		in := map[string]bool{}
		cycles := g.Cycles()
		for _, cycle := range cycles {
			if len(cycle) < 2 || cycle[0] != cycle[len(cycle)-1] || cycle[0] != slices.Min(cycle) {
				t.Fatalf("no cycle: %v", cycle)
			}
			seen := map[string]bool{}
			for i, file := range cycle[1:] {
				if !includes(cycle[i], file) || seen[file] {
					t.Fatalf("no cycle: %v", cycle)
				}
				seen[file], in[file] = true, true
			}
		}
		for _, file := range names {
			reached := map[string]bool{}
			var visit func(string)
			visit = func(at string) {
				for _, other := range names {
					if includes(at, other) && !reached[other] {
						reached[other] = true
						visit(other)
					}
				}
			}
			visit(file)
			if reached[file] != in[file] {
				t.Fatalf("%s leads back to itself: %v; cycles %v", file, reached[file], cycles)
			}
		}
	})
}

// TestAffected: it is the plan for contents that nobody knows.
func TestAffected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph.Draw(t, "graph")
		g.Record(drawSnapshot.Draw(t, "recorded"))
		changes := rapid.SliceOfNDistinct(drawChange, 0, 6, func(c Change) string { return c.Path }).Draw(t, "changes")
		got := g.Affected(changes)
		for i := range changes {
			changes[i].Digest = of("never seen")
		}
		if want := g.Plan(changes); !reflect.DeepEqual(got, want) {
			t.Fatalf("affected\n%s\nwant\n%s", strings.Join(lines(got), "\n"), strings.Join(lines(want), "\n"))
		}
	})
}

// wood is a graph in which documents include documents, and each other.
func wood() *Graph {
	g := New()
	g.SetProject(Project{
		SourceDir: "/docs", Suffixes: []string{".rst"}, Excludes: []string{"_inc", "_build"},
		Loaded:    []Input{{"/docs/conf.py", Config, of("conf")}, {"/docs/_ext/roles.py", Config, of("ext")}},
		Templates: []string{"/docs/_templates"}, Static: []string{"/docs/_static"}, Catalogs: []string{"/docs/locale"},
		Inputs: []Place{{Path: "/docs/data", Endings: []string{".bib"}}}, Generated: []string{"/docs/auto"},
	})
	for _, d := range []struct {
		name  string
		deps  []Dep
		links []Link
	}{
		{"index", []Dep{{"/docs/guide/part.rst", Include, of("p")}, {"/docs/_inc/note.txt", Include, of("n")}, {"/docs/logo.png", Image, of("l")}}, nil},
		{"guide/part", []Dep{{"/docs/_inc/note.txt", Include, of("n")}, {"/docs/guide/deep.rst", Include, of("d")}, {"/docs/guide/back.rst", LiteralInclude, of("b")}}, nil},
		{"guide/deep", []Dep{{"/docs/guide/table.csv", Table, of("t")}, {"/docs/gone.png", Image, digest.Digest{}}, {"/src/code.py", LiteralInclude, of("c")}}, nil},
		{"guide/back", []Dep{{"/docs/logo.png", Image, of("l")}, {"/docs/logo.png", Download, of("l")}}, nil},
		{"turn/one", []Dep{{"/docs/turn/two.rst", Include, of("2")}}, nil},
		{"turn/two", []Dep{{"/docs/turn/three.rst", Include, of("3")}, {"/docs/turn/one.rst", Include, of("1")}}, nil},
		{"turn/three", []Dep{{"/docs/turn/one.rst", Include, of("1")}}, nil},
		{"turn/self", []Dep{{"/docs/turn/self.rst", Include, of("s")}}, nil},
		{"nest", []Dep{{"/docs/_inc/a.txt", Include, of("a")}, {"/docs/_inc/b.txt", Include, of("b")}, {"/docs/_inc/c.txt", Include, of("c")}, {"/docs/logo.png", Image, of("l")}},
			[]Link{{"/docs/nest.rst", "/docs/_inc/a.txt"}, {"/docs/_inc/a.txt", "/docs/_inc/b.txt"}, {"/docs/_inc/b.txt", "/docs/_inc/c.txt"}, {"/docs/nest.rst", "/docs/_inc/c.txt"}, {"/x", "/y"}}},
		{"round", []Dep{{"/docs/_inc/r.txt", Include, of("r")}, {"/docs/_inc/s.txt", Include, of("s")}},
			[]Link{{"/docs/round.rst", "/docs/_inc/r.txt"}, {"/docs/_inc/r.txt", "/docs/_inc/s.txt"}, {"/docs/_inc/s.txt", "/docs/_inc/r.txt"}}},
	} {
		g.SetDocument(Document{Name: d.name, Source: "/docs/" + d.name + ".rst", Digest: of(d.name), Deps: d.deps, Links: d.links})
	}
	return g
}

// drawing writes a tree in one line.
func drawing(n Node) string {
	text := n.Name
	if n.Kind != "" {
		text += ":" + n.Kind
	}
	if n.Missing {
		text += "?"
	}
	if n.Repeated {
		text += "^"
	}
	if n.More {
		text += "…"
	}
	var below []string
	for _, each := range n.Below {
		below = append(below, drawing(each))
	}
	if len(below) > 0 {
		text += "(" + strings.Join(below, " ") + ")"
	}
	return text
}

func TestTree(t *testing.T) {
	g := wood()
	const deep = "guide/deep.rst:include(gone.png:image? guide/table.csv:table ../src/code.py:literalinclude)"
	for _, test := range []struct {
		name string
		tree func(*Graph, string, int) Node
		path string
		deep int
		want string
	}{
		{"a document", (*Graph).DependencyTree, "/docs/guide/back.rst", 0, "guide/back.rst(logo.png:image)"},
		{"through what it includes", (*Graph).DependencyTree, "/docs/index.rst", 0,
			"index.rst(_inc/note.txt:include guide/part.rst:include(_inc/note.txt:include guide/back.rst:literalinclude " + deep + ") logo.png:image)"},
		{"one level", (*Graph).DependencyTree, "/docs/index.rst", 1, "index.rst(_inc/note.txt:include guide/part.rst:include… logo.png:image)"},
		{"in circles", (*Graph).DependencyTree, "/docs/turn/one.rst", 0,
			"turn/one.rst(turn/two.rst:include(turn/one.rst:include^ turn/three.rst:include(turn/one.rst:include^)))"},
		{"itself", (*Graph).DependencyTree, "/docs/turn/self.rst", 0, "turn/self.rst(turn/self.rst:include^)"},
		{"no document", (*Graph).DependencyTree, "/docs/logo.png", 0, "logo.png"},
		{"nobody knows it", (*Graph).DependencyTree, "/docs/nothing.txt", 0, "nothing.txt"},
		{"who includes it", (*Graph).DependentTree, "/docs/guide/table.csv", 0,
			"guide/table.csv(guide/deep.rst:table(guide/part.rst:include(index.rst:include)))"},
		{"who quotes it", (*Graph).DependentTree, "/docs/guide/back.rst", 0, "guide/back.rst(guide/part.rst:literalinclude(index.rst:include))"},
		{"what is quoted does not bring what it includes", (*Graph).DependentTree, "/docs/logo.png", 0, "logo.png(guide/back.rst:image index.rst:image nest.rst:image)"},
		{"one level up", (*Graph).DependentTree, "/docs/guide/table.csv", 2, "guide/table.csv(guide/deep.rst:table(guide/part.rst:include…))"},
		{"twice", (*Graph).DependentTree, "/docs/_inc/note.txt", 0, "_inc/note.txt(guide/part.rst:include(index.rst:include) index.rst:include)"},
		{"round and round", (*Graph).DependentTree, "/docs/turn/three.rst", 0,
			"turn/three.rst(turn/two.rst:include(turn/one.rst:include(turn/three.rst:include^ turn/two.rst:include^)))"},
		{"what is included includes", (*Graph).DependencyTree, "/docs/nest.rst", 0,
			"nest.rst(_inc/a.txt:include(_inc/b.txt:include(_inc/c.txt:include)) _inc/c.txt:include logo.png:image)"},
		{"through what is included", (*Graph).DependentTree, "/docs/_inc/c.txt", 0,
			"_inc/c.txt(_inc/b.txt:include(_inc/a.txt:include(nest.rst:include)) nest.rst:include)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := drawing(test.tree(g, test.path, test.deep)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTreeJSON(t *testing.T) {
	text, err := json.Marshal(wood().DependencyTree("/docs/guide/back.rst", 0))
	want := `{"path":"/docs/guide/back.rst","name":"guide/back.rst","doc":"guide/back","below":[{"path":"/docs/logo.png","name":"logo.png","kind":"image"}]}`
	if string(text) != want || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestCycles(t *testing.T) {
	want := [][]string{
		{"_inc/r.txt", "_inc/s.txt", "_inc/r.txt"}, {"turn/one.rst", "turn/two.rst", "turn/one.rst"},
		{"turn/one.rst", "turn/two.rst", "turn/three.rst", "turn/one.rst"}, {"turn/self.rst", "turn/self.rst"},
	}
	slices.SortFunc(want, slices.Compare)
	if got := wood().Cycles(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := New().Cycles(); got != nil {
		t.Errorf("an empty graph has cycles: %v", got)
	}
}

func TestUsage(t *testing.T) {
	g := wood()
	files := []string{
		"/docs/old.txt", "/docs/_inc/draft.rst", "/docs/_inc/note.txt", "/docs/pictures/old.png", "/docs/index.rst", "/docs/new.rst",
		"/docs/conf.py", "/docs/_ext/roles.py", "/docs/_ext/other.py", "/docs/_templates/layout.html", "/docs/_static/site.css",
		"/docs/locale/de/index.po", "/docs/data/all.bib", "/docs/data/all.txt", "/docs/auto/made.txt", "/docs/.gitignore", "/docs/.cache/x.txt",
		"/elsewhere/old.txt", "/docs/old.txt",
	}
	want := []string{"/docs/_ext/other.py", "/docs/_inc/draft.rst", "/docs/data/all.txt", "/docs/old.txt", "/docs/pictures/old.png"}
	if got := g.Unused(files); !slices.Equal(got, want) {
		t.Errorf("unused: %q, want %q", got, want)
	}
	var once []string
	for _, e := range g.Once() {
		once = append(once, e.Path+" "+e.Kind.String()+" "+e.Doc)
	}
	want = []string{
		"/docs/_inc/a.txt include nest", "/docs/_inc/b.txt include nest", "/docs/_inc/c.txt include nest",
		"/docs/_inc/r.txt include round", "/docs/_inc/s.txt include round", "/docs/guide/table.csv table guide/deep",
	}
	if !slices.Equal(once, want) {
		t.Errorf("once: %q, want %q", once, want)
	}
}

func TestThroughFiles(t *testing.T) {
	g := wood()
	for path, want := range map[string][]string{
		"/docs/_inc/a.txt": nil, "/docs/_inc/b.txt": {"_inc/a.txt"}, "/docs/_inc/c.txt": nil, "/docs/logo.png": nil, "/nowhere": nil,
	} {
		if got := g.Through("nest", path); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := g.Through("round", "/docs/_inc/s.txt"); !slices.Equal(got, []string{"_inc/r.txt"}) {
		t.Errorf("in circles: %q", got)
	}
}
