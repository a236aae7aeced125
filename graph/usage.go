package graph

import (
	"slices"
	"strings"
)

// Unused returns those of some files that lie in the source directory and that
// nothing is made from: no document, nothing that is included, shown or offered,
// no part of the configuration, no template, no static file, no catalog, and
// nothing hidden. They come sorted.
func (g *Graph) Unused(files []string) []string {
	var unused []string
	for _, name := range files {
		if _, used := g.fileIDs[name]; !used && g.ordinary(name) {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	return slices.Compact(unused)
}

// ordinary reports whether a file in the source directory is there only for
// documents that name it.
func (g *Graph) ordinary(name string) bool {
	rel, ok := g.roles.relative(name)
	if !ok || g.roles.isDocument(name) || g.roles.of(name) != 0 {
		return false
	}
	if _, loaded := g.roles.loaded[name]; loaded {
		return false
	}
	return !strings.HasPrefix(rel, ".") && !strings.Contains(rel, "/.") &&
		!slices.ContainsFunc(g.project.Generated, func(dir string) bool { return strings.HasPrefix(name, dir+"/") })
}

// Once returns the edges to those files in the source directory that a single
// document is made from, that are there, and that are no documents, sorted by
// path. Of several kinds the first counts.
func (g *Graph) Once() []Edge {
	var once []Edge
	for i := range g.files {
		f := &g.files[i]
		if len(f.docs) != 1 || !g.ordinary(f.path) || g.documentOf(int32(i)) >= 0 {
			continue
		}
		d := &g.docs[f.docs[0]]
		if e := d.edgesTo(int32(i))[0]; !e.digest.IsZero() {
			once = append(once, Edge{d.name, f.path, e.kind, e.digest})
		}
	}
	slices.SortFunc(once, func(a, b Edge) int { return strings.Compare(a.Path, b.Path) })
	return once
}
