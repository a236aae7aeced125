//go:build linux || darwin

package doctor

import "golang.org/x/sys/unix"

// disk returns how much room there is for this user where dir is.
func disk(dir string) Disk {
	var stat unix.Statfs_t
	if unix.Statfs(dir, &stat) != nil {
		return Disk{}
	}
	return Disk{
		Free:  uint64(stat.Bavail) * uint64(stat.Bsize),
		Files: uint64(stat.Ffree), Inodes: stat.Files > 0, Known: true,
	}
}
