package doctor

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// width is where lines are broken, whatever the terminal: the report is made to
// be pasted.
const width = 80

// Serious is the report without what is ok.
func (r Report) Serious() Report {
	r.Checks = slices.DeleteFunc(slices.Clone(r.Checks), func(c Check) bool { return c.Level == OK })
	return r
}

// Text is the report for people. Color is called for each level, and may return
// it with a color; nil leaves all as it is. What came out of files is without
// anything that could control a terminal.
func (r Report) Text(color func(level Level, word string) string) string {
	if color == nil {
		color = func(_ Level, word string) string { return word }
	}
	var b strings.Builder
	name := 0
	for _, c := range r.Checks {
		name = max(name, utf8.RuneCountInString(c.Name))
	}
	const level = len(Problem)
	indent := level + 2 + name + 2
	for _, c := range r.Checks {
		b.WriteString(color(c.Level, string(c.Level)))
		fmt.Fprintf(&b, "%*s  %-*s  ", level-len(c.Level), "", name, c.Name)
		texts := append([]string{c.Found}, c.Details...)
		for i, text := range append(texts, c.Advice...) {
			if i > 0 {
				b.WriteString(strings.Repeat(" ", indent))
			}
			lead := ""
			if i >= len(texts) && !strings.HasPrefix(text, " ") {
				lead = "→ "
			}
			more := 2
			if i == 0 {
				more = 0
			}
			b.WriteString(hang(lead+plain(text), indent, more))
		}
	}
	b.WriteString("\n" + r.Summary() + "\n")
	return b.String()
}

// Summary is the result in a line.
func (r Report) Summary() string {
	if r.Problems == 0 && r.Notes == 0 {
		return "No problems. Paths are relative to the source directory."
	}
	return fmt.Sprintf("%s, %s. Paths are relative to the source directory.", count(r.Problems, "problem"), count(r.Notes, "note"))
}

// hang breaks a text into lines, indented from the second one on, by more than
// the first. A command, which is indented itself, stays in one piece.
func hang(text string, indent, more int) string {
	if strings.HasPrefix(text, " ") {
		return "  " + strings.TrimSpace(text) + "\n"
	}
	var b strings.Builder
	column := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent+more))
			column = indent + more
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
	return b.String()
}

// plain keeps a text on one line, and from controlling the terminal.
func plain(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\n", " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}
