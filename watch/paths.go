package watch

import (
	"os"
	"path/filepath"
	"strings"
)

// below returns what is left of path below dir, and false when path is not
// below it. Both are absolute and clean.
func below(path, dir string) (string, bool) {
	if len(path) > len(dir) && strings.HasPrefix(path, dir) {
		switch {
		case path[len(dir)] == os.PathSeparator:
			return path[len(dir)+1:], true
		case os.IsPathSeparator(dir[len(dir)-1]): // the root of a file system
			return path[len(dir):], true
		}
	}
	return "", false
}

// within reports whether path is dir or below it.
func within(path, dir string) bool {
	_, ok := below(path, dir)
	return ok || path == dir
}

// parent returns the directory that holds path, and "" for the root.
func parent(path string) string {
	dir := filepath.Dir(path)
	if dir == path {
		return ""
	}
	return dir
}
