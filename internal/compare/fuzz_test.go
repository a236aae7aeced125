package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzParseWarnings reads any text as warnings: no word of it is lost after the
// first of them, and what was read is the same when it is printed and read again.
func FuzzParseWarnings(f *testing.F) {
	for _, text := range []string{
		"/a/b.rst:12: WARNING: undefined label: x [ref.ref]\n", "/a/b.py:docstring of m.f:3: ERROR: Unexpected indentation.\n", "WARNING: no file\nmore of it\n\n",
		"C:\\a\\b.rst:1: CRITICAL: x\n", "before\nWARNING: a\nWARNING: a\n", "a:docstring of b: WARNING: c", "a: b:3: WARNING: WARNING: x", "x\r\nWARNING: y\r\n", "é:1: WARNING: \xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all := ParseWarnings(text)
		var printed strings.Builder
		for _, w := range all {
			if w.Line < 0 || strings.HasSuffix(w.Message, "\n") || strings.Contains(w.Path, "\n") {
				t.Fatalf("%q became %+v", text, w)
			}
			place := w.Path
			if w.Line > 0 {
				place += fmt.Sprintf(":%d", w.Line)
			}
			if place != "" {
				place += ": "
			}
			printed.WriteString(place + strings.ToUpper(w.Severity) + ": " + w.Message + "\n")
		}
		if again := ParseWarnings(printed.String()); !slices.Equal(again, all) {
			t.Fatalf("%q became %+v, and printed as %q %+v", text, all, printed.String(), again)
		}
		if lost, invented := Warnings(all, all); len(lost)+len(invented) > 0 {
			t.Fatalf("%q differs from itself: %v, %v", text, lost, invented)
		}
		if lost, _ := Warnings(nil, all); len(lost) > len(all) || len(all) > 0 && len(lost) == 0 {
			t.Fatalf("of %d warnings %d are lost", len(all), len(lost))
		}
	})
}
