package terminal

import (
	"strings"

	"docserve/internal/verify"
	"docserve/runner"
)

// Verifying tells that a comparison with a clean build has begun.
func (t *Terminal) Verifying() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.opts.JSON && !t.opts.Silent && !t.opts.Quiet {
		t.say(clock(t.opts.Now()) + " comparing with a clean build …")
	}
}

// Verified tells how the site compares with a clean build; err says why that is
// not known.
func (t *Terminal) Verified(report verify.Report, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.opts.Silent:
	case t.opts.JSON && err != nil:
		t.emit(event{Event: "verified", Error: err.Error()})
	case t.opts.JSON:
		t.emit(event{Event: "verified", Report: &report})
	case err != nil:
		t.complain(clock(t.opts.Now()) + " not verified: " + clean(err.Error()))
	default:
		t.say(clock(t.opts.Now()) + " " + strings.TrimRight(report.String(), "\n"))
	}
}

// Step shows what is being done, where that is one long step, in place of
// progress.
func (t *Terminal) Step(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.opts.Width == nil {
		return
	}
	t.meter.advance(runner.Progress{Phase: runner.Phase(text)}, t.opts.Now())
	t.draw()
}

// Answer prints how a site compares with a clean build, and nothing else: what
// was drawn is removed.
func (t *Terminal) Answer(report verify.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.erase()
	switch {
	case t.opts.Silent:
	case t.opts.JSON:
		t.emit(event{Event: "verified", Report: &report})
	case !t.opts.Quiet || !report.Equal:
		t.say(strings.TrimRight(report.String(), "\n"))
	}
}
