package verify

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"docserve/internal/proc"
	"docserve/internal/sphinxbuild"
)

// Build says how sphinx-build is called. Python, Source and Builder are
// required.
type Build struct {
	Python      string
	Source      string
	Config      string // directory of conf.py; "" is -C
	Builder     string
	Tags        []string
	Defines     []string // -D, as typed
	HTMLDefines []string // -A, as typed
	Nitpicky    bool
	WorkDir     string // "" is the current one
}

// The names of what a clean build leaves in its directory.
const (
	pages    = "html"
	doctrees = "doctrees"
	warnings = "warnings"
)

// arguments are those of sphinx-build. The order of reading is part of what a
// build means, so it is serial.
func (b Build) arguments(dir string) []string {
	args := append([]string{"-q", "-N", "-j", "1"}, sphinxbuild.Build{
		Source: b.Source, Config: b.Config, Builder: b.Builder,
		Doctrees: filepath.Join(dir, doctrees), Warnings: filepath.Join(dir, warnings),
		Tags: b.Tags, Defines: b.Defines, HTMLDefines: b.HTMLDefines,
	}.Arguments()...)
	if b.Nitpicky {
		args = append(args, "-n")
	}
	return append(args, b.Source, filepath.Join(dir, pages))
}

// lastWords is how much of what a failed build has printed is told, in bytes:
// Sphinx's description of an exception.
const lastWords = 2000

// run makes the clean build in dir. It has the same environment as the workers,
// and lets them, and everybody else, go first.
func (b Build) run(ctx context.Context, dir string) error {
	result, err := proc.Run(ctx, proc.Spec{
		Name: "sphinx-build", Argv: append([]string{b.Python, "-m", "sphinx"}, b.arguments(dir)...), Dir: b.WorkDir, Nice: true,
	})
	if err != nil {
		return err
	}
	if result.ExitCode != 0 {
		said := bytes.TrimSpace(result.Output)
		return &UnbuildableError{fmt.Sprintf("the clean build failed: %s\n%s", result.Exit, said[max(0, len(said)-lastWords):])}
	}
	return nil
}
