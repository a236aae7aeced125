//go:build unix

package project

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// writable reports why no file can be made in dir, which exists. It asks rather
// than tries: a file that appears for a moment would wake up other watchers.
func writable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("cannot write to %s: %w", dir, err)
	}
	return nil
}
