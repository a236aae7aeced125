package python

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"docserve/internal/proc"
)

// Versions are the versions of Python that an environment can be made with.
type Versions struct {
	Oldest    [2]int // zero is docserve's own limit
	Newest    [2]int // zero is none
	Preferred [2]int // taken where it is found; zero is none
}

// baseInterpreter finds a Python to make an environment with: the explicit one,
// or the first of a fitting version, the preferred version first, then the plain
// names. Where some cannot make environments, one that can is preferred.
func baseInterpreter(ctx context.Context, opts Options, versions Versions) (facts, error) {
	var fallback *facts
	if versions.Oldest == [2]int{} {
		versions.Oldest = oldestPython
	}
	failure := NoBaseError{Versions: versions}
	for _, c := range bases(opts, versions.Preferred) {
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
			failure.Tried = append(failure.Tried, attempt(c, err))
		case older(f.Version, versions.Oldest):
			failure.Tried = append(failure.Tried, Attempt{c.path, c.why, fmt.Sprintf("Python %s is too old", f.Version), ""})
		case versions.Newest != [2]int{} && newer(f.Version, versions.Newest):
			failure.Tried = append(failure.Tried, Attempt{c.path, c.why, fmt.Sprintf("Python %s is too new", f.Version), ""})
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

func bases(opts Options, preferred [2]int) []candidate {
	if opts.Explicit != "" {
		return []candidate{explicit(opts)}
	}
	names := []string{"python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9"}
	installed := versionsOfPyenv(opts)
	var first, list []candidate
	for _, name := range names {
		path := proc.Executable(name, opts.Env("PATH"))
		if path == "" {
			continue
		}
		c := candidate{path: path, why: name + " on PATH"}
		if name == fmt.Sprintf("python%d.%d", preferred[0], preferred[1]) {
			first = append(first, c)
		}
		list = append(list, c)
	}
	for _, c := range installed {
		if strings.HasPrefix(versionOfHome(c.path), fmt.Sprintf("%d.%d.", preferred[0], preferred[1])) {
			first = append(first, c)
		}
	}
	return slices.Concat(first, list, installed)
}

// versionsOfPyenv lists the interpreters that pyenv has installed, newest first.
// They are on PATH as shims only, and of the shims only those work whose version
// is selected.
func versionsOfPyenv(opts Options) []candidate {
	root := opts.Env("PYENV_ROOT")
	if root == "" {
		root = filepath.Join(opts.Env("HOME"), ".pyenv")
	}
	if !filepath.IsAbs(root) {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(root, "versions"))
	if err != nil {
		return nil
	}
	var list []candidate
	for _, entry := range entries {
		if path := interpreterIn(filepath.Join(root, "versions", entry.Name())); path != "" {
			list = append(list, candidate{path: path, why: "installed by pyenv"})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int {
		return compareVersions(versionOfHome(b.path), versionOfHome(a.path))
	})
	return list
}

// versionOfHome is the name of the directory that an interpreter is installed
// in, which pyenv calls by its version: "3.13.0".
func versionOfHome(interpreter string) string {
	dir := filepath.Dir(interpreter)
	if filepath.Base(dir) == "bin" || filepath.Base(dir) == "Scripts" {
		dir = filepath.Dir(dir)
	}
	return filepath.Base(dir)
}

// compareVersions compares numbers as numbers; what is no number counts as 0.
func compareVersions(a, b string) int {
	numbers := func(version string) []int {
		var list []int
		for part := range strings.SplitSeq(version, ".") {
			n, _ := strconv.Atoi(part)
			list = append(list, n)
		}
		return list
	}
	return slices.Compare(numbers(a), numbers(b))
}

// NoBaseError says that there is no Python to make an environment with.
type NoBaseError struct {
	Versions Versions // that would do
	Tried    []Attempt
}

func (e *NoBaseError) Error() string {
	var b strings.Builder
	oldest, newest := e.Versions.Oldest, e.Versions.Newest
	upTo := " or later"
	if newest != [2]int{} {
		upTo = fmt.Sprintf(" to %d.%d", newest[0], newest[1])
	}
	fmt.Fprintf(&b, "find a Python %d.%d%s to make an environment with: install one", oldest[0], oldest[1], upTo)
	for _, attempt := range e.Tried {
		fmt.Fprintf(&b, "\n  %s", attempt)
	}
	return b.String()
}
