package serve

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"docserve/internal/config"
	"docserve/internal/digest"
	"docserve/runner"
	"docserve/runner/generate"
	"docserve/runner/generate/kinds"
	"docserve/watch"
)

// Generation says what is generated before anything is built.
type Generation struct {
	Config     config.Config // as it is at the start
	Candidates []string      // files that the configuration may be in
	Load       func() (config.Config, error)
	NoTouch    bool // leave the times of documents alone
	Jobs       int
}

// Kinds returns the names of the kinds of structured content of a project.
func Kinds(dir string, s config.Structured) []string {
	if s.Templates != "" && !filepath.IsAbs(s.Templates) {
		s.Templates = filepath.Join(dir, filepath.FromSlash(s.Templates))
	}
	return kinds.Names(generate.KindOptions{Project: dir, Templates: s.Templates})
}

// kind returns the maker of one of them.
func kind(name string, o generate.KindOptions) (generate.Kind, error) {
	k, err := kinds.New(name, o)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// WriteExtension writes the Sphinx extension that adds structured content to pages
// into a directory, which is made if it is not there, and returns its path.
func WriteExtension(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("write the extension: %w", err)
	}
	path := filepath.Join(dir, kinds.ExtensionName)
	if err := os.WriteFile(path, kinds.Extension, 0o666); err != nil {
		return "", fmt.Errorf("write the extension: %w", err)
	}
	return path, nil
}

// NewStage makes what stands between a watcher and an engine. Needed returns the
// files that somebody waits for.
func NewStage(opts Options, watcher *watch.Watcher, needed func() []string) (*generate.Stage, error) {
	g, generator := opts.Generation, generatorOptions(opts, watcher)
	if g.Load == nil {
		g.Load = func() (config.Config, error) { return generator.Config, nil }
	}
	generator.Needed = needed
	return generate.NewStage(generate.StageOptions{
		Watcher: watcher, Generator: generator, Candidates: g.Candidates, Load: g.Load, Logger: opts.Logger,
	})
}

func generatorOptions(opts Options, watcher *watch.Watcher) generate.Options {
	sphinx, g := opts.Runner.Sphinx, opts.Generation
	if g.Config.Dir == "" {
		g.Config.Dir = sphinx.Source
	}
	return generate.Options{
		Config: g.Config, Source: sphinx.Source, State: State(sphinx.Doctrees),
		Closed: []string{sphinx.Output, sphinx.Doctrees}, Kind: kind, Skip: watcher.Ignores,
		Jobs: g.Jobs, Timeout: opts.Runner.Timeout, NoTouch: g.NoTouch, Logger: opts.Logger,
	}
}

// GenerateOptions are what a run of the rules alone wants beside Options.
type GenerateOptions struct {
	Check bool // change nothing
	Adopt bool // overwrite what docserve has not written
}

// Generate applies the rules once, without serving or building anything.
func Generate(ctx context.Context, opts Options, wants GenerateOptions) (generate.Result, []runner.Diagnostic, error) {
	watcher, err := watch.New(watchOptions(opts)) // which knows what is ignored; it does not run
	if err != nil {
		return generate.Result{}, nil, err
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	options := generatorOptions(opts, watcher)
	options.Check, options.Adopt = wants.Check, wants.Adopt
	g, err := generate.New(options)
	if err == nil {
		err = g.Open(ctx)
	}
	if err != nil {
		return generate.Result{}, nil, err
	}
	result, err := g.Run(ctx, nil)
	if saved := g.Save(); err == nil {
		err = saved
	}
	return result, diagnostics(g.Diagnostics()), err
}

// Generated is a stage as engines see it.
func Generated(stage *generate.Stage) runner.Generated { return generated{stage} }

type generated struct{ stage *generate.Stage }

func (g generated) Diagnostics() []runner.Diagnostic { return diagnostics(g.stage.Diagnostics()) }

func (g generated) News() <-chan struct{} { return g.stage.News() }

func (g generated) Origin(path string, line int) (source string, at int, ok bool) {
	found, ok := g.stage.Origin(path, line)
	return found.Path, found.Line, ok
}

func (g generated) Declared(source string) map[string]digest.Digest { return g.stage.Declared(source) }

func (g generated) Dependents(file string) []string { return g.stage.Dependents(file) }

func (g generated) Revision() int {
	_, revision := g.stage.Config()
	return revision
}

// diagnostics gives those of rules the form of all others.
func diagnostics(given []generate.Diagnostic) []runner.Diagnostic {
	var all []runner.Diagnostic
	for _, d := range given {
		severity := runner.Warning
		if d.Severity == generate.Error {
			severity = runner.Error
		}
		path := d.Path
		if path != "" {
			path = filepath.Clean(path)
		}
		all = append(all, runner.Diagnostic{
			Severity: severity, Path: path, Line: d.Line, Column: d.Column,
			Message: d.Message, Hint: d.Hint, Category: runner.RuleCategory,
		})
	}
	return all
}

// Config returns the configuration that is in force.
func (s *Server) Config() config.Config {
	c, _ := s.stage.Config()
	return c
}
