package watch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stale is the age from which git's lock counts as left behind by a crash:
// while git holds it, it rarely takes a minute to write the working tree, and
// the number of files shows the storm then.
const stale = time.Minute

// locks are the files that git creates while it rewrites a working tree.
type locks struct{ files []string }

// add takes in the repository whose .git is at path: a directory, or, in a
// linked working tree or a submodule, a file that says where it is.
func (l *locks) add(path string) {
	if data, err := os.ReadFile(path); err == nil {
		dir, ok := strings.CutPrefix(strings.TrimSpace(string(data)), "gitdir: ")
		if !ok {
			return
		}
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(path), dir)
		}
		path = dir
	}
	if file := filepath.Join(path, "index.lock"); !slices.Contains(l.files, file) {
		l.files = append(l.files, file)
	}
}

// held reports whether git is at work.
func (l *locks) held(now time.Time) bool {
	return slices.ContainsFunc(l.files, func(file string) bool {
		info, err := os.Stat(file)
		return err == nil && now.Sub(info.ModTime()).Abs() < stale // the clock may have been set back since
	})
}
