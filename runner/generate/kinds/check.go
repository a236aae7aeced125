package kinds

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"docserve/runner/generate"
)

// maxValues is how many values a document may have; aliases in aliases make
// billions of a few lines.
const maxValues = 100_000

// rename gives the fields of a file's documents the names that the schema has
// for them, and finds those that it does not know.
func (s *schema) rename(f *file) []generate.Diagnostic {
	var problems []generate.Diagnostic
	known := s.known()
	for _, d := range f.docs {
		d.entries = renamed(d.entries, s.same, &problems)
		for _, e := range d.entries {
			if _, ok := s.fields[e.name]; !ok {
				problems = append(problems, unknownField(e, known))
			}
		}
	}
	return problems
}

// renamed returns the entries under the names that same has for theirs.
func renamed(entries []entry, same map[string]string, problems *[]generate.Diagnostic) []entry {
	made := make([]entry, 0, len(entries))
	for _, e := range entries {
		written := e.name
		if name, ok := same[e.name]; ok {
			e.name = name
		}
		if i := slices.IndexFunc(made, func(o entry) bool { return o.name == e.name }); i >= 0 {
			*problems = append(*problems, generate.Diagnostic{
				Path: e.at.file.path, Line: e.at.line, Column: e.at.column, Severity: generate.Error,
				Message: fmt.Sprintf("%s and line %d give the same field", written, made[i].at.line),
			})
			continue
		}
		made = append(made, e)
	}
	return made
}

func unknownField(e entry, known []string) generate.Diagnostic {
	return generate.Diagnostic{
		Path: e.at.file.path, Line: e.at.line, Column: e.at.column, Severity: generate.Warning,
		Message: fmt.Sprintf("there is no field %q", e.name), Hint: meant(e.name, known),
	}
}

// checking makes what a template sees of one document.
type checking struct {
	m      *making
	scope  *scope
	values int
}

// document returns the fields of a document for a template: all that the schema
// has, nil where there is nothing.
func (m *making) document(r *resolved) map[string]any {
	c := &checking{m: m, scope: &scope{m: m, doc: r, derived: map[string]string{}}}
	for _, name := range slices.Sorted(maps.Keys(r.replacement)) {
		if n := r.replacement[name]; n.form == list || n.form == mapping {
			m.report(n.place, generate.Error, fmt.Sprintf("the replacement of %s must be text, and is %s", name, n.form), "")
		}
	}
	return c.fields(r.place, r.fields, &m.schema.structure)
}

// filling is a mapping that is being checked: what it has, and what is made of it.
type filling struct {
	have map[string]entry
	made map[string]any
}

// fields checks the fields of a document, or of a mapping in it.
func (c *checking) fields(at place, have map[string]entry, s *structure) map[string]any {
	f := filling{have, make(map[string]any, len(s.fields))}
	for _, name := range s.names {
		n := have[name].value
		if n == nil || n.form == null {
			n = s.defaults[name]
		}
		if n == nil || name == "inherit" || name == "replacement" {
			f.made[name] = nil
			continue
		}
		f.made[name] = c.field(name, n, s.fields[name], f)
	}
	for _, group := range s.require {
		if !slices.ContainsFunc(group, func(name string) bool { n := have[name].value; return n != nil && n.form != null }) {
			c.m.report(at, generate.Error, "there is no "+strings.Join(group, ", nor a "), "")
		}
	}
	return f.made
}

// field returns the value of one field, or nil if it is none of its type.
func (c *checking) field(name string, n *node, t fieldType, in filling) any {
	switch {
	case t.many == one:
		return c.value(name, n, t, in)
	case n.form == list:
		made := make([]any, 0, len(n.items))
		for _, item := range n.items {
			if item.form != null {
				made = append(made, c.field(name, item, *t.elem, in))
			}
		}
		return made
	case t.many == oneOrMore:
		return []any{c.field(name, n, *t.elem, in)}
	}
	c.mistyped(name, n, "a list")
	return nil
}

func (c *checking) mistyped(name string, n *node, wanted string) {
	c.m.report(n.place, generate.Error, fmt.Sprintf("%s must be %s, and is %s", name, wanted, n.form), "")
}

func (c *checking) value(name string, n *node, t fieldType, in filling) any {
	if c.full(n) {
		return nil
	}
	if s, ok := c.m.schema.types[t.base]; ok {
		return c.structure(name, n, s)
	}
	switch t.base {
	case "any":
		return c.any(n)
	case "map":
		return c.mapping(name, n)
	case "title":
		if n.form == mapping {
			return c.title(name, n, in)
		}
	case "code":
		if n.form == list {
			return c.code(n)
		}
	}
	if !n.scalar() {
		c.mistyped(name, n, bases[t.base])
		return nil
	}
	return c.scalar(name, n, t)
}

// scalar returns a value that is one piece of text.
func (c *checking) scalar(name string, n *node, t fieldType) any {
	lines := c.scope.expand(n, nil)
	switch t.base {
	case "text":
		return c.m.marks.join(trim(lines))
	case "code":
		return c.m.marks.join(lines)
	case "line", "title":
		return c.m.marks.mark(lines[0].from) + strings.TrimSpace(joined(lines, " "))
	case "flag":
		switch strings.ToLower(n.text) {
		case "true", "yes", "on":
			return true
		case "false", "no", "off":
			return false
		}
	case "int":
		if i, err := strconv.Atoi(n.text); err == nil {
			return i
		}
	case "level":
		if i, ok := level(n.text); ok {
			return i
		}
	case "name":
		word := strings.TrimSpace(joined(lines, " "))
		if t.of != nil && !slices.Contains(t.of, word) {
			c.m.report(n.place, generate.Error, fmt.Sprintf("%s cannot be %q", name, word), meant(word, t.of))
		}
		return word
	}
	c.m.report(n.place, generate.Error, fmt.Sprintf("%s must be %s, and is %q", name, bases[t.base], n.text), "")
	return nil
}

// trim takes empty lines from both ends.
func trim(lines []line) []line {
	blank := func(l line) bool { return strings.TrimSpace(l.text) == "" }
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func joined(lines []line, with string) string {
	parts := make([]string, len(lines))
	for i, l := range lines {
		parts[i] = strings.TrimSpace(l.text)
	}
	return strings.Join(parts, with)
}

func (c *checking) structure(name string, n *node, s *structure) any {
	if n.form != mapping {
		c.mistyped(name, n, "a mapping with "+strings.Join(s.names, ", "))
		return nil
	}
	var problems []generate.Diagnostic
	have := map[string]entry{}
	for _, e := range renamed(n.entries, s.same, &problems) {
		have[e.name] = e
		if _, ok := s.fields[e.name]; !ok {
			problems = append(problems, unknownField(e, s.known()))
		}
	}
	for _, p := range problems {
		c.m.add(p)
	}
	return c.fields(n.place, have, s)
}

// title reads the form “text: …” with “level” or “character”.
func (c *checking) title(name string, n *node, in filling) any {
	for _, e := range n.entries {
		switch {
		case e.name == "text":
		case (e.name == "level" || e.name == "character") && e.value.scalar():
			// A title is checked after the level beside it, which wins.
			if n := in.have["level"].value; n == nil || n.form == null {
				in.made["level"] = c.scalar(e.name, e.value, fieldType{base: "level"})
			}
		default:
			c.m.add(unknownField(e, []string{"text", "level", "character"}))
		}
	}
	said := n.get("text")
	if said == nil || !said.scalar() {
		c.m.report(n.place, generate.Error, name+" has no text", "")
		return nil
	}
	return c.scalar(name, said, fieldType{base: "line"})
}

// code reads code that is written as a list of lines. What is no text is written
// as JSON.
func (c *checking) code(n *node) any {
	var lines []line
	for _, item := range n.items {
		if item.scalar() {
			c.values++
			lines = append(lines, c.scope.expand(item, nil)...)
			continue
		}
		var b strings.Builder
		c.json(&b, item)
		lines = append(lines, line{b.String(), item.origin()})
	}
	return c.m.marks.join(lines)
}

// json writes a node as JSON, with the keys of mappings as they stand.
func (c *checking) json(b *strings.Builder, n *node) {
	if c.full(n) {
		return
	}
	switch {
	case n.form == null:
		b.WriteString("null")
	case n.form == list && len(n.items) > 0:
		for i, item := range n.items {
			b.WriteString(opening(i, "[ "))
			c.json(b, item)
		}
		b.WriteString(" ]")
	case n.form == mapping && len(n.entries) > 0:
		for i, e := range n.entries {
			b.WriteString(opening(i, "{ "))
			b.WriteString(quoted(e.name) + ": ")
			c.json(b, e.value)
		}
		b.WriteString(" }")
	case n.form == list:
		b.WriteString("[]")
	case n.form == mapping:
		b.WriteString("{}")
	case n.form != text && json.Valid([]byte(n.text)):
		b.WriteString(n.text)
	default:
		b.WriteString(quoted(joined(c.scope.expand(n, nil), "\n")))
	}
}

func opening(i int, first string) string {
	if i == 0 {
		return first
	}
	return ", "
}

func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil { // it cannot fail for a string
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// full counts a value, and reports whether the document has too many.
func (c *checking) full(n *node) bool {
	c.values++
	if c.values == maxValues+1 {
		c.m.report(n.place, generate.Error, fmt.Sprintf("the document has more than %d values", maxValues), "")
	}
	return c.values > maxValues
}

func (c *checking) mapping(name string, n *node) any {
	if n.form != mapping {
		c.mistyped(name, n, bases["map"])
		return nil
	}
	made := map[string]any{}
	for _, e := range n.entries {
		if e.value.form != null {
			made[e.name] = c.value(name, e.value, fieldType{base: "line"}, filling{})
		}
	}
	return made
}

// any returns whatever a node is.
func (c *checking) any(n *node) any {
	if c.full(n) {
		return nil
	}
	switch n.form {
	case null:
		return nil
	case list:
		made := make([]any, 0, len(n.items))
		for _, item := range n.items {
			made = append(made, c.any(item))
		}
		return made
	case mapping:
		made := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			made[e.name] = c.any(e.value)
		}
		return made
	case truth:
		return strings.EqualFold(n.text, "true")
	case integer:
		if i, err := strconv.Atoi(n.text); err == nil {
			return i
		}
	case number:
		if f, err := strconv.ParseFloat(n.text, 64); err == nil {
			return f
		}
	}
	return c.m.marks.join(c.scope.expand(n, nil))
}
