//go:build !linux && !darwin

package runner

import (
	"os"
	"time"
)

// changed returns when a file was last changed; otherwise when there is none.
func changed(path string, otherwise time.Time) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return otherwise
	}
	return info.ModTime()
}
