package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"docserve/internal/cli"
	"docserve/internal/project"
	"docserve/internal/running"
	"docserve/internal/serve"
	"docserve/internal/terminal"
	"docserve/internal/verify"
	"docserve/runner"
)

var (
	// errDifferent makes the exit code; the differences have been printed.
	errDifferent = errors.New("different from a clean build")
	// errInterrupted is no success: nothing is known.
	errInterrupted = errors.New("interrupted")
)

// verifyProject compares the output directory with a clean build: by asking the
// docserve that runs for it, or, if there is none, after bringing it up to date.
func verifyProject(ctx context.Context, command *cli.Command, c configuration, started time.Time, stderr io.Writer) error {
	o := command.Serve
	p, err := findProject(o)
	if err != nil {
		return err
	}
	if o.ExplainIgnore != "" {
		return &cli.UsageError{Message: "verify explains no rules", Hint: "docserve serve --explain-ignore does"}
	}
	options := terminal.Standard(o.Color, os.Getenv)
	options.Quiet, options.Silent, options.JSON, options.Verbose = o.Quiet, o.Silent, o.LogFormat == "json", o.Verbose
	view, err := terminal.New(options)
	if err != nil {
		return err
	}
	defer view.Close()
	var report verify.Report
	if server, ok := running.Find(ctx, serve.State(p.Doctrees)); ok {
		if server.Output != p.Output {
			return fmt.Errorf("a docserve that is running (%s) uses the doctrees in %s for another output directory, %s", server.URL, p.Doctrees, server.Output)
		}
		report, err = askToVerify(ctx, server, command.Verify.Keep, view)
	} else {
		report, err = verifyAlone(ctx, o, p, c, command.Verify.Keep, started, view)
	}
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case err != nil:
		return fmt.Errorf("not verified: %w", err)
	}
	view.Answer(report)
	if !report.Equal {
		return errDifferent
	}
	return nil
}

// verifyAlone builds without serving until all is settled, and compares.
func verifyAlone(ctx context.Context, o *cli.ServeOptions, p project.Project, c configuration, keep bool, started time.Time, view *terminal.Terminal) (report verify.Report, err error) {
	logger := newLogger(view.Writer(), o)
	interpreter, err := findPython(ctx, o, p, logger)
	if err != nil {
		return report, err
	}
	server, err := serve.New(serveOptions(o, p, c, interpreter, quietly{view}, logger, started))
	if err != nil {
		return report, err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		defer stop() // what ends by itself ends the comparison too
		ended <- server.Run(running)
	}()
	report, err = server.Verify(running, keep, func(step verify.Step) { view.Step(string(step)) })
	stop()
	if trouble := <-ended; trouble != nil {
		return report, trouble
	}
	return report, err
}

// quietly shows progress, and of the builds nothing: what matters is in the
// report.
type quietly struct{ *terminal.Terminal }

func (quietly) Visible(runner.Build) {}
func (quietly) Built(runner.Build)   {}

// often is how often the server is asked for its answer, which takes seconds.
const often = 200 * time.Millisecond

// askToVerify has a server that is running compare what it serves.
func askToVerify(ctx context.Context, server running.Server, keep bool, view *terminal.Terminal) (verify.Report, error) {
	path := "verify"
	if keep {
		path += "?keep=1"
	}
	var answer verify.Answer
	if err := server.Ask(ctx, http.MethodPost, path, &answer); err != nil {
		return verify.Report{}, err
	}
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	for {
		view.Step(string(answer.Step))
		select {
		case <-ctx.Done():
			// What was started for us is ended for us.
			farewell, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			return verify.Report{}, errors.Join(ctx.Err(), server.Ask(farewell, http.MethodDelete, "verify", nil))
		case <-ticker.C:
		}
		answer = verify.Answer{}
		if err := server.Ask(ctx, http.MethodGet, "verify", &answer); err != nil && ctx.Err() == nil {
			return verify.Report{}, err
		}
		switch {
		case ctx.Err() != nil || answer.Running:
		case answer.Error != "":
			return verify.Report{}, errors.New(answer.Error)
		case answer.Report != nil:
			return *answer.Report, nil
		}
	}
}

// startVerify is the key v.
func startVerify(server *serve.Server, view *terminal.Terminal) {
	switch err := server.StartVerify(func(report verify.Report, err error) {
		if !errors.Is(err, context.Canceled) {
			view.Verified(report, err)
		}
	}); {
	case err != nil:
		view.Verified(verify.Report{}, err)
	default:
		view.Verifying()
	}
}
