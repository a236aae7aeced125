package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// bench prepares what is needed, measures on each site, and prints the table.
func bench(ctx context.Context, opts options, log *slog.Logger, stdout io.Writer) error {
	if err := os.MkdirAll(opts.cache, 0o755); err != nil {
		return fmt.Errorf("make cache: %w", err)
	}
	env, err := prepareEnvironment(ctx, opts.python, opts.cache)
	if err != nil {
		return err
	}
	sources := corpora{cache: opts.cache, env: env, log: log}
	for _, s := range opts.sites {
		if _, _, err := sources.prepare(ctx, s); err != nil {
			return err
		}
	}
	if opts.prepare {
		log.Info("prepared", "cache", opts.cache)
		return nil
	}
	docserve, err := findDocserve(ctx, opts)
	if err != nil {
		return err
	}
	heading, err := describe(ctx, opts, env)
	if err != nil {
		return err
	}
	// What was measured is kept as it comes: a run takes long, and may be
	// interrupted.
	out := cmp.Or(opts.out, filepath.Join(opts.cache, "table.md"))
	var results []*result
	var failed error
	table := func() string { return heading + report(results, opts.measures) }
	keep := func() {
		if err := os.WriteFile(out, []byte(table()), 0o644); err != nil {
			log.Error("could not keep the table", "err", err)
		}
	}
	for _, s := range opts.sites {
		r := &result{site: s}
		results = append(results, r)
		if err := measureSite(ctx, r, sources, opts, docserve, keep, log); err != nil {
			failed = fmt.Errorf("measure %s: %w", s.name, err)
			break
		}
	}
	keep()
	_, err = io.WriteString(stdout, table())
	return errors.Join(failed, err)
}

// findDocserve returns the binary to measure, built from the module in the
// current directory unless one was given.
func findDocserve(ctx context.Context, opts options) (string, error) {
	if opts.docserve != "" {
		return filepath.Abs(opts.docserve)
	}
	binary := filepath.Join(opts.cache, "docserve-measured")
	if _, err := command(ctx, "", "go", "build", "-o", binary, "docserve"); err != nil {
		return "", fmt.Errorf("build docserve: %w", err)
	}
	return binary, nil
}

// result is what was measured on one site. What was not measured is zero.
type result struct {
	site     site
	plain    time.Duration // clean sphinx-build -j 2
	plainMem int64         // its most memory, in bytes
	save     samples
	made     samples // of these, from the client having been told to the page being changed
	autosave samples // sphinx-autobuild's
	coldsave samples
	served   samples
	floor    samples
	cold     cold
	warm     warm
	conf     confEdit
	idle     footprint
	nofork   samples

	subprocess samples // with that engine
	headings   headings
	crashed    samples // the worker had just been killed
	usual      samples // in turn with them
	checkout   checkout
	structured structured
	this       samples // against the other docserve
	other      samples
	failures   []string
}
