package runner

import (
	"context"
	"errors"
	"fmt"
	"os"

	"docserve/internal/digest"
)

// Somebody may remove the output directory while docserve runs: make clean. The
// watcher does not look there, so what must be there is looked for now and then.

// lostOutput reports whether what this session has written was removed.
func (r *Runner) lostOutput() bool {
	if _, err := os.Stat(r.stage); err != nil {
		return true
	}
	if r.facts == nil {
		return false
	}
	root := r.pages[r.facts.Root]
	if root == nil || root.hash.IsZero() {
		return false
	}
	_, err := os.Stat(r.output(root.path))
	return errors.Is(err, os.ErrNotExist)
}

// watchOutput is called each second. What is gone for the first time may still
// be on its way out: who makes a directory then would be in the way of rm.
func (r *Runner) watchOutput(ctx context.Context) {
	before := r.missed
	if r.missed = r.lostOutput(); before && r.missed {
		r.missed = false
		r.renewOutput(ctx)
	}
}

// renewOutput builds everything anew if it was removed.
func (r *Runner) renewOutput(ctx context.Context) {
	if !r.lostOutput() {
		return
	}
	if err := r.makeDirectories(); err != nil {
		if r.broken == nil {
			r.fail(Diagnostic{Severity: Critical, Message: err.Error(), Hint: "it was removed while docserve ran"})
		}
		return
	}
	r.touch()
	r.account.begin(r.lastWord, false)
	r.account.build.Reason = "the output directory was removed"
	why := because(Output, "was removed, with the output directory")
	r.account.restart = why
	r.finish.environment = ""
	clear(r.copied)
	clear(r.noted)
	for _, p := range r.pages {
		p.hash, p.stamped = digest.Digest{}, false
		r.markWrite(p, why)
		r.show(p)
	}
	r.reopen(ctx)
}

// makeDirectories makes the directories that pages and state go to.
func (r *Runner) makeDirectories() error {
	for _, dir := range []string{r.opts.Sphinx.Output, r.state, r.stage} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return fmt.Errorf("make the output directory: %w", err)
		}
	}
	if r.opts.Claim != nil {
		return r.opts.Claim()
	}
	return nil
}
