package filesystem

import (
	"io/fs"
	"syscall"
	"time"
)

// Changed returns when a file's content or place was last changed, whatever its
// modification time was set to; where the system does not keep that, it is the
// modification time.
func Changed(info fs.FileInfo) time.Time {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(stat.Ctimespec.Unix())
	}
	return info.ModTime()
}
