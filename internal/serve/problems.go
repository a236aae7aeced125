package serve

import (
	"cmp"
	"path/filepath"
	"slices"

	"docserve/internal/digest"
	"docserve/internal/editor"
	"docserve/internal/excerpt"
	"docserve/livereload"
	"docserve/runner"
)

// problems tells browsers what is wrong with pages, in the form of
// /__docserve/problems. It reads lines of files that current diagnostics name,
// and of no others.
type problems struct {
	engine  Engine
	editor  editor.Template
	guessed bool   // nobody has asked for that editor
	source  string // absolute; paths are told relative to it, if they lie in there
	workDir string // or else to this
}

// Problem is an error or a warning, as a browser shows it.
type Problem struct {
	Severity runner.Severity  `json:"severity"`
	Message  string           `json:"message"`
	Category string           `json:"category,omitempty"`
	Hint     string           `json:"hint,omitempty"`
	Path     string           `json:"path,omitempty"`   // relative to the source directory or to where docserve was started
	Line     int              `json:"line,omitempty"`   // from 1; 0 when unknown
	Column   int              `json:"column,omitempty"` // from 1; 0 when unknown
	Edit     string           `json:"edit,omitempty"`   // address that opens the editor there
	Excerpt  *excerpt.Excerpt `json:"excerpt,omitempty"`
}

// Elsewhere counts what is wrong with another page.
type Elsewhere struct {
	Page     string `json:"page"` // site path; "" for what belongs to no page
	Errors   int    `json:"errors,omitempty"`
	Warnings int    `json:"warnings,omitempty"`
}

// Report is the answer of /__docserve/problems.
type Report struct {
	Page     string           `json:"page"`
	Tally    livereload.Tally `json:"tally"`
	Problems []Problem        `json:"problems"` // the gravest first, at most fewProblems
	Others   []Elsewhere      `json:"others"`   // those with errors first, at most fewOthers
	More     int              `json:"more"`     // pages that Others leaves out
}

const (
	// fewProblems is how many problems of a page are shown one by one. Who has
	// more begins with these.
	fewProblems = 50
	// fewOthers is how many other pages are named.
	fewOthers = 12
	// around is how many lines are shown before and behind the one that is meant.
	around = 3
)

// tally counts what is wrong with a page, for each message to its tabs.
func (p problems) tally(page string) livereload.Tally {
	entry, _ := p.engine.Current(page)
	return tally(entry.Problems)
}

func tally(all []runner.Diagnostic) livereload.Tally {
	var t livereload.Tally
	var text []byte
	for _, d := range all {
		switch d.Severity {
		case runner.Error, runner.Critical:
			t.Errors++
		case runner.Warning:
			t.Warnings++
		default:
			continue
		}
		text = append(append(text, d.String()...), 0)
	}
	if text != nil {
		t.Key = digest.Of(text).String()[:12]
	}
	return t
}

// Problems answers what is wrong with a page, and how much with others. A browser
// on another machine gets no links to an editor that was only guessed: it has
// another one, or none.
func (p problems) Problems(page string, here bool) any {
	entry, _ := p.engine.Current(page)
	own := slices.DeleteFunc(slices.Clone(entry.Problems), func(d runner.Diagnostic) bool { return d.Severity == runner.Info })
	slices.SortStableFunc(own, func(a, b runner.Diagnostic) int { return cmp.Compare(weight(b), weight(a)) })
	report := Report{Page: page, Tally: tally(own), Problems: []Problem{}, Others: []Elsewhere{}}
	for _, d := range own[:min(len(own), fewProblems)] {
		report.Problems = append(report.Problems, p.problem(d, here))
	}
	for path, given := range p.engine.Problems() {
		if path == "" { // what rules say belongs to the pages made by them, too
			given = slices.DeleteFunc(slices.Clone(given), func(d runner.Diagnostic) bool { return slices.Contains(own, d) })
		}
		if t := tally(given); path != page && t.Key != "" {
			report.Others = append(report.Others, Elsewhere{Page: path, Errors: t.Errors, Warnings: t.Warnings})
		}
	}
	slices.SortFunc(report.Others, func(a, b Elsewhere) int {
		return cmp.Or(cmp.Compare(b.Errors, a.Errors), cmp.Compare(a.Page, b.Page))
	})
	if report.More = max(len(report.Others)-fewOthers, 0); report.More > 0 {
		report.Others = report.Others[:fewOthers]
	}
	return report
}

func weight(d runner.Diagnostic) int {
	return slices.Index([]runner.Severity{runner.Info, runner.Warning, runner.Error, runner.Critical}, d.Severity)
}

// problem adds to a diagnostic what a browser cannot find out.
func (p problems) problem(d runner.Diagnostic, here bool) Problem {
	shown := Problem{
		Severity: d.Severity, Message: d.Message, Category: d.Category, Hint: d.Hint,
		Path: p.relative(d.Path), Line: d.Line, Column: d.Column,
	}
	if !filepath.IsAbs(d.Path) {
		return shown // none, or Sphinx has a name for something that is no file
	}
	lines, err := excerpt.Around(d.Path, max(d.Line, 1), around)
	if err != nil {
		return shown // it is gone, or no file of lines
	}
	if d.Line > 0 {
		shown.Excerpt = &lines
	}
	if here || !p.guessed {
		shown.Edit = p.editor.URL(filepath.ToSlash(d.Path), shown.Path, d.Line, d.Column)
	}
	return shown
}

// relative names a file as the writer thinks of it.
func (p problems) relative(path string) string {
	if !filepath.IsAbs(path) {
		return filepath.ToSlash(path)
	}
	for _, dir := range []string{p.source, p.workDir} {
		if relative, err := filepath.Rel(dir, path); dir != "" && err == nil && filepath.IsLocal(relative) {
			return filepath.ToSlash(relative)
		}
	}
	return filepath.ToSlash(path)
}
