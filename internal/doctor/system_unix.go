//go:build unix

package doctor

import (
	"errors"

	"golang.org/x/sys/unix"
)

// limits returns the limits that matter for watching. What the processes except
// have taken does not count.
func limits(except []int) Limits {
	var l Limits
	inotify(&l, except)
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		l.OpenFiles = uint64(files.Cur)
	}
	return l
}

// alive reports whether there is a process of that number.
func alive(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}

// addressInUse reports whether err says that somebody has the port.
func addressInUse(err error) bool { return errors.Is(err, unix.EADDRINUSE) }
