// Package python finds the Python interpreter whose Sphinx builds the user's
// documentation, makes one where there is none, and says in words what is
// missing and which command installs it.
//
// It owns the order in which interpreters are considered and docserve's own
// virtual environments in the user's cache directory. It refuses to change any
// environment that it did not make.
package python

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Interpreter is a Python that can import Sphinx.
type Interpreter struct {
	Path    string // absolute
	Why     string // why this one, in words: "active virtual environment (VIRTUAL_ENV)"
	Version string // of Python: "3.11.7"
	Sphinx  string // version of Sphinx: "9.0.4"
}

// Options say where to look. The zero Options look around the current directory.
type Options struct {
	Explicit  string              // path or name of the interpreter, or a virtual environment; "" searches
	SourceDir string              // of the documentation; "" is the current directory
	Env       func(string) string // nil is os.Getenv
	Logger    *slog.Logger        // nil discards
}

// Attempt is an interpreter that was considered and not taken.
type Attempt struct {
	Path string // of the interpreter; where there is none, of what should have led to it
	Why  string // why it was considered
	Fate string // why it was not taken: "Python 3.11.7 without Sphinx"
	Said string // the last line that it printed, where that may say more; whatever it is
}

func (a Attempt) String() string {
	text := fmt.Sprintf("%s (%s): %s", a.Path, a.Why, a.Fate)
	if a.Said != "" {
		text += ": " + a.Said
	}
	return text
}

// attempt tells how the probe of a candidate failed.
func attempt(c candidate, err error) Attempt {
	var broken *brokenError
	if errors.As(err, &broken) {
		return Attempt{c.path, c.why, broken.reason, broken.said}
	}
	return Attempt{c.path, c.why, err.Error(), ""}
}

// NotFoundError says which interpreters were considered and what to install.
type NotFoundError struct {
	Tried   []Attempt
	Install []string // commands, to be run in this order
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	if len(e.Tried) == 0 {
		b.WriteString("find a Python with Sphinx: there is no Python on PATH")
	} else {
		b.WriteString("find a Python with Sphinx: none of these has it")
	}
	for _, attempt := range e.Tried {
		fmt.Fprintf(&b, "\n  %s", attempt)
	}
	if len(e.Install) > 0 {
		b.WriteString("\nTo install it:")
	}
	if len(e.Install) == 0 {
		fmt.Fprintf(&b, "\nInstall Python %d.%d or later first.", oldestPython[0], oldestPython[1])
	}
	for _, command := range e.Install {
		b.WriteString("\n  " + command)
	}
	return b.String()
}

// Find returns the first interpreter that can import a Sphinx that docserve
// works with: the explicit one, that of an active virtual or conda environment,
// of a .venv or venv beside or above the sources, the one behind sphinx-build on
// PATH, python3, python. An explicit one is never passed over.
//
// The error is a *NotFoundError, unless ctx is done.
func Find(ctx context.Context, opts Options) (Interpreter, error) {
	found, _, err := Search(ctx, opts)
	return found, err
}

// Search does what Find does, and also returns the interpreters that were passed
// over, in the order in which they were considered.
func Search(ctx context.Context, opts Options) (Interpreter, []Attempt, error) {
	opts = opts.complete()
	var (
		failure NotFoundError
		probes  []facts // of the interpreters that answered, in order
		seen    = map[string]bool{}
	)
	for _, c := range candidates(ctx, opts) {
		if c.fate != "" {
			failure.Tried = append(failure.Tried, Attempt{c.path, c.why, c.fate, ""})
			continue
		}
		if seen[c.path] {
			continue
		}
		seen[c.path] = true
		found, err := probe(ctx, c.path)
		if ctx.Err() != nil {
			return Interpreter{}, nil, fmt.Errorf("find a Python with Sphinx: %w", context.Cause(ctx))
		}
		if err != nil {
			failure.Tried = append(failure.Tried, attempt(c, err))
			continue
		}
		if isShim(c.path) && found.Executable != "" {
			c.path = found.Executable
		}
		found.path = c.path
		if fate := found.unfit(); fate != "" {
			opts.Logger.Debug("passed over an interpreter", "path", c.path, "why", c.why, "reason", fate)
			failure.Tried = append(failure.Tried, Attempt{c.path, c.why, fate, ""})
			probes = append(probes, found)
			continue
		}
		return Interpreter{Path: c.path, Why: c.why, Version: found.Version, Sphinx: found.Sphinx}, failure.Tried, nil
	}
	failure.Install = installSphinx(probes, opts)
	return Interpreter{}, failure.Tried, &failure
}

func (o Options) complete() Options {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.SourceDir == "" {
		o.SourceDir = "."
	}
	if abs, err := filepath.Abs(o.SourceDir); err == nil {
		o.SourceDir = abs
	}
	return o
}
