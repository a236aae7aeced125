package terminal

import (
	"docserve/internal/doctor"
)

// Examined prints what was found out about the environment, and nothing else:
// what was drawn is removed.
func (t *Terminal) Examined(report doctor.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.erase()
	switch {
	case t.opts.Silent:
	case t.opts.JSON:
		t.emit(event{Event: "examined", Examination: &report})
	default:
		if t.opts.Quiet {
			report = report.Serious()
		}
		t.print(t.opts.Out, report.Text(t.paint.level))
	}
}

// level colors the result of a check.
func (p palette) level(level doctor.Level, word string) string {
	switch level {
	case doctor.Problem:
		return p.bad(word)
	case doctor.Note:
		return p.sgr("33", word)
	}
	return p.good(word)
}
