// Package plain keeps a site up to date with plain Sphinx: one sphinx-build for
// each batch of changes, under the supervision that the warm workers have.
//
// It is for builders that a worker cannot carry, and for the debugger. It owns
// the process, what its output and its environment say, and which output files
// have changed. It refuses to be cleverer than Sphinx: which pages a change
// makes stale is what an incremental build of Sphinx finds. Where Sphinx goes by
// times, docserve has it go by contents; that is all.
package plain

import (
	"log/slog"
	"os"
	"strconv"
	"time"

	"docserve/internal/sphinxbuild"
	"docserve/runner"
	"docserve/runner/sphinx"
)

// Options configure an Engine. Of the runner's it uses all but NoFork, Audit and
// Quiet, which are about workers; of those, the same are required. Jobs is
// Sphinx's -j, and 0 is one process.
type Options struct {
	runner.Options
	KeepGoing          bool // --keep-going
	ExceptionOnWarning bool // --exception-on-warning; Strict says -W

	// Terminal is what the debugger (--pdb) talks to; nil is no debugger. Lend is
	// called before Sphinx gets it, and what it returns when it is given back.
	Terminal *os.File
	Lend     func() (back func())
}

// defaultTimeout is the worker's: what counts is the time without progress.
const defaultTimeout = 60 * time.Second

// complete puts in what was left out.
func (o *Options) complete() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Reporter == nil {
		o.Reporter = silent{}
	}
	if o.Generated == nil {
		o.Generated = runner.Nothing
	}
	if o.Lend == nil {
		o.Lend = func() func() { return func() {} }
	}
}

// code says whose code is whose.
func (o *Options) code(driver string, extensions []string) sphinx.Code {
	return sphinx.Code{Driver: driver, Project: []string{o.Sphinx.Source, o.Sphinx.Config}, Extensions: extensions}
}

// silent reports to nobody.
type silent struct{}

func (silent) Progress(runner.Progress)   {}
func (silent) Visible(runner.Build)       {}
func (silent) Built(runner.Build)         {}
func (silent) Diagnose(runner.Diagnostic) {}

// arguments are those of sphinx-build for one build, which writes its warnings
// to a file.
func (o *Options) arguments(p plan, warnings string) []string {
	site := o.Sphinx
	args := sphinxbuild.Build{
		Source: site.Source, Config: site.Config, Builder: site.Builder, Doctrees: site.Doctrees, Warnings: warnings,
		Tags: site.Tags, Defines: site.Defines, HTMLDefines: site.HTMLDefines,
	}.Arguments()
	for range site.Verbosity {
		args = append(args, "-v")
	}
	if o.Jobs > 1 {
		args = append(args, "-j", strconv.Itoa(o.Jobs))
	}
	for _, option := range []struct {
		given bool
		name  string
	}{
		{site.Nitpicky, "-n"}, {o.Strict, "-W"}, {o.KeepGoing, "--keep-going"},
		{o.ExceptionOnWarning, "--exception-on-warning"}, {o.Traceback, "-T"},
		{o.Terminal != nil, "-P"}, {o.Terminal == nil, "-N"},
		{p.all && len(o.Filenames) == 0, "-a"}, {p.fresh, "-E"}, // Sphinx takes no -a with file names
	} {
		if option.given {
			args = append(args, option.name)
		}
	}
	return append(append(args, site.Source, site.Output), o.Filenames...)
}
