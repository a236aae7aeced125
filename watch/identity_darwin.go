package watch

import (
	"io/fs"
	"syscall"

	"docserve/internal/filesystem"
)

// identity names a directory, whatever it is called at the moment. Only inotify
// needs it: its watches follow a directory that is renamed.
type identity [2]uint64

func (id identity) device() uint64 { return id[0] }

func identify(fs.FileInfo) identity { return identity{} }

func sign(info fs.FileInfo) signature {
	s := signature{info.Size(), info.ModTime().UnixNano(), int64(info.Mode())}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		s[3], s[4] = filesystem.Changed(info).UnixNano(), int64(stat.Ino)
	}
	return s
}
