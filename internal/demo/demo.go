// Package demo has a small documentation project to try docserve with.
//
// It owns the project's text and pictures, and the writing of them into a
// directory. It refuses to overwrite anything, and knows nothing of Sphinx.
package demo

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Edit is the file that a reader should edit first.
const Edit = "index.rst"

//go:embed all:project
var files embed.FS

// configuration is written last: a directory that has it is complete.
const configuration = "conf.py"

// unfinished ends the name of a file while it is written. Every watcher knows
// that for an editor's leftover.
const unfinished = "~"

// ErrOccupied means that the directory has files in it that are not the
// project's.
var ErrOccupied = errors.New("the directory is not empty")

// Write writes the project into dir, which is made if need be, and reports
// whether it did. A dir that has a conf.py is left as it is, whatever was edited
// or deleted there; one that has other people's files is ErrOccupied.
func Write(dir string) (created bool, err error) {
	if _, err := os.Lstat(filepath.Join(dir, configuration)); err == nil {
		return false, nil
	}
	names, err := contents()
	if err != nil {
		return false, fmt.Errorf("read the sample project: %w", err)
	}
	if err := checkFree(dir); err != nil {
		return false, fmt.Errorf("write the sample project to %s: %w", dir, err)
	}
	for _, name := range append(names, configuration) {
		if err := place(dir, name); err != nil {
			return false, fmt.Errorf("write the sample project: %w", err)
		}
	}
	return true, nil
}

// contents lists the project's files, without the configuration.
func contents() (names []string, err error) {
	project, err := fs.Sub(files, "project")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(project, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && name != configuration {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// checkFree says whether dir has nothing but what an interrupted Write has left.
func checkFree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), unfinished)
		if _, err := fs.Stat(files, path.Join("project", name)); err != nil {
			return fmt.Errorf("%w: it has %s", ErrOccupied, entry.Name())
		}
	}
	return nil
}

// place writes one file whole, unless there is one.
func place(dir, name string) error {
	target := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Lstat(target); err == nil {
		return nil
	}
	data, err := files.ReadFile(path.Join("project", name))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(target+unfinished, data, 0o644); err != nil {
		return err
	}
	if err := os.Rename(target+unfinished, target); err != nil {
		return errors.Join(err, os.Remove(target+unfinished))
	}
	return nil
}
