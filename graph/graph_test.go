package graph

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"docserve/internal/digest"
)

// of returns a digest that differs from that of other words.
func of(word string) digest.Digest { return digest.Of([]byte(word)) }

// check fails if the two sides of the edges disagree, or something that is no
// longer used is still held.
func (g *Graph) check(t testing.TB) {
	t.Helper()
	links := map[[2]int32]bool{}
	for i, f := range g.files {
		if f.path == "" {
			if !slices.Contains(g.freeFile, int32(i)) {
				t.Fatalf("file %d is neither used nor free", i)
			}
			continue
		}
		if len(f.docs) == 0 || g.fileIDs[f.path] != int32(i) {
			t.Fatalf("file %s has %d dependents and the number %d", f.path, len(f.docs), g.fileIDs[f.path])
		}
		if f.doc != 0 && g.docs[f.doc-1].source != int32(i) {
			t.Fatalf("file %s is taken for the source of %s", f.path, g.docs[f.doc-1].name)
		}
		for _, doc := range f.docs {
			if links[[2]int32{doc, int32(i)}] {
				t.Fatalf("file %s has document %s twice", f.path, g.docs[doc].name)
			}
			links[[2]int32{doc, int32(i)}] = true
		}
	}
	for id, d := range g.docs {
		if d.name != "" && g.files[d.source].doc != int32(id)+1 {
			t.Fatalf("file %s is not taken for the source of %s", g.files[d.source].path, d.name)
		}
		if !slices.IsSortedFunc(d.edges, compareEdges) {
			t.Fatalf("edges of %s are not sorted", d.name)
		}
		for _, e := range d.edges {
			if !links[[2]int32{int32(id), e.file}] && len(d.edgesTo(e.file)) > 0 {
				t.Fatalf("file %s does not know its dependent %s", g.files[e.file].path, d.name)
			}
		}
	}
	for link := range links {
		if len(g.docs[link[0]].edgesTo(link[1])) == 0 {
			t.Fatalf("file %s has the dependent %s, which does not know it", g.files[link[1]].path, g.docs[link[0]].name)
		}
	}
	if !slices.IsSorted(g.Documents()) || len(g.order) != len(g.docIDs) || len(g.order)+len(g.freeDoc) != len(g.docs) {
		t.Fatalf("order of documents: %d listed, %d named, %d free, %d in all", len(g.order), len(g.docIDs), len(g.freeDoc), len(g.docs))
	}
	if len(g.fileIDs)+len(g.freeFile) != len(g.files) {
		t.Fatalf("files: %d named, %d free, %d in all", len(g.fileIDs), len(g.freeFile), len(g.files))
	}
}

func TestDocuments(t *testing.T) {
	g := New()
	guide := Document{Name: "guide", Source: "/p/guide.rst", Digest: of("guide"), Deps: []Dep{
		{"/p/x.png", Image, of("x")}, {"/p/inc.txt", Include, of("inc")}, {"/p/inc.txt", LiteralInclude, of("inc")},
	}}
	g.SetDocument(guide)
	g.SetDocument(Document{Name: "api", Source: "/p/api.rst", Deps: []Dep{{"/p/inc.txt", Include, of("old")}}})
	g.check(t)
	if got, want := g.Documents(), []string{"api", "guide"}; !slices.Equal(got, want) {
		t.Errorf("Documents() = %v, want %v", got, want)
	}
	got, ok := g.Document("guide")
	want := Document{"guide", "/p/guide.rst", of("guide"), []Dep{
		{"/p/inc.txt", Include, of("inc")}, {"/p/inc.txt", LiteralInclude, of("inc")}, {"/p/x.png", Image, of("x")},
	}, nil}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("Document(guide) = %+v, %v, want %+v", got, ok, want)
	}
	if got, want := g.Dependents("/p/inc.txt"), []Edge{
		{"api", "/p/inc.txt", Include, of("old")},
		{"guide", "/p/inc.txt", Include, of("inc")},
		{"guide", "/p/inc.txt", LiteralInclude, of("inc")},
	}; !slices.Equal(got, want) {
		t.Errorf("Dependents = %v, want %v", got, want)
	}
	if got, want := g.Dependencies("api"), []Edge{
		{"api", "/p/api.rst", Source, digest.Digest{}}, {"api", "/p/inc.txt", Include, of("old")},
	}; !slices.Equal(got, want) {
		t.Errorf("Dependencies = %v, want %v", got, want)
	}

	guide.Deps = nil
	g.SetDocument(guide)
	g.check(t)
	if got := g.Dependents("/p/x.png"); got != nil {
		t.Errorf("after the image was dropped, it has the dependents %v", got)
	}
	if !g.RemoveDocument("guide") || g.RemoveDocument("guide") {
		t.Error("RemoveDocument must report what it did")
	}
	g.check(t)
	if _, ok := g.Document("guide"); ok {
		t.Error("the removed document is still there")
	}
	if got := g.Dependents("/p/guide.rst"); got != nil {
		t.Errorf("the removed document's source has the dependents %v", got)
	}
	if g.Dependencies("guide") != nil {
		t.Error("the removed document still has dependencies")
	}
	g.SetDocument(guide) // in the place that became free
	g.check(t)
	if len(g.docs) != 2 {
		t.Errorf("%d places for 2 documents", len(g.docs))
	}
}

func TestExtra(t *testing.T) {
	g := New()
	g.SetExtra("b", json.RawMessage(`1`))
	g.SetExtra("a", json.RawMessage(`2`))
	if got := fmt.Sprint(g.ExtraKeys(), string(g.Extra("b")), g.Extra("c") == nil); got != "[a b]1true" {
		t.Errorf("got %s", got)
	}
	g.SetExtra("b", nil)
	if got := g.ExtraKeys(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("after deletion: %v", got)
	}
}

func TestWatched(t *testing.T) {
	g := New()
	g.SetProject(Project{SourceDir: "/p/docs", Loaded: []Input{
		{Path: "/p/docs/conf.py"}, {Path: "/p/ext/a.py"}, {Path: "/p/docs2/b.py"},
	}})
	g.SetDocument(Document{Name: "a", Source: "/p/docs/a.rst", Deps: []Dep{
		{Path: "/p/docs/inc.txt"}, {Path: "/p/README.rst", Kind: Include}, {Path: "/p/ext/a.py", Kind: Module},
	}})
	if got, want := g.Watched(), []string{"/p/README.rst", "/p/docs2/b.py", "/p/ext/a.py"}; !slices.Equal(got, want) {
		t.Errorf("Watched() = %v, want %v", got, want)
	}
}

func TestWhy(t *testing.T) {
	g := sample()
	for _, test := range []struct{ doc, path, want string }{
		{"guide", "/p/docs/guide.rst", "is guide.rst"},
		{"guide", "/p/docs/part.txt", "includes part.txt"},
		{"all", "/p/docs/part.txt", "includes guide, which includes part.txt"},
		{"book", "/p/docs/part.txt", "includes all, which includes guide, which includes part.txt"},
		{"book", "/p/docs/x.png", "shows x.png"},
		{"api", "/p/docs/part.txt", ""},
		{"api", "/p/docs/nothing.txt", ""},
		{"nobody", "/p/docs/part.txt", ""},
	} {
		why, ok := g.Why(test.doc, test.path)
		if got := why.String(); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("Why(%s, %s) = %q, %v, want %q", test.doc, test.path, got, ok, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	for k := range kinds {
		text, _ := json.Marshal(k)
		var back Kind
		if err := json.Unmarshal(text, &back); err != nil || back != k {
			t.Errorf("kind %d becomes %s, and that %d (%v)", k, text, back, err)
		}
	}
	for _, o := range []Op{Write, Create, Remove} {
		text, _ := json.Marshal(o)
		var back Op
		if err := json.Unmarshal(text, &back); err != nil || back != o {
			t.Errorf("operation %d becomes %s, and that %d (%v)", o, text, back, err)
		}
	}
	var k Kind
	var o Op
	if k.UnmarshalText([]byte("x")) == nil || o.UnmarshalText([]byte("x")) == nil {
		t.Error("unknown names must be refused")
	}
	if got := Kind(99).String() + " " + Op(99).String(); got != "kind(99) op(99)" {
		t.Errorf("unknown values are called %s", got)
	}
}

func TestCompare(t *testing.T) {
	g := sample()
	// What the watcher sees when docserve starts again.
	now := map[string]digest.Digest{
		"/p/docs/guide.rst": of("guide.rst"),
		"/p/docs/all.rst":   of("all.rst"),
		"/p/docs/book.rst":  of("book.rst, edited"),
		"/p/docs/api.rst":   of("api.rst"),
		"/p/docs/late.txt":  of("came later"),
		// part.txt is gone
		"/p/docs/x.png":                       of("x.png"),
		"/p/docs/code.py":                     of("code.py"),
		"/p/lib/mod.py":                       of("mod.py"),
		"/p/docs/conf.py":                     of("conf.py, edited"),
		"/p/docs/new.rst":                     of("a new document"),
		"/p/docs/notes.txt":                   of("nobody's"),
		"/p/docs/_static/style.css":           of("style"),
		"/p/docs/_static/new.css":             of("new style"),
		"/p/docs/old/x.rst":                   of("excluded"),
		"/p/docs/locale/de/LC_MESSAGES/g.mo":  of("g.mo"),
		"/p/docs/_templates/page.html":        of("page"),
		"/p/docs/_templates/static/theme.css": of("theme"),
	}
	var got []string
	changes := g.Compare(now)
	for _, c := range changes {
		if c.Digest != now[c.Path] {
			t.Errorf("%s has the wrong digest", c.Path)
		}
		got = append(got, c.Op.String()+" "+c.Path)
	}
	want := []string{
		"create /p/docs/_static/new.css",
		"remove /p/docs/_templates/gone.html",
		"create /p/docs/_templates/static/theme.css",
		"write /p/docs/book.rst",
		"write /p/docs/conf.py",
		"create /p/docs/late.txt",
		"create /p/docs/new.rst",
		"remove /p/docs/part.txt",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Compare =\n%q, want\n%q", got, want)
	}
	plan := g.Plan(changes)
	if len(plan.Restart) != 1 || len(plan.Discover) != 1 || len(plan.WriteAll) != 1 || len(plan.Assets) != 2 || len(plan.Read) != 3 {
		t.Errorf("plan of the comparison: %+v", plan)
	}
}

func TestDigests(t *testing.T) {
	g := sample()
	got := g.Digests()
	if got["/p/docs/guide.rst"] != of("guide.rst") || got["/p/docs/conf.py"] != of("conf.py") || got["/p/docs/_static/style.css"] != of("style") {
		t.Errorf("known contents are missing: %v", got)
	}
	if _, ok := got["/p/docs/late.txt"]; ok {
		t.Error("a file that was not there has a digest")
	}
	g.SetDocument(Document{Name: "api", Source: "/p/docs/api.rst", Deps: []Dep{{"/p/docs/part.txt", Include, of("another content")}}})
	if _, ok := g.Digests()["/p/docs/part.txt"]; ok {
		t.Error("a file that was read with two contents has one digest")
	}
}

func TestManyDependencies(t *testing.T) {
	g := New()
	d := Document{Name: "gallery", Source: "/p/gallery.rst"}
	for i := range 1000 {
		d.Deps = append(d.Deps, Dep{fmt.Sprintf("/p/%d.png", i), Image, of("old")}, Dep{fmt.Sprintf("/p/%d.png", i), Download, of("old")})
	}
	g.SetDocument(d)
	g.check(t)
	for i := range 1000 {
		if got := len(g.Dependents(fmt.Sprintf("/p/%d.png", i))); got != 2 {
			t.Fatalf("image %d has %d edges, want 2", i, got)
		}
	}
}
