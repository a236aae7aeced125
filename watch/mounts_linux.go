package watch

import (
	"context"
	"os"
	"sync"
	"syscall"
)

// mountTable is the kernel's list of what is mounted where.
const mountTable = "/proc/self/mountinfo"

// watchMounts calls changed whenever something was mounted or unmounted, until
// ctx is done. A mount takes the place of a directory without any event in it or
// above it, and an unmount takes all watches along, and fsnotify says neither.
// Where the kernel does not tell, it returns at once.
func watchMounts(ctx context.Context, changed func()) {
	table, err := os.Open(mountTable)
	if err != nil {
		return
	}
	defer table.Close()
	queue, err := mountQueue(table)
	if err != nil {
		return
	}
	var closing sync.WaitGroup
	defer closing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	closing.Go(func() {
		<-ctx.Done()
		_ = queue.Close() // and what waits for it returns
	})
	raw, err := queue.SyscallConn()
	if err != nil {
		return
	}
	for {
		woken := false
		err := raw.Read(func(fd uintptr) bool {
			// Being woken is the news: by looking for it, Go's poller has taken it from
			// the queue, which is only to be left empty.
			var event [1]syscall.EpollEvent
			n, err := syscall.EpollWait(int(fd), event[:], 0)
			if woken || n > 0 || err != nil && err != syscall.EINTR {
				return true
			}
			woken = true
			return false
		})
		if err != nil || ctx.Err() != nil {
			return
		}
		changed()
	}
}

// mountQueue returns a queue that becomes readable when the table changes. The
// table itself is always readable; what tells of a change is an exception on it,
// for which Go's own poller does not look.
func mountQueue(table *os.File) (*os.File, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	const edge = 1 << 31 // EPOLLET, whose constant has the wrong sign
	err = syscall.EpollCtl(fd, syscall.EPOLL_CTL_ADD, int(table.Fd()), &syscall.EpollEvent{Events: syscall.EPOLLPRI | edge})
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "mounts"), nil
}
