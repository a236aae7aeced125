package inquiry

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"docserve/graph"
	"docserve/runner"
)

// picture collects nodes and edges, each once.
type picture struct {
	nodes map[string]string // name → attributes
	edges map[[2]string]string
}

// Dot returns the answer in the language of Graphviz. An arrow leads from what is
// made to what it is made from; one that is broken stands for names and
// navigation.
func (a Answer) Dot() string {
	p := picture{nodes: map[string]string{}, edges: map[[2]string]string{}}
	switch result := a.Result.(type) {
	case []Tree:
		for _, tree := range result {
			p.node(tree.Name, "style=bold")
			if tree.Everywhere != "" {
				p.edge("every page", tree.Name, label(tree.Everywhere))
			}
			p.tree(tree.Node, a.Query == Rdeps)
		}
	case []Use:
		for _, use := range result {
			p.node(use.Name, "")
			if use.Doc != "" {
				p.edge(use.Doc, use.Name, label(use.Kind))
			}
		}
	case Affected:
		for _, reached := range result.Documents {
			p.why(reached.Doc, &reached.Why)
		}
		for _, why := range result.Everything {
			p.why("every page", &why)
		}
		for _, why := range result.Listed {
			p.node(why.Name, "style=bold")
		}
	case [][]string:
		for _, cycle := range result {
			for i, doc := range cycle[1:] {
				p.edge(cycle[i], doc, label(graph.Include.String()))
			}
		}
	case []Explanation:
		for _, e := range result {
			p.explanation(e)
		}
	}
	return p.String()
}

func label(text string) string { return "label=" + quote(text) }

func (p *picture) node(name, attributes string) {
	if p.nodes[name] == "" {
		p.nodes[name] = attributes
	}
}

func (p *picture) edge(from, to, attributes string) {
	p.node(from, "")
	p.node(to, "")
	p.edges[[2]string{from, to}] = attributes
}

// tree adds what is below a node; up turns the arrows round.
func (p *picture) tree(n graph.Node, up bool) {
	for _, below := range n.Below {
		from, to := n.Name, below.Name
		if up {
			from, to = to, from
		}
		p.edge(from, to, label(below.Kind))
		if below.Missing {
			p.nodes[below.Name] = "style=dotted"
		}
		p.tree(below, up)
	}
}

// why adds the way from a document to a changed file.
func (p *picture) why(doc string, w *graph.Why) {
	p.node(w.Name, "style=bold")
	chain := slices.Concat(w.Through, w.Via, []string{doc})
	p.edge(chain[0], w.Name, label(w.Kind.String()))
	for i, next := range chain[1:] {
		p.edge(next, chain[i], label(graph.Include.String()))
	}
}

// explanation adds why something was done to a document.
func (p *picture) explanation(e Explanation) {
	p.node(e.Doc, "")
	add := func(doc string, event *runner.Event) {
		if event == nil {
			return
		}
		if event.Change != nil {
			p.why(doc, event.Change)
		}
		for _, origin := range event.From {
			p.edge(doc, origin, label(string(event.Cause))+", style=dashed")
		}
	}
	add(e.Doc, e.Read)
	add(e.Doc, e.Written)
	add(e.Doc, e.Checked)
	for _, origin := range e.Origins {
		add(origin.Doc, origin.Read)
	}
}

// String returns the picture in the order of names.
func (p *picture) String() string {
	var b strings.Builder
	b.WriteString("digraph docserve {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n")
	for _, name := range slices.Sorted(maps.Keys(p.nodes)) {
		b.WriteString("  " + quote(name) + attributes(p.nodes[name]) + ";\n")
	}
	edges := slices.SortedFunc(maps.Keys(p.edges), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, e := range edges {
		fmt.Fprintf(&b, "  %s -> %s%s;\n", quote(e[0]), quote(e[1]), attributes(p.edges[e]))
	}
	b.WriteString("}\n")
	return b.String()
}

func attributes(text string) string {
	if text == "" {
		return ""
	}
	return " [" + text + "]"
}

// quote writes a string as Graphviz reads it: only quotation marks and backslashes
// mean something in there.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(text) + `"`
}
