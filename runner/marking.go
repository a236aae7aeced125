package runner

import (
	"slices"

	"docserve/runner/sphinx"
)

// markRead notes that a document must be read. Its page follows, if it is not
// what it was: not every change of a source is one of its page.
func (r *Runner) markRead(p *page, why *Reason) {
	r.markCheck(p, []sphinx.Aspect{sphinx.Context}, why)
	if p.whyRead == nil || why.content() && !p.whyRead.content() {
		p.whyRead = why
	}
	p.read, p.believed = true, false
}

// markWrite notes that a page must be written.
func (r *Runner) markWrite(p *page, why *Reason) {
	if p.whyWrite == nil || p.believed || len(p.check) > 0 && p.whyWrite.Cause != Content {
		p.whyWrite = why
	}
	p.write, p.check, p.audited, p.believed = true, nil, false, false
	p.generation++
	r.invalidate(p)
}

// markCheck notes that a page must be written if some of what it was made from
// is not what it was.
func (r *Runner) markCheck(p *page, aspects []sphinx.Aspect, why *Reason) {
	if p.signature == nil || len(aspects) == 0 {
		r.markWrite(p, why)
		return
	}
	if p.whyWrite == nil || p.believed || why.content() && !p.whyWrite.content() {
		p.whyWrite = why
	}
	if !p.write {
		p.check = slices.Clone(aspects)
	} else if len(p.check) > 0 {
		for _, a := range aspects {
			if !slices.Contains(p.check, a) {
				p.check = append(p.check, a)
			}
		}
	}
	p.write, p.audited, p.believed = true, false, false
	p.generation++
	r.invalidate(p)
}

// everyAspect is what a page is checked for when nobody knows what has changed.
var everyAspect = []sphinx.Aspect{sphinx.Context, sphinx.Toctrees}

// checkAll has every page checked. What was fresh is shown as that meanwhile:
// it is another process that knows less, not the page.
func (r *Runner) checkAll(why *Reason) {
	r.killWriters()
	for _, p := range r.pages {
		r.doubt(p, why)
	}
}

// doubt has a page checked because of what its process knows.
func (r *Runner) doubt(p *page, why *Reason) {
	switch {
	case p.failure != nil && p.read:
	case p.failure != nil || p.stale() && !p.believed || p.signature == nil:
		r.markCheck(p, everyAspect, why)
		r.show(p)
	default:
		p.write, p.believed, p.check, p.whyWrite = true, true, everyAspect, why
	}
}

// markAll makes every page stale.
func (r *Runner) markAll(why *Reason) {
	r.abortFinish()
	r.killWriters()
	for _, p := range r.pages {
		if p.failure == nil || !p.read {
			r.markWrite(p, why)
			r.show(p)
		}
	}
	r.finish.everything = true
}
