//go:build !linux

package watch

import (
	"context"
	"time"
)

// mountsEvery is how often all directories are looked for, where the system does
// not tell about mounts: often enough for a disk that someone plugs in.
const mountsEvery = 2 * time.Second

// watchMounts calls changed now and then, until ctx is done: something may have
// been mounted or unmounted.
func watchMounts(ctx context.Context, changed func()) {
	ticker := time.NewTicker(mountsEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			changed()
		}
	}
}
