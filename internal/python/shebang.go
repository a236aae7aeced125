package python

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"docserve/internal/proc"
)

var errNoScript = errors.New("it does not say which Python runs it")

// behindSphinxBuild finds the interpreter that runs the sphinx-build on PATH.
// That program is a small script whose first lines name it.
func behindSphinxBuild(ctx context.Context, env func(string) string) (candidate, bool) {
	const why = "runs the sphinx-build on PATH"
	script := proc.Executable("sphinx-build", env("PATH"))
	if script == "" {
		return candidate{}, false
	}
	if runtime.GOOS == "windows" {
		dir := filepath.Dir(script)
		for _, path := range []string{filepath.Join(dir, "python.exe"), filepath.Join(filepath.Dir(dir), "python.exe")} {
			if _, err := os.Stat(path); err == nil {
				return candidate{path: path, why: why}, true
			}
		}
		return candidate{path: script, why: why, fate: "there is no python.exe beside it"}, true
	}
	if isShim(script) {
		real := behindShim(ctx, script, env("PATH"))
		if real == "" {
			// The version that is selected here has none.
			return candidate{}, false
		}
		script = real
	}
	path, err := readInterpreter(script, env("PATH"))
	if err != nil {
		return candidate{path: script, why: why, fate: err.Error()}, true
	}
	return candidate{path: path, why: why}, true
}

// isShim reports whether path is one of the programs that a version manager
// (pyenv, asdf, mise) puts in front of the real ones.
func isShim(path string) bool {
	return filepath.Base(filepath.Dir(path)) == "shims"
}

// behindShim asks the version manager for the real program; "" if it has none.
func behindShim(ctx context.Context, shim, path string) string {
	manager := "pyenv"
	for _, name := range []string{"asdf", "mise"} {
		if strings.Contains(shim, name) {
			manager = name
		}
	}
	// The manager's program need not be on PATH where its shims are.
	root := filepath.Dir(filepath.Dir(shim))
	program := proc.Executable(manager, path+string(os.PathListSeparator)+filepath.Join(root, "bin"))
	if program == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // it is a shell script that lists directories
	defer cancel()
	result, err := proc.Run(ctx, proc.Spec{Argv: []string{program, "which", filepath.Base(shim)}})
	if err != nil || result.ExitCode != 0 {
		return ""
	}
	real := lastLine(result.Output)
	if !filepath.IsAbs(real) || isShim(real) {
		return ""
	}
	return real
}

// readInterpreter returns the interpreter that the first lines of a script name.
func readInterpreter(script, path string) (string, error) {
	f, err := os.Open(script)
	if err != nil {
		return "", err
	}
	defer f.Close()
	// Two lines of the length that a path may have are enough.
	lines := bufio.NewReader(io.LimitReader(f, 16<<10))
	first, _ := lines.ReadString('\n')
	second, _ := lines.ReadString('\n')
	named := interpreterNamed(first, second)
	switch {
	case named == "":
		return "", errNoScript
	case filepath.IsAbs(named):
		return named, nil
	}
	if found := proc.Executable(named, path); found != "" {
		return found, nil
	}
	return "", errNoScript
}

// interpreterNamed reads the interpreter off the first two lines of a script:
//
//	#!/path/to/python
//	#!/usr/bin/env python3
//	#!/bin/sh
//	'''exec' "/a long path/or one with spaces/python" "$0" "$@"
//
// It is "" if that is not a Python, and a bare name in the second case.
func interpreterNamed(first, second string) string {
	line, ok := strings.CutPrefix(strings.TrimSpace(first), "#!")
	if !ok {
		return ""
	}
	line = strings.TrimSpace(line)
	program, argument, _ := strings.Cut(line, " ")
	switch {
	case filepath.Base(program) == "env":
		fields := strings.Fields(argument)
		if len(fields) > 0 && fields[0] == "-S" {
			fields = fields[1:]
		}
		if len(fields) == 0 {
			return ""
		}
		program = fields[0]
	case strings.HasSuffix(program, "sh"):
		rest, ok := strings.CutPrefix(strings.TrimSpace(second), "'''exec' ")
		if !ok {
			return ""
		}
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			program, _, _ = strings.Cut(quoted, `"`)
		} else {
			program, _, _ = strings.Cut(rest, " ")
		}
	}
	if base := filepath.Base(program); !strings.HasPrefix(base, "python") && !strings.HasPrefix(base, "pypy") {
		return ""
	}
	return program
}
