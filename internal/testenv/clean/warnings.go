package clean

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Warning is one message of a build.
type Warning struct {
	Path     string // absolute; "" when it is about no file
	Line     int    // from 1; 0 when unknown
	Severity string // "warning", "error" or "critical"
	Category string // as in suppress_warnings; "" when it has none, or Sphinx does not print it
	Message  string
}

func (w Warning) String() string {
	return fmt.Sprintf("%s:%d: %s: %s [%s]", filepath.Base(w.Path), w.Line, w.Severity, w.Message, w.Category)
}

// printed is a warning as Sphinx has it when it prints it.
type printed struct {
	Level, Location, Message, Category string
}

// colours are escape sequences that some messages carry inside.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// place is path:line, where path may be missing, and the line may count from a docstring.
var place = regexp.MustCompile(`^(.*?)(?::(docstring of [^:]+))?(?::(\d+))?:?$`)

func (p printed) warning() Warning {
	message := colours.ReplaceAllString(p.Message, "")
	message = strings.TrimSuffix(message, " ["+p.Category+"]")
	return located(p.Location, Warning{Severity: strings.ToLower(p.Level), Category: p.Category, Message: message})
}

// located fills in what a location says.
func located(location string, w Warning) Warning {
	if m := place.FindStringSubmatch(location); m != nil && m[1] != "" {
		w.Path, w.Line = m[1], atoi(m[3])
		if m[2] != "" {
			w.Message = m[2] + ": " + w.Message
		}
	}
	return w
}

// start is the first line of a printed warning.
var start = regexp.MustCompile(`(?m)^(?:(/[^\n]*?|[^\s:][^\n:]*(?::\d+)?): )?(WARNING|ERROR|SEVERE|CRITICAL): `)

// category is how Sphinx ends a warning that can be suppressed. That of a label of
// autosectionlabel has the name of a document.
var category = regexp.MustCompile(` \[([a-z_0-9]+(?:\.[^\s\[\]]+)?)\]$`)

// Parse reads what Sphinx has printed into its warning stream.
func Parse(text string) []Warning {
	text = colours.ReplaceAllString(text, "")
	found := start.FindAllStringSubmatchIndex(text, -1)
	var all []Warning
	for i, m := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		w := Warning{Severity: strings.ToLower(text[m[4]:m[5]]), Message: strings.TrimSuffix(text[m[1]:end], "\n")}
		if c := category.FindStringSubmatch(w.Message); c != nil {
			w.Category = c[1]
			w.Message = strings.TrimSuffix(w.Message, c[0])
		}
		location := ""
		if m[2] >= 0 {
			location = text[m[2]:m[3]]
		}
		all = append(all, located(location, w))
	}
	return all
}

// Set returns warnings sorted, each once: how often Sphinx repeats one depends
// on what pages are written.
func Set(all []Warning) []Warning {
	all = slices.Clone(all)
	slices.SortFunc(all, compare)
	return slices.Compact(all)
}

func compare(a, b Warning) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.Category, b.Category), cmp.Compare(a.Severity, b.Severity))
}

// Bare returns warnings without categories, for versions of Sphinx that do not
// print them (before 8.0).
func Bare(all []Warning) []Warning {
	all = slices.Clone(all)
	for i := range all {
		all[i].Category = ""
	}
	return Set(all)
}

// Differ returns what only got has, and what only want has, both sets.
func Differ(got, want []Warning) (extra, missing []Warning) {
	has := func(all []Warning, w Warning) bool {
		_, found := slices.BinarySearchFunc(all, w, compare)
		return found
	}
	for _, w := range got {
		if !has(want, w) {
			extra = append(extra, w)
		}
	}
	for _, w := range want {
		if !has(got, w) {
			missing = append(missing, w)
		}
	}
	return extra, missing
}
