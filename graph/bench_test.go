package graph

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"docserve/internal/digest"
)

const (
	manyDocs  = 10_000
	manyEdges = 100_000
)

// large returns a graph of 10,000 documents with 100,000 edges, as a large site
// has them: each document has its source, one file that all include, one that
// a thousand do, two that ten do, and images and quoted code of its own. A
// hundred documents include other documents.
func large() *Graph {
	g := New()
	g.SetProject(Project{
		SourceDir: "/home/someone/project/documentation", Suffixes: []string{".rst"}, Excludes: []string{"_build", "**/drafts/**"},
		Loaded:    []Input{{Path: "/home/someone/project/documentation/conf.py"}},
		Templates: []string{"/home/someone/project/documentation/_templates"},
		Static:    []string{"/home/someone/project/documentation/_static"},
	})
	for i := range manyDocs {
		g.SetDocument(largeDocument(i))
	}
	return g
}

func largeDocument(i int) Document {
	const dir = "/home/someone/project/documentation/"
	dep := func(kind Kind, format string, n int) Dep {
		name := dir + fmt.Sprintf(format, n)
		return Dep{name, kind, digest.Of([]byte(name))}
	}
	name := fmt.Sprintf("section%d/page%d", i%100, i)
	d := Document{Name: name, Source: dir + name + ".rst", Digest: digest.Of([]byte(name)), Deps: []Dep{
		dep(Include, "includes/all%d.txt", 0),
		dep(Include, "includes/thousand%d.txt", i/1000),
		dep(Include, "includes/ten%d.txt", i/10),
		dep(Table, "tables/ten%d.csv", i/10),
	}}
	for n := range 3 {
		d.Deps = append(d.Deps, dep(Image, fmt.Sprintf("images/%d-%%d.png", i), n))
		if n < 1 || n < 2 && i%100 != 1 {
			d.Deps = append(d.Deps, dep(LiteralInclude, fmt.Sprintf("code/%d-%%d.py", i), n))
		}
	}
	for len(d.Deps) < manyEdges/manyDocs-1 {
		n := i - 1
		d.Deps = append(d.Deps, dep(Include, fmt.Sprintf("section%d/page%%d.rst", n%100), n))
	}
	return d
}

// plans are the changes that are measured.
var plans = []struct {
	name    string
	changed []string
	read    int
}{
	{"Document", []string{"section7/page4207.rst"}, 1},
	{"IncludedByTen", []string{"includes/ten420.txt"}, 10},
	{"IncludedByThousand", []string{"includes/thousand4.txt"}, 1000},
	{"IncludedByAll", []string{"includes/all0.txt"}, manyDocs},
	{"Static", []string{"_static/style.css"}, 0},
	{"Ignored", []string{"notes.txt~"}, 0},
}

func changesTo(names []string) []Change {
	var changes []Change
	for _, name := range names {
		changes = append(changes, Change{"/home/someone/project/documentation/" + name, Write, of("new")})
	}
	return changes
}

func BenchmarkPlan(b *testing.B) {
	g := large()
	for _, p := range plans {
		b.Run(p.name, func(b *testing.B) { benchmarkPlan(b, g, changesTo(p.changed), p.read) })
	}
	var storm []string // as a checkout of another branch
	for i := range 500 {
		storm = append(storm, fmt.Sprintf("section%d/page%d.rst", i*20%100, i*20))
	}
	b.Run("FiveHundredDocuments", func(b *testing.B) { benchmarkPlan(b, g, changesTo(storm), 500+100) })
}

func benchmarkPlan(b *testing.B, g *Graph, changes []Change, read int) {
	b.ReportAllocs()
	for b.Loop() {
		if got := len(g.Plan(changes).Read); got != read {
			b.Fatalf("%d documents to read, want %d", got, read)
		}
	}
}

func BenchmarkQueries(b *testing.B) {
	g := large()
	const dir = "/home/someone/project/documentation/"
	b.Run("DependentsThousand", func(b *testing.B) {
		for b.Loop() {
			g.Dependents(dir + "includes/thousand4.txt")
		}
	})
	b.Run("Why", func(b *testing.B) {
		for b.Loop() {
			g.Why("section1/page4001", dir+"includes/ten400.txt")
		}
	})
	for _, p := range plans[:4] {
		b.Run("DependentTree"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.DependentTree(dir+p.changed[0], 0)
			}
		})
	}
	b.Run("DependencyTree", func(b *testing.B) {
		for b.Loop() {
			g.DependencyTree(dir+"section1/page4001.rst", 0)
		}
	})
	b.Run("Affected", func(b *testing.B) {
		for b.Loop() {
			g.Affected(changesTo([]string{"includes/ten420.txt"}))
		}
	})
	b.Run("Unused", func(b *testing.B) {
		files := append(sortedKeys(g.fileIDs), dir+"includes/old.txt")
		for b.Loop() {
			g.Unused(files)
		}
	})
	b.Run("Once", func(b *testing.B) {
		for b.Loop() {
			g.Once()
		}
	})
	b.Run("Cycles", func(b *testing.B) {
		for b.Loop() {
			g.Cycles()
		}
	})
	b.Run("Watched", func(b *testing.B) {
		for b.Loop() {
			g.Watched()
		}
	})
	b.Run("Compare", func(b *testing.B) {
		now := g.Digests()
		for b.Loop() {
			g.Compare(now)
		}
	})
}

func BenchmarkSetDocument(b *testing.B) {
	g := large()
	d := largeDocument(4711)
	for b.Loop() {
		g.SetDocument(d)
	}
}

func BenchmarkBuild(b *testing.B) {
	docs := make([]Document, manyDocs)
	for i := range docs {
		docs[i] = largeDocument(i)
	}
	for b.Loop() {
		g := New()
		for _, d := range docs {
			g.SetDocument(d)
		}
	}
}

func BenchmarkSave(b *testing.B) {
	g, name := large(), filepath.Join(b.TempDir(), "graph")
	for b.Loop() {
		if err := g.Save(name); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	name := filepath.Join(b.TempDir(), "graph")
	if err := large().Save(name); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Load(name); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLarge pins what the large graph is, and that it takes less than 40 MB,
// most of which would be the names of 60,000 different files.
func TestLarge(t *testing.T) {
	before := heap()
	g := large()
	size := heap() - before
	edges := 0
	for i := range g.docs {
		edges += len(g.docs[i].edges)
	}
	if len(g.order) != manyDocs || edges != manyEdges {
		t.Errorf("%d documents, %d edges", len(g.order), edges)
	}
	t.Logf("%.1f MB for %d files", float64(size)/1e6, len(g.fileIDs))
	if size > 40e6 {
		t.Errorf("the graph takes %d bytes", size)
	}
	for _, p := range plans {
		if got := len(g.Plan(changesTo(p.changed)).Read); got != p.read {
			t.Errorf("%s: %d documents to read, want %d", p.name, got, p.read)
		}
	}
	runtime.KeepAlive(g)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
