package watch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// lack is a limit of the system that was reached.
type lack struct {
	what string // was reached
	hint string // what to do about it
}

// Limits that are enough for large projects and several programs that watch,
// and that distributions use too. A watch takes about 1 KB of kernel memory.
const (
	enoughWatches   = 524288
	enoughInstances = 1024
)

// exhausted reports whether err says that the system has no more watches.
func exhausted(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// shortage says which limit err is about. Read returns the present value of a
// setting of the kernel, or 0. Linux has one limit of watches and one of
// instances, which is how many programs may watch; both count for all that a
// user runs, in containers too. Elsewhere a watch is an open file.
func shortage(err error, read func(name string) int) lack {
	const files = "the system's limit of open files is reached"
	switch {
	case runtime.GOOS == "linux" && errors.Is(err, syscall.ENOSPC):
		return lack{"the system's limit of file watches is reached", raise(read, "fs.inotify.max_user_watches", enoughWatches)}
	case runtime.GOOS == "linux" && errors.Is(err, syscall.ENFILE):
		return lack{files, raise(read, "fs.file-max", 0)}
	case runtime.GOOS == "linux" && errors.Is(err, syscall.EMFILE) && spare():
		return lack{"the system's limit of programs that watch files is reached", raise(read, "fs.inotify.max_user_instances", enoughInstances)}
	}
	return lack{files, "raise it: ulimit -n"}
}

// raise returns the command that raises a setting to enough, or doubles it when
// it is as much already.
func raise(read func(name string) int, name string, enough int) string {
	now := read(name)
	hint := fmt.Sprintf("raise it: sudo sysctl %s=%d", name, max(enough, 2*now))
	if now > 0 {
		hint += fmt.Sprintf(" (now %d)", now)
	}
	return hint
}

// spare reports whether this process can open one more file. If so, it was not
// its own limit that was reached.
func spare() bool {
	f, err := os.Open(os.DevNull)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// sysctl returns the value of a setting of the kernel, or 0 when it is not known.
func sysctl(name string) int {
	text, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(name, ".", "/"))
	if err != nil {
		return 0
	}
	value, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return value
}
