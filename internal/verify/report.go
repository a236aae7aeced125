package verify

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"docserve/internal/compare"
)

// Report is the answer.
type Report struct {
	When        time.Time         `json:"when"` // when it was true
	Equal       bool              `json:"equal"`
	Files       int               `json:"files"`                 // of the clean build
	Warnings    int               `json:"warnings"`              // of the clean build
	Differences []Difference      `json:"differences,omitempty"` // that nothing explains
	Lost        []compare.Warning `json:"lost,omitempty"`        // warnings that are not shown
	Invented    []compare.Warning `json:"invented,omitempty"`    // shown warnings that a clean build does not have
	Repaired    []string          `json:"repaired,omitempty"`    // documents whose pages were wrong until an audit found them
	Explained   []Difference      `json:"explained,omitempty"`   // differences that two clean builds may have
	Disturbed   int               `json:"disturbed,omitempty"`   // how often a save made it start over
	Took        time.Duration     `json:"took"`
	Clean       string            `json:"clean,omitempty"` // where the clean build is kept
}

// Difference is one file that is not as in the clean build.
type Difference struct {
	Path string `json:"path"`           // site path
	What string `json:"what"`           // "missing", "extra", or the first place
	Kind string `json:"kind,omitempty"` // name of what explains it
	Why  string `json:"why,omitempty"`  // its cause in Sphinx
}

// Found is how many differences there are that nothing explains.
func (r Report) Found() int {
	return len(r.Differences) + len(r.Lost) + len(r.Invented) + len(r.Repaired)
}

// String tells it to a person: a line with the result, then one for each
// difference. What comes out of files is put on its line without anything that
// could control a terminal.
func (r Report) String() string {
	var b strings.Builder
	took := r.Took.Round(100 * time.Millisecond).Seconds()
	whole := fmt.Sprintf("%s, %s, %.1f s", count(r.Files, "file"), count(r.Warnings, "warning"), took)
	if r.Equal {
		fmt.Fprintf(&b, "equal to a clean build (%s)\n", whole)
	} else {
		fmt.Fprintf(&b, "different from a clean build: %s (%s)\n", count(r.Found(), "difference"), whole)
	}
	if r.Disturbed > 0 {
		fmt.Fprintf(&b, "  a save meanwhile made it start over: %s\n", count(r.Disturbed, "time"))
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "  %s: %s\n", plain(d.Path), plain(d.What))
	}
	for _, w := range r.Lost {
		fmt.Fprintf(&b, "  warning not shown: %s\n", plain(w.String()))
	}
	for _, w := range r.Invented {
		fmt.Fprintf(&b, "  warning that a clean build does not have: %s\n", plain(w.String()))
	}
	for _, doc := range r.Repaired {
		fmt.Fprintf(&b, "  %s: its page was not true until the audit found it\n", plain(doc))
	}
	r.writeExplained(&b)
	if r.Clean != "" {
		fmt.Fprintf(&b, "  the clean build is in %s\n", plain(r.Clean))
	}
	return b.String()
}

// writeExplained tells, by cause, what two clean builds may differ in.
func (r Report) writeExplained(b *strings.Builder) {
	var kinds []string
	by := map[string][]Difference{}
	for _, d := range r.Explained {
		if by[d.Kind] == nil {
			kinds = append(kinds, d.Kind)
		}
		by[d.Kind] = append(by[d.Kind], d)
	}
	for _, kind := range kinds {
		all := by[kind]
		fmt.Fprintf(b, "  as two clean builds may differ (%s): %s\n    %s\n", kind, count(len(all), "file"), plain(all[0].Why))
		for _, d := range all {
			fmt.Fprintf(b, "    %s: %s\n", plain(d.Path), plain(d.What))
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// plain keeps a text on one line, and from controlling the terminal.
func plain(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\n", "⏎")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}
