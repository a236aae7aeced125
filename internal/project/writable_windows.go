package project

import (
	"fmt"
	"os"
)

// writable reports why no file can be made in dir, which exists. Windows has no
// question for it, so it makes one.
func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".docserve-*.tmp")
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", dir, err)
	}
	_ = file.Close()
	return os.Remove(file.Name())
}
