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
//go:embed driver/driver.py driver/plain.py driver/_docserve/*.py
var driver embed.FS

// Driver is where the driver was put.
type Driver struct {
	Dir    string // of all of it
	Worker string // entry point of a worker
	Plain  string // entry point of a plain sphinx-build
}

// Extract writes the driver below dir, which it needs for itself.
func Extract(dir string) (Driver, error) {
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
		return Driver{}, fmt.Errorf("write the driver to %s: %w", dir, err)
	}
	root := filepath.Join(dir, "driver")
	return Driver{Dir: root, Worker: filepath.Join(root, "driver.py"), Plain: filepath.Join(root, "plain.py")}, nil
}
