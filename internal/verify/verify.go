// Package verify answers one question: is this output directory what a clean
// build would write?
//
// It waits until the site is settled, builds the same sources anew into a
// temporary directory with plain Sphinx, and compares files and warnings. It
// owns the clean build and the order of these steps; how a site comes to rest is
// up to the Site, what counts as different to package compare. It changes
// nothing in the site.
package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"docserve/internal/compare"
)

// Site is what is verified. Its methods are called from one goroutine.
type Site interface {
	// Settle waits until everything is true, or until that cannot come about;
	// then the error is an *UnbuildableError.
	Settle(ctx context.Context) (State, error)
	// Look returns the state of this moment, whatever is on its way.
	Look(ctx context.Context) State
	// Barrier returns when all that was saved before has reached the site.
	Barrier(ctx context.Context) error
	// Beside tells the site that its sources are being built by somebody else as
	// well, until ended is called: extensions may write documents meanwhile.
	Beside(ctx context.Context) (ended func())
}

// State is what a site says of itself.
type State struct {
	Settled  bool
	Changes  int // how many times sources have changed; grows
	Warnings []compare.Warning
	Repaired []string // documents of which an audit found that their pages were not true, and made them so
}

// UnbuildableError says why there is nothing to compare.
type UnbuildableError struct{ Reason string }

// Error returns the reason.
func (e *UnbuildableError) Error() string { return e.Reason }

// Options say what to verify. Site, Build and Output are required.
type Options struct {
	Site     Site
	Build    Build
	Output   string     // the directory that the site is in
	Keep     bool       // leave the clean build where it is
	Progress func(Step) // called when a step begins; nil tells nobody

	clean func(ctx context.Context, dir string) error // makes the clean build; nil is Build's
}

// Step is a part of the work.
type Step string

// The steps, in their order. Every attempt goes through all of them.
const (
	Settling  Step = "waiting until all is settled"
	Building  Step = "building anew to compare"
	Comparing Step = "comparing"
	Again     Step = "a file was saved meanwhile: starting over"
)

// attempts is how often sources may change while they are being built: who saves
// without a pause is told so.
const attempts = 3

// errChanged ends an attempt.
var errChanged = errors.New("sources have changed")

// Run verifies a site. The error is an *UnbuildableError, or trouble with files
// and processes, or that of ctx; a difference is no error.
func Run(ctx context.Context, opts Options) (Report, error) {
	if opts.Progress == nil {
		opts.Progress = func(Step) {}
	}
	if opts.clean == nil {
		opts.clean = opts.Build.run
	}
	began := time.Now()
	for attempt := 1; ; attempt++ {
		report, err := try(ctx, opts)
		if err == nil {
			report.When, report.Took, report.Disturbed = time.Now(), time.Since(began), attempt-1
			return report, nil
		}
		if ctx.Err() != nil {
			return Report{}, ctx.Err()
		}
		if !errors.Is(err, errChanged) {
			return Report{}, err
		}
		if attempt == attempts {
			return Report{}, &UnbuildableError{fmt.Sprintf("the sources changed during each of %d clean builds; try again when nobody saves", attempts)}
		}
		opts.Progress(Again)
	}
}

// try is one attempt. What it makes it removes, unless it succeeds and is to
// keep it.
func try(ctx context.Context, opts Options) (report Report, err error) {
	opts.Progress(Settling)
	before, err := opts.Site.Settle(ctx)
	if err != nil {
		return report, err
	}
	dir, err := os.MkdirTemp("", "docserve-verify-")
	if err != nil {
		return report, fmt.Errorf("make a directory for the clean build: %w", err)
	}
	defer func() {
		if !opts.Keep || err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	opts.Progress(Building)
	ended := sync.OnceFunc(opts.Site.Beside(ctx))
	defer ended()
	if err = buildUndisturbed(ctx, opts, before, dir); err != nil {
		return report, err
	}
	opts.Progress(Comparing)
	if report, err = judge(opts.Output, dir, before); err != nil {
		if changed(ctx, opts.Site, before) {
			err = errChanged // a file vanished while it was compared
		}
		return report, err
	}
	if err = opts.Site.Barrier(ctx); err != nil {
		return report, fmt.Errorf("ask whether a save is on its way: %w", err)
	}
	ended()
	if changed(ctx, opts.Site, before) {
		return report, errChanged
	}
	if opts.Keep {
		report.Clean = filepath.Join(dir, pages)
	}
	return report, nil
}

// changed reports whether a site is not in the state any more that it was in.
func changed(ctx context.Context, site Site, before State) bool {
	now := site.Look(ctx)
	return !now.Settled || now.Changes != before.Changes
}

// glance is how often is looked whether sources have changed during a clean
// build, which takes seconds at least.
const glance = 250 * time.Millisecond

// buildUndisturbed makes the clean build, and gives it up when its sources
// change.
func buildUndisturbed(ctx context.Context, opts Options, before State, dir string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	built := make(chan error, 1)
	go func() { built <- opts.clean(ctx, dir) }()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		select {
		case err := <-built:
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			if err != nil && changed(ctx, opts.Site, before) {
				return errChanged // it may have seen half a change
			}
			return err
		case <-ticker.C:
			if changed(ctx, opts.Site, before) {
				cancel(errChanged)
			}
		}
	}
}

// judge compares the site with the clean build in dir.
func judge(output, dir string, site State) (Report, error) {
	clean := filepath.Join(dir, pages)
	all, err := compare.Directories(output, clean)
	if err != nil {
		return Report{}, fmt.Errorf("compare with the clean build: %w", err)
	}
	count, err := compare.Files(clean)
	if err != nil {
		return Report{}, fmt.Errorf("compare with the clean build: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, warnings))
	if err != nil {
		return Report{}, fmt.Errorf("read the warnings of the clean build: %w", err)
	}
	printed := compare.ParseWarnings(string(text))
	report := Report{Files: count, Warnings: len(printed), Repaired: site.Repaired}
	for _, d := range all {
		told := Difference{Path: d.Path, What: d.What}
		if d.Why != nil {
			told.Kind, told.Why = d.Why.Name, d.Why.Cause
			report.Explained = append(report.Explained, told)
			continue
		}
		report.Differences = append(report.Differences, told)
	}
	report.Lost, report.Invented = compare.Warnings(site.Warnings, printed)
	report.Equal = report.Found() == 0
	return report, nil
}
