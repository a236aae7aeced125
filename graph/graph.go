// Package graph knows what depends on what: which documents were made from which
// files, with which content, and so what has to be done when files change.
//
// It owns the dependencies as Sphinx last reported them, and the digests of the
// contents that were read. Its answer to a change is a [Plan]: plain data, each
// entry with a reason, always in the same order. It survives a restart in one
// file (Save, Load).
//
// It refuses to do anything about a plan, to look at the file system (but for
// that one file), to guess dependencies that nobody reported, and to model what
// only Sphinx understands: labels, titles, navigation. It starts no goroutine
// and has no lock: a Graph belongs to one goroutine, the runner's.
//
// All paths are absolute, clean and slash-separated, whatever the operating
// system; [Path] makes them so.
package graph

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"docserve/internal/digest"
)

// Path returns the form in which this package wants the absolute path name,
// given in the form of the operating system.
func Path(name string) string { return filepath.ToSlash(filepath.Clean(name)) }

// Dep is one file that a document was made from.
type Dep struct {
	Path   string        `json:"path"`
	Kind   Kind          `json:"kind"`
	Digest digest.Digest `json:"digest"` // of the content that was read; zero: there was no such file
}

// Document is what reading one document told about its dependencies.
//
// A document that includes another one has an Include dependency on that one's
// source; the graph finds out by itself that this is a document, and follows.
type Document struct {
	Name   string        // docname
	Source string        // path of its own text
	Digest digest.Digest // of the source as it was read
	Deps   []Dep         // everything else, in any order; the same file may be there with several kinds
	Links  []Link        // which of these files includes which, as far as that is known; none: the source includes all
}

// Link says that a file includes another one, in the text of one document.
type Link struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Edge is a dependency seen from outside.
type Edge struct {
	Doc    string        `json:"doc"`
	Path   string        `json:"path"`
	Kind   Kind          `json:"kind"`
	Digest digest.Digest `json:"digest"`
}

// Graph holds documents, files and what lies between them. Names are interned:
// edges are pairs of small numbers, so that ten thousand documents with a
// hundred thousand edges take a few megabytes, and following them is fast.
type Graph struct {
	project  Project
	roles    roles
	recorded map[string]digest.Digest // of files in the project's directories
	extra    map[string]json.RawMessage

	files    []file
	fileIDs  map[string]int32
	freeFile []int32

	docs    []document
	docIDs  map[string]int32
	freeDoc []int32
	order   []int32 // live documents, sorted by name
}

// file is a node; it exists as long as a document depends on it.
type file struct {
	path string
	docs []int32 // each dependent once, in no order
	doc  int32   // the one whose source it is + 1; 0 for none
}

// document is a node; a free one has no name and no edges.
type document struct {
	name   string
	source int32  // file
	edges  []edge // sorted by file, kind; the one to source among them
	links  []link // sorted; nil when the source includes everything itself
}

// link is a Link between files to which the document has edges.
type link struct{ from, to int32 }

type edge struct {
	digest digest.Digest
	file   int32
	kind   Kind
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{
		recorded: map[string]digest.Digest{},
		extra:    map[string]json.RawMessage{},
		fileIDs:  map[string]int32{},
		docIDs:   map[string]int32{},
	}
}

// SetDocument says what d was made from when it was last read. It replaces what
// was known about the document of that name.
func (g *Graph) SetDocument(d Document) {
	edges := make([]edge, 0, len(d.Deps)+1)
	source := g.intern(d.Source)
	edges = append(edges, edge{d.Digest, source, Source})
	for _, dep := range d.Deps {
		edges = append(edges, edge{dep.Digest, g.intern(dep.Path), dep.Kind})
	}
	var links []link
	for _, l := range d.Links {
		from, ok := g.fileIDs[l.From]
		to, known := g.fileIDs[l.To]
		if ok && known {
			links = append(links, link{from, to})
		}
	}
	g.set(d.Name, source, edges, links)
}

// set gives the document called name its source, edges and links, which become
// the graph's. Of equal ones the first counts.
func (g *Graph) set(name string, source int32, edges []edge, links []link) {
	id, ok := g.docIDs[name]
	if !ok {
		id = g.addDocument(name)
	}
	slices.SortStableFunc(edges, compareEdges)
	edges = slices.CompactFunc(edges, func(a, b edge) bool { return a.file == b.file && a.kind == b.kind })
	if ok {
		g.disown(id)
	}
	g.connect(id, edges)
	g.docs[id].source = source
	g.docs[id].links = nested(source, edges, links)
	g.files[source].doc = id + 1
}

// disown says that a document's source is its source no longer.
func (g *Graph) disown(id int32) {
	if f := &g.files[g.docs[id].source]; f.doc == id+1 {
		f.doc = 0
	}
}

// RemoveDocument forgets a document. Files on which only it depended are
// forgotten too. It reports whether the document was known.
func (g *Graph) RemoveDocument(name string) bool {
	id, ok := g.docIDs[name]
	if !ok {
		return false
	}
	g.disown(id)
	g.connect(id, nil)
	i, _ := g.rank(name)
	g.order = slices.Delete(g.order, i, i+1)
	delete(g.docIDs, name)
	g.docs[id] = document{}
	g.freeDoc = append(g.freeDoc, id)
	return true
}

// Documents returns the names of all documents, sorted.
func (g *Graph) Documents() []string {
	names := make([]string, len(g.order))
	for i, id := range g.order {
		names[i] = g.docs[id].name
	}
	return names
}

// Document returns what SetDocument was last told about name, with its
// dependencies sorted by path and kind, and of its links those that say something.
func (g *Graph) Document(name string) (Document, bool) {
	id, ok := g.docIDs[name]
	if !ok {
		return Document{}, false
	}
	doc := &g.docs[id]
	d := Document{Name: name, Source: g.files[doc.source].path}
	for _, e := range doc.edges {
		if e.kind == Source && e.file == doc.source {
			d.Digest = e.digest
			continue
		}
		d.Deps = append(d.Deps, Dep{g.files[e.file].path, e.kind, e.digest})
	}
	slices.SortFunc(d.Deps, func(a, b Dep) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind))
	})
	for _, l := range doc.links {
		d.Links = append(d.Links, Link{g.files[l.from].path, g.files[l.to].path})
	}
	slices.SortFunc(d.Links, func(a, b Link) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return d, true
}

// Extra returns what SetExtra kept under key, or nil.
func (g *Graph) Extra(key string) json.RawMessage { return g.extra[key] }

// SetExtra keeps a value of the caller's, which the graph saves with itself and
// does not look into. A nil value deletes.
func (g *Graph) SetExtra(key string, value json.RawMessage) {
	if value == nil {
		delete(g.extra, key)
		return
	}
	g.extra[key] = value
}

// ExtraKeys returns the keys of all extra values, sorted.
func (g *Graph) ExtraKeys() []string { return sortedKeys(g.extra) }

func (g *Graph) addDocument(name string) int32 {
	var id int32
	if n := len(g.freeDoc); n > 0 {
		id, g.freeDoc = g.freeDoc[n-1], g.freeDoc[:n-1]
		g.docs[id] = document{name: name}
	} else {
		id = int32(len(g.docs))
		g.docs = append(g.docs, document{name: name})
	}
	g.docIDs[name] = id
	i, _ := g.rank(name)
	g.order = slices.Insert(g.order, i, id)
	return id
}

// rank returns where name stands, or would stand, in g.order.
func (g *Graph) rank(name string) (int, bool) {
	return slices.BinarySearchFunc(g.order, name, func(id int32, name string) int {
		return strings.Compare(g.docs[id].name, name)
	})
}

func (g *Graph) intern(path string) int32 {
	if id, ok := g.fileIDs[path]; ok {
		return id
	}
	var id int32
	if n := len(g.freeFile); n > 0 {
		id, g.freeFile = g.freeFile[n-1], g.freeFile[:n-1]
		g.files[id] = file{path: path}
	} else {
		id = int32(len(g.files))
		g.files = append(g.files, file{path: path})
	}
	g.fileIDs[path] = id
	return id
}

// connect replaces a document's edges by others, sorted, and keeps the files'
// side in step. Only files that come or go are looked at: a file that all
// documents include would otherwise cost a search for each document read again.
func (g *Graph) connect(id int32, edges []edge) {
	old := g.docs[id].edges
	g.docs[id].edges = edges
	i, j := 0, 0
	for i < len(old) || j < len(edges) {
		switch {
		case j == len(edges) || i < len(old) && old[i].file < edges[j].file:
			g.unlink(old[i].file, id)
			i = after(old, i)
		case i == len(old) || edges[j].file < old[i].file:
			f := &g.files[edges[j].file]
			f.docs = append(f.docs, id)
			j = after(edges, j)
		default:
			i, j = after(old, i), after(edges, j)
		}
	}
}

// unlink takes a document away from a file's dependents, and the file away when
// it was the last.
func (g *Graph) unlink(id, doc int32) {
	f := &g.files[id]
	last := len(f.docs) - 1
	i := slices.Index(f.docs, doc)
	f.docs[i] = f.docs[last]
	f.docs = f.docs[:last]
	if last == 0 {
		delete(g.fileIDs, f.path)
		*f = file{}
		g.freeFile = append(g.freeFile, id)
	}
}

// edgesTo returns a document's edges to one file, by kind.
func (d *document) edgesTo(id int32) []edge {
	i, end := 0, len(d.edges)
	for end-i > 16 { // few enough to be looked at in turn, sooner than a halving search gets them from memory
		if mid := (i + end) / 2; d.edges[mid].file < id {
			i = mid + 1
		} else {
			end = mid
		}
	}
	for i < len(d.edges) && d.edges[i].file < id {
		i++
	}
	j := i
	for j < len(d.edges) && d.edges[j].file == id {
		j++
	}
	return d.edges[i:j]
}

// after returns the index of the first edge after i that leads to another file.
func after(edges []edge, i int) int {
	for j := i + 1; j < len(edges); j++ {
		if edges[j].file != edges[i].file {
			return j
		}
	}
	return len(edges)
}

func compareEdges(a, b edge) int {
	return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.kind, b.kind))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
