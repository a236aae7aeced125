package inquiry

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Files returns the files below a directory, without those for which ignored
// names a rule. Links to directories are not followed: what lies there is known if
// a document is made from it.
func Files(source string, ignored func(path string) string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path == source:
			return err
		case err != nil: // it may have been removed, or is somebody else's
			return nil
		case ignored(path) != "" && entry.IsDir():
			return fs.SkipDir
		case ignored(path) != "":
			return nil
		}
		regular := entry.Type().IsRegular()
		if entry.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			regular = err == nil && info.Mode().IsRegular()
		}
		if regular {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for the sources: %w", err)
	}
	return files, nil
}
