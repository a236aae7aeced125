package watch

import (
	"os"
	"syscall"
)

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
