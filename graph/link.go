package graph

import (
	"cmp"
	"slices"
)

// Sphinx gives a document everything that its text includes, however deep. The
// links say which file includes which. They decide nothing: a document that was
// made from a file is read again when the file changes, whoever includes it.

// nested returns those of some links that can be followed from the source to files
// that the document includes, sorted; nil when the source includes everything
// itself.
func nested(source int32, edges []edge, links []link) []link {
	if !slices.ContainsFunc(links, func(l link) bool { return l.from != source }) {
		return nil // as nearly always
	}
	included := map[int32]bool{}
	for _, e := range edges {
		if e.kind == Include {
			included[e.file] = true
		}
	}
	reached := map[int32]bool{source: true}
	for grows := true; grows; {
		grows = false
		for _, l := range links {
			if reached[l.from] && included[l.to] && !reached[l.to] {
				reached[l.to], grows = true, true
			}
		}
	}
	links = slices.DeleteFunc(slices.Clone(links), func(l link) bool { return !reached[l.from] || !included[l.to] })
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	return slices.Compact(links)
}

// from returns the files that include a file in the document's text.
func (d *document) from(file int32) []int32 {
	var found []int32
	for _, l := range d.links {
		if l.to == file {
			found = append(found, l.from)
		}
	}
	if found == nil {
		found = append(found, d.source)
	}
	return found
}

// direct reports whether the source itself includes, or uses, a file.
func (d *document) direct(file int32) bool {
	return len(d.links) == 0 || slices.Contains(d.from(file), d.source)
}

// Through returns the names of the files through which the text of a document
// includes the file at path: the first includes the file, each other one the one
// before, and the document's source the last. It is empty when the source does
// so itself, or nobody knows.
func (g *Graph) Through(doc, path string) []string {
	id, ok := g.docIDs[doc]
	file, known := g.fileIDs[path]
	if !ok || !known || g.docs[id].direct(file) {
		return nil
	}
	d := &g.docs[id]
	before := map[int32]int32{} // file → the one that includes it
	for level := []int32{d.source}; len(level) > 0; {
		var following []int32
		for _, l := range d.links {
			if _, seen := before[l.to]; !seen && slices.Contains(level, l.from) {
				before[l.to] = l.from
				following = append(following, l.to)
			}
		}
		level = following
	}
	var names []string
	for at := before[file]; at != d.source && len(names) < len(d.links); at = before[at] {
		names = append(names, g.roles.display(g.files[at].path))
	}
	return names
}
