package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed data/requirements.txt
var requirements string

// environment is the virtual environment that both servers and plain Sphinx
// run in.
type environment struct {
	dir string
}

// prepareEnvironment makes the virtual environment in the cache unless it is
// there. Its name carries the requirements, so that other ones make another.
func prepareEnvironment(ctx context.Context, python, cache string) (environment, error) {
	sum := sha256.Sum256([]byte(python + "\n" + requirements))
	e := environment{dir: filepath.Join(cache, fmt.Sprintf("venv-%x", sum[:4]))}
	whole := filepath.Join(e.dir, "whole") // put there last: an environment cannot be made aside and renamed
	if _, err := os.Stat(whole); err == nil {
		return e, nil
	}
	if err := os.RemoveAll(e.dir); err != nil {
		return e, fmt.Errorf("clear environment: %w", err)
	}
	if _, err := command(ctx, cache, python, "-m", "venv", e.dir); err != nil {
		return e, fmt.Errorf("make environment: %w", err)
	}
	list := filepath.Join(e.dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return e, fmt.Errorf("write requirements: %w", err)
	}
	if _, err := command(ctx, cache, e.bin("python"), "-m", "pip", "install", "--quiet", "--requirement", list); err != nil {
		return e, fmt.Errorf("fill environment: %w", err)
	}
	if err := os.WriteFile(whole, nil, 0o644); err != nil {
		return e, fmt.Errorf("mark environment: %w", err)
	}
	return e, nil
}

// bin is the path of a program of the environment.
func (e environment) bin(name string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(e.dir, "Scripts", name+".exe")
	}
	return filepath.Join(e.dir, "bin", name)
}

// active are the variables of a shell in which the environment is active.
func (e environment) active() []string {
	return []string{
		"VIRTUAL_ENV=" + e.dir,
		"PATH=" + filepath.Dir(e.bin("python")) + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
}

// version is the pinned version of a package.
func (e environment) version(name string) string {
	for line := range strings.Lines(requirements) {
		if pin, ok := strings.CutPrefix(line, name+"=="); ok {
			return strings.TrimSpace(pin)
		}
	}
	return "unknown"
}
