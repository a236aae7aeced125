//go:build unix

package python

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock on an open file, which ends with the file or the
// process, and reports whether it did.
func tryLock(f *os.File) (bool, error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}
