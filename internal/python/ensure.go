package python

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"docserve/internal/proc"
)

// The requirements are written by the command that they begin with, from
// sphinx.in beside them.
//
//go:embed requirements/sphinx.txt
var requirements []byte

// EnsureOptions say with what, and where, Ensure makes an environment. The zero
// EnsureOptions use the first Python on PATH and the user's cache directory.
type EnsureOptions struct {
	Options
	CacheDir string       // "" is docserve's directory in the user's cache
	Say      func(string) // told, in a sentence, before anything that takes long; nil is not
}

// Ensure returns the interpreter of docserve's own virtual environment, with
// Sphinx in it, and makes that environment if it is not there yet: by "python -m
// venv" and by pip, from requirements with hashes. That takes some ten seconds
// and the network, once.
func Ensure(ctx context.Context, opts EnsureOptions) (Interpreter, error) {
	environment := Environment{Name: "venv", Requirements: requirements, CacheDir: opts.CacheDir, Say: opts.Say}
	return environment.Make(ctx, opts.Options)
}

// baseInterpreter finds a Python to make an environment with: the explicit one,
// or the first on PATH that is new enough, the plain names first. Where some
// cannot make environments, one that can is preferred.
func baseInterpreter(ctx context.Context, opts Options, oldest [2]int) (facts, error) {
	var fallback *facts
	failure := NoBaseError{Oldest: oldest}
	for _, c := range bases(opts) {
		f, err := probe(ctx, c.path)
		if ctx.Err() != nil {
			return facts{}, fmt.Errorf("find a Python: %w", context.Cause(ctx))
		}
		if isShim(c.path) && f.Executable != "" {
			c.path = f.Executable
		}
		f.path = c.path
		switch {
		case err != nil:
			failure.Tried = append(failure.Tried, Attempt{c.path, c.why, err.Error()})
		case older(f.Version, oldest):
			failure.Tried = append(failure.Tried, Attempt{c.path, c.why, fmt.Sprintf("Python %s is too old", f.Version)})
		case f.Venv:
			return f, nil
		case fallback == nil:
			fallback = &f
		}
	}
	if fallback != nil {
		return *fallback, nil // make says what to install
	}
	return facts{}, &failure
}

func bases(opts Options) []candidate {
	if opts.Explicit != "" {
		return []candidate{explicit(opts)}
	}
	var list []candidate
	for _, name := range []string{"python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9"} {
		if path := proc.Executable(name, opts.Env("PATH")); path != "" {
			list = append(list, candidate{path: path, why: name + " on PATH"})
		}
	}
	return list
}

// NoBaseError says that there is no Python to make an environment with.
type NoBaseError struct {
	Oldest [2]int // the version that would do
	Tried  []Attempt
}

func (e *NoBaseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "find a Python %d.%d or later to make an environment with: install one", e.Oldest[0], e.Oldest[1])
	for _, attempt := range e.Tried {
		fmt.Fprintf(&b, "\n  %s (%s): %s", attempt.Path, attempt.Why, attempt.Fate)
	}
	return b.String()
}
