//go:build unix

package python

import (
	"os"
	"syscall"
)

// trusted reports whether the user, the system, or the owner of the sources,
// whose conf.py is going to be run anyhow, owns the directory.
func trusted(dir, source string) bool {
	owner, ok := ownerOf(dir)
	if !ok {
		return false
	}
	sources, ok := ownerOf(source)
	return owner == os.Geteuid() || owner == 0 || ok && owner == sources
}

func ownerOf(path string) (uid int, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}
