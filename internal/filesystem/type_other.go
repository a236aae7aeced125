//go:build !linux && !darwin && !windows

package filesystem

// Type returns the type of the file system that a directory is on; here it is
// not known.
func Type(string) string { return "" }
