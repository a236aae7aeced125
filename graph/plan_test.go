package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"docserve/internal/digest"
)

// sample returns a project in which each kind of dependency occurs. Contents
// are named like their files.
func sample() *Graph {
	g := New()
	g.SetProject(Project{
		SourceDir: "/p/docs",
		Suffixes:  []string{".rst", ".md"},
		Excludes:  []string{"old", "**/draft-*"},
		Loaded: []Input{
			{"/p/docs/conf.py", Config, of("conf.py")}, {"/p/ext/ours.py", Config, digest.Digest{}}, {"/p/lib/mod.py", Module, of("mod.py")},
		},
		Templates: []string{"/p/docs/_templates"},
		Static:    []string{"/p/docs/_static", "/p/docs/_templates/static", "/p/robots.txt"},
		Catalogs:  []string{"/p/docs/locale"},
	})
	set := func(name string, deps ...Dep) {
		for i := range deps {
			deps[i].Path = "/p/docs/" + deps[i].Path
			if deps[i].Kind == Module {
				deps[i].Path = "/p/lib/mod.py"
			}
			deps[i].Digest = of(deps[i].Path[strings.LastIndex(deps[i].Path, "/")+1:])
			if strings.HasPrefix(deps[i].Path, "/p/docs/late") {
				deps[i].Digest = digest.Digest{} // was not there
			}
		}
		g.SetDocument(Document{name, "/p/docs/" + name + ".rst", of(name + ".rst"), deps, nil})
	}
	set("guide", Dep{Path: "part.txt", Kind: Include}, Dep{Path: "x.png", Kind: Image}, Dep{Path: "late.txt", Kind: LiteralInclude})
	set("all", Dep{Path: "guide.rst", Kind: Include}, Dep{Path: "code.py", Kind: LiteralInclude}, Dep{Path: "code.py", Kind: Download})
	set("book", Dep{Path: "all.rst", Kind: Include}, Dep{Path: "x.png", Kind: Image})
	set("api", Dep{Path: "mod.py", Kind: Module}, Dep{Path: "guide.rst", Kind: LiteralInclude}, Dep{Path: "locale/de/LC_MESSAGES/g.mo", Kind: Catalog})
	g.Record(map[string]digest.Digest{
		"/p/docs/_static/style.css":    of("style"),
		"/p/docs/_templates/page.html": of("page"),
		"/p/docs/_templates/gone.html": of("gone"),
		"/p/docs/part.txt":             of("not of the project: passed over"),
	})
	return g
}

// lines returns a plan as text, one entry a line.
func lines(p Plan) []string {
	var out []string
	for _, list := range []struct {
		name string
		whys []Why
	}{
		{"restart", p.Restart}, {"discover", p.Discover}, {"compile", p.Catalogs},
		{"write all", p.WriteAll}, {"asset", p.Assets}, {"media", p.Media},
	} {
		for _, w := range list.whys {
			out = append(out, list.name+": "+w.String())
		}
	}
	for _, s := range p.Read {
		out = append(out, "read "+s.Doc+": "+s.Why.String())
	}
	for _, path := range p.Ignored {
		out = append(out, "ignore "+path)
	}
	return out
}

func TestPlan(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes string // words: operation path[=content]
		want    []string
	}{
		{"nothing", "", nil},
		{"a document", "write docs/book.rst", []string{"read book: is book.rst"}},
		{"to the content that was read", "write docs/book.rst=book.rst", nil},
		{"a document that others include and quote", "write docs/guide.rst", []string{
			"read all: includes guide.rst", "read api: quotes guide.rst",
			"read book: includes all, which includes guide.rst", "read guide: is guide.rst",
		}},
		{"an include, through two documents, but not through a quotation", "write docs/part.txt", []string{
			"read all: includes guide, which includes part.txt",
			"read book: includes all, which includes guide, which includes part.txt",
			"read guide: includes part.txt",
		}},
		{"its own text is the better reason", "write docs/part.txt write docs/book.rst write docs/all.rst", []string{
			"read all: is all.rst", "read book: is book.rst", "read guide: includes part.txt",
		}},
		{"an image", "write docs/x.png", []string{
			"media: shows x.png", "read all: includes guide, which shows x.png", "read book: shows x.png", "read guide: shows x.png",
		}},
		{"quoted and offered", "remove docs/code.py", []string{
			"media: offers code.py (removed)", "read all: quotes code.py (removed)", "read book: includes all, which quotes code.py (removed)",
		}},
		{"a file that was missing", "create docs/late.txt", []string{
			"read all: includes guide, which quotes late.txt (new)",
			"read book: includes all, which includes guide, which quotes late.txt (new)", "read guide: quotes late.txt (new)",
		}},
		{"a file that was missing, and is gone again", "remove docs/late.txt", nil},
		{"a module", "write lib/mod.py", []string{"restart: documents ../lib/mod.py", "read api: documents ../lib/mod.py"}},
		{"configuration", "write docs/conf.py", []string{"restart: is configured by conf.py"}},
		{"configuration as it was loaded", "write docs/conf.py=conf.py", nil},
		{"an extension that was missing", "create ext/ours.py", []string{"restart: is configured by ../ext/ours.py (new)"}},
		{"a new document", "create docs/new.md", []string{"discover: is new.md (new)"}},
		{"an unknown document is written", "write docs/new.md", []string{"discover: is new.md"}},
		{"not a document", "create docs/new.html create docs/_static/a.rst create docs/old/sub/a.rst create docs/sub/draft-1.md create else/a.rst", []string{
			"asset: is accompanied by _static/a.rst (new)",
			"ignore /p/docs/new.html", "ignore /p/docs/old/sub/a.rst", "ignore /p/docs/sub/draft-1.md", "ignore /p/else/a.rst",
		}},
		{"a removed document", "remove docs/guide.rst", []string{
			"discover: is guide.rst (removed)",
			"read all: includes guide.rst (removed)", "read api: quotes guide.rst (removed)",
			"read book: includes all, which includes guide.rst (removed)",
		}},
		{"a document put back before its removal was handled", "create docs/book.rst=book.rst", []string{"discover: is book.rst (new)"}},
		{"static", "write docs/_static/style.css write robots.txt", []string{
			"asset: is accompanied by _static/style.css", "asset: is accompanied by ../robots.txt",
		}},
		{"static as recorded", "write docs/_static/style.css=style", nil},
		{"a template", "remove docs/_templates/page.html", []string{"write all: is shaped by _templates/page.html (removed)"}},
		{"the innermost directory decides", "write docs/_templates/static/theme.css", []string{"asset: is accompanied by _templates/static/theme.css"}},
		{"a catalog", "write docs/locale/de/LC_MESSAGES/g.po", []string{
			"compile: is translated by locale/de/LC_MESSAGES/g.po", "read api: is translated by locale/de/LC_MESSAGES/g.po",
		}},
		{"a new catalog", "create docs/locale/fr/LC_MESSAGES/g.po", []string{
			"discover: is translated by locale/fr/LC_MESSAGES/g.po (new)", "compile: is translated by locale/fr/LC_MESSAGES/g.po (new)",
		}},
		{"a compiled catalog that was read", "write docs/locale/de/LC_MESSAGES/g.mo=g.mo", nil},
		{"beside a catalog", "write docs/locale/README", nil},
		{"of several changes to one file the last", "write docs/book.rst write docs/book.rst=book.rst", nil},
		{"names far away stay absolute", "write docs/book.rst write a/b/c", []string{"read book: is book.rst", "ignore /p/a/b/c"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := sample()
			g.check(t)
			p := g.Plan(parse(t, test.changes))
			if got := lines(p); !slices.Equal(got, test.want) {
				t.Errorf("plan:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			ignored := 0
			for _, line := range test.want {
				if strings.HasPrefix(line, "ignore") {
					ignored++
				}
			}
			if p.Empty() != (len(test.want) == ignored) {
				t.Errorf("Empty() = %v", p.Empty())
			}
		})
	}
}

// parse reads changes from words: an operation, and a path below /p with,
// behind an equals sign, the content.
func parse(t *testing.T, text string) []Change {
	var changes []Change
	words := strings.Fields(text)
	for i := 0; i < len(words); i += 2 {
		var c Change
		if err := c.Op.UnmarshalText([]byte(words[i])); err != nil {
			t.Fatal(err)
		}
		name, content, ok := strings.Cut(words[i+1], "=")
		if !ok {
			content = fmt.Sprint("new content ", i)
		}
		c.Path = "/p/" + name
		if c.Op != Remove {
			c.Digest = of(content)
		}
		changes = append(changes, c)
	}
	return changes
}

func TestChain(t *testing.T) {
	p := sample().Plan([]Change{{"/p/docs/part.txt", Write, of("new")}})
	if got, want := strings.Join(p.Read[1].Chain(), " → "), "part.txt → guide → all → book"; got != want {
		t.Errorf("chain %s, want %s", got, want)
	}
}

// A cycle of documents that include each other is Sphinx's to complain about.
func TestPlanCycle(t *testing.T) {
	g := New()
	g.SetDocument(Document{Name: "a", Source: "/a", Deps: []Dep{{"/b", Include, of("b")}, {"/a", Include, of("a")}}})
	g.SetDocument(Document{Name: "b", Source: "/b", Deps: []Dep{{"/a", Include, of("a")}, {"/x", Include, of("x")}}})
	want := []string{"read a: includes b, which includes /x", "read b: includes /x"}
	if got := lines(g.Plan([]Change{{"/x", Write, of("new")}})); !slices.Equal(got, want) {
		t.Errorf("plan %q, want %q", got, want)
	}
}
