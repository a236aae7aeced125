package proc

import (
	"runtime"
	"sync"
)

// The kernel kills a child with a parent-death signal when the *thread* that
// started it ends, and Go ends threads as it likes. So all children are started
// by one goroutine, which is locked to its thread and lives as long as any child
// does. It is not kept any longer, so that docserve at rest has none.

var launcher struct {
	sync.Mutex     // guards what follows
	children   int // started, or about to be, and not yet released
	requests   chan func()
}

// launch calls start on the launcher's thread. If it succeeds, release must be
// called once when the child has been waited for.
func launch(start func() error) error {
	launcher.Lock()
	if launcher.children == 0 {
		launcher.requests = make(chan func())
		go serveLaunches(launcher.requests)
	}
	launcher.children++
	requests := launcher.requests
	launcher.Unlock()

	result := make(chan error, 1)
	requests <- func() { result <- start() }
	err := <-result
	if err != nil {
		release()
	}
	return err
}

func serveLaunches(requests <-chan func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for request := range requests {
		request()
	}
}

// release says that a child is gone. The last one ends the launcher.
func release() {
	launcher.Lock()
	defer launcher.Unlock()
	launcher.children--
	if launcher.children == 0 {
		close(launcher.requests)
	}
}
