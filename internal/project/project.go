// Package project finds out where a documentation project lives: its sources,
// its configuration, and where its HTML and its doctrees belong.
//
// It owns the rules for what may be left out on the command line, and those
// for which directories docserve refuses to write to. It reads directories and
// Makefiles; it runs nothing, and creates nothing but the mark with which
// Claim makes an output directory docserve's own.
package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Options say what is known of a project. Paths are as they were typed,
// relative to WorkDir.
type Options struct {
	WorkDir     string // "" is the current directory
	Source      string // "" means: look for it
	Above       bool   // look for it above WorkDir too
	Output      string // "" means: where the project's Makefile has it
	Builder     string // html or dirhtml; "" is html
	MakeMode    string // -M: Output has a subdirectory of this name, and one for doctrees; "" without -M
	Doctrees    string // -d
	ConfDir     string // -c
	NoConfig    bool   // -C
	WarningFile string // -w
	Watch       []string
	Filenames   []string
}

// Project is where everything is. All paths are absolute, without symbolic
// links, and in the form of the operating system.
type Project struct {
	Source      string // exists
	ConfDir     string // holds a conf.py; "" with NoConfig
	Output      string // may not exist yet; is writable, and holds nothing foreign
	Doctrees    string // may not exist yet
	Builder     string
	WarningFile string   // "" without -w
	Watch       []string // exist; directories or files
	Filenames   []string // may not exist
	Adopted     bool     // Sphinx has built into Output before, and its environment is in Doctrees
	OutputWhy   string   // why Output is where it is, for messages: "given", "docs/Makefile", …
}

// Error is a project that docserve cannot, or will not, serve.
type Error struct {
	Problem string
	Files   []string // names that belong to the problem: not for everybody to read
	Hint    string   // what to do about it
}

// Error returns problem, files and hint.
func (e *Error) Error() string {
	text := e.Problem
	if len(e.Files) > 0 {
		text += ": " + enumerate(e.Files)
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// candidates are where the sources may be when nothing is said, best first.
var candidates = []string{".", "docs", "doc", "source", "docs/source", "doc/source"}

// Find completes what opts leaves open, and checks it. The error is an *Error,
// or trouble with the file system; the Project is then as far as it was found.
func Find(opts Options) (Project, error) {
	f := finder{Options: opts}
	if f.Builder == "" {
		f.Builder = "html"
	}
	workDir, err := filepath.Abs(f.WorkDir)
	if err == nil {
		workDir, err = filepath.EvalSymlinks(workDir)
	}
	if err != nil {
		return Project{}, fmt.Errorf("find the current directory: %w", err)
	}
	f.WorkDir = workDir
	steps := []func() error{f.source, f.config, f.output, f.checkOutput, f.rest}
	for _, step := range steps {
		if err := step(); err != nil {
			return f.found, err
		}
	}
	return f.found, nil
}

// finder fills in a Project, step by step.
type finder struct {
	Options
	found Project
}

// source finds the source directory.
func (f *finder) source() error {
	f.found.Builder = f.Builder
	switch {
	case f.Source != "":
		dir, err := f.existing(f.Source, "source directory")
		if err != nil {
			return err
		}
		f.found.Source = dir
		return nil
	case f.ConfDir != "":
		dir, err := f.existing(f.ConfDir, "configuration directory")
		f.found.Source = dir
		return err
	case f.NoConfig:
		f.found.Source = f.WorkDir
		return nil
	}
	dir := firstWithConf(f.WorkDir)
	for at := f.WorkDir; f.Above && dir == "" && at != filepath.Dir(at); {
		at = filepath.Dir(at)
		dir = firstWithConf(at)
	}
	if dir == "" {
		return &Error{
			Problem: "found no conf.py in " + strings.Join(candidates, ", "),
			Hint:    "name the directory that holds it, run sphinx-quickstart to start a project, or use -C to do without a configuration",
		}
	}
	resolved, err := resolve(dir)
	f.found.Source = resolved
	return err
}

// config finds the directory of conf.py.
func (f *finder) config() error {
	if f.NoConfig {
		return nil
	}
	dir, named := f.found.Source, f.Source
	if f.ConfDir != "" {
		var err error
		if dir, err = f.existing(f.ConfDir, "configuration directory"); err != nil {
			return err
		}
		named = f.ConfDir
	}
	if !isFile(filepath.Join(dir, "conf.py")) {
		err := &Error{
			Problem: "found no conf.py in " + named,
			Hint:    "run sphinx-quickstart there to start a project, use -c to say where it is, or -C to do without a configuration",
		}
		if near := firstWithConf(dir); near != "" {
			err.Hint = "did you mean " + f.shown(near) + "?"
		}
		return err
	}
	f.found.ConfDir = dir
	return nil
}

// rest resolves what has no influence on anything else.
func (f *finder) rest() error {
	if f.WarningFile != "" {
		path, err := resolve(f.abs(f.WarningFile))
		if err != nil {
			return fmt.Errorf("find warning file: %w", err)
		}
		f.found.WarningFile = path
	}
	for _, name := range f.Watch {
		path, err := filepath.EvalSymlinks(f.abs(name))
		if err != nil {
			return &Error{Problem: fmt.Sprintf("cannot watch %s: %s", name, reason(err)), Hint: "--watch takes a directory or a file that exists"}
		}
		f.found.Watch = append(f.found.Watch, path)
	}
	for _, name := range f.Filenames {
		path, err := resolve(f.abs(name))
		if err != nil {
			return fmt.Errorf("find document: %w", err)
		}
		f.found.Filenames = append(f.found.Filenames, path)
	}
	return nil
}

// existing resolves a directory that must be there. What is for messages.
func (f *finder) existing(name, what string) (string, error) {
	path, err := filepath.EvalSymlinks(f.abs(name))
	if err != nil {
		return "", &Error{Problem: fmt.Sprintf("cannot use %s %s: %s", what, name, reason(err)), Hint: "it must be a directory that exists"}
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", what, err)
	}
	if !info.IsDir() {
		return "", &Error{Problem: fmt.Sprintf("cannot use %s %s: it is a file", what, name), Hint: "name its directory: " + filepath.Dir(name)}
	}
	return path, nil
}

// abs makes a typed path absolute.
func (f *finder) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(f.WorkDir, name)
}

// shown is path as people would type it.
func (f *finder) shown(path string) string {
	if rel, err := filepath.Rel(f.WorkDir, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

// firstWithConf returns the first of the candidates below dir that holds a
// conf.py, or "".
func firstWithConf(dir string) string {
	for _, name := range candidates {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if isFile(filepath.Join(path, "conf.py")) {
			return path
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
