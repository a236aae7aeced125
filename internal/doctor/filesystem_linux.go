package doctor

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// filesystem returns the type of the file system that dir is on, "" if it is not
// known. It is taken from the list of mounts, which also tells one FUSE from
// another.
func filesystem(dir string) string {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	return mounted(string(mounts), dir)
}

// mounted finds the mount that an absolute path is on, in the format of
// proc_pid_mountinfo(5). Of two at the same place the later one hides the other.
func mounted(mounts, path string) string {
	best, kind := -1, ""
	for line := range strings.Lines(mounts) {
		left, right, ok := strings.Cut(line, " - ")
		fields, types := strings.Fields(left), strings.Fields(right)
		if !ok || len(fields) < 5 || len(types) < 1 {
			continue
		}
		point := unescape(fields[4])
		if rel, err := filepath.Rel(point, path); err == nil && filepath.IsLocal(rel) && len(point) >= best {
			best, kind = len(point), types[0]
		}
	}
	return kind
}

// unescape undoes the kernel's way to write spaces and the like: \040.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
