package graph

import (
	"cmp"
	"slices"
	"strings"
)

// Node is a file in a tree of dependencies.
type Node struct {
	Path     string `json:"path"`
	Name     string `json:"name"`               // as people know it
	Doc      string `json:"doc,omitempty"`      // the document of which it is the source
	Kind     string `json:"kind,omitempty"`     // how the node above and this one depend on each other; "" at the root
	Missing  bool   `json:"missing,omitempty"`  // there was no such file when it was looked for
	Repeated bool   `json:"repeated,omitempty"` // it is in the tree before, with what is below it
	More     bool   `json:"more,omitempty"`     // there is more below than was asked for
	Below    []Node `json:"below,omitempty"`    // sorted by path; of dependents, by document
}

// DependencyTree returns what the file at path is made from, if it is the source
// of a document, depth levels of it; 0 or less is all. Only a document that
// includes another one is made from what that one is made from.
func (g *Graph) DependencyTree(path string, depth int) Node {
	return g.tree(path, depth, (*Graph).dependencies)
}

// DependentTree returns the documents that are made from the file at path, in the
// same way: whatever way the first ones are made from it, those below include the
// one above.
func (g *Graph) DependentTree(path string, depth int) Node {
	return g.tree(path, depth, (*Graph).dependents)
}

// step is a way from one file to another.
type step struct {
	file    int32
	doc     int32 // whose source it is; -1 for none
	kind    Kind
	missing bool
	leaf    bool // nothing follows
}

// arborist grows a tree along steps.
type arborist struct {
	g     *Graph
	next  func(g *Graph, id int32, root bool) []step
	grown []bool // files below which everything is in the tree
}

func (g *Graph) tree(path string, depth int, next func(*Graph, int32, bool) []step) Node {
	root := Node{Path: path, Name: g.roles.display(path), Doc: g.DocumentAt(path)}
	if id, ok := g.fileIDs[path]; ok {
		if depth <= 0 {
			depth = len(g.files) + 1 // no way is longer
		}
		a := arborist{g: g, next: next, grown: make([]bool, len(g.files))}
		a.grow(&root, id, depth, true)
	}
	return root
}

// grow adds what is below a node.
func (a *arborist) grow(n *Node, id int32, depth int, root bool) {
	steps := a.next(a.g, id, root)
	if depth == 0 {
		n.More = len(steps) > 0
		return
	}
	if len(steps) == 0 {
		return
	}
	a.grown[id] = true
	n.Below = make([]Node, len(steps))
	for i, s := range steps {
		path := a.g.files[s.file].path
		below := &n.Below[i]
		*below = Node{Path: path, Name: a.g.roles.display(path), Kind: s.kind.String(), Missing: s.missing}
		if s.doc >= 0 {
			below.Doc = a.g.docs[s.doc].name
		}
		switch {
		case a.grown[s.file]:
			below.Repeated = true
		case !s.leaf:
			a.grow(below, s.file, depth-1, false)
		}
	}
}

// dependencies returns what the document whose source is a file is made from.
func (g *Graph) dependencies(id int32, _ bool) []step {
	doc := g.documentOf(id)
	if doc < 0 {
		return nil
	}
	d := &g.docs[doc]
	steps := make([]step, 0, len(d.edges))
	for i := 0; i < len(d.edges); i = after(d.edges, i) {
		e := d.edges[i] // of several kinds to one file the first is the one that counts
		if e.file == id && e.kind == Source {
			if i+1 == len(d.edges) || d.edges[i+1].file != id {
				continue
			}
			e = d.edges[i+1] // it includes itself
		}
		steps = append(steps, step{e.file, g.documentOf(e.file), e.kind, e.digest.IsZero(), e.kind != Include})
	}
	slices.SortFunc(steps, func(a, b step) int {
		return cmp.Or(strings.Compare(g.files[a.file].path, g.files[b.file].path), cmp.Compare(a.kind, b.kind))
	})
	return steps
}

// dependents returns the sources of the documents that are made from a file, only
// of those that include it unless it is the root.
func (g *Graph) dependents(id int32, root bool) []step {
	docs := g.files[id].docs
	steps := make([]step, 0, len(docs))
	for _, doc := range g.sorted(docs) {
		d := &g.docs[doc]
		for _, e := range d.edgesTo(id) {
			if e.kind == Include || root && (e.kind != Source || d.source != id) {
				steps = append(steps, step{file: d.source, doc: doc, kind: e.kind, leaf: len(g.files[d.source].docs) == 1})
				break
			}
		}
	}
	return steps
}

// sorted returns documents by name. When they are many, going through all in their
// order takes less time than sorting them.
func (g *Graph) sorted(docs []int32) []int32 {
	found := make([]int32, 0, len(docs))
	if len(docs) < len(g.order)/16 {
		found = append(found, docs...)
		slices.SortFunc(found, func(a, b int32) int { return strings.Compare(g.docs[a].name, g.docs[b].name) })
		return found
	}
	has := make([]bool, len(g.docs))
	for _, doc := range docs {
		has[doc] = true
	}
	for _, doc := range g.order {
		if has[doc] {
			found = append(found, doc)
		}
	}
	return found
}
