//go:build !linux

package watch

// hears reports whether dir brings events. Without writing to it that cannot be
// found out here; a barrier's cookie does, see barriers.
func hears(string) bool { return true }
