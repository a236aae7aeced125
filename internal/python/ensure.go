package python

import (
	"context"
	_ "embed"
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

// Made returns what Ensure would return, if that has been made already. It makes
// nothing.
func Made(ctx context.Context, opts EnsureOptions) (Interpreter, bool) {
	environment := Environment{Name: "venv", Requirements: requirements, CacheDir: opts.CacheDir}
	base, err := baseInterpreter(ctx, opts.Options.complete(), environment.Versions)
	if err != nil {
		return Interpreter{}, false
	}
	home, err := environment.home(base)
	if err != nil || !environment.complete(ctx, home) {
		return Interpreter{}, false
	}
	found, err := environment.interpreter(ctx, base, interpreterIn(home))
	return found, err == nil
}
