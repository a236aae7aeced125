package graph

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"docserve/internal/digest"
)

// Change is one file whose content is not what it was.
type Change struct {
	Path   string        `json:"path"`
	Op     Op            `json:"op"`
	Digest digest.Digest `json:"digest"` // of the new content; zero for Remove
}

// Why is the reason of an entry of a plan: the changed file, and how it gets
// there.
type Why struct {
	Path string   `json:"path"`          // the changed file
	Name string   `json:"name"`          // the same, as people know it: relative to the source directory
	Op   Op       `json:"op"`            // what became of it
	Kind Kind     `json:"kind"`          // how the first dependent depends on it
	Via  []string `json:"via,omitempty"` // documents between, each including the one before; the first depends on the file

	// Through are names of files by way of which the first document depends on the
	// file, as Graph.Through has them. A plan leaves them out.
	Through []string `json:"through,omitempty"`
}

// String says in words why, with the entry as subject: "includes guide/index,
// which shows logo.png (new)".
func (w Why) String() string {
	var b strings.Builder
	for _, name := range slices.Backward(slices.Concat(w.Through, w.Via)) {
		b.WriteString("includes " + name + ", which ")
	}
	if w.Kind < kinds {
		b.WriteString(phrases[w.Kind].verb + " ")
	}
	b.WriteString(w.Name)
	switch w.Op {
	case Create:
		b.WriteString(" (new)")
	case Remove:
		b.WriteString(" (removed)")
	}
	return b.String()
}

// Step is a document that must be read again.
type Step struct {
	Doc string `json:"doc"`
	Why Why    `json:"why"`
}

// Chain returns the way from the changed file to the document, both included:
// "inc/part.txt", "guide/index", "start".
func (s Step) Chain() []string {
	chain := make([]string, 0, len(s.Why.Via)+2)
	chain = append(chain, s.Why.Name)
	chain = append(chain, s.Why.Via...)
	return append(chain, s.Doc)
}

// Plan says what a set of changes asks for. Each list is sorted, by document or
// by path, and has an entry once.
type Plan struct {
	Restart  []Why    `json:"restart,omitempty"`  // a new interpreter is needed: configuration, extension or module changed
	Discover []Why    `json:"discover,omitempty"` // the list of documents must be found again
	Catalogs []Why    `json:"catalogs,omitempty"` // message catalogs (.po) to compile
	Read     []Step   `json:"read,omitempty"`     // documents to read again
	WriteAll []Why    `json:"writeAll,omitempty"` // every page must be written again: a template changed
	Assets   []Why    `json:"assets,omitempty"`   // static files to copy, or to take away
	Media    []Why    `json:"media,omitempty"`    // images and downloads whose copies are out of date; who shows them is in Read too
	Ignored  []string `json:"ignored,omitempty"`  // changed files that mean nothing to the project
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool {
	return len(p.Restart)+len(p.Discover)+len(p.Catalogs)+len(p.Read)+
		len(p.WriteAll)+len(p.Assets)+len(p.Media) == 0
}

// Plan says what changes ask for. It alters nothing: the same changes give the
// same plan until the graph is told that something was read (SetDocument),
// loaded (SetProject) or dealt with (Record).
//
// A change to the very content that was read, loaded or recorded is none. A
// document whose source was removed is not in Read, but a reason in Discover.
func (g *Graph) Plan(changes []Change) Plan { return g.plan(changes, true) }

// Affected says what changes would ask for if no content were known: what the
// changed files have to do with. Digests of the changes do not matter.
func (g *Graph) Affected(changes []Change) Plan { return g.plan(changes, false) }

// plan makes a plan; compare leaves out changes to what is known.
func (g *Graph) plan(changes []Change, compare bool) Plan {
	p := planner{g: g, compare: compare, changes: distinct(changes), reached: make([]reach, len(g.docs))}
	p.names = make([]string, len(p.changes))
	for i := range p.changes {
		p.change(i)
	}
	p.spread()
	p.collect()
	return p.plan
}

// reach says how a plan got to a document.
type reach struct {
	change int32 // index + 1; 0: not reached
	via    int32 // document + 1 that it includes; 0: it depends on the changed file itself
	kind   Kind  // of the edge to the changed file; meaningless with via
	gone   bool  // its source was removed
}

type planner struct {
	g       *Graph
	compare bool // leave out changes to the content that is known
	changes []Change
	names   []string // of the changes, for people; made when needed
	reached []reach  // by document
	near    []int32  // documents that were reached, and are to be followed
	plan    Plan
}

// change works out what one change means by itself. Each role of the file
// counts, and is compared with the content known in that role.
func (p *planner) change(i int) {
	c := &p.changes[i]
	known := p.project(i)
	kinds, depended := p.dependents(i, c.Path, p.compare)
	known = known || depended
	if kinds.has(Module) && !p.restarts(c.Path) {
		p.plan.Restart = append(p.plan.Restart, p.why(i, Module))
	}
	for _, k := range [...]Kind{Image, Download} {
		if kinds.has(k) {
			p.plan.Media = append(p.plan.Media, p.why(i, k))
			break
		}
	}
	// The source of a document that came or went always asks for discovery,
	// even when its content is the one that was read: the removal may be on its
	// way through the runner just now.
	switch {
	case kinds.has(Source) && c.Op == Remove,
		(c.Op != Write || !known) && p.g.roles.isDocument(c.Path):
		p.plan.Discover = append(p.plan.Discover, p.why(i, Source))
	case !known:
		p.plan.Ignored = append(p.plan.Ignored, c.Path)
	}
}

// project handles the roles that a file has for the whole project. It reports
// whether it has any.
func (p *planner) project(i int) bool {
	c, r := &p.changes[i], &p.g.roles
	in, loaded := r.loaded[c.Path]
	if loaded && (in.Digest != c.Digest || !p.compare) {
		p.plan.Restart = append(p.plan.Restart, p.why(i, in.Kind))
	}
	role := r.of(c.Path)
	if role == 0 {
		return loaded
	}
	if d, ok := p.g.recorded[c.Path]; ok && d == c.Digest && p.compare {
		return true
	}
	if role&input != 0 && !p.restarts(c.Path) {
		p.plan.Restart = append(p.plan.Restart, p.why(i, Config))
	}
	if role&template != 0 {
		p.plan.WriteAll = append(p.plan.WriteAll, p.why(i, Template))
	}
	if role&static != 0 {
		p.plan.Assets = append(p.plan.Assets, p.why(i, Static))
	}
	if role&catalog != 0 {
		p.catalog(i)
	}
	return true
}

// catalog handles a message catalog. Documents depend on the compiled one; which
// documents that is, Sphinx finds out when it lists them.
func (p *planner) catalog(i int) {
	c := &p.changes[i]
	ext := path.Ext(c.Path)
	if ext != ".po" && ext != ".mo" {
		return
	}
	if c.Op != Write {
		p.plan.Discover = append(p.plan.Discover, p.why(i, Catalog))
	}
	if ext == ".po" {
		p.plan.Catalogs = append(p.plan.Catalogs, p.why(i, Catalog))
		p.dependents(i, strings.TrimSuffix(c.Path, ext)+".mo", false)
	}
}

// kindSet is a set of edge kinds.
type kindSet uint16

func (s kindSet) has(k Kind) bool { return s&(1<<k) != 0 }

// dependents reaches the documents that depend on the file called name, if
// compare only those that read another content than the changed one. It returns
// the kinds by which it reached them, and whether there are dependents at all.
func (p *planner) dependents(i int, name string, compare bool) (reachedBy kindSet, any bool) {
	id, ok := p.g.fileIDs[name]
	if !ok {
		return 0, false
	}
	c := &p.changes[i]
	p.near = slices.Grow(p.near, len(p.g.files[id].docs))
	for _, doc := range p.g.files[id].docs {
		first := true
		for _, e := range p.g.docs[doc].edgesTo(id) {
			if compare && e.digest == c.Digest {
				continue
			}
			reachedBy |= 1 << e.kind
			if first {
				first = false
				p.arrive(doc, i, e.kind)
			}
			if e.kind == Source && c.Op == Remove {
				p.reached[doc].gone = true
			}
		}
	}
	return reachedBy, true
}

// arrive notes that a document depends on a changed file. The first file in
// order is its reason, but that its own text changed is a better one.
func (p *planner) arrive(doc int32, change int, kind Kind) {
	r := &p.reached[doc]
	if r.change == 0 {
		p.near = append(p.near, doc)
	} else if kind != Source || r.kind == Source {
		return
	}
	r.change, r.kind = int32(change+1), kind
}

// spread follows documents that include documents, nearest first, so that each
// has the shortest chain; among equally short ones the order of names decides.
func (p *planner) spread() {
	for len(p.near) > 0 {
		level := p.near
		p.near = nil
		level = slices.DeleteFunc(level, func(doc int32) bool { return len(p.g.files[p.g.docs[doc].source].docs) < 2 })
		slices.SortFunc(level, func(a, b int32) int { return strings.Compare(p.g.docs[a].name, p.g.docs[b].name) })
		for _, doc := range level {
			p.follow(doc)
		}
	}
}

// follow reaches the documents that include doc.
func (p *planner) follow(doc int32) {
	source := p.g.docs[doc].source
	for _, other := range p.g.files[source].docs {
		if p.reached[other].change != 0 || !p.g.docs[other].includes(source) {
			continue
		}
		p.reached[other] = reach{change: p.reached[doc].change, via: doc + 1}
		p.near = append(p.near, other)
	}
}

func (d *document) includes(id int32) bool {
	return slices.ContainsFunc(d.edgesTo(id), func(e edge) bool { return e.kind == Include })
}

// collect makes the list of documents to read. The documents are gone through in
// their order, as sorting those that were reached would take longer when they
// are many; and the entries, of which there may be as many, are made in place.
func (p *planner) collect() {
	n := 0
	for i := range p.reached {
		if p.reached[i].change != 0 && !p.reached[i].gone {
			n++
		}
	}
	if n == 0 {
		return
	}
	p.plan.Read = make([]Step, n)
	next := 0
	for _, doc := range p.g.order {
		if r := &p.reached[doc]; r.change != 0 && !r.gone {
			step := &p.plan.Read[next]
			step.Doc = p.g.docs[doc].name
			p.explain(&step.Why, r)
			next++
		}
	}
}

// explain fills in why a document was reached.
func (p *planner) explain(w *Why, r *reach) {
	for r.via != 0 {
		doc := r.via - 1
		w.Via = append(w.Via, p.g.docs[doc].name)
		r = &p.reached[doc]
	}
	slices.Reverse(w.Via)
	c := &p.changes[r.change-1]
	w.Path, w.Name, w.Op, w.Kind = c.Path, p.name(int(r.change-1)), c.Op, r.kind
}

func (p *planner) why(i int, kind Kind) Why {
	c := &p.changes[i]
	return Why{Path: c.Path, Name: p.name(i), Op: c.Op, Kind: kind}
}

// name returns the name of a changed file for people.
func (p *planner) name(i int) string {
	if p.names[i] == "" {
		p.names[i] = p.g.roles.display(p.changes[i].Path)
	}
	return p.names[i]
}

// restarts reports whether the plan already has path as a reason to restart.
// Changes are handled in order, so that it could only be the last.
func (p *planner) restarts(path string) bool {
	n := len(p.plan.Restart)
	return n > 0 && p.plan.Restart[n-1].Path == path
}

// distinct returns the changes sorted by path; of several to one path the last
// counts.
func distinct(changes []Change) []Change {
	sorted := slices.Clone(changes)
	slices.Reverse(sorted)
	slices.SortStableFunc(sorted, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return slices.CompactFunc(sorted, func(a, b Change) bool { return a.Path == b.Path })
}
