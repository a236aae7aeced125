package kinds

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"docserve/internal/nearest"
	"docserve/runner/generate"
)

// A schema says what a kind's documents consist of, and what is made of them. It
// is a YAML file with one document; docs/kinds.rst describes it.
type schema struct {
	about    string
	output   string     // pattern
	perFile  bool       // one output for a file, not one for each document
	forms    []variant  // what is made of a file or a document; one nameless variant if the schema names none
	prefixes []string   // beginnings of file names that {stem} leaves out
	identity [][]string // what tells documents apart: fields, each with those that stand in for it
	count    string     // field with running numbers; "" for none
	pages    []string   // fields with pages that get an output at their beginning, and at their end
	order    string     // field that outputs are sorted by; "" for the order of the file
	types    map[string]*structure
	tokens   map[string]string // template of each token that documents of the kind have by themselves
	structure
}

// variant is one of several outputs of the same content.
type variant struct {
	form     string // {form} of the pattern
	template string // without .rst.j2
}

// structure is a mapping: a document, or what is within a field.
type structure struct {
	fields   map[string]fieldType
	names    []string          // of the fields, sorted
	same     map[string]string // other names for fields
	require  [][]string        // of each group, one field must be there
	defaults map[string]*node
}

// known returns all names for fields.
func (s *structure) known() []string {
	return slices.AppendSeq(slices.Clone(s.names), maps.Keys(s.same))
}

// fieldType is what a field may hold.
type fieldType struct {
	base string     // one of the names in bases, or that of a structure
	many many       // whether there are several of them
	elem *fieldType // of which there are several
	of   []string   // the only values that are allowed; nil for all
}

type many int

const (
	one many = iota
	oneOrMore
	listOf
)

// bases are the types that are no structures, and what messages call them.
var bases = map[string]string{
	"text":  "text",
	"line":  "text",
	"title": "text",
	"name":  "a word",
	"code":  "text or a list of lines",
	"int":   "a whole number",
	"level": "a whole number from 1 to 6 or one of = - ~ ` ^ '",
	"flag":  "true or false",
	"map":   "a mapping of words to text",
	"any":   "anything",
}

// common are the fields of documents of every kind.
var common = map[string]fieldType{
	"ref":         parseType("name"),
	"inherit":     parseType("any"),
	"replacement": parseType("map"),
	"edition":     parseType("one or more name"),
}

// readSchema reads a schema. All that is wrong with it is in the diagnostics.
func readSchema(path string, data []byte) (*schema, []generate.Diagnostic) {
	f := load(path, data)
	if f.broken != nil {
		return nil, []generate.Diagnostic{*f.broken}
	}
	if len(f.docs) != 1 {
		return nil, []generate.Diagnostic{*f.wrong(1, 0, fmt.Sprintf("a schema is one YAML document, and this file has %d", len(f.docs)), "")}
	}
	r := schemaReader{file: f}
	s := r.schema(f.docs[0])
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return s, nil
}

type schemaReader struct {
	file     *file
	problems []generate.Diagnostic
}

func (r *schemaReader) wrong(at place, format string, args ...any) {
	r.problems = append(r.problems, *r.file.wrong(at.line, at.column, fmt.Sprintf(format, args...), ""))
}

func (r *schemaReader) schema(d *document) *schema {
	s := &schema{tokens: map[string]string{}, identity: [][]string{{"ref"}}, forms: []variant{{}}}
	words := map[string]*string{"about": &s.about, "output": &s.output, "count": &s.count, "order": &s.order}
	for _, e := range d.entries {
		if to, ok := words[e.name]; ok {
			*to = r.word(e.value)
			continue
		}
		switch e.name {
		case "per":
			per := r.word(e.value)
			if s.perFile = per == "file"; per != "file" && per != "document" {
				r.wrong(e.value.place, "per must be file or document, and is %q", per)
			}
		case "forms":
			s.forms = nil
			for _, v := range r.entries(e.value) {
				s.forms = append(s.forms, variant{v.name, r.word(v.value)})
			}
		case "prefixes":
			s.prefixes = r.list(e.value)
		case "identity":
			s.identity = r.groups(e.value)
		case "pages":
			if s.pages = r.list(e.value); len(s.pages) != 2 {
				r.wrong(e.value.place, "pages are two fields, for the beginning and the end of pages")
			}
		case "tokens":
			for _, t := range r.entries(e.value) {
				s.tokens[t.name] = r.word(t.value)
			}
		case "types":
			r.types(s, r.entries(e.value))
		case "fields", "same", "require", "defaults":
		default:
			r.unknown(e, []string{
				"about", "output", "per", "forms", "prefixes", "identity", "count", "order", "pages", "tokens", "types",
				"fields", "same", "require", "defaults",
			})
		}
	}
	r.structure(&s.structure, slices.DeleteFunc(slices.Clone(d.entries), func(e entry) bool {
		return !slices.Contains([]string{"fields", "same", "require", "defaults"}, e.name)
	}))
	for name, t := range common {
		if _, ok := s.fields[name]; !ok {
			s.fields[name] = t
		}
	}
	s.same["source"] = "inherit"
	s.names = slices.Sorted(maps.Keys(s.fields))
	r.check(s, d)
	return s
}

// types reads the structures, which may be of each other.
func (r *schemaReader) types(s *schema, entries []entry) {
	s.types = map[string]*structure{}
	for _, t := range entries {
		s.types[t.name] = &structure{}
		r.structure(s.types[t.name], r.entries(t.value))
	}
}

// structure reads what fields there are.
func (r *schemaReader) structure(s *structure, entries []entry) {
	s.fields, s.same, s.defaults = map[string]fieldType{}, map[string]string{}, map[string]*node{}
	for _, e := range entries {
		switch e.name {
		case "fields":
			for _, f := range r.entries(e.value) {
				s.fields[f.name] = parseType(r.word(f.value))
			}
		case "same":
			for _, f := range r.entries(e.value) {
				s.same[f.name] = r.word(f.value)
			}
		case "require":
			s.require = r.groups(e.value)
		case "defaults":
			for _, f := range r.entries(e.value) {
				s.defaults[f.name] = f.value
			}
		default:
			r.unknown(e, []string{"fields", "same", "require", "defaults"})
		}
	}
	s.names = slices.Sorted(maps.Keys(s.fields))
}

// check finds names in a schema that nothing explains.
func (r *schemaReader) check(s *schema, d *document) {
	if s.output == "" {
		r.wrong(d.place, "a schema needs an output")
	}
	known := slices.Concat(slices.Sorted(maps.Keys(bases)), slices.Sorted(maps.Keys(s.types)))
	tables := map[string]*structure{"": &s.structure}
	maps.Copy(tables, s.types)
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t := tables[name]
		for _, field := range t.names {
			if base := t.fields[field].base; !slices.Contains(known, base) {
				r.wrong(d.place, "field %s has the unknown type %q; there are %s", field, base, strings.Join(known, ", "))
			}
		}
		mentioned := slices.Sorted(maps.Values(t.same))
		mentioned = append(mentioned, slices.Sorted(maps.Keys(t.defaults))...)
		mentioned = append(mentioned, slices.Concat(t.require...)...)
		if name == "" {
			mentioned = append(mentioned, slices.Concat(s.identity...)...)
			mentioned = append(append(mentioned, s.count, s.order), s.pages...)
		}
		for _, field := range mentioned {
			if field != "" && !slices.Contains(t.names, field) {
				r.wrong(d.place, "the schema speaks of the field %q, which it does not describe", field)
			}
		}
	}
}

func (r *schemaReader) unknown(e entry, known []string) {
	message := fmt.Sprintf("a schema has no %q", e.name)
	if near := nearest.Name(e.name, known); near != "" {
		message += fmt.Sprintf("; did you mean %s?", near)
	}
	r.wrong(e.at, "%s", message)
}

func (r *schemaReader) word(n *node) string {
	if !n.scalar() {
		r.wrong(n.place, "this must be text, and is %s", n.form)
	}
	return n.text
}

func (r *schemaReader) entries(n *node) []entry {
	if n.form != mapping {
		r.wrong(n.place, "this must be a mapping, and is %s", n.form)
	}
	return n.entries
}

func (r *schemaReader) list(n *node) []string {
	if n.scalar() {
		return []string{n.text}
	}
	if n.form != list {
		r.wrong(n.place, "this must be a list, and is %s", n.form)
	}
	var words []string
	for _, item := range n.items {
		words = append(words, r.word(item))
	}
	return words
}

// groups reads a list of alternatives, each written “a or b”.
func (r *schemaReader) groups(n *node) [][]string {
	var groups [][]string
	for _, one := range r.list(n) {
		groups = append(groups, strings.Split(one, " or "))
	}
	return groups
}

// parseType reads “text”, “list of list of name”, “one or more action”,
// “name: a, b”.
func parseType(s string) fieldType {
	for prefix, many := range map[string]many{"list of ": listOf, "one or more ": oneOrMore} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			elem := parseType(rest)
			return fieldType{base: elem.base, many: many, elem: &elem}
		}
	}
	base, of, limited := strings.Cut(s, ": ")
	if !limited {
		return fieldType{base: base}
	}
	return fieldType{base: base, of: strings.Split(of, ", ")}
}

// levels are the characters under the headings of each level, as the original
// system has them.
const levels = "=-~`^'"

// level reads the level of a heading: a number, or the character under it.
func level(s string) (int, bool) {
	if len(s) == 1 && strings.Contains(levels, s) {
		return strings.Index(levels, s) + 1, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= len(levels)
}
