package python

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"docserve/internal/proc"
)

// candidate is an interpreter worth asking, or, with a fate, a trace of one
// that leads nowhere, to be told to the user.
type candidate struct {
	path, why, fate string
}

// candidates lists the interpreters in the order in which they are preferred.
func candidates(ctx context.Context, opts Options) []candidate {
	if opts.Explicit != "" {
		return []candidate{explicit(opts)}
	}
	var list []candidate
	if dir := opts.Env("VIRTUAL_ENV"); dir != "" {
		list = append(list, environment(dir, "active virtual environment, VIRTUAL_ENV"))
	}
	if dir := opts.Env("CONDA_PREFIX"); dir != "" {
		list = append(list, environment(dir, "active conda environment, CONDA_PREFIX"))
	}
	list = append(list, nearby(opts.SourceDir)...)
	if c, found := behindSphinxBuild(ctx, opts.Env); found {
		list = append(list, c)
	}
	for _, name := range []string{"python3", "python"} {
		if path := proc.Executable(name, opts.Env("PATH")); path != "" {
			list = append(list, candidate{path: path, why: name + " on PATH"})
		}
	}
	return list
}

// explicit resolves what --python was given: a path, the name of a program on
// PATH, or the directory of a virtual environment.
func explicit(opts Options) candidate {
	const why = "given with --python"
	given := opts.Explicit
	if !strings.ContainsRune(filepath.ToSlash(given), '/') {
		if path := proc.Executable(given, opts.Env("PATH")); path != "" {
			return candidate{path: path, why: why}
		}
	}
	path, err := filepath.Abs(given)
	if err != nil {
		return candidate{path: given, why: why, fate: err.Error()}
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return candidate{path: given, why: why, fate: "there is no such program"}
	case info.IsDir():
		return environment(path, why)
	}
	return candidate{path: path, why: why}
}

// environment is the interpreter of the virtual or conda environment in dir.
func environment(dir, why string) candidate {
	if path := interpreterIn(dir); path != "" {
		return candidate{path: path, why: why}
	}
	return candidate{path: dir, why: why, fate: "there is no Python in it"}
}

// interpreterIn returns the path of the interpreter of an environment, or "".
func interpreterIn(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for _, name := range interpreterNames() {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

func interpreterNames() []string {
	if runtime.GOOS == "windows" {
		return []string{`Scripts\python.exe`, "python.exe"}
	}
	return []string{"bin/python", "bin/python3"}
}

// nearby lists the environments called .venv or venv in the source directory
// and all that are above it. One that belongs to somebody else, neither to the
// user, nor to the owner of the sources, nor to the system, is left out: above
// the sources may be a directory that everybody can write to.
func nearby(source string) []candidate {
	var list []candidate
	for dir := source; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".venv", "venv"} {
			home := filepath.Join(dir, name)
			if _, err := os.Stat(filepath.Join(home, "pyvenv.cfg")); err != nil {
				continue
			}
			why := name + " beside the sources"
			if dir != source && dir != filepath.Dir(source) {
				why = name + " above the sources"
			}
			c := environment(home, why)
			if !trusted(home, source) {
				c = candidate{path: home, why: why, fate: "it belongs to another user"}
			}
			list = append(list, c)
		}
		if dir == filepath.Dir(dir) {
			return list
		}
	}
}
