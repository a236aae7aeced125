package kinds

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"docserve/runner/generate"
)

// braces are a token, “{{name}}”, or a text in quotes: how to write braces that are no
// token. Anything else in braces is text.
var braces = regexp.MustCompile(`\{\{\s*(?:([A-Za-z_][\w-]*(?:\.[\w-]+)*)|'([^'\n]*)'|"([^"\n]*)")\s*\}\}`)

// scope is what the tokens in the texts of one document stand for.
type scope struct {
	m       *making
	doc     *resolved
	derived map[string]string // what tokens of the schema were found to be
	literal bool              // tokens stay as they are
}

// expand replaces the tokens in a scalar. The way is that of the tokens whose
// text this is.
func (s *scope) expand(n *node, way []string) []line {
	lines := n.split()
	if s.literal || !strings.Contains(n.text, "{{") {
		return lines
	}
	var made []line
	for _, l := range lines {
		made = append(made, s.line(l, n, way)...)
	}
	return made
}

// line replaces the tokens in one line. Text of several lines continues at the
// indentation of the line in which its token stands.
func (s *scope) line(l line, n *node, way []string) []line {
	found := braces.FindAllStringSubmatchIndex(l.text, -1)
	if found == nil {
		return []line{l}
	}
	margin := l.text[:len(l.text)-len(strings.TrimLeft(l.text, " "))]
	made := []line{{from: l.from}}
	last := func() *line { return &made[len(made)-1] }
	rest := 0
	for _, at := range found {
		last().text += l.text[rest:at[0]]
		rest = at[1]
		if at[2] < 0 {
			last().text += l.text[max(at[4], at[6]):max(at[5], at[7])]
			continue
		}
		value := s.value(l.text[at[2]:at[3]], s.position(l, n, l.text[at[0]:at[1]]), way)
		if strings.TrimSpace(last().text) == "" && at[1] == len(l.text) && at[0] == len(margin) {
			last().from = value[0].from
		}
		last().text += value[0].text
		for _, more := range value[1:] {
			if more.text != "" {
				more.text = margin + more.text
			}
			made = append(made, more)
		}
	}
	last().text += l.text[rest:]
	return made
}

// position finds where in the source a token stands.
func (s *scope) position(l line, n *node, written string) place {
	at := place{file: n.file, line: l.from.Line}
	if before, _, found := strings.Cut(n.file.row(l.from.Line), written); found {
		at.column = len([]rune(before)) + 1
	}
	return at
}

// value returns what a token stands for. If that is not known it is said, and the
// token stays as it is.
func (s *scope) value(name string, at place, way []string) []line {
	asWritten := []line{{"{{" + name + "}}", at.origin()}}
	if slices.Contains(way, name) {
		s.m.report(at, generate.Error, "replacements stand for each other: "+strings.Join(append(way[slices.Index(way, name):], name), " → "), "")
		return asWritten
	}
	way = append(slices.Clone(way), name)
	if n, ok := s.doc.replacement[name]; ok {
		if n.scalar() {
			return s.expand(n, way)
		}
		return []line{{"", at.origin()}} // empty, or of a wrong form, which was said
	}
	if value, ok := s.m.kind.options.Replacements[name]; ok {
		// The configuration has no lines, so that what comes of it belongs to the
		// line of the token.
		n := &node{place: at, form: text, text: value}
		for range strings.Count(value, "\n") + 1 {
			n.lines = append(n.lines, at.line)
		}
		return s.expand(n, way)
	}
	if text, ok := s.builtin(name, at); ok {
		return []line{{text, at.origin()}}
	}
	s.m.report(at, generate.Error, fmt.Sprintf("nothing is known to replace {{%s}} with", name), s.hint(name))
	return asWritten
}

// builtin returns the text of a token that all documents of the kind have: one
// that the schema describes, or a field that is a word.
func (s *scope) builtin(name string, at place) (string, bool) {
	if text, ok := s.derived[name]; ok {
		return text, true
	}
	if source, ok := s.m.schema.tokens[name]; ok {
		text, err := s.m.set.text("token "+name, source, s.words())
		if err != nil {
			s.m.report(at, generate.Error, fmt.Sprintf("the schema's template of {{%s}} fails: %v", name, err), "")
		}
		s.derived[name] = text
		return text, true
	}
	if t := s.m.schema.fields[name]; t.base == "name" && t.many == one && s.doc.word(name) != "" {
		return s.doc.word(name), true
	}
	return "", false
}

// words are the fields of the document that are words, as a token's template
// sees them.
func (s *scope) words() map[string]any {
	words := map[string]any{}
	for name, t := range s.m.schema.fields {
		if t.base == "name" && t.many == one {
			words[name] = s.doc.word(name)
		}
	}
	return words
}

func (s *scope) hint(name string) string {
	known := slices.Sorted(maps.Keys(s.doc.replacement))
	known = slices.AppendSeq(known, maps.Keys(s.m.kind.options.Replacements))
	known = slices.AppendSeq(known, maps.Keys(s.m.schema.tokens))
	hint := meant(name, known)
	if strings.HasPrefix(hint, "did you") {
		return hint
	}
	literal := fmt.Sprintf("to have the braces in the text, write {{'{{%s}}'}}", name)
	if hint == "" {
		return "give it a value under replacement; " + literal
	}
	return hint + "; " + literal
}
