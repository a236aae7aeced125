package filesystem

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Type returns the type of the file system that the directory dir is on, as the
// system calls it; "" when it does not say.
func Type(dir string) string {
	var stat unix.Stat_t
	if err := unix.Stat(dir, &stat); err != nil {
		return ""
	}
	if table, err := os.ReadFile("/proc/self/mountinfo"); err == nil {
		if kind := kindIn(bytes.NewReader(table), uint64(stat.Dev)); kind != "" {
			return kind
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return mounted(string(table), real)
		}
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return ""
	}
	return magics[uint32(fs.Type)]
}

// kindIn looks up the type of the file system with that device number in a table
// of mounts, as /proc/self/mountinfo has it; "" when it is not there. A
// subvolume of btrfs has a number of its own, see mounted.
func kindIn(table io.Reader, device uint64) string {
	number := fmt.Sprintf("%d:%d", unix.Major(device), unix.Minor(device))
	for lines := bufio.NewScanner(table); lines.Scan(); {
		left, right, ok := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(left)
		if !ok || len(fields) < 3 || fields[2] != number {
			continue
		}
		if kind := strings.Fields(right); len(kind) > 0 {
			return kind[0]
		}
	}
	return ""
}

// magics are the kernel's numbers for file systems that others can change, for
// where /proc is not to be had.
var magics = map[uint32]string{
	0x6969: "nfs", 0x517b: "smbfs", 0xff534d42: "cifs", 0xfe534d42: "smb3", 0x564c: "ncpfs",
	0x01021997: "9p", 0x65735546: "fuse", 0x786f4256: "vboxsf", 0xbacbacbc: "vmhgfs", 0x7c7c6673: "prl_fs",
	0x5346414f: "afs", 0x6b414653: "kafs", 0x73757245: "coda", 0x00c36400: "ceph", 0x0bd00bd0: "lustre",
	0x47504653: "gpfs", 0xaad7aaea: "panfs", 0x19830326: "beegfs", 0x7461636f: "ocfs2", 0x01161970: "gfs2",
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
