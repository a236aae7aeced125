package runner

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"docserve/graph"
)

// String gives a diagnostic in the form that terminals and editors can follow:
// path:line: severity: message, or path:line:column: where the column is known.
func (d Diagnostic) String() string {
	place := d.Path
	if place != "" {
		place += d.Position() + ": "
	}
	text := fmt.Sprintf("%s%s: %s", place, d.Severity, d.Message)
	if d.Generated != "" {
		text += fmt.Sprintf(" (generated as %s:%d)", d.Generated, d.GeneratedLine)
	}
	return text
}

// Position is where in its file a diagnostic is, as it stands behind the name of the
// file: ":line", ":line:column" or nothing.
func (d Diagnostic) Position() string {
	switch {
	case d.Line <= 0:
		return ""
	case d.Column <= 0:
		return fmt.Sprintf(":%d", d.Line)
	}
	return fmt.Sprintf(":%d:%d", d.Line, d.Column)
}

// ByPlace orders diagnostics by where they are, and then by what they say.
func ByPlace(a, b Diagnostic) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
}

// diagnostics returns all that is to be said about a page.
func (p *page) diagnostics() []Diagnostic {
	var all []Diagnostic
	for _, phase := range []Phase{Reading, Writing} {
		all = append(all, p.notes[phase]...)
	}
	if p.failure != nil {
		all = append(all, *p.failure)
	}
	return all
}

// diagnostics returns everything that is to be said now, sorted, each once.
func (r *Runner) diagnostics() []Diagnostic {
	var all []Diagnostic
	for _, p := range r.pages {
		all = append(all, p.diagnostics()...)
	}
	for _, given := range r.siteNote {
		all = append(all, given...)
	}
	return Distinct(append(traced(r.opts.Generated, all), r.opts.Generated.Diagnostics()...))
}

// visible notes that an edited page has reached the browsers.
func (r *Runner) visible(p *page) {
	if !r.account.open || r.account.build.Visible > 0 {
		return
	}
	r.account.build.Visible = time.Since(r.account.build.Start)
	build := r.account.build
	build.New, build.Fixed = r.news()
	r.opts.Reporter.Visible(build)
}

// news returns which diagnostics are new since the last report, and which are gone.
func (r *Runner) news() (fresh, fixed []Diagnostic) {
	now := map[Diagnostic]bool{}
	for _, d := range r.diagnostics() {
		now[d] = true
		if !r.told[d] {
			fresh = append(fresh, d)
		}
	}
	for d := range r.told {
		if !now[d] {
			fixed = append(fixed, d)
		}
	}
	slices.SortFunc(fixed, func(a, b Diagnostic) int { return cmp.Compare(a.String(), b.String()) })
	return fresh, fixed
}

// report closes the account when every page is true, or when none can be.
func (r *Runner) report(failed bool) {
	if !r.account.open {
		// consistency warnings come after the pages
		if fresh, fixed := r.news(); len(fresh)+len(fixed) > 0 {
			r.close(Build{
				Start: time.Now(), New: fresh, Fixed: fixed, Failed: Failing(r.opts.Generated),
				Changed: RuleFiles(fresh, fixed, func(path string) string { return r.graph.Name(graph.Path(path)) }),
			})
		}
		return
	}
	build := r.account.build
	build.Total = time.Since(build.Start)
	build.New, build.Fixed = r.news()
	build.Failed = failed || Failing(r.opts.Generated)
	for _, p := range r.pages {
		build.Failed = build.Failed || p.failure != nil
	}
	r.account.open = false
	r.close(build)
}

func (r *Runner) close(build Build) {
	for _, d := range build.Fixed {
		delete(r.told, d)
	}
	for _, d := range build.New {
		r.told[d] = true
	}
	if r.opts.Strict && len(r.told) > 0 {
		build.Failed = true
	}
	r.initial = true
	r.builds = append(r.builds, build)
	if len(r.builds) > 20 {
		r.builds = slices.Delete(r.builds, 0, len(r.builds)-20)
	}
	r.opts.Reporter.Built(build)
	r.tellOwners(slices.Concat(build.New, build.Fixed))
}

// phase notes what is being done, and how far it has come.
func (r *Runner) phase(phase Phase, done, total int) {
	next := Progress{Phase: phase, Done: done, Total: total}
	if next == r.progress {
		return
	}
	changed := next.Phase != r.progress.Phase
	r.progress = next
	r.opts.Reporter.Progress(next)
	if changed || done%50 == 0 {
		r.opts.Audience.Publish(Push{Kind: "status", Note: next.String(), Done: done, Total: total})
	}
}

// String says it in a few words, for the indicator in the browser.
func (p Progress) String() string {
	if p.Total == 0 || p.Phase == Settled {
		return string(p.Phase)
	}
	return fmt.Sprintf("%s %d of %d", p.Phase, p.Done, p.Total)
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
