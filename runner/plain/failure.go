package plain

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"docserve/runner"
	"docserve/runner/sphinx"
)

var (
	// heading is how Sphinx begins to say why it has failed: "Configuration
	// error:", since 8.2 "Configuration error!", "Exception occurred:".
	heading = regexp.MustCompile(`^(?:\S[^:]*[Ee]rror(?: \([\w.]+\))?[:!]|Exception occurred(?: while building, starting debugger)?:|Warning, treated as error:|Versions|Traceback \(most recent call last\):)$`)
	// frame is a line of a traceback.
	frame = regexp.MustCompile(`(?m)^ *File "([^"\n]+)", line (\d+)`)
	// named is an exception at the end of a traceback.
	named = regexp.MustCompile(`^(?:[A-Za-z_]\w*\.)*([A-Z]\w*): (.+)$`)
	// syntax is where Python could not understand a file, which has no frame.
	syntax = regexp.MustCompile(`\(([^()\s]+\.py), line (\d+)\)`)
	// place begins a warning that was taken for an error.
	place = regexp.MustCompile(`^(.+?):(\d+):(.+)$`)
)

// split divides what Sphinx has written of warnings from its words on why it
// has failed, which follow an empty line.
func split(text string) (warnings, words string) {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if heading.MatchString(strings.TrimRight(line, " \r\n")) && (i == 0 || strings.TrimSpace(lines[i-1]) == "") {
			return strings.Join(lines[:i], ""), strings.TrimSpace(strings.Join(lines[i:], ""))
		}
	}
	return text, ""
}

// farewell is where Sphinx begins to speak of bug reports, or the debugger of itself.
var farewell = regexp.MustCompile(`(?m)^\s*(?:The full traceback has been saved in|Starting debugger:)`)

// explain makes a diagnostic of Sphinx's words on why it has failed: the exception,
// and the innermost place in a file of the project.
func explain(words string, project ...string) runner.Diagnostic {
	d := runner.Diagnostic{Severity: runner.Critical}
	if end := farewell.FindStringIndex(words); end != nil {
		words = strings.TrimSpace(words[:end[0]])
	}
	if _, after, found := strings.Cut(words, "\nTraceback\n===="); found {
		words = strings.TrimSpace(strings.TrimLeft(after, "="))
	}
	first, rest, _ := strings.Cut(words, "\n")
	lines := strings.Split(strings.TrimSpace(rest), "\n")
	d.Message = strings.TrimSpace(lines[len(lines)-1])
	if d.Message == "" {
		d.Message = first
	}
	if m := named.FindStringSubmatch(d.Message); m != nil && frame.MatchString(words) {
		d.Category, d.Message = m[1], strings.TrimPrefix(d.Message, "sphinx.errors."+m[1]+": ")
	} else if strings.HasSuffix(first, ":") && !strings.HasPrefix(first, "Traceback") && !frame.MatchString(words) {
		d.Message = first + " " + strings.TrimSpace(rest)
	}
	for _, m := range frame.FindAllStringSubmatch(words, -1) {
		if within(m[1], project) && !strings.Contains(m[1], "site-packages") {
			d.Path = m[1]
			d.Line, _ = strconv.Atoi(m[2])
		}
	}
	if m := syntax.FindStringSubmatch(d.Message); m != nil && d.Path == "" {
		d.Path = absolute(m[1], project)
		d.Line, _ = strconv.Atoi(m[2])
	}
	if m := place.FindStringSubmatch(strings.TrimSpace(rest)); m != nil && strings.HasPrefix(first, "Warning, treated") {
		d.Path, d.Message = absolute(m[1], project), "warning, treated as error: "+strings.TrimSpace(m[3])
		d.Line, _ = strconv.Atoi(m[2])
	}
	return d
}

// unasked makes a diagnostic of an end without a word.
func unasked(exit, output string) runner.Diagnostic {
	d := runner.Diagnostic{Severity: runner.Critical, Message: fmt.Sprintf("sphinx-build ended (%s)", exit)}
	lines := strings.Split(strings.TrimSpace(output), "\n")
	d.Hint = strings.Join(lines[max(0, len(lines)-lastLines):], "\n")
	return d
}

// lastLines is how many lines of output say what a process was at.
const lastLines = 12

// source is the file of a document, as people know it.
func (f *facts) source(root, doc string) string {
	if f != nil {
		if found, ok := f.Docs[doc]; ok {
			return sphinx.Relative(root, found[0])
		}
	}
	return filepath.FromSlash(doc)
}
