package runner

import "fmt"

// Audit is the outcome of checking pages that were believed to be fresh.
type Audit struct {
	Checked int      `json:"checked"`         // pages, each as often as it was checked
	Found   []string `json:"found,omitempty"` // documents whose pages were not what a clean build would write: docserve's mistakes
}

// auditPages has every page checked that is believed to be fresh; says whether
// there is any.
func (r *Runner) auditPages() bool {
	any := false
	why := because(Mistake, "was believed to be up to date, wrongly")
	for _, p := range r.order {
		if p.stale() || p.failure != nil || p.signature == nil {
			continue
		}
		// Not markCheck: until it is proved wrong, the page is shown, and stamped, as fresh.
		p.write, p.audited, p.check, p.whyWrite = true, true, everyAspect, why
		any = true
	}
	return any
}

// audited takes over the outcome for one page, if it was such a check.
func (r *Runner) audited(p *page, same bool) {
	if !p.audited {
		return
	}
	p.audited = false
	r.audit.Checked++
	if same {
		return
	}
	r.audit.Found = append(r.audit.Found, p.doc)
	r.opts.Reporter.Diagnose(Diagnostic{
		Severity: Error, Doc: p.doc, Path: p.source,
		Message: fmt.Sprintf("the page of %s was not what a clean build would write, and docserve did not know; it is now", p.doc),
		Hint:    "this is a mistake in docserve: please report it, with the last edits",
	})
}
