package graph

import (
	"slices"
	"strings"
)

// Cycles returns the cycles in which documents include each other, each as the
// names of its documents, the first once more at the end. Where cycles are
// entangled there may be very many; then these are the shortest ones, in which
// each of the documents occurs. They begin with the name that sorts first, and
// are sorted.
//
// Sphinx does not tell which file that is no document includes which: a cycle of
// such files is not among them.
func (g *Graph) Cycles() [][]string {
	c := cycler{g: g, next: map[int32][]int32{}, index: map[int32]int{}, low: map[int32]int{}, part: map[int32]int{}}
	for _, doc := range g.order {
		if next := g.included(doc); len(next) > 0 {
			c.next[doc] = next
		}
	}
	for _, doc := range g.order {
		if len(c.next[doc]) > 0 && c.index[doc] == 0 {
			c.visit(doc)
		}
	}
	var cycles [][]string
	for _, doc := range g.order {
		if cycle := c.shortest(doc); cycle != nil {
			cycles = append(cycles, cycle)
		}
	}
	slices.SortFunc(cycles, slices.Compare)
	return slices.CompactFunc(cycles, slices.Equal)
}

// included returns the documents that a document includes, by name.
func (g *Graph) included(doc int32) []int32 {
	var found []int32
	for _, e := range g.docs[doc].edges {
		if e.kind == Include {
			if other := g.documentOf(e.file); other >= 0 {
				found = append(found, other)
			}
		}
	}
	slices.SortFunc(found, func(a, b int32) int { return strings.Compare(g.docs[a].name, g.docs[b].name) })
	return found
}

// cycler finds the parts of a graph in which everything leads to everything: only
// there are cycles. (R. Tarjan, Depth-first search and linear graph algorithms.)
type cycler struct {
	g     *Graph
	next  map[int32][]int32
	index map[int32]int // the order in which documents were visited, from 1
	low   map[int32]int // the first document of the stack that can be reached
	part  map[int32]int // which part a document belongs to, from 1
	parts int
	stack []int32
}

func (c *cycler) visit(doc int32) {
	c.index[doc] = len(c.index) + 1
	c.low[doc] = c.index[doc]
	c.stack = append(c.stack, doc)
	for _, other := range c.next[doc] {
		switch {
		case c.index[other] == 0:
			c.visit(other)
			c.low[doc] = min(c.low[doc], c.low[other])
		case c.part[other] == 0: // still on the stack
			c.low[doc] = min(c.low[doc], c.index[other])
		}
	}
	if c.low[doc] != c.index[doc] {
		return
	}
	c.parts++
	for {
		last := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		c.part[last] = c.parts
		if last == doc {
			return
		}
	}
}

// shortest returns the shortest cycle through a document, nil when there is none.
func (c *cycler) shortest(doc int32) []string {
	part := c.part[doc]
	if part == 0 {
		return nil
	}
	before := map[int32]int32{}
	for level := []int32{doc}; len(level) > 0; {
		var following []int32
		for _, at := range level {
			for _, other := range c.next[at] {
				if other == doc {
					return c.path(before, doc, at)
				}
				if _, seen := before[other]; !seen && c.part[other] == part {
					before[other] = at
					following = append(following, other)
				}
			}
		}
		level = following
	}
	return nil
}

// path returns the cycle that begins and ends at doc, and comes back from last.
func (c *cycler) path(before map[int32]int32, doc, last int32) []string {
	names := []string{c.g.docs[last].name}
	for at := last; at != doc; {
		at = before[at]
		names = append(names, c.g.docs[at].name)
	}
	slices.Reverse(names)
	least := 0
	for i := range names {
		if names[i] < names[least] {
			least = i
		}
	}
	names = append(slices.Clone(names[least:]), names[:least]...)
	return append(names, names[0])
}
