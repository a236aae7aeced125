package compare

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Warning is one that is shown, or that a build has printed.
type Warning struct {
	Path     string `json:"path,omitempty"` // "" when it is about no file
	Line     int    `json:"line,omitempty"` // 0 when unknown
	Message  string `json:"message"`
	Category string `json:"-"` // Sphinx's type, when it is not part of the message; "" when it is, or when there is none
	Severity string `json:"-"` // "warning", "error" or "critical", as printed; "" when not known. Never compared
}

// String is the warning in the form that editors follow.
func (w Warning) String() string {
	place := w.Path
	if w.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, w.Line)
	}
	if place != "" {
		place += ": "
	}
	return place + w.Message
}

// printed is the beginning of a warning in the file that sphinx-build -w writes.
var printed = regexp.MustCompile(`^(?:(.+?)(?::(docstring of [^:]+))?(?::(\d+))?: )?(WARNING|ERROR|CRITICAL): (.*)$`)

// ParseWarnings reads the file that sphinx-build -w has written. The lines of a
// message after its first one belong to it.
func ParseWarnings(text string) []Warning {
	var all []Warning
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		m := printed.FindStringSubmatch(line)
		if m == nil {
			if len(all) > 0 {
				all[len(all)-1].Message += "\n" + line
			}
			continue
		}
		w := Warning{Path: m[1], Message: m[5], Severity: strings.ToLower(m[4])}
		w.Line, _ = strconv.Atoi(m[3])
		if m[2] != "" {
			w.Message = m[2] + ": " + w.Message
		}
		all = append(all, w)
	}
	for i := range all {
		all[i].Message = strings.TrimRight(all[i].Message, " \n")
	}
	return all
}

// Warnings compares two sets of warnings. Lost ones are in clean only, and
// invented ones in shown only; both are sorted, each warning once. Sphinx adds
// the type of a warning to its message or not, as show_warning_types says.
func Warnings(shown, clean []Warning) (lost, invented []Warning) {
	have, had := map[Warning]bool{}, map[Warning]bool{}
	for _, w := range clean {
		had[w.plain()] = true
	}
	for _, w := range shown {
		forms := []Warning{w.plain()}
		if w.Category != "" {
			longer := w.plain()
			longer.Message += " [" + w.Category + "]"
			forms = append(forms, longer)
		}
		found := false
		for _, form := range forms {
			have[form] = true
			found = found || had[form]
		}
		if !found {
			invented = append(invented, forms[0])
		}
	}
	for _, w := range clean {
		if !have[w.plain()] {
			lost = append(lost, w.plain())
		}
	}
	return sortWarnings(lost), sortWarnings(invented)
}

// plain is the form in which warnings are compared.
func (w Warning) plain() Warning {
	return Warning{Path: filepath.ToSlash(w.Path), Line: w.Line, Message: strings.TrimRight(w.Message, " \n")}
}

func sortWarnings(all []Warning) []Warning {
	slices.SortFunc(all, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}
