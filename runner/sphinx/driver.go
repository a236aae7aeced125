package sphinx

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The driver is ordinary Python, kept readable: it ends up in tracebacks that
// users see.
//
//go:embed driver/driver.py driver/_docserve/*.py
var driver embed.FS

// extract writes the driver below dir and returns the path of its entry point.
func extract(dir string) (string, error) {
	err := fs.WalkDir(driver, "driver", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		data, err := driver.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
	if err != nil {
		return "", fmt.Errorf("write the driver to %s: %w", dir, err)
	}
	return filepath.Join(dir, "driver", "driver.py"), nil
}
