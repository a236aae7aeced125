package kinds

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"docserve/runner/generate"
)

// A template makes text of text, and what comes out at which line only it knows.
// So each line that goes in begins with a mark: one character of Unicode's last
// private plane, which stands for a line of a source. Marks go wherever their line
// goes, and are taken out in the end. Text that has such characters itself gets
// no marks.
const (
	firstMark = '\U00100000'
	lastMark  = '\U0010FFFD'
	markByte  = 0xf4 // with which they begin in UTF-8, and nothing else in use
)

// marks gives lines of sources their marks.
type marks struct {
	of      map[generate.Origin]string
	origins []generate.Origin
	off     bool
}

func newMarks() *marks { return &marks{of: map[generate.Origin]string{}} }

// mark returns the mark of a line, or "" if there are none left.
func (m *marks) mark(o generate.Origin) string {
	if m.off {
		return ""
	}
	if s, ok := m.of[o]; ok {
		return s
	}
	if len(m.origins) > lastMark-firstMark {
		return ""
	}
	s := string(rune(firstMark + len(m.origins)))
	m.of[o] = s
	m.origins = append(m.origins, o)
	return s
}

// join writes lines with their marks.
func (m *marks) join(lines []line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m.mark(l.from))
		b.WriteString(l.text)
	}
	return b.String()
}

func isMark(r rune) bool { return r >= firstMark && r <= lastMark }

// plain takes the marks out of a text.
func plain(s string) string {
	if strings.IndexByte(s, markByte) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, s)
}

// take splits a line into its text without marks and the origin of the first of
// them.
func (m *marks) take(row []byte) ([]byte, generate.Origin, bool) {
	if m.off || bytes.IndexByte(row, markByte) < 0 {
		return row, generate.Origin{}, false
	}
	var from generate.Origin
	found := false
	text := make([]byte, 0, len(row))
	for i := 0; i < len(row); {
		if row[i] != markByte {
			text = append(text, row[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(row[i:])
		if at := int(r - firstMark); !found && at < len(m.origins) {
			from, found = m.origins[at], true
		}
		i += size
	}
	return text, from, found
}

// finish makes an output of what a template has written: marks become origins,
// and what the template left empty between texts becomes one empty line. A line
// of the template's own belongs to the text before it, or, if it opens a
// directive, to the one after it.
func (m *marks) finish(head []byte, written string, start generate.Origin) ([]byte, []generate.Origin) {
	var out bytes.Buffer
	var origins []generate.Origin
	put := func(row []byte, from generate.Origin) {
		out.Write(row)
		out.WriteByte('\n')
		origins = append(origins, from)
	}
	for row := range bytes.Lines(head) {
		put(bytes.TrimSuffix(row, []byte("\n")), start)
	}
	var waiting []int // lines that belong to the next text
	var gap bool      // an empty line is due
	for row := range strings.SplitSeq(written, "\n") {
		text, from, marked := m.take([]byte(row))
		if trimmed := bytes.TrimRight(text, " \t"); !marked || len(trimmed) == 0 {
			text = trimmed
		}
		if len(text) == 0 && !marked {
			gap = true
			continue
		}
		if gap && len(text) > 0 {
			put(nil, last(origins, start))
			if len(waiting) > 0 {
				waiting = append(waiting, len(origins)-1)
			}
		}
		gap = false
		put(text, from)
		here := len(origins) - 1
		switch {
		case marked:
			for _, i := range waiting {
				origins[i] = from
			}
			waiting = nil
		case opens(text):
			origins[here] = last(origins[:here], start)
			waiting = append(waiting, here)
		default:
			origins[here] = last(origins[:here], start)
			if len(waiting) > 0 {
				waiting = append(waiting, here)
			}
		}
	}
	for len(origins) > 0 && bytes.HasSuffix(out.Bytes(), []byte("\n\n")) {
		out.Truncate(out.Len() - 1)
		origins = origins[:len(origins)-1]
	}
	return out.Bytes(), origins
}

// opens reports whether a line is the first of something that the text after it
// belongs to.
func opens(row []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(row, " "), []byte(".. "))
}

func last(origins []generate.Origin, otherwise generate.Origin) generate.Origin {
	if len(origins) == 0 {
		return otherwise
	}
	return origins[len(origins)-1]
}
