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
// includes another one is made from what that one is made from. What an included
// file that is no document shows or quotes is known of the document alone.
func (g *Graph) DependencyTree(path string, depth int) Node {
	a := arborist{g: g}
	a.next = a.dependencies
	return a.tree(path, depth)
}

// DependentTree returns the files that use the file at path, in the same way, up to
// documents: in whatever way the first ones use it, those below include the one
// above.
func (g *Graph) DependentTree(path string, depth int) Node {
	a := arborist{g: g, path: path}
	a.next = a.dependents
	return a.tree(path, depth)
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
	path  string
	next  func(at step, root bool) []step
	grown []bool  // files below which everything is in the tree
	texts []int32 // documents that are made from each other, for dependencies
	users []reach // documents that are made from path, for dependents; nil when all that are met are
}

func (a *arborist) tree(path string, depth int) Node {
	g := a.g
	root := Node{Path: path, Name: g.roles.display(path), Doc: g.DocumentAt(path)}
	if id, ok := g.fileIDs[path]; ok {
		if depth <= 0 {
			depth = len(g.files) + 1 // no way is longer
		}
		a.grown = make([]bool, len(g.files))
		at := step{file: id, doc: g.documentOf(id)}
		if at.doc >= 0 {
			a.gather(at.doc)
		}
		a.grow(&root, at, depth, true)
	}
	return root
}

// gather finds the documents that a document includes, directly or not.
func (a *arborist) gather(doc int32) {
	if slices.Contains(a.texts, doc) {
		return
	}
	a.texts = append(a.texts, doc)
	for _, e := range a.g.docs[doc].edges {
		if other := a.g.documentOf(e.file); e.kind == Include && other >= 0 {
			a.gather(other)
		}
	}
}

// grow adds what is below a node.
func (a *arborist) grow(n *Node, at step, depth int, root bool) {
	steps := a.next(at, root)
	if depth == 0 {
		n.More = len(steps) > 0
		return
	}
	if len(steps) == 0 {
		return
	}
	a.grown[at.file] = true
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
			a.grow(below, s, depth-1, false)
		}
	}
}

// dependencies returns what a file uses in the texts that have been gathered.
func (a *arborist) dependencies(at step, _ bool) []step {
	var steps []step
	add := func(e edge) {
		steps = append(steps, step{e.file, a.g.documentOf(e.file), e.kind, e.digest.IsZero(), e.kind != Include})
	}
	for _, text := range a.texts {
		d := &a.g.docs[text]
		for _, l := range d.links {
			if l.from == at.file && l.from != d.source {
				edges := d.edgesTo(l.to)
				add(edges[slices.IndexFunc(edges, func(e edge) bool { return e.kind == Include })])
			}
		}
		if d.source == at.file {
			d.own(add)
		}
	}
	a.sortSteps(&steps)
	return steps
}

// own calls add for the edges to files that the source itself uses. Of several
// kinds in which it uses one, it is the first.
func (d *document) own(add func(edge)) {
	for i := 0; i < len(d.edges); i = after(d.edges, i) {
		e := d.edges[i]
		if e.file == d.source && e.kind == Source {
			if i+1 == len(d.edges) || d.edges[i+1].file != d.source {
				continue
			}
			e = d.edges[i+1] // it includes itself
		}
		if e.kind != Include || d.direct(e.file) {
			add(e)
		}
	}
}

// sortSteps sorts steps by path, one for each file.
func (a *arborist) sortSteps(steps *[]step) {
	files := a.g.files
	slices.SortFunc(*steps, func(a, b step) int {
		return cmp.Or(strings.Compare(files[a.file].path, files[b.file].path), cmp.Compare(a.kind, b.kind))
	})
	*steps = slices.CompactFunc(*steps, func(a, b step) bool { return a.file == b.file })
}

// dependents returns the files that use a file, in the texts of all documents:
// sources, and what these include. Only the root is used in other ways than by
// being included.
func (a *arborist) dependents(at step, root bool) []step {
	docs := a.g.files[at.file].docs
	steps := make([]step, 0, len(docs))
	inner := false
	for _, doc := range a.g.sorted(docs) {
		d := &a.g.docs[doc]
		for _, e := range d.edgesTo(at.file) {
			if e.kind != Include && (!root || e.kind == Source && d.source == at.file) {
				continue
			}
			if e.kind != Include || len(d.links) == 0 {
				steps = append(steps, step{file: d.source, doc: doc, kind: e.kind, leaf: len(a.g.files[d.source].docs) == 1})
			} else if inner = true; a.made(doc) {
				for _, file := range d.from(at.file) {
					s := step{file: file, doc: a.g.documentOf(file), kind: e.kind}
					if s.doc >= 0 && !a.made(s.doc) { // it does in this text only
						s.file, s.doc = d.source, doc
					}
					steps = append(steps, s)
				}
			}
			break
		}
	}
	if inner { // one file may use it in many texts
		a.sortSteps(&steps)
	}
	return steps
}

// made reports whether a document is made from the root: an included file may
// include another one in some texts, and in others not.
func (a *arborist) made(doc int32) bool {
	if a.users == nil {
		p := planner{g: a.g, changes: []Change{{Path: a.path}}, reached: make([]reach, len(a.g.docs))}
		p.dependents(0, a.path, false)
		p.spread()
		a.users = p.reached
	}
	return a.users[doc].change != 0
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
