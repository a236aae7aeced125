package doctor

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// describe returns the distribution with the kernel's release, and the memory.
func describe() (name string, memory uint64) {
	text, _ := os.ReadFile("/etc/os-release") // without one the kernel must do
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			name = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	var names unix.Utsname
	if unix.Uname(&names) == nil {
		name = strings.TrimPrefix(name+", Linux "+unix.ByteSliceToString(names.Release[:]), ", ")
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		memory = uint64(info.Totalram) * uint64(info.Unit)
	}
	return name, memory
}

// inotify returns the limits of the system, and how much of them other programs
// of this user have taken.
func inotify(l *Limits, except []int) {
	const dir = "/proc/sys/fs/inotify/"
	l.Watches, l.Instances = number(dir+"max_user_watches"), number(dir+"max_user_instances")
	processes, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	for _, process := range processes {
		pid, err := strconv.Atoi(filepath.Base(process))
		if err != nil || slices.Contains(except, pid) {
			continue
		}
		files, err := os.ReadDir(filepath.Join(process, "fd"))
		if err != nil {
			continue // another user's, whose limits are others
		}
		for _, file := range files {
			target, err := os.Readlink(filepath.Join(process, "fd", file.Name()))
			if err != nil || target != "anon_inode:inotify" {
				continue
			}
			l.InstancesUsed++
			text, _ := os.ReadFile(filepath.Join(process, "fdinfo", file.Name())) // it may have ended
			l.WatchesUsed += strings.Count("\n"+string(text), "\ninotify ")
		}
	}
}

// number reads a file with a number in it; 0 if there is none.
func number(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(text))) // 0 is right otherwise
	return n
}
