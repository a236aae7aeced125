package generate

import (
	"strconv"
	"strings"
)

// packLines makes a short text of where the lines of an output come from: runs of
// lines that follow each other in one source, as "1:source:7", with the number of
// the first line of the output, the name of the source, and the number of its
// line there. A name that is the last run's is left out.
func packLines(lines []Origin, name func(path string) string) string {
	var b strings.Builder
	path, next := "", 0
	for i, o := range lines {
		if i > 0 && o.Path == path && o.Line == next {
			next++
			continue
		}
		if i == 0 || o.Path != path {
			path = o.Path
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			if path != "" {
				b.WriteString(name(path))
			}
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(i + 1))
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(o.Line))
		next = o.Line + 1
	}
	return b.String()
}

// findLine returns where a line of an output comes from, given what packLines has
// made; the name is "" when that is not known.
func findLine(packed string, line int) (name string, source int) {
	for run := range strings.SplitSeq(packed, "\n") {
		file, starts, _ := strings.Cut(run, "\t")
		for start := range strings.FieldsSeq(starts) {
			first, at, _ := strings.Cut(start, ":")
			n, err := strconv.Atoi(first)
			m, failed := strconv.Atoi(at)
			if err != nil || failed != nil || n > line {
				return name, source
			}
			name, source = file, m+line-n
		}
	}
	return name, source
}
