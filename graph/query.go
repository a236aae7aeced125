package graph

import (
	"cmp"
	"slices"
	"strings"

	"docserve/internal/digest"
)

// Dependents returns the documents that depend directly on a file, sorted by
// docname and kind; the one of which it is the source is among them.
func (g *Graph) Dependents(path string) []Edge {
	id, ok := g.fileIDs[path]
	if !ok {
		return nil
	}
	edges := make([]Edge, 0, len(g.files[id].docs))
	for _, doc := range g.files[id].docs {
		d := &g.docs[doc]
		for _, e := range d.edgesTo(id) {
			edges = append(edges, Edge{d.name, path, e.kind, e.digest})
		}
	}
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(strings.Compare(a.Doc, b.Doc), cmp.Compare(a.Kind, b.Kind))
	})
	return edges
}

// Dependencies returns the files on which a document depends directly, sorted
// by path and kind, its source among them.
func (g *Graph) Dependencies(doc string) []Edge {
	id, ok := g.docIDs[doc]
	if !ok {
		return nil
	}
	d := &g.docs[id]
	edges := make([]Edge, len(d.edges))
	for i, e := range d.edges {
		edges[i] = Edge{doc, g.files[e.file].path, e.kind, e.digest}
	}
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind))
	})
	return edges
}

// Why returns the shortest way in which a document depends on a file, whatever
// the contents are, and whether there is one. Its Op says nothing.
func (g *Graph) Why(doc, path string) (Why, bool) {
	id, ok := g.docIDs[doc]
	if !ok {
		return Why{}, false
	}
	p := planner{
		g:       g,
		changes: []Change{{Path: path}},
		names:   make([]string, 1),
		reached: make([]reach, len(g.docs)),
	}
	p.dependents(0, path, false)
	p.spread()
	if p.reached[id].change == 0 {
		return Why{}, false
	}
	var w Why
	p.explain(&w, &p.reached[id])
	return w, true
}

// DocumentAt returns the name of the document whose source is the file at path,
// "" when it is none's.
func (g *Graph) DocumentAt(path string) string {
	if id, ok := g.fileIDs[path]; ok {
		if doc := g.documentOf(id); doc >= 0 {
			return g.docs[doc].name
		}
	}
	return ""
}

// documentOf returns the document whose source a file is, -1 for none.
func (g *Graph) documentOf(id int32) int32 { return g.files[id].doc - 1 }

// Display returns the name under which people know the file at path: relative to
// the source directory, if it is not far from there.
func (g *Graph) Display(path string) string { return g.roles.display(path) }

// Knows reports whether anything depends on the file at path, or it is one of
// those that concern all documents.
func (g *Graph) Knows(path string) bool { return g.knows(path) || g.roles.of(path) != 0 }

// IsDocument reports whether a file at path would be a document, as far as names
// say that.
func (g *Graph) IsDocument(path string) bool { return g.roles.isDocument(path) }

// Files returns all files that documents are made from, sorted.
func (g *Graph) Files() []string { return sortedKeys(g.fileIDs) }

// Known returns all files of which something is known, sorted: those of Files, and
// those that concern all documents.
func (g *Graph) Known() []string {
	var known []string
	g.contents(func(path string, _ []digest.Digest) { known = append(known, path) })
	slices.Sort(known)
	return known
}

// Everywhere returns the kind in which every document, or every page, depends on
// the file at path, and whether they do.
func (g *Graph) Everywhere(path string) (Kind, bool) {
	if in, ok := g.roles.loaded[path]; ok && in.Kind != Module {
		return in.Kind, true
	}
	switch got := g.roles.of(path); {
	case got&input != 0:
		return Config, true
	case got&template != 0:
		return Template, true
	case got&static != 0:
		return Static, true
	}
	return 0, false
}

// Watched returns the files outside the source directory that documents or the
// interpreter depend on, sorted. Directories of the project (Templates, Static,
// Catalogs) are not among them: who set them knows them.
func (g *Graph) Watched() []string {
	var outside []string
	for i := range g.files {
		if path := g.files[i].path; path != "" && !g.roles.inside(path) {
			outside = append(outside, path)
		}
	}
	for path := range g.roles.loaded {
		if _, twice := g.fileIDs[path]; !twice && !g.roles.inside(path) {
			outside = append(outside, path)
		}
	}
	slices.Sort(outside)
	return outside
}

// Digests returns the contents that are known: read, loaded or recorded. A file
// that was read with several contents, or was not there, is left out.
func (g *Graph) Digests() map[string]digest.Digest {
	known := make(map[string]digest.Digest, len(g.fileIDs)+len(g.recorded))
	g.contents(func(path string, ds []digest.Digest) {
		for _, d := range ds[1:] {
			if d != ds[0] {
				return
			}
		}
		if !ds[0].IsZero() {
			known[path] = ds[0]
		}
	})
	return known
}

// Compare returns the changes that lead from the contents that are known to
// those of a snapshot, sorted by path: what happened while docserve was not
// running. A file that is not in the snapshot is taken to be gone, so it must
// hold all that is watched, the files of Watched included. Files nobody knew are
// changes only if they belong to the project's directories, or would be
// documents; those that would be, but are not yet, are always created ones, even
// when other documents quote them.
func (g *Graph) Compare(snapshot map[string]digest.Digest) []Change {
	var changes []Change
	g.contents(func(path string, ds []digest.Digest) {
		now := snapshot[path]
		op := Write
		switch {
		case now.IsZero():
			op = Remove
		case g.unread(path), !slices.ContainsFunc(ds, func(d digest.Digest) bool { return !d.IsZero() }):
			op = Create
		}
		if op == Create || slices.ContainsFunc(ds, func(d digest.Digest) bool { return d != now }) {
			changes = append(changes, Change{path, op, now})
		}
	})
	for path, now := range snapshot {
		if !now.IsZero() && !g.knows(path) && (g.roles.isDocument(path) || g.roles.of(path) != 0) {
			changes = append(changes, Change{path, Create, now})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes
}

// unread reports whether a file would be a document, but is the source of none.
func (g *Graph) unread(path string) bool {
	if id, ok := g.fileIDs[path]; ok {
		for _, doc := range g.files[id].docs {
			if g.docs[doc].edgesTo(id)[0].kind == Source {
				return false
			}
		}
	}
	return g.roles.isDocument(path)
}

// knows reports whether contents visits a file.
func (g *Graph) knows(path string) bool {
	if _, ok := g.fileIDs[path]; ok {
		return true
	}
	_, loaded := g.roles.loaded[path]
	_, recorded := g.recorded[path]
	return loaded || recorded
}

// contents calls visit for each file of which something is known, with all
// digests under which it is known (at least one), in no order.
func (g *Graph) contents(visit func(path string, ds []digest.Digest)) {
	var ds []digest.Digest
	for i := range g.files {
		f := &g.files[i]
		if f.path == "" {
			continue
		}
		ds = ds[:0]
		for _, doc := range f.docs {
			for _, e := range g.docs[doc].edgesTo(int32(i)) {
				ds = append(ds, e.digest)
			}
		}
		visit(f.path, g.projectContents(f.path, ds))
	}
	for path := range g.roles.loaded {
		if _, twice := g.fileIDs[path]; !twice {
			visit(path, g.projectContents(path, ds[:0]))
		}
	}
	for path := range g.recorded {
		_, depended := g.fileIDs[path]
		if _, loaded := g.roles.loaded[path]; !depended && !loaded {
			visit(path, g.projectContents(path, ds[:0]))
		}
	}
}

// projectContents appends the digests under which the project knows a file.
func (g *Graph) projectContents(path string, ds []digest.Digest) []digest.Digest {
	if in, ok := g.roles.loaded[path]; ok {
		ds = append(ds, in.Digest)
	}
	if d, ok := g.recorded[path]; ok {
		ds = append(ds, d)
	}
	return ds
}
