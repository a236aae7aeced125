package runner

import (
	"os"
	"syscall"
	"time"
)

// changed returns when a file was last changed or put in its place, whatever its
// modification time was set to; otherwise when there is none.
func changed(path string, otherwise time.Time) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return otherwise
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(stat.Ctim.Unix())
	}
	return info.ModTime()
}
