package watch

import (
	"io/fs"
	"syscall"

	"docserve/internal/filesystem"
)

// identity names a directory, whatever it is called at the moment: device and
// inode.
type identity [2]uint64

// device names the file system that the directory is on.
func (id identity) device() uint64 { return id[0] }

func identify(info fs.FileInfo) identity {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}
	}
	return identity{uint64(stat.Dev), stat.Ino}
}

func sign(info fs.FileInfo) signature {
	s := signature{info.Size(), info.ModTime().UnixNano(), int64(info.Mode())}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		s[3], s[4] = filesystem.Changed(info).UnixNano(), int64(stat.Ino)
	}
	return s
}
