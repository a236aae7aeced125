// Docserve shows documentation written with Sphinx in the browser while it is
// being written: a save is on the screen in about a tenth of a second, and what
// it shows is what a clean build would write.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/charmbracelet/log"

	"docserve/internal/cli"
	"docserve/internal/config"
	"docserve/internal/demo"
	"docserve/internal/editor"
	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/serve"
	"docserve/internal/terminal"
	"docserve/runner"
	"docserve/runner/sphinx"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes, as sphinx-build has them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, stdin *os.File, stdout, stderr *os.File) int {
	started := time.Now()
	// The first interrupt ends docserve in order; then the signal is the
	// system's again, and a second one kills.
	ctx, stop := signal.NotifyContext(ctx, endings()...)
	defer stop()
	context.AfterFunc(ctx, stop)

	err := execute(ctx, args, started, stdin, stdout, stderr)
	var (
		usage    *cli.UsageError
		mistakes *config.Error
	)
	switch {
	case errors.Is(err, errDifferent), errors.Is(err, errProblems), errors.Is(err, errNotGenerated):
		return exitFailed // it has said so
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return exitOK
	case errors.As(err, &usage), errors.As(err, &mistakes):
		fmt.Fprintf(stderr, "docserve: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "docserve: %v\n", err)
	return exitFailed
}

// endings are the signals that end docserve in order. A terminal that is closed
// says SIGHUP, unless docserve was started with nohup.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

func execute(ctx context.Context, args []string, started time.Time, stdin, stdout, stderr *os.File) error {
	command, err := cli.Parse(args, stdout)
	if err != nil {
		return err
	}
	if wants := command.Generate; wants != nil && wants.Schema {
		_, err := stdout.Write(config.Schema(known()))
		return err
	} else if wants != nil && wants.Extension != "" {
		return writeExtension(wants.Extension, stdout)
	}
	command, c, err := configure(command)
	if err != nil {
		return err
	}
	switch command.Name {
	case cli.Serve:
		return serveProject(ctx, command.Serve, c, started, stdin, stdout, stderr)
	case cli.Demo:
		return serveDemo(ctx, command, started, stdin, stdout, stderr)
	case cli.Verify:
		return verifyProject(ctx, command, c, started, stderr)
	case cli.Generate:
		return generate(ctx, command, c, stdout, stderr)
	case cli.Doctor:
		return examine(ctx, command.Serve, started)
	case cli.Graph:
		return inquire(ctx, command, started, stdout, stderr)
	}
	return nil
}

// demoDir is where the sample project goes when nothing is said.
const demoDir = "docserve-demo"

// serveDemo writes the sample project and serves it.
func serveDemo(ctx context.Context, command *cli.Command, started time.Time, stdin, stdout, stderr *os.File) error {
	dir := command.Demo.Dir
	if dir == "" {
		dir = demoDir
	}
	created, err := demo.Write(dir)
	if err != nil {
		return err
	}
	if created {
		fmt.Fprintf(stdout, "wrote a sample project to %s\n", dir)
	}
	fmt.Fprintf(stdout, "edit %s and save: the page changes while you look at it\n", filepath.Join(dir, demo.Edit))
	options := *command.Serve
	options.Source = dir
	c, err := findConfiguration(&options, false)
	if err != nil {
		return err
	}
	return serveProject(ctx, &options, c, started, stdin, stdout, stderr)
}

// serveProject serves until the context ends.
func serveProject(ctx context.Context, o *cli.ServeOptions, c configuration, started time.Time, stdin, stdout, stderr *os.File) error {
	p, err := findProject(o)
	if err != nil {
		return err
	}
	if o.ExplainIgnore != "" {
		return explain(serveOptions(o, p, c, python.Interpreter{}, nil, newLogger(stderr, o), started), o.ExplainIgnore, stdout)
	}
	keys := terminal.NewKeys(stdin)
	if o.Debugger {
		if !keys.Usable() {
			return &cli.UsageError{Message: "-P/--pdb needs a terminal: standard input is none, or docserve runs in its background"}
		}
		keys = terminal.NoKeys() // they are for the debugger
	}
	view, err := newTerminal(o, p, keys)
	if err != nil {
		return err
	}
	defer view.Close()
	logger := newLogger(view.Writer(), o)
	listener, err := serve.Listen(o.Host, o.Port, o.PortSet)
	if err != nil {
		return err
	}
	defer listener.Close()
	interpreter, err := findPython(ctx, o, p, logger)
	if err != nil {
		return err
	}
	reporter := &reporter{Terminal: view}
	options := serveOptions(o, p, c, interpreter, reporter, logger, started)
	options.Listener, options.Public = listener, public(o, listener)
	if o.Debugger {
		options.Plain.Terminal, options.Plain.Lend = stdin, func() func() { return view.Lend(stdin) }
	}
	server, err := serve.New(options)
	if err != nil {
		return err
	}
	reporter.after = afterwards(ctx, server, view)
	banner := newBanner(o, p, interpreter, options)
	view.Serving(banner)
	return attend(ctx, server, view, o, banner.URL, keys)
}

// findProject finds out where everything is.
func findProject(o *cli.ServeOptions) (project.Project, error) {
	return project.Find(projectOptions(o))
}

func projectOptions(o *cli.ServeOptions) project.Options {
	return project.Options{
		Source: o.Source, Output: o.Output, Builder: o.Builder, MakeMode: o.MakeMode, Doctrees: o.Doctrees,
		ConfDir: o.ConfDir, NoConfig: o.NoConfig, WarningFile: o.WarningFile, Watch: o.Watch, Filenames: o.Filenames,
	}
}

// newTerminal makes what tells a person how it goes.
func newTerminal(o *cli.ServeOptions, p project.Project, keys *terminal.Keys) (*terminal.Terminal, error) {
	options := terminal.Standard(o.Color, os.Getenv)
	options.Verbose, options.Quiet, options.Silent = o.Verbose, o.Quiet, o.Silent
	options.JSON = o.LogFormat == "json"
	options.WarningFile = p.WarningFile
	options.Keys = keys.Usable()
	if dir, err := os.Getwd(); err == nil {
		options.WorkDir = dir
	}
	return terminal.New(options)
}

// attend runs the server, and does what keys ask for.
func attend(ctx context.Context, server *serve.Server, view *terminal.Terminal, o *cli.ServeOptions, url string, keys *terminal.Keys) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	open := func() {
		if err := terminal.OpenBrowser(ctx, url, os.Getenv); err != nil {
			view.Diagnose(runner.Diagnostic{Severity: runner.Warning, Message: err.Error()})
		}
	}
	if o.OpenBrowser {
		go func() {
			select {
			case <-server.Engine().FirstPage():
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(o.Delay):
				open()
			case <-ctx.Done():
			}
		}()
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := keys.Run(ctx); err != nil {
			view.Diagnose(runner.Diagnostic{Severity: runner.Warning, Message: err.Error()})
		}
	}()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case action := <-keys.Actions():
				switch action {
				case terminal.Rebuild:
					server.Engine().Rebuild(ctx)
				case terminal.Open:
					open()
				case terminal.ShowWarnings:
					view.Warnings()
				case terminal.Verify:
					startVerify(server, view)
				case terminal.Quit:
					quit()
				}
			}
		}
	}()
	err := server.Run(ctx)
	quit()
	<-ended
	return err
}

// findPython finds the interpreter, or makes one.
func findPython(ctx context.Context, o *cli.ServeOptions, p project.Project, logger *slog.Logger) (python.Interpreter, error) {
	options := python.Options{Explicit: o.Python, SourceDir: p.Source, Logger: logger}
	found, err := python.Find(ctx, options)
	var none *python.NotFoundError
	if err == nil || o.Python != "" || o.NoVenv || !errors.As(err, &none) {
		return found, err
	}
	made, failed := python.Ensure(ctx, python.EnsureOptions{Options: options, Say: func(text string) { logger.Warn(text) }})
	if failed != nil {
		return python.Interpreter{}, errors.Join(err, failed)
	}
	return made, nil
}

// serveOptions turns what was typed into what the rooms want to know.
func serveOptions(o *cli.ServeOptions, p project.Project, c configuration, interpreter python.Interpreter, reporter runner.Reporter, logger *slog.Logger, started time.Time) serve.Options {
	options := serve.Options{
		Runner: runner.Options{
			Sphinx: sphinx.Options{
				Source: p.Source, Config: p.ConfDir, Output: p.Output, Doctrees: p.Doctrees, Builder: p.Builder,
				Fresh: o.FreshEnv, Tags: o.Tags, Defines: o.Defines, HTMLDefines: o.HTMLDefines, Nitpicky: o.Nitpicky, Verbosity: o.Verbose,
			},
			Python: interpreter.Path, Filenames: p.Filenames, WriteAll: o.WriteAll, NoInitial: o.NoInitial,
			Strict: o.FailOnWarning || o.ExceptionOnWarning, NoFork: o.NoFork, Audit: o.Audit, Jobs: o.Jobs, Timeout: o.BuildTimeout, Traceback: o.Traceback,
			Started: started, Reporter: reporter, Logger: logger,
			Claim: p.Claim,
			Advise: func(ctx context.Context, message string) string {
				return python.Advise(ctx, interpreter.Path, p.ConfDir, message)
			},
		},
		Watch: serve.WatchOptions{
			Also: p.Watch, Ignore: ignored(o, p), ReIgnore: o.ReIgnore, Quiet: o.Debounce, Poll: o.Poll, PollEvery: o.PollEvery,
		},
		Generation: serve.Generation{Config: c.Config, Candidates: c.candidates, Load: c.load, NoTouch: o.NoTouch, Jobs: o.Jobs},
		PreBuild:   o.PreBuild, PostBuild: o.PostBuild,
		Host: o.Host, AllowedHosts: o.AllowedHosts, Version: cli.VersionText(), Logger: logger,
		Follow: o.Follow, NoHighlight: o.NoHighlight,
	}
	if o.Editor != nil {
		options.Editor = *o.Editor
	} else {
		options.Editor, options.EditorGuess = editor.Guess(os.Getenv), true
	}
	if plain, _ := o.Plain(); plain {
		options.Plain = &serve.Plain{KeepGoing: o.KeepGoing, ExceptionOnWarning: o.ExceptionOnWarning}
	}
	return options
}

// ignored is what was said to be ignored, and the file that docserve itself
// writes warnings to, which may lie among the sources.
func ignored(o *cli.ServeOptions, p project.Project) []string {
	if p.WarningFile == "" {
		return o.Ignore
	}
	return append(slices.Clone(o.Ignore), p.WarningFile, p.WarningFile+"*~")
}

// afterwards returns what runs the commands after a build, and reports their
// failures.
func afterwards(ctx context.Context, server *serve.Server, view *terminal.Terminal) func() {
	return func() {
		if err := server.After(ctx); err != nil && ctx.Err() == nil {
			view.Diagnose(runner.Diagnostic{Severity: runner.Error, Message: err.Error()})
		}
	}
}

// reporter is the terminal, and runs --post-build after a build without failures.
type reporter struct {
	*terminal.Terminal
	after func()
}

func (r *reporter) Built(b runner.Build) {
	r.Terminal.Built(b)
	if !b.Failed {
		go r.after()
	}
}

// explain says which rule ignores a path.
func explain(options serve.Options, path string, stdout io.Writer) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	ruling, err := serve.Explain(options)
	if err != nil {
		return err
	}
	rule := ruling(absolute)
	if rule == "" {
		rule = "watched"
	}
	_, err = fmt.Fprintf(stdout, "%s: %s\n", path, rule)
	return err
}

// newLogger returns the log for docserve's own affairs; what the documentation
// needs is said by the terminal.
func newLogger(stderr io.Writer, o *cli.ServeOptions) *slog.Logger {
	level := log.WarnLevel
	switch {
	case o.Silent:
		level = log.FatalLevel
	case o.Verbose > 1:
		level = log.DebugLevel
	case o.Verbose > 0:
		level = log.InfoLevel
	}
	handler := log.NewWithOptions(stderr, log.Options{Level: level, ReportTimestamp: true, TimeFormat: time.TimeOnly})
	if o.LogFormat == "json" {
		handler.SetFormatter(log.JSONFormatter)
	}
	return slog.New(handler)
}
