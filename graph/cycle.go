package graph

import (
	"maps"
	"slices"
	"strings"
)

// Cycles returns the cycles in which files include each other, each as the names
// of its files, the first once more at the end. Where cycles are entangled there
// may be very many; then these are the shortest ones, in which each of the files
// occurs. They begin with the name that sorts first, and are sorted.
func (g *Graph) Cycles() [][]string {
	c := cycler{g: g, next: g.inclusions(), index: map[int32]int{}, low: map[int32]int{}, part: map[int32]int{}}
	files := slices.SortedFunc(maps.Keys(c.next), c.compare)
	for _, file := range files {
		if c.index[file] == 0 {
			c.visit(file)
		}
	}
	var cycles [][]string
	for _, file := range files {
		if cycle := c.shortest(file); cycle != nil {
			cycles = append(cycles, cycle)
		}
	}
	slices.SortFunc(cycles, slices.Compare)
	return slices.CompactFunc(cycles, slices.Equal)
}

// inclusions returns for each file that includes others which ones, by path, if
// these include anything themselves.
func (g *Graph) inclusions() map[int32][]int32 {
	next := map[int32][]int32{}
	includes := func(from, to int32) {
		if !slices.Contains(next[from], to) {
			next[from] = append(next[from], to)
		}
	}
	for _, doc := range g.order {
		d := &g.docs[doc]
		for _, e := range d.edges {
			if e.kind != Include || len(d.links) == 0 && g.documentOf(e.file) < 0 {
				continue // it includes nothing
			}
			for _, from := range d.from(e.file) {
				includes(from, e.file)
			}
		}
	}
	for _, files := range next {
		slices.SortFunc(files, func(a, b int32) int { return strings.Compare(g.files[a].path, g.files[b].path) })
	}
	return next
}

// cycler finds the parts of a graph in which everything leads to everything: only
// there are cycles. (R. Tarjan, Depth-first search and linear graph algorithms.)
type cycler struct {
	g     *Graph
	next  map[int32][]int32
	index map[int32]int // the order in which files were visited, from 1
	low   map[int32]int // the first file of the stack that can be reached
	part  map[int32]int // which part a file belongs to, from 1
	parts int
	stack []int32
}

func (c *cycler) name(file int32) string { return c.g.roles.display(c.g.files[file].path) }

func (c *cycler) compare(a, b int32) int { return strings.Compare(c.name(a), c.name(b)) }

func (c *cycler) visit(file int32) {
	c.index[file] = len(c.index) + 1
	c.low[file] = c.index[file]
	c.stack = append(c.stack, file)
	for _, other := range c.next[file] {
		switch {
		case c.index[other] == 0:
			c.visit(other)
			c.low[file] = min(c.low[file], c.low[other])
		case c.part[other] == 0: // still on the stack
			c.low[file] = min(c.low[file], c.index[other])
		}
	}
	if c.low[file] != c.index[file] {
		return
	}
	c.parts++
	for {
		last := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		c.part[last] = c.parts
		if last == file {
			return
		}
	}
}

// shortest returns the shortest cycle through a file, nil when there is none.
func (c *cycler) shortest(file int32) []string {
	part := c.part[file]
	if part == 0 {
		return nil
	}
	before := map[int32]int32{}
	for level := []int32{file}; len(level) > 0; {
		var following []int32
		for _, at := range level {
			for _, other := range c.next[at] {
				if other == file {
					return c.path(before, file, at)
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

// path returns the cycle that begins and ends at file, and comes back from last.
func (c *cycler) path(before map[int32]int32, file, last int32) []string {
	names := []string{c.name(last)}
	for at := last; at != file; {
		at = before[at]
		names = append(names, c.name(at))
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
