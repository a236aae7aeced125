package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// The names of the file.
const (
	own    = "docserve.toml"
	shared = "pyproject.toml"
)

// Candidates are the files that a configuration of a project may be in, best
// first: beside conf.py, at the top of the sources, and in the two directories
// above these. Those are also the places in which a Makefile is looked for.
func Candidates(confDir, source string) []string {
	var files []string
	add := func(dir string) {
		for _, name := range []string{own, shared} {
			if path := filepath.Join(dir, name); dir != "" && !slices.Contains(files, path) {
				files = append(files, path)
			}
		}
	}
	add(confDir)
	add(source)
	for _, dir := range []string{confDir, source} {
		if dir != "" {
			add(filepath.Dir(dir))
			add(filepath.Dir(filepath.Dir(dir)))
		}
	}
	return files
}

// Load reads the first of some candidates that is there; a pyproject.toml
// without docserve's table is not. Without any the Config is the zero one, with
// dir as its directory. The error is an *Error, or trouble with the file system.
func Load(candidates []string, dir string, known Known) (Config, error) {
	for _, path := range candidates {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return Config{Dir: dir}, fmt.Errorf("read the configuration: %w", err)
		}
		if filepath.Base(path) == shared && !bytes.Contains(text, []byte("docserve")) {
			continue // and whatever else may be wrong with it is not ours to say
		}
		c, found, err := Parse(path, text, known)
		if err != nil || found {
			return c, err
		}
	}
	return Config{Dir: dir}, nil
}
