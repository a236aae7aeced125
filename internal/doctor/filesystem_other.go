//go:build !linux && !darwin && !windows

package doctor

// filesystem returns the type of the file system that a directory is on; here it
// is not known.
func filesystem(string) string { return "" }
