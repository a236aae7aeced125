//go:build !linux

package watch

import "io/fs"

// identity names a directory, whatever it is called at the moment. Only inotify
// needs it: its watches follow a directory that is renamed.
type identity [2]uint64

func identify(fs.FileInfo) identity { return identity{} }

func sign(info fs.FileInfo) signature {
	return signature{info.Size(), info.ModTime().UnixNano(), int64(info.Mode())}
}

// remote reports whether dir is on a network file system; here it is not known.
func remote(string) bool { return false }
