package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"time"

	"docserve/internal/cli"
	"docserve/internal/doctor"
	"docserve/internal/python"
	"docserve/internal/serve"
	"docserve/internal/terminal"
)

// errProblems makes the exit code; the problems have been printed.
var errProblems = errors.New("there are problems")

// examine finds out whether everything is there that serve needs, and reports.
func examine(ctx context.Context, o *cli.ServeOptions, started time.Time) error {
	if o.ExplainIgnore != "" {
		return &cli.UsageError{Message: "doctor explains no rules", Hint: "docserve serve --explain-ignore does"}
	}
	options := terminal.Standard(o.Color, os.Getenv)
	options.Quiet, options.Silent, options.JSON = o.Quiet, o.Silent, o.LogFormat == "json"
	view, err := terminal.New(options)
	if err != nil {
		return err
	}
	defer view.Close()
	report := doctor.Gather(ctx, doctorOptions(o, started, view)).Report()
	if ctx.Err() != nil {
		return errInterrupted
	}
	view.Examined(report)
	if report.Problems > 0 {
		return errProblems
	}
	return nil
}

// doctorOptions turns what was typed into what the doctor asks. What is wrong
// with the project is the doctor's to say.
func doctorOptions(o *cli.ServeOptions, started time.Time, view *terminal.Terminal) doctor.Options {
	p, err := findProject(o)
	options := doctor.Options{
		Version: cli.VersionText(), Project: p, ProjectErr: err,
		Python: python.Options{Explicit: o.Python, SourceDir: p.Source}, NoVenv: o.NoVenv, NoFork: o.NoFork,
		Tags: o.Tags, Defines: o.Defines, HTMLDefines: o.HTMLDefines, Nitpicky: o.Nitpicky,
		Host: o.Host, Port: o.Port, PortSet: o.PortSet,
		Listen:      func() (net.Listener, error) { return serve.Listen(o.Host, o.Port, o.PortSet) },
		OpenBrowser: o.OpenBrowser, Browser: terminal.Browser(os.Getenv),
		Step: view.Step,
	}
	if p.Doctrees != "" {
		options.State = serve.State(p.Doctrees)
	}
	if p.Source != "" {
		// An error is about a pattern, with which serve would not start.
		ignored, err := serve.Explain(serveOptions(o, p, configuration{}, python.Interpreter{}, nil, slog.New(slog.DiscardHandler), started))
		if err != nil && options.ProjectErr == nil {
			options.ProjectErr = err
		}
		options.Ignored = ignored
	}
	return options
}
