//go:build !linux

package watch

import (
	"sync"
	"time"
)

// mountsEvery is how often all directories are looked for, where the system does
// not tell about mounts: often enough for a disk that someone plugs in.
const mountsEvery = 2 * time.Second

// watchMounts calls changed now and then, until close is called: something may
// have been mounted or unmounted.
func watchMounts(changed func()) (close func()) {
	end := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(mountsEvery)
		defer ticker.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticker.C:
				changed()
			}
		}
	})
	return func() {
		end <- struct{}{}
		running.Wait()
	}
}
