package watch

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// kind returns the type of the file system that dir is on.
func kind(dir string) string {
	info, err := os.Stat(dir)
	if err != nil {
		return ""
	}
	if f, err := os.Open(mountTable); err == nil {
		defer f.Close()
		if kind := kindIn(f, identify(info).device()); kind != "" {
			return kind
		}
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return ""
	}
	return magics[uint32(stat.Type)]
}

// kindIn looks up the type of the file system with that device number in a table
// of mounts, as /proc/self/mountinfo has it; "" when it is not there. A
// subvolume of btrfs has a number of its own.
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

// hears reports whether inotify works in dir: opening dir must bring an event.
// That neither writes anything nor needs permission to, and the event is there
// when the call returns. What cannot be found out counts as working.
func hears(dir string) bool {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return true // the limit of instances; the watch itself is there
	}
	defer syscall.Close(fd)
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_OPEN|syscall.IN_ONLYDIR); err != nil {
		return true
	}
	f, err := os.Open(dir)
	if err != nil {
		return true
	}
	f.Close()
	var buf [syscall.SizeofInotifyEvent + syscall.NAME_MAX + 1]byte
	n, err := syscall.Read(fd, buf[:])
	return n > 0 || err != syscall.EAGAIN
}
