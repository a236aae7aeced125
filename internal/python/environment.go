package python

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"docserve/internal/proc"
)

// Environment is a virtual environment in the user's cache. It is made once from
// requirements that name each file's hash, and shared by all processes that ask
// for the same requirements on the same Python.
//
// A virtual environment cannot be moved, so it is made where it stays, and counts
// only when a marker has been written into it; one without, of a making that was
// interrupted, is made anew, from what pip has kept of its downloads. A lock
// file beside it lets the first process work and all others wait.
type Environment struct {
	Name         string       // what it is for, in a word: part of its directory's name
	Requirements []byte       // for pip install --require-hashes
	Versions     Versions     // of Python that the requirements are for
	CacheDir     string       // "" is docserve's directory in the user's cache
	Say          func(string) // told, in a sentence, before anything that takes long; nil is not
}

// marker is the file that says that an environment is complete.
const marker = "docserve-complete"

// lockPause is how often a lock that somebody else holds is tried again; what it
// is held for takes seconds.
const lockPause = 200 * time.Millisecond

// Make returns the environment's interpreter, and makes the environment if it is
// not there yet. It is made with opts.Explicit, or else the first Python
// found of a fitting version; opts.SourceDir does not matter.
func (e Environment) Make(ctx context.Context, opts Options) (Interpreter, error) {
	base, err := baseInterpreter(ctx, opts.complete(), e.Versions)
	if err != nil {
		return Interpreter{}, err
	}
	path, err := e.make(ctx, base)
	if err != nil {
		return Interpreter{}, err
	}
	return e.interpreter(ctx, base, path)
}

// interpreter describes the interpreter of the environment, which is at path.
func (e Environment) interpreter(ctx context.Context, base facts, path string) (Interpreter, error) {
	f, err := probe(ctx, path)
	if err != nil {
		return Interpreter{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	why := fmt.Sprintf("docserve's own environment, made with %s", base.path)
	return Interpreter{Path: path, Why: why, Version: f.Version, Sphinx: f.Sphinx}, nil
}

// Possible reports whether there is a Python that the environment can be made
// with; the error, a *NoBaseError, says which were considered.
func (e Environment) Possible(ctx context.Context, opts Options) error {
	_, err := baseInterpreter(ctx, opts.complete(), e.Versions)
	return err
}

func (e Environment) make(ctx context.Context, base facts) (string, error) {
	if e.Say == nil {
		e.Say = func(string) {}
	}
	home, err := e.home(base)
	if err != nil {
		return "", err
	}
	if e.complete(ctx, home) {
		return interpreterIn(home), nil
	}
	if !base.Venv {
		return "", fmt.Errorf("make a virtual environment with %s: its modules venv and ensurepip are not installed; to install them:\n  %s",
			base.path, installVenv())
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return "", fmt.Errorf("make the cache directory: %w", err)
	}
	unlock, err := e.lock(ctx, home+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if e.complete(ctx, home) {
		return interpreterIn(home), nil
	}
	if err := e.build(ctx, base, home); err != nil {
		return "", err
	}
	return interpreterIn(home), nil
}

// home is the directory of the environment. Its name changes with all that the
// environment is made of.
func (e Environment) home(base facts) (string, error) {
	cache := e.CacheDir
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the cache directory: %w", err)
		}
		cache = filepath.Join(user, "docserve")
	}
	cache, err := filepath.Abs(cache)
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	real, err := filepath.EvalSymlinks(base.path)
	if err != nil {
		real = base.path
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", base.Version, real, e.Requirements))
	return filepath.Join(cache, e.Name+"-"+hex.EncodeToString(sum[:6])), nil
}

// complete reports whether the environment was made to the end, and still works:
// the Python that it was made with may have gone since.
func (e Environment) complete(ctx context.Context, home string) bool {
	if _, err := os.Stat(filepath.Join(home, marker)); err != nil {
		return false
	}
	path := interpreterIn(home)
	if path == "" {
		return false
	}
	f, err := probe(ctx, path)
	return err == nil && f.unfit() == ""
}

// isOurs reports whether an interpreter is that of an Environment.
func isOurs(interpreter string) bool {
	_, err := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(interpreter)), marker))
	return err == nil
}

// lock waits until no other process makes the environment.
func (e Environment) lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the virtual environment: %w", err)
	}
	ticker := time.NewTicker(lockPause)
	defer ticker.Stop()
	for told := false; ; {
		got, err := tryLock(f)
		switch {
		case err != nil:
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		case got:
			return func() { f.Close() }, nil
		case !told:
			e.Say("waiting for another process that is making the same Python environment")
			told = true
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("wait for %s: %w", path, context.Cause(ctx))
		}
	}
}

func (e Environment) build(ctx context.Context, base facts, home string) error {
	e.Say(fmt.Sprintf("making a Python environment in %s (once)", home))
	if err := os.RemoveAll(home); err != nil {
		return fmt.Errorf("remove an incomplete virtual environment: %w", err)
	}
	if err := step(ctx, "make a virtual environment", base.path, "-m", "venv", home); err != nil {
		return err
	}
	list := filepath.Join(home, "requirements.txt")
	if err := os.WriteFile(list, e.Requirements, 0o644); err != nil {
		return fmt.Errorf("write the requirements: %w", err)
	}
	e.Say("installing Sphinx and what it needs")
	path := interpreterIn(home)
	// -I keeps the user's own packages from standing in for those that are pinned.
	err := step(ctx, "install Sphinx", path, "-I", "-m", "pip", "install", "--require-hashes", "--prefer-binary",
		"--no-input", "--disable-pip-version-check", "--no-warn-script-location", "--progress-bar=off", "-r", list)
	if err != nil {
		return err
	}
	f, err := probe(ctx, path)
	if err != nil {
		return fmt.Errorf("try the new virtual environment: %w", err)
	}
	if fate := f.unfit(); fate != "" {
		return fmt.Errorf("try the new virtual environment: %s", fate)
	}
	if err := os.WriteFile(filepath.Join(home, marker), nil, 0o644); err != nil {
		return fmt.Errorf("mark the virtual environment as complete: %w", err)
	}
	return nil
}

// step runs one command of the making. What it says when it fails is the user's
// to read: pip tells about networks, proxies and disks better than we could.
func step(ctx context.Context, what string, argv ...string) error {
	result, err := proc.Run(ctx, proc.Spec{Argv: argv})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if result.ExitCode == 0 {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(string(result.Output)), "\n")
	lines = lines[max(0, len(lines)-8):]
	said := strings.Join(lines, "\n  ")
	hint := ""
	if strings.Contains(said, "No matching distribution") || strings.Contains(string(result.Output), "connection") {
		hint = "\nIs the network up? What was downloaded is kept; the next try goes on from there."
	}
	return errors.New(what + ": " + result.Exit + "; it said:\n  " + said + hint)
}
