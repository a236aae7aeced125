package runner

import "docserve/runner/sphinx"

// spreading is what has to be followed to the pages of other documents.
type spreading struct {
	due        bool
	everything bool     // every page shows it
	templates  []string // templates that were changed
	why        *Reason  // of both; nil for neither

	// What has changed is what differs between two times of following. A page that
	// is written between them may show what was there for a moment only.
	ahead map[*page]bool // pages written since the last time, and whether more was read after that
}

// overtake notes that more is being read than what pages that came ahead were
// made from.
func (s *spreading) overtake() {
	for p := range s.ahead {
		s.ahead[p] = true
	}
}

// wrote notes a page that came ahead.
func (s *spreading) wrote(p *page) {
	if s.ahead == nil {
		s.ahead = map[*page]bool{}
	}
	s.ahead[p] = false
}

// add notes that of the other, too, has to be followed.
func (s *spreading) add(other spreading) {
	s.everything = s.everything || other.everything
	s.templates = append(s.templates, other.templates...)
	if s.why == nil {
		s.why = other.why
	}
}

// callSpread has the worker find out which pages may show what was changed since
// the last time.
func (r *Runner) callSpread(w *process) {
	arguments := map[string]any{
		"everything": r.spread.everything,
		"templates":  append([]string{}, r.spread.templates...),
		"toctrees":   sorted(r.toctrees),
	}
	taken := r.spread
	r.spread = spreading{}
	r.shared.add(taken)
	call(r, w, "spread", "", arguments, func(s sphinx.Spread) {
		r.stalePages(&s.Stale, taken.why)
		for p, overtaken := range taken.ahead {
			if overtaken && r.pages[p.doc] == p && p.failure == nil {
				r.markCheck(p, everyAspect, because(Retry, "was written before all was read"))
				r.show(p)
			}
		}
		r.finish.everything = r.finish.everything || s.Modules
		r.retryWriting()
	})
	w.busy.undo = func() {
		r.spread.due = true
		r.spread.add(taken)
		for p := range taken.ahead {
			r.spread.wrote(p)
		}
		r.spread.overtake() // by what the process that follows reads
	}
}

// stalePages marks what the worker has found to be stale, or possibly so.
// What all pages share has its own reason, nil when nobody knows one.
func (r *Runner) stalePages(s *sphinx.Stale, shared *Reason) {
	if s.All != "" {
		why := from(Cause(s.Cause), s.All, s.Origins)
		if why.Cause == Template && shared != nil {
			why = shared
		}
		r.markAll(why)
		return
	}
	reasons := map[string]*Reason{} // one for all that say the same
	if len(s.Pages) > 0 {
		r.abortFinish()
		r.killWriters()
	}
	for _, c := range s.Pages {
		if p := r.pages[c.Doc]; p != nil && (p.failure == nil || !p.read) {
			why := reasons[c.Why]
			if why == nil {
				why = from(Cause(c.Cause), c.Why, s.Origins)
				reasons[c.Why] = why
			}
			r.markCheck(p, c.Check, why)
			r.show(p)
		}
	}
}
