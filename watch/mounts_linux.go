package watch

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// mountTable is the kernel's list of what is mounted where.
const mountTable = "/proc/self/mountinfo"

// mounts tells when something was mounted or unmounted, from when it is made.
// A mount takes the place of a directory without any event in it or above it, an
// unmount takes all watches along, and fsnotify says neither.
type mounts struct {
	table     int      // descriptor of mountTable
	wait, end *os.File // a pipe; when its end is closed, waiting is over
	running   sync.WaitGroup
}

// watchMounts calls changed whenever something was mounted or unmounted, until
// close is called. Where the kernel does not tell, it does nothing.
func watchMounts(changed func()) (close func()) {
	m, err := openMounts()
	if err != nil {
		return func() {}
	}
	m.running.Go(func() { m.run(changed) })
	return m.close
}

// openMounts opens the table without package os, which would hand it to Go's own
// poller: that looks for other things, but by looking it takes the news away.
func openMounts() (*mounts, error) {
	table, err := unix.Open(mountTable, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	wait, end, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, unix.Close(table))
	}
	return &mounts{table: table, wait: wait, end: end}, nil
}

// run calls changed until the pipe is closed. It keeps a thread. The table is
// always readable; what tells of a change is an exception on it. The kernel
// compares with what this open file was told last, so no change is missed between
// two calls.
func (m *mounts) run(changed func()) {
	wanted := []unix.PollFd{
		{Fd: int32(m.table), Events: unix.POLLPRI},
		{Fd: int32(m.wait.Fd()), Events: unix.POLLIN},
	}
	for {
		_, err := unix.Poll(wanted, -1)
		switch {
		case err == unix.EINTR:
		case err != nil || wanted[1].Revents != 0:
			return
		case wanted[0].Revents&(unix.POLLPRI|unix.POLLERR) != 0:
			m.finish()
			changed()
		}
	}
}

// finish waits until the change is done. The kernel tells of a mount while it is
// at it, so that one may still see what was there before. Reading the table takes
// the lock that it holds meanwhile.
func (m *mounts) finish() {
	var some [512]byte
	_, _ = unix.Pread(m.table, some[:], 0) // what it says does not matter
}

// close ends run, and waits for it.
func (m *mounts) close() {
	_ = m.end.Close() // nothing is written to any of these, so nothing can be lost
	m.running.Wait()
	_ = m.wait.Close()
	_ = unix.Close(m.table)
}
