package graph

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"docserve/internal/digest"

	"pgregory.net/rapid"
)

// reference is the graph written down as its definition: maps, and a search
// through everything for each question.
type reference struct {
	project  Project
	docs     map[string]Document
	recorded map[string]digest.Digest
}

// edges returns what d depends on, one entry for each file and kind.
func (d Document) edges() []Dep {
	edges := append([]Dep{{d.Source, Source, d.Digest}}, d.Deps...)
	slices.SortStableFunc(edges, func(a, b Dep) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind)) })
	return slices.CompactFunc(edges, func(a, b Dep) bool { return a.Path == b.Path && a.Kind == b.Kind })
}

func (r *reference) names() []string { return sortedKeys(r.docs) }

// place returns the innermost of the project's directories that holds path, and
// which of its lists name it.
func (r *reference) place(path string) (best string, in [3]bool) {
	for i, dirs := range [][]string{r.project.Templates, r.project.Static, r.project.Catalogs} {
		for _, dir := range dirs {
			if path != dir && !strings.HasPrefix(path, dir+"/") || len(dir) < len(best) {
				continue
			}
			if len(dir) > len(best) {
				best, in = dir, [3]bool{}
			}
			in[i] = true
		}
	}
	return best, in
}

func (r *reference) isDocument(path string) bool {
	place, in := r.place(path)
	return strings.HasPrefix(path, "/p/") && strings.HasSuffix(path, ".rst") &&
		!(len(place) > len("/p") && (in[0] || in[1])) &&
		!strings.Contains(path+"/", "/old/")
}

func (r *reference) loaded(path string) (found Input, ok bool) {
	for _, in := range r.project.Loaded {
		if in.Path == path {
			found, ok = in, true
		}
	}
	return found, ok
}

// plan is Graph.Plan for changes that are sorted and distinct.
func (r *reference) plan(changes []Change) Plan {
	var p Plan
	reasons, gone := map[string]Why{}, map[string]bool{}
	for _, c := range changes {
		why := func(k Kind) Why { return Why{Path: c.Path, Name: r.display(c.Path), Op: c.Op, Kind: k} }
		used, kinds := r.isDocument(c.Path), map[Kind]bool{}
		in, isLoaded := r.loaded(c.Path)
		place, role := r.place(c.Path)
		last, isRecorded := r.recorded[c.Path]
		known := isLoaded || place != ""
		touched := place != "" && !(isRecorded && last == c.Digest)
		po := touched && role[2] && strings.HasSuffix(c.Path, ".po")
		mo := touched && role[2] && strings.HasSuffix(c.Path, ".mo")
		for _, doc := range r.names() {
			for _, e := range r.docs[doc].edges() {
				direct := e.Path == c.Path
				known = known || direct
				if direct && e.Digest == c.Digest || !direct && !(po && e.Path == strings.TrimSuffix(c.Path, "po")+"mo") {
					continue
				}
				if direct {
					kinds[e.Kind] = true
				}
				if e.Kind == Source && c.Op == Remove && direct {
					gone[doc] = true
				}
				if old, ok := reasons[doc]; !ok || e.Kind == Source && old.Kind != Source {
					reasons[doc] = why(e.Kind)
				}
			}
		}
		if isLoaded && in.Digest != c.Digest {
			p.Restart = append(p.Restart, why(in.Kind))
		} else if kinds[Module] {
			p.Restart = append(p.Restart, why(Module))
		}
		if touched && role[0] {
			p.WriteAll = append(p.WriteAll, why(Template))
		}
		if touched && role[1] {
			p.Assets = append(p.Assets, why(Static))
		}
		if po {
			p.Catalogs = append(p.Catalogs, why(Catalog))
		}
		if (po || mo) && c.Op != Write {
			p.Discover = append(p.Discover, why(Catalog))
		}
		if kinds[Image] {
			p.Media = append(p.Media, why(Image))
		} else if kinds[Download] {
			p.Media = append(p.Media, why(Download))
		}
		if kinds[Source] && c.Op == Remove || r.isDocument(c.Path) && (c.Op != Write || !known) {
			p.Discover = append(p.Discover, why(Source))
		}
		if !used && !known {
			p.Ignored = append(p.Ignored, c.Path)
		}
	}
	r.close(reasons)
	for _, doc := range sortedKeys(reasons) {
		if !gone[doc] {
			p.Read = append(p.Read, Step{doc, reasons[doc]})
		}
	}
	return p
}

// close adds the documents that include documents with a reason, in rounds, the
// first in the order of names giving the reason.
func (r *reference) close(reasons map[string]Why) {
	for {
		more := map[string]Why{}
		for _, doc := range sortedKeys(reasons) {
			for _, other := range r.names() {
				_, done := reasons[other]
				_, now := more[other]
				includes := slices.ContainsFunc(r.docs[other].edges(), func(e Dep) bool {
					return e.Kind == Include && e.Path == r.docs[doc].Source
				})
				if !done && !now && includes {
					w := reasons[doc]
					w.Via = append(slices.Clone(w.Via), doc)
					more[other] = w
				}
			}
		}
		if len(more) == 0 {
			return
		}
		for doc, w := range more {
			reasons[doc] = w
		}
	}
}

func (r *reference) display(path string) string {
	if rel, ok := strings.CutPrefix(path, "/p/"); ok {
		return rel
	}
	return ".." + path
}

// The world of the random sequences is small, so that things meet.
var (
	somePaths = []string{
		"/p/a.rst", "/p/b.rst", "/p/c.rst", "/p/d.rst", "/p/e.rst", "/p/old/x.rst", "/p/inc.txt", "/p/part.txt", "/p/pic.png",
		"/p/mod.py", "/p/conf.py", "/x/mod.py", "/x/out.rst", "/p/_t/page.html", "/p/_t/static/a.css", "/p/_s/b.css", "/p/_s/c.rst",
		"/p/locale/g.po", "/p/locale/g.mo", "/p/locale/README",
	}
	someDirs    = []string{"/p/_t", "/p/_t/static", "/p/_s", "/p/_s/b.css", "/p/locale", "/x", "/p"}
	drawPath    = rapid.SampledFrom(somePaths)
	drawContent = rapid.Custom(func(t *rapid.T) digest.Digest {
		if n := rapid.IntRange(0, 3).Draw(t, "content"); n > 0 {
			return of(fmt.Sprint(n))
		}
		return digest.Digest{}
	})
	drawDoc = rapid.Custom(func(t *rapid.T) Document {
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
		d := Document{Name: name, Source: "/p/" + name + ".rst", Digest: drawContent.Draw(t, "read")}
		for range rapid.IntRange(0, 5).Draw(t, "deps") {
			kind := Kind(rapid.IntRange(int(Include), int(Other)).Draw(t, "kind"))
			d.Deps = append(d.Deps, Dep{drawPath.Draw(t, "dep"), kind, drawContent.Draw(t, "read")})
		}
		if len(d.Deps) > 0 && rapid.Bool().Draw(t, "links") {
			drawFile := rapid.Custom(func(t *rapid.T) string {
				if n := rapid.IntRange(-1, len(d.Deps)-1).Draw(t, "file"); n >= 0 {
					return d.Deps[n].Path
				}
				return d.Source
			})
			for range rapid.IntRange(0, 6).Draw(t, "many") {
				d.Links = append(d.Links, Link{drawFile.Draw(t, "from"), drawFile.Draw(t, "to")})
			}
		}
		return d
	})
	drawChange = rapid.Custom(func(t *rapid.T) Change {
		c := Change{Path: drawPath.Draw(t, "changed"), Digest: drawContent.Draw(t, "now")}
		switch {
		case c.Digest.IsZero():
			c.Op = Remove
		case rapid.Bool().Draw(t, "create"):
			c.Op = Create
		}
		return c
	})
	drawSnapshot = rapid.Custom(func(t *rapid.T) map[string]digest.Digest {
		now := map[string]digest.Digest{}
		for _, path := range somePaths {
			if d := drawContent.Draw(t, path); !d.IsZero() {
				now[path] = d
			}
		}
		return now
	})
	drawProject = rapid.Custom(func(t *rapid.T) Project {
		dirs := rapid.SliceOfNDistinct(rapid.SampledFrom(someDirs), 0, 4, rapid.ID)
		return Project{
			SourceDir: "/p", Suffixes: []string{".rst"}, Excludes: []string{"old"},
			Loaded: []Input{
				{"/p/conf.py", Config, drawContent.Draw(t, "conf")}, {drawPath.Draw(t, "module"), Module, drawContent.Draw(t, "module")},
			},
			Templates: dirs.Draw(t, "templates"), Static: dirs.Draw(t, "static"), Catalogs: dirs.Draw(t, "catalogs"),
		}
	})
)

// TestSequences performs random sequences of everything that can be done to a
// graph, on it and on the reference, and asks both.
func TestSequences(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		g := New()
		r := &reference{docs: map[string]Document{}, recorded: map[string]digest.Digest{}}
		r.project = drawProject.Draw(rt, "project")
		g.SetProject(r.project)
		rt.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				d := drawDoc.Draw(t, "doc")
				g.SetDocument(d)
				r.docs[d.Name] = d
			},
			"remove": func(t *rapid.T) {
				name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
				_, known := r.docs[name]
				if g.RemoveDocument(name) != known {
					t.Fatalf("RemoveDocument(%s) is wrong", name)
				}
				delete(r.docs, name)
			},
			"project": func(t *rapid.T) {
				r.project = drawProject.Draw(t, "project")
				g.SetProject(r.project)
				for path := range r.recorded {
					if place, _ := r.place(path); place == "" {
						delete(r.recorded, path)
					}
				}
			},
			"record": func(t *rapid.T) {
				path, d := drawPath.Draw(t, "path"), drawContent.Draw(t, "content")
				g.Record(map[string]digest.Digest{path: d})
				if place, _ := r.place(path); d.IsZero() {
					delete(r.recorded, path)
				} else if place != "" {
					r.recorded[path] = d
				}
			},
			"save": func(t *rapid.T) { g = reload(t, g, dir) },
			"":     func(t *rapid.T) { agree(t, g, r) },
		})
		g.check(t)
	})
}

func reload(t *rapid.T, g *Graph, dir string) *Graph {
	name := filepath.Join(dir, "graph")
	if err := g.Save(name); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(name)
	back, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// agree asks the graph and the reference the same.
func agree(t *rapid.T, g *Graph, r *reference) {
	changes := rapid.SliceOfNDistinct(drawChange, 0, 6, func(c Change) string { return c.Path }).Draw(t, "changes")
	got := g.Plan(changes)
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	if want := r.plan(changes); !reflect.DeepEqual(got, want) {
		t.Fatalf("changes %v\nplan\n%s\nwant\n%s", changes, strings.Join(lines(got), "\n"), strings.Join(lines(want), "\n"))
	}
	path := drawPath.Draw(t, "asked")
	var edges []Edge
	for _, doc := range r.names() {
		for _, e := range r.docs[doc].edges() {
			if e.Path == path {
				edges = append(edges, Edge{doc, path, e.Kind, e.Digest})
			}
		}
		if reason, ok := g.Why(doc, path); ok {
			chain := append(slices.Clone(reason.Via), doc)
			for i, name := range chain[1:] {
				if len(g.Dependencies(name)) == 0 || !slices.ContainsFunc(r.docs[name].Deps, func(d Dep) bool {
					return d.Kind == Include && d.Path == r.docs[chain[i]].Source
				}) {
					t.Fatalf("Why(%s, %s) = %v, but %s does not include %s", doc, path, reason, name, chain[i])
				}
			}
		}
	}
	if got := g.Dependents(path); !slices.Equal(got, edges) {
		t.Fatalf("Dependents(%s) = %v, want %v", path, got, edges)
	}
}

// TestCatchUp: what Compare finds between the known contents and a snapshot is
// exactly what differs, and when it has been dealt with, nothing is left.
func TestCatchUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := New()
		p := drawProject.Draw(t, "project")
		g.SetProject(p)
		g.Record(drawSnapshot.Draw(t, "recorded"))
		for _, d := range rapid.SliceOfN(drawDoc, 0, 6).Draw(t, "docs") {
			g.SetDocument(d)
		}
		now := drawSnapshot.Draw(t, "now")
		changes := g.Compare(now)
		for _, c := range changes {
			if c.Digest != now[c.Path] || (c.Op == Remove) != c.Digest.IsZero() {
				t.Fatalf("change %+v, but the content is %v", c, now[c.Path])
			}
			if p := g.Plan([]Change{c}); p.Empty() && len(p.Ignored) > 0 {
				t.Fatalf("change %+v was found and is then ignored", c)
			}
		}
		plan := g.Plan(changes)
		for _, s := range plan.Read {
			d, _ := g.Document(s.Doc)
			d.Digest = now[d.Source]
			for i := range d.Deps {
				d.Deps[i].Digest = now[d.Deps[i].Path]
			}
			g.SetDocument(d)
		}
		for _, w := range plan.Discover {
			if name, ok := strings.CutSuffix(strings.TrimPrefix(w.Path, "/p/"), ".rst"); ok && w.Kind == Source && w.Op == Remove {
				g.RemoveDocument(name)
			}
			if d := now[w.Path]; w.Kind == Source && w.Op == Create {
				g.SetDocument(Document{Name: "new " + w.Name, Source: w.Path, Digest: d})
			}
		}
		for i := range p.Loaded {
			p.Loaded[i].Digest = now[p.Loaded[i].Path]
		}
		g.SetProject(p)
		g.Record(zeroed(g.recorded))
		g.Record(now)
		if left := g.Compare(now); len(left) > 0 {
			t.Fatalf("after catching up there is left %+v", left)
		}
	})
}

func zeroed(m map[string]digest.Digest) map[string]digest.Digest {
	out := map[string]digest.Digest{}
	for path := range m {
		out[path] = digest.Digest{}
	}
	return out
}

// TestPlanIsAFunction: the order in which documents were read and changes are
// given does not show in a plan.
func TestPlanIsAFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfNDistinct(drawDoc, 0, 5, func(d Document) string { return d.Name }).Draw(t, "docs")
		changes := rapid.SliceOfNDistinct(drawChange, 0, 8, func(c Change) string { return c.Path }).Draw(t, "changes")
		project := drawProject.Draw(t, "project")
		build := func(docs []Document, changes []Change) Plan {
			g := New()
			g.SetProject(project)
			for _, d := range docs {
				g.SetDocument(d)
			}
			return g.Plan(changes)
		}
		one := build(docs, changes)
		two := build(rapid.Permutation(docs).Draw(t, "other order"), rapid.Permutation(changes).Draw(t, "other changes"))
		if !reflect.DeepEqual(one, two) {
			t.Fatalf("plans\n%s\nand\n%s", strings.Join(lines(one), "\n"), strings.Join(lines(two), "\n"))
		}
	})
}
