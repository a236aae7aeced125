package runner

import (
	"cmp"
	"slices"
)

// Distinct sorts diagnostics by their place and returns each once: Sphinx repeats
// what is wrong with a toctree for every page that shows it.
func Distinct(all []Diagnostic) []Diagnostic {
	slices.SortFunc(all, func(a, b Diagnostic) int {
		return cmp.Or(ByPlace(a, b), cmp.Compare(a.Doc, b.Doc))
	})
	return slices.CompactFunc(all, func(a, b Diagnostic) bool {
		a.Doc, b.Doc = "", ""
		return a == b
	})
}

// Problems returns all that is wrong now, by the site path of the page that it
// belongs to; "" has what belongs to no page. Why there is no site, if so, is left
// out: each page's Entry has it. Each list is sorted, with each diagnostic once.
// It may be called from any goroutine.
func (r *Runner) Problems() map[string][]Diagnostic {
	t := r.table
	t.mu.RLock()
	defer t.mu.RUnlock()
	all := map[string][]Diagnostic{"": append(slices.Clone(t.site), r.opts.Generated.Diagnostics()...)}
	for path, entry := range t.entries {
		if own := t.problems(entry); len(own) > 0 {
			all[path] = traced(r.opts.Generated, own)
			// what belongs to a page is not said of the site once more
			all[""] = slices.DeleteFunc(all[""], func(d Diagnostic) bool { return d.Path != "" && d.Path == entry.source })
		}
	}
	return all
}

// problems returns what is wrong with a page: what was said of it, and what was
// said of its source when the site was looked at as a whole. The caller holds the
// lock.
func (t *table) problems(entry Entry) []Diagnostic {
	own := slices.Clone(entry.Problems)
	for _, d := range t.site {
		if d.Path != "" && d.Path == entry.source {
			own = append(own, d)
		}
	}
	return Distinct(own)
}

// site replaces what is to be said about the site in one phase.
func (r *Runner) site(phase Phase, diagnostics []Diagnostic) {
	r.siteNote[phase] = diagnostics
	r.showSite()
}

// showSite makes what is to be said about the site visible to other goroutines.
func (r *Runner) showSite() {
	var site []Diagnostic
	for phase, given := range r.siteNote {
		if phase != Failed {
			site = append(site, given...)
		}
	}
	site = Distinct(site)
	r.table.mu.Lock()
	defer r.table.mu.Unlock()
	r.table.site, r.table.everywhere = site, slices.Clone(r.siteNote[Failed])
}

// tellOwners has the tabs learn of what was found out about their pages when the
// site was looked at as a whole, or no longer is. What a page's own reading and
// writing say, its tabs hear with the page.
func (r *Runner) tellOwners(news []Diagnostic) {
	for path := range r.open {
		p := r.byPath[path]
		if p != nil && slices.ContainsFunc(news, func(d Diagnostic) bool { return d.Doc == "" && d.Path == p.source }) {
			r.opts.Audience.Publish(Push{Kind: "status", Page: path})
		}
	}
}
