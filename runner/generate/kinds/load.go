package kinds

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"docserve/runner/generate"
)

// Documents that need more than this are mistakes or attacks, and the parser
// recurses.
const (
	maxDepth = 500
	maxBytes = 16 << 20
)

// load parses a file. Whatever is wrong with it is in broken.
func load(path string, data []byte) *file {
	f := &file{path: path, data: data}
	f.broken = f.parse()
	if f.broken != nil {
		f.docs = nil
	}
	return f
}

// problem is a Diagnostic that stops the conversion of a file. It is thrown, since
// conversion recurses, and caught by parse.
type problem generate.Diagnostic

func (f *file) wrong(line, column int, message, hint string) *generate.Diagnostic {
	return &generate.Diagnostic{
		Path: f.path, Line: line, Column: column, Severity: generate.Error, Message: message, Hint: hint,
	}
}

// parse fills docs.
func (f *file) parse() (broken *generate.Diagnostic) {
	f.count = bytes.Count(bytes.TrimSuffix(f.data, []byte("\n")), []byte("\n")) + 1
	if broken := f.suspicious(); broken != nil {
		return broken
	}
	// A parser of a format as rich as YAML has cases that nobody thought of.
	defer func() {
		switch p := recover().(type) {
		case nil:
		case problem:
			d := generate.Diagnostic(p)
			broken = &d
		default:
			broken = f.wrong(1, 0, fmt.Sprintf("the YAML parser fails at this file: %v", p), "")
		}
	}()
	// To YAML a carriage return alone ends a line; to editors it does not.
	text := bytes.ReplaceAll(bytes.TrimPrefix(f.data, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	parsed, err := parser.ParseBytes(bytes.ReplaceAll(text, []byte("\r"), []byte(" ")), 0)
	if err != nil {
		return f.syntax(err)
	}
	c := conversion{file: f, anchors: map[string]*node{}}
	for _, d := range parsed.Docs {
		clear(c.anchors)
		if d.Body == nil || d.Body.Type() == ast.CommentType {
			continue
		}
		f.add(c.node(d.Body))
	}
	return nil
}

// add takes a document; a list of mappings is one document for each.
func (f *file) add(n *node) {
	switch n.form {
	case null:
	case mapping:
		f.docs = append(f.docs, &document{n.place, n.entries})
	case list:
		for _, item := range n.items {
			if item.form != mapping {
				panic(problem(*f.wrong(item.line, item.column, "a document must be a mapping, and is "+item.form.String(), "")))
			}
			f.add(item)
		}
	default:
		panic(problem(*f.wrong(n.line, n.column, "a document must be a mapping, and is "+n.form.String(),
			"write “field: value”, one below the other")))
	}
}

// syntax makes a diagnostic of the parser's error.
func (f *file) syntax(err error) *generate.Diagnostic {
	var e yaml.Error
	if !errors.As(err, &e) {
		return f.wrong(1, 0, "this is no YAML: "+err.Error(), "")
	}
	at := f.position(e.GetToken())
	message, hint := "this is no YAML: "+e.GetMessage(), ""
	row := f.row(at.line)
	switch before, _, _ := strings.Cut(row, "\t"); {
	case strings.Contains(row, "\t") && strings.TrimLeft(before, " ") == "":
		hint = "YAML is indented with spaces; this line begins with a tab"
	case strings.Count(strings.TrimSpace(row)+" ", ": ") > 1:
		hint = "a value with “: ” in it, or a “:” at its end, must be in quotes"
	}
	return f.wrong(at.line, at.column, message, hint)
}

// suspicious finds what must not reach the parser, or what it would explain badly.
func (f *file) suspicious() *generate.Diagnostic {
	if len(f.data) > maxBytes {
		return f.wrong(1, 0, fmt.Sprintf("the file has %d megabytes; structured content may have %d", len(f.data)>>20, maxBytes>>20), "")
	}
	conflict, depth := 0, 0
	for i, row := range bytes.Split(f.data, []byte("\n")) {
		number := i + 1
		if !utf8.Valid(row) {
			return f.wrong(number, 0, "the file is not UTF-8", "")
		}
		switch {
		case marker(row, "<<<<<<<"):
			conflict = number
		case marker(row, ">>>>>>>") && conflict > 0:
			return f.wrong(conflict, 1, fmt.Sprintf("a merge conflict, to line %d, is not resolved", number), "decide, and remove the lines with <<<<<<<, ======= and >>>>>>>")
		}
		depth = max(depth+bytes.Count(row, []byte("["))+bytes.Count(row, []byte("{"))-bytes.Count(row, []byte("]"))-bytes.Count(row, []byte("}")), 0)
		if depth > maxDepth || steps(row) > maxDepth {
			return f.wrong(number, 0, fmt.Sprintf("more than %d lists and mappings are open here", maxDepth), "")
		}
	}
	if conflict > 0 {
		return f.wrong(conflict, 1, "a merge conflict is not resolved", "decide, and remove the lines with <<<<<<<, ======= and >>>>>>>")
	}
	return nil
}

// marker reports whether a line is one of those that git leaves in a conflict.
func marker(row []byte, sign string) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimRight(row, "\r"), []byte(sign))
	return ok && (len(rest) == 0 || rest[0] == ' ')
}

// steps counts the lists and keys that begin one in the other on one line.
func steps(row []byte) int {
	n := 0
	for _, sign := range []string{"- ", "? ", "[", "{", "!", "&", ": "} {
		n += bytes.Count(row, []byte(sign))
	}
	return n
}

// conversion makes nodes of one file's syntax trees.
type conversion struct {
	file    *file
	anchors map[string]*node
}

// position returns where a token is. At the end of a file the parser counts a line
// that there is not.
func (f *file) position(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{f, 1, 0}
	}
	return place{f, f.clamp(t.Position.Line), max(t.Position.Column, 0)}
}

func (f *file) clamp(line int) int { return min(max(line, 1), f.count) }

func (c *conversion) node(n ast.Node) *node {
	if n == nil {
		return &node{place: place{c.file, 1, 0}}
	}
	at := c.file.position(n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(n)
	case *ast.MappingValueNode:
		return c.mapping(&ast.MappingNode{BaseNode: n.BaseNode, Start: n.Start, Values: []*ast.MappingValueNode{n}})
	case *ast.SequenceNode:
		made := &node{place: at, form: list}
		for _, value := range n.Values {
			made.items = append(made.items, c.node(value))
		}
		return made
	case *ast.AnchorNode:
		made := c.node(n.Value)
		c.anchors[n.Name.GetToken().Value] = made
		return made
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		made, ok := c.anchors[name]
		if !ok {
			panic(problem(*c.file.wrong(at.line, at.column, fmt.Sprintf("nothing is called &%s before this line", name), "")))
		}
		return made
	case *ast.TagNode:
		return c.node(n.Value)
	case *ast.LiteralNode:
		return c.literal(n, at)
	case *ast.NullNode:
		return &node{place: at}
	case *ast.BoolNode:
		return &node{place: at, form: truth, text: n.Token.Value}
	case *ast.IntegerNode:
		return &node{place: at, form: integer, text: n.Token.Value}
	case *ast.FloatNode:
		return &node{place: at, form: number, text: n.Token.Value}
	case *ast.StringNode:
		return &node{place: at, form: text, text: n.Value, lines: c.follow(n.Value, at.line)}
	case *ast.CommentGroupNode:
		return &node{place: at}
	}
	return &node{place: at, form: text, text: n.GetToken().Value}
}

// literal converts a block scalar. The lines of a literal one are the source's; a
// folded one has fewer.
func (c *conversion) literal(n *ast.LiteralNode, at place) *node {
	made := &node{place: at, form: text, text: n.Value.Value}
	if strings.HasPrefix(n.Start.Value, ">") {
		made.lines = c.follow(made.text, c.file.clamp(at.line+1))
		return made
	}
	for i := range strings.Count(made.text, "\n") + 1 {
		made.lines = append(made.lines, c.file.clamp(at.line+1+i))
	}
	return made
}

// follow finds, from one line of the source on, where the lines of a text begin
// that was folded or quoted.
func (c *conversion) follow(text string, from int) []int {
	if !strings.Contains(text, "\n") {
		return nil
	}
	var lines []int
	rows := strings.Split(string(c.file.data), "\n")
	for _, line := range strings.Split(text, "\n") {
		found, wanted := from, strings.TrimSpace(line)
		for at := from; at <= len(rows) && at < from+100; at++ { // far away it is another text
			row := strings.Trim(rows[at-1], " \t\r\"'")
			if wanted == "" && row == "" || wanted != "" && row != "" && strings.HasPrefix(wanted, row) {
				found, from = at, at+1
				break
			}
		}
		lines = append(lines, found)
	}
	return lines
}

// mapping converts a mapping, with what “<<” brings in below its own pairs.
func (c *conversion) mapping(n *ast.MappingNode) *node {
	made := &node{place: c.file.position(n.GetToken()), form: mapping}
	if len(n.Values) > 0 && !n.IsFlowStyle {
		made.place = c.file.position(n.Values[0].Key.GetToken())
	}
	var merged []*node
	for _, pair := range n.Values {
		at := c.file.position(pair.Key.GetToken())
		if pair.Key.IsMergeKey() {
			merged = append(merged, c.node(pair.Value))
			continue
		}
		made.entries = append(made.entries, entry{c.key(pair.Key, at), at, c.node(pair.Value)})
	}
	for _, m := range merged {
		for _, one := range append([]*node{m}, m.items...) {
			for _, e := range one.entries {
				if made.get(e.name) == nil {
					made.entries = append(made.entries, e)
				}
			}
		}
	}
	return made
}

func (c *conversion) key(n ast.MapKeyNode, at place) string {
	if k, ok := n.(*ast.MappingKeyNode); ok {
		if _, ok := k.Value.(ast.ScalarNode); !ok {
			panic(problem(*c.file.wrong(at.line, at.column, "the name of a field must be a word", "")))
		}
		return k.Value.GetToken().Value
	}
	return n.GetToken().Value
}
