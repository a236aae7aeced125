package terminal

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"docserve/runner"
)

// The functions of this file are pure. The form of the lines is a promise:
// people match them with regular expressions.

// Banner is what is said at the start.
type Banner struct {
	URL           string   `json:"url"`
	Local         string   `json:"local,omitempty"`   // the address on this machine, when URL is another one
	Network       []string `json:"network,omitempty"` // addresses in the network
	Open          bool     `json:"open,omitempty"`    // others than this machine may reach the server itself
	Source        string   `json:"source"`            // absolute
	Output        string   `json:"output"`            // absolute
	Python        string   `json:"python"`            // absolute path of the interpreter
	PythonVersion string   `json:"pythonVersion,omitempty"`
	SphinxVersion string   `json:"sphinxVersion,omitempty"`
	PythonWhy     string   `json:"pythonWhy,omitempty"`
	Engine        string   `json:"engine,omitempty"`    // "subprocess"; "" is the worker
	EngineWhy     string   `json:"engineWhy,omitempty"` // "" when it was asked for
	Note          string   `json:"note,omitempty"`      // what else is worth knowing: "port 8000 is taken"
}

func (b Banner) lines(paint palette, workDir string, keys bool) []string {
	lines := []string{
		"docserve: " + paint.strong(b.URL),
	}
	lines = append(lines, b.addresses()...)
	lines = append(lines, "  "+shorten(b.Source, workDir)+" → "+shorten(b.Output, workDir))
	if b.Python != "" {
		line := "  Python"
		if b.PythonVersion != "" {
			line += " " + b.PythonVersion
		}
		if b.SphinxVersion != "" {
			line += ", Sphinx " + b.SphinxVersion
		}
		line += ": " + shorten(b.Python, workDir)
		if b.PythonWhy != "" {
			line += " (" + b.PythonWhy + ")"
		}
		lines = append(lines, line)
	}
	if b.Engine != "" {
		line := "  engine " + b.Engine + ": sphinx-build runs for each change"
		if b.EngineWhy != "" {
			line += " (" + clean(b.EngineWhy) + ")"
		}
		lines = append(lines, line)
	}
	if b.Note != "" {
		lines = append(lines, "  "+clean(b.Note))
	}
	if keys {
		lines = append(lines, paint.dim("  keys: r rebuild, o open in browser, w warnings, v verify, q quit"))
	}
	return lines
}

// addresses says where else the site is, and who can read it there.
func (b Banner) addresses() []string {
	var lines []string
	if b.Local != "" {
		lines = append(lines, "  on this machine: "+b.Local)
	}
	if len(b.Network) > 0 {
		lines = append(lines, "  in the network: "+strings.Join(b.Network, "  "))
	}
	if b.Open {
		lines = append(lines, "  whoever reaches this machine can read the site: there is no password")
	}
	return lines
}

// buildLine is the one line of a build:
//
//	14:02:07 guide.rst → 1 page, 62 ms (read 28 write 19), 1 new warning
func buildLine(b runner.Build, now time.Time, paint palette) string {
	took := cmp.Or(b.Visible, b.Total)
	var parts []string
	if b.Failed {
		parts = append(parts, paint.bad("failed"))
	}
	if pages := pages(b); pages != "" {
		parts = append(parts, pages)
	}
	if took > 0 {
		parts = append(parts, duration(took)+share(b, took))
	}
	if b.Reason != "" {
		parts = append(parts, clean(b.Reason))
	}
	kind := "new"
	if b.Initial {
		kind = ""
	}
	if text := count(b.New, kind); text != "" {
		parts = append(parts, text)
	}
	if len(b.Fixed) > 0 {
		parts = append(parts, fmt.Sprintf("%d fixed", len(b.Fixed)))
	}
	return fmt.Sprintf("%s %s → %s", paint.dim(clock(now)), subject(b), strings.Join(parts, ", "))
}

// subject says what a build is an answer to.
func subject(b runner.Build) string {
	switch {
	case len(b.Changed) == 1:
		return clean(filepath.ToSlash(b.Changed[0]))
	case len(b.Changed) > 1:
		return fmt.Sprintf("%s +%d", clean(filepath.ToSlash(b.Changed[0])), len(b.Changed)-1)
	case b.Initial:
		return "first build"
	}
	return "site"
}

// pages says how many pages are new on the screen, or would be.
func pages(b runner.Build) string {
	n := b.Differ
	if b.Initial {
		n = max(b.Written, b.Differ)
	}
	switch {
	case n == 1:
		return "1 page"
	case n > 1:
		return strconv.Itoa(n) + " pages"
	case b.Initial && !b.Failed:
		return "up to date"
	case b.Failed || len(b.Changed) == 0 && b.Total == 0:
		return ""
	}
	return "no page changed"
}

// share says which part of a build was spent on what. Short ones are in
// milliseconds, without a unit, so that they can be compared at a glance.
func share(b runner.Build, took time.Duration) string {
	if b.Read == 0 && b.Write == 0 {
		return ""
	}
	if took < time.Second && b.Read < time.Second && b.Write < time.Second {
		return fmt.Sprintf(" (read %d write %d)", b.Read.Round(time.Millisecond).Milliseconds(), b.Write.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf(" (read %s write %s)", duration(b.Read), duration(b.Write))
}

// duration is as precise as people care for.
func duration(d time.Duration) string {
	switch ms := d.Round(time.Millisecond); {
	case ms < time.Millisecond:
		return "<1 ms"
	case ms < time.Second:
		return fmt.Sprintf("%d ms", ms.Milliseconds())
	}
	if tenths := d.Round(time.Second / 10); tenths < time.Minute {
		return fmt.Sprintf("%.1f s", tenths.Seconds())
	}
	if s := d.Round(time.Second); s < time.Hour {
		return fmt.Sprintf("%d min %d s", int(s.Minutes()), int(s.Seconds())%60)
	}
	m := d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(m.Hours()), int(m.Minutes())%60)
}

// count counts errors and warnings: "1 new error, 2 new warnings". Kind is
// "new" or "". It is "" when there are none.
func count(diagnostics []runner.Diagnostic, kind string) string {
	var errors, warnings, notes int
	for _, d := range diagnostics {
		switch d.Severity {
		case runner.Error, runner.Critical:
			errors++
		case runner.Warning:
			warnings++
		default:
			notes++
		}
	}
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{errors, "error"}, {warnings, "warning"}, {notes, "note"}} {
		if c.n == 0 {
			continue
		}
		what := c.what
		if c.n > 1 {
			what += "s"
		}
		if kind != "" {
			what = kind + " " + what
		}
		parts = append(parts, fmt.Sprintf("%d %s", c.n, what))
	}
	return strings.Join(parts, ", ")
}

// diagnosticLines gives a diagnostic in a form that terminals and editors
// follow: "path:line: warning: message", or "path:line:column: …" where a column is
// known, with further lines indented.
func diagnosticLines(d runner.Diagnostic, workDir string, paint palette) string {
	text := strings.ReplaceAll(categorized(d), "\n", "\n  ")
	if d.Hint != "" {
		text += "\n  hint: " + strings.ReplaceAll(clean(d.Hint), "\n", "\n  ")
	}
	if d.Generated != "" {
		text += "\n  generated as " + strings.TrimSuffix(location(runner.Diagnostic{Path: d.Generated, Line: d.GeneratedLine}, workDir), ": ")
	}
	severity := string(cmp.Or(d.Severity, runner.Warning))
	return location(d, workDir) + paint.severity(d.Severity, severity+":") + " " + text
}

// categorized is the message with its category at the end, where Sphinx 8 and
// later put it by themselves.
func categorized(d runner.Diagnostic) string {
	text := clean(strings.TrimRight(d.Message, "\n"))
	suffix := " [" + clean(d.Category) + "]"
	if d.Category == "" || d.Category == runner.RuleCategory || strings.HasSuffix(text, suffix) {
		return text
	}
	return text + suffix
}

// fixedLine says that a diagnostic is gone.
func fixedLine(d runner.Diagnostic, workDir string, paint palette) string {
	text, _, _ := strings.Cut(clean(d.Message), "\n")
	return location(d, workDir) + paint.good("fixed:") + " " + text
}

func location(d runner.Diagnostic, workDir string) string {
	switch {
	case d.Path != "":
		return shorten(d.Path, workDir) + d.Position() + ": "
	case d.Doc != "":
		return clean(d.Doc) + ": "
	}
	return ""
}

// shorten gives path relative to workDir when that is shorter.
func shorten(path, workDir string) string {
	if workDir != "" && filepath.IsAbs(path) {
		if rel, err := filepath.Rel(workDir, path); err == nil && len(rel) < len(path) {
			path = rel
		}
	}
	return clean(path)
}

// clean removes what could control the terminal from text that comes from a
// project's files.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
}

func weight(s runner.Severity) int {
	switch s {
	case runner.Critical:
		return 3
	case runner.Error:
		return 2
	case runner.Warning:
		return 1
	}
	return 0
}

func clock(t time.Time) string { return t.Format("15:04:05") }

// palette colors text; false leaves it as it is.
type palette bool

func (p palette) sgr(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) strong(s string) string { return p.sgr("1", s) }
func (p palette) dim(s string) string    { return p.sgr("2", s) }
func (p palette) good(s string) string   { return p.sgr("32", s) }
func (p palette) bad(s string) string    { return p.sgr("31;1", s) }
func (p palette) bar(s string) string    { return p.sgr("36", s) }

func (p palette) severity(s runner.Severity, text string) string {
	switch s {
	case runner.Error, runner.Critical:
		return p.bad(text)
	case runner.Info:
		return p.sgr("34", text)
	}
	return p.sgr("33", text)
}
