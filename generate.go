package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"docserve/internal/cli"
	"docserve/internal/config"
	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/running"
	"docserve/internal/serve"
	"docserve/internal/terminal"
	"docserve/runner"
	rules "docserve/runner/generate"
)

// configuration is a project's configuration file, and how it is read again.
type configuration struct {
	config.Config
	candidates []string
	load       func() (config.Config, error)
}

// known is what a configuration may name.
func known() config.Known {
	return config.Known{Settings: cli.Settings(), Kinds: serve.Kinds}
}

// configure reads the configuration of the project that a command is about, and
// adds its options to those that were typed.
func configure(command *cli.Command) (*cli.Command, configuration, error) {
	if command.Serve == nil || command.Name == cli.Demo {
		return command, configuration{}, nil
	}
	c, err := findConfiguration(command.Serve, command.Name == cli.Graph)
	if err != nil {
		return command, c, err
	}
	command, err = command.With(c.Options)
	if err != nil {
		err = fmt.Errorf("with the options of %s: %w", c.Path, err)
	}
	return command, c, err
}

// findConfiguration reads the configuration of the project that options are about.
// Above says that it may be above the current directory. Where it is, if it is not
// where they say, others will tell.
func findConfiguration(o *cli.ServeOptions, above bool) (configuration, error) {
	where := projectOptions(o)
	where.Above = above
	p, _ := project.Find(where)
	if p.Source == "" {
		return configuration{}, nil
	}
	c := configuration{candidates: config.Candidates(p.ConfDir, p.Source)}
	c.load = func() (config.Config, error) { return config.Load(c.candidates, p.Source, known()) }
	var err error
	c.Config, err = c.load()
	return c, err
}

// errNotGenerated makes the exit code; what is wrong, or would change, has been
// printed.
var errNotGenerated = errors.New("not all is generated")

// generate applies the project's rules, without serving or building anything.
func generate(ctx context.Context, command *cli.Command, c configuration, stdout, stderr *os.File) error {
	o, wants := command.Serve, command.Generate
	p, err := findProject(o)
	if err != nil {
		return err
	}
	if server, ok := running.Find(ctx, serve.State(p.Doctrees)); ok && !wants.Check {
		return fmt.Errorf("a docserve is running for this project (%s), and generates by itself; end it first, or use --check", server.URL)
	}
	view, err := newView(o)
	if err != nil {
		return err
	}
	defer view.Close()
	options := serveOptions(o, p, c, python.Interpreter{}, nil, newLogger(stderr, o), time.Now())
	result, wrong, err := serve.Generate(ctx, options, serve.GenerateOptions{Check: wants.Check, Adopt: wants.Adopt})
	if err != nil {
		return err
	}
	failed := false
	for _, d := range wrong {
		view.Diagnose(d)
		failed = failed || d.Severity == runner.Error
	}
	if err := tellChanges(stdout, result.Changes, wants.Check, o.Quiet || o.Silent); err != nil {
		return err
	}
	if failed || wants.Check && len(result.Changes) > 0 {
		return errNotGenerated
	}
	return nil
}

// writeExtension writes the Sphinx extension that a project has a copy of, and says
// how to use it.
func writeExtension(dir string, stdout io.Writer) error {
	path, err := serve.WriteExtension(dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "wrote %s; conf.py needs its directory on sys.path, and docserve_pages in extensions\n", path)
	return err
}

// newView makes what prints diagnostics of a command that serves nothing.
func newView(o *cli.ServeOptions) (*terminal.Terminal, error) {
	options := terminal.Standard(o.Color, os.Getenv)
	options.Quiet, options.Silent, options.JSON, options.Verbose = o.Quiet, o.Silent, o.LogFormat == "json", o.Verbose
	if dir, err := os.Getwd(); err == nil {
		options.WorkDir = dir
	}
	return terminal.New(options)
}

// tellChanges says what was changed, one file a line, or would be.
func tellChanges(w io.Writer, changes []rules.Change, check, quiet bool) error {
	if quiet {
		return nil
	}
	write, remove := "wrote", "removed"
	if check {
		write, remove = "would write", "would remove"
	}
	dir, err := os.Getwd()
	if err != nil {
		dir = ""
	}
	for _, c := range changes {
		name, verb := c.Path, write
		if c.After.IsZero() {
			verb = remove
		}
		if shorter, err := filepath.Rel(dir, name); err == nil && len(shorter) < len(name) {
			name = shorter
		}
		if _, err := fmt.Fprintf(w, "%s %s\n", verb, name); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		_, err = fmt.Fprintln(w, "nothing to change")
	}
	return err
}
