package watch

import (
	"io/fs"
	"slices"
	"syscall"
)

// identity names a directory, whatever it is called at the moment.
type identity [2]uint64

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
		s[3], s[4] = stat.Ctim.Nano(), int64(stat.Ino)
	}
	return s
}

// networks are the kernel's numbers of file systems that others can change: NFS,
// SMB and CIFS, 9p (Windows drives in WSL), FUSE (sshfs, Docker Desktop),
// VirtualBox shared folders, AFS, Ceph.
var networks = []uint32{0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546, 0x786f4256, 0x5346414f, 0x00c36400}

// remote reports whether dir is on a network file system.
func remote(dir string) bool {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return false
	}
	return slices.Contains(networks, uint32(stat.Type))
}
