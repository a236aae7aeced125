//go:build unix && !linux

package doctor

import "golang.org/x/sys/unix"

// describe returns the kernel with its release. How much memory there is, each
// system tells in its own way, and none of them is in the reports so far.
func describe() (name string, memory uint64) {
	var names unix.Utsname
	if unix.Uname(&names) != nil {
		return "", 0
	}
	return unix.ByteSliceToString(names.Sysname[:]) + " " + unix.ByteSliceToString(names.Release[:]), 0
}

// inotify is Linux's.
func inotify(*Limits, []int) {}
