//go:build !linux && !darwin

package watch

import "io/fs"

// identity names a directory, whatever it is called at the moment. Only inotify
// needs it: its watches follow a directory that is renamed.
type identity [2]uint64

func (id identity) device() uint64 { return id[0] }

func identify(fs.FileInfo) identity { return identity{} }

func sign(info fs.FileInfo) signature {
	return signature{info.Size(), info.ModTime().UnixNano(), int64(info.Mode())}
}
