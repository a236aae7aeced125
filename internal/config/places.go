package config

import (
	"strconv"

	"github.com/pelletier/go-toml/v2/unstable"
)

// place is where something stands in a file, from 1.
type place struct{ line, column int }

// places says where keys and values stand: by their path, as rule[0].inputs[1].
// A text that the TOML parser has accepted is expected.
func places(text []byte) map[string]place {
	found := map[string]place{"": {1, 1}}
	counts := map[string]int{}
	prefix := ""
	var p unstable.Parser
	p.Reset(text)
	w := placer{&p, found}
	for p.NextExpression() {
		node := p.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = w.key("", node.Key(), counts)
			if node.Kind == unstable.ArrayTable {
				n := counts[prefix]
				counts[prefix]++
				at := found[prefix]
				prefix += index(n)
				found[prefix] = at
			}
		case unstable.KeyValue:
			w.value(w.key(prefix, node.Key(), nil), node.Value())
		}
	}
	return found
}

type placer struct {
	parser *unstable.Parser
	found  map[string]place
}

// key notes where a dotted key stands, and returns its path. Within counts are the
// arrays of tables so far, of which a key means the last element.
func (w placer) key(path string, key unstable.Iterator, counts map[string]int) string {
	for key.Next() {
		part := key.Node()
		if n := counts[path]; n > 0 {
			path += index(n - 1)
		}
		path = join(path, string(part.Data))
		if _, ok := w.found[path]; !ok || key.IsLast() {
			w.found[path] = w.at(part.Raw)
		}
	}
	return path
}

func (w placer) at(raw unstable.Range) place {
	start := w.parser.Shape(raw).Start
	return place{start.Line, start.Column}
}

// value notes where the parts of a value stand.
func (w placer) value(path string, node *unstable.Node) {
	children := node.Children()
	switch node.Kind {
	case unstable.Array:
		for n := 0; children.Next(); {
			child := children.Node()
			if child.Kind == unstable.Comment {
				continue
			}
			w.found[path+index(n)] = w.found[path]
			if child.Raw.Length > 0 {
				w.found[path+index(n)] = w.at(child.Raw)
			}
			w.value(path+index(n), child)
			n++
		}
	case unstable.InlineTable:
		for children.Next() {
			if child := children.Node(); child.Kind == unstable.KeyValue {
				w.value(w.key(path, child.Key(), nil), child.Value())
			}
		}
	}
}

func index(n int) string { return "[" + strconv.Itoa(n) + "]" }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
