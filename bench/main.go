// Command bench measures docserve against sphinx-autobuild, against plain
// Sphinx, and against what a page costs at least, on real documentation, and
// prints a Markdown table. It owns its corpora, its Python environment and the
// processes that it measures; it refuses to know anything of docserve but its
// command line, its pages and its status.
//
// See README.md beside this file for what each number means.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// options is what the command line says.
type options struct {
	sites    []site
	measures []string
	docserve string // path of a docserve binary; "" builds one from this module
	against  string // path of another one, to compare with; "" for none
	saves    int    // saves a measure
	out      string // file that gets the table too
	python   string // interpreter that makes the virtual environment
	cache    string // directory that everything is kept in
	keep     bool   // leave sources and outputs of the run there
	prepare  bool   // stop when corpora and environment are there
	command  string // as typed, for the heading of the table
}

func run(args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(stderr, nil))
	if err := bench(ctx, opts, log, stdout); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	opts := options{command: strings.TrimSpace("go run ./bench " + strings.Join(args, " "))}
	if len(args) > 0 && args[0] == "prepare" {
		opts.prepare = true
		args = args[1:]
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run ./bench [prepare] [options]")
		flags.PrintDefaults()
	}
	siteNames := flags.String("sites", strings.Join(names(sites), ","), "sites to measure on")
	only := flags.String("only", strings.Join(measures, ","), "measures to take")
	flags.StringVar(&opts.docserve, "docserve", "", "docserve binary to measure (default: built from this module)")
	flags.StringVar(&opts.against, "against", "", "another docserve binary: saves alternate between the two")
	flags.IntVar(&opts.saves, "saves", 7, "saves for each measure")
	flags.StringVar(&opts.out, "out", "", "file that gets the table, as it grows (default: table.md in the cache)")
	flags.StringVar(&opts.python, "python", "python3", "Python, 3.11 or later, that makes the virtual environment")
	flags.StringVar(&opts.cache, "cache", filepath.Join(cache, "docserve", "bench"), "directory for corpora, environment and outputs")
	flags.BoolVar(&opts.keep, "keep", false, "keep sources, outputs and logs of the run")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if opts.saves < 1 {
		return opts, fmt.Errorf("-saves must be at least 1, not %d", opts.saves)
	}
	if opts.cache, err = filepath.Abs(opts.cache); err != nil {
		return opts, fmt.Errorf("resolve -cache: %w", err)
	}
	if opts.against != "" {
		if opts.against, err = filepath.Abs(opts.against); err != nil {
			return opts, fmt.Errorf("resolve -against: %w", err)
		}
	}
	if opts.sites, err = chooseSites(*siteNames); err != nil {
		return opts, err
	}
	if opts.measures, err = chooseMeasures(*only); err != nil {
		return opts, err
	}
	opts.sites = slices.DeleteFunc(opts.sites, func(s site) bool { return !slices.ContainsFunc(opts.measures, s.takes) })
	if len(opts.sites) == 0 {
		return opts, fmt.Errorf("no measure of %q is taken on a site of %q", *only, *siteNames)
	}
	return opts, nil
}

func chooseSites(list string) ([]site, error) {
	var chosen []site
	for name := range strings.SplitSeq(list, ",") {
		at := slices.IndexFunc(sites, func(s site) bool { return s.name == name })
		if at < 0 {
			return nil, fmt.Errorf("unknown site %q, want some of %s", name, strings.Join(names(sites), ","))
		}
		chosen = append(chosen, sites[at])
	}
	return chosen, nil
}

func chooseMeasures(list string) ([]string, error) {
	chosen := strings.Split(list, ",")
	for _, name := range chosen {
		if !slices.Contains(measures, name) {
			return nil, fmt.Errorf("unknown measure %q, want some of %s", name, strings.Join(measures, ","))
		}
	}
	return chosen, nil
}
