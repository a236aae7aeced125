package filesystem

import "golang.org/x/sys/unix"

// Type returns the type of the file system that dir is on, with "network " before
// it if it says that it is not local; "" if it is not known.
func Type(dir string) string {
	var stat unix.Statfs_t
	if unix.Statfs(dir, &stat) != nil {
		return ""
	}
	kind := unix.ByteSliceToString(stat.Fstypename[:])
	if stat.Flags&unix.MNT_LOCAL == 0 {
		return network + kind
	}
	return kind
}
