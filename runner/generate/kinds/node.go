package kinds

import (
	"strings"

	"docserve/runner/generate"
)

// form is what a YAML node is.
type form int

const (
	null form = iota
	text
	integer
	number
	truth
	list
	mapping
)

// words names the forms in messages.
var words = [...]string{"empty", "text", "a whole number", "a number", "true or false", "a list", "a mapping"}

func (f form) String() string { return words[f] }

// place is where something stands in a source.
type place struct {
	file   *file
	line   int // from 1
	column int // from 1, in characters
}

func (p place) origin() generate.Origin { return generate.Origin{Path: p.file.path, Line: p.line} }

// node is one value of a YAML file. What an alias stands for is the anchor's
// node itself.
type node struct {
	place
	form  form
	text  string // of anything but lists and mappings, as it is written
	lines []int  // the source's line of each line of text; nil when all are on place.line

	items   []*node
	entries []entry
}

// entry is one pair of a mapping.
type entry struct {
	name  string
	at    place // of the name
	value *node
}

// get returns the value of a mapping's key, or nil. A value that is empty is
// as good as none.
func (n *node) get(name string) *node {
	for _, e := range n.entries {
		if e.name == name && e.value.form != null {
			return e.value
		}
	}
	return nil
}

// scalar reports whether the node is one piece of text, whatever it looks like.
func (n *node) scalar() bool { return n.form != list && n.form != mapping && n.form != null }

// line is a line of text and where it comes from.
type line struct {
	text string
	from generate.Origin
}

// split returns the lines of a scalar. A newline at the end begins no line.
func (n *node) split() []line {
	parts := strings.Split(strings.TrimSuffix(n.text, "\n"), "\n")
	lines := make([]line, len(parts))
	for i, part := range parts {
		at := n.line
		if i < len(n.lines) {
			at = n.lines[i]
		}
		lines[i] = line{part, generate.Origin{Path: n.file.path, Line: at}}
	}
	return lines
}

// file is a YAML file as it was read.
type file struct {
	path   string // absolute
	data   []byte
	count  int                  // of lines
	broken *generate.Diagnostic // why nothing can be made of it
	docs   []*document
}

// row returns the text of one of the file's lines, from 1.
func (f *file) row(number int) string {
	rest := string(f.data)
	for ; number > 1; number-- {
		_, after, found := strings.Cut(rest, "\n")
		if !found {
			return ""
		}
		rest = after
	}
	row, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(row, "\r")
}

// document is one document of a file, with the names of its fields as the schema
// has them.
type document struct {
	place
	entries []entry
}

func (d *document) get(name string) *node {
	n := node{entries: d.entries}
	return n.get(name)
}
