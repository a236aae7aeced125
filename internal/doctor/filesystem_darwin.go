package doctor

import "golang.org/x/sys/unix"

// filesystem returns the type of the file system that dir is on, "" if it is not
// known.
func filesystem(dir string) string {
	var stat unix.Statfs_t
	if unix.Statfs(dir, &stat) != nil {
		return ""
	}
	return unix.ByteSliceToString(stat.Fstypename[:])
}
