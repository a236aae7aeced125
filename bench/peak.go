package main

import (
	"context"
	"time"
)

// peak watches the memory of a process and its descendants.
type peak struct {
	cancel context.CancelFunc
	done   chan struct{}
	most   int64
}

func (p *process) watchPeak(ctx context.Context) *peak {
	ctx, cancel := context.WithCancel(ctx)
	k := &peak{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.done:
				return
			case <-time.After(leisurely(time.Since(p.started))):
				if size, err := p.shared(); err == nil {
					k.most = max(k.most, size)
				}
			}
		}
	}()
	return k
}

// stop ends the watch and returns the most that was seen, in bytes.
func (k *peak) stop() int64 {
	k.cancel()
	<-k.done
	return k.most
}

// leisurely is how long to wait before looking again at something that has
// lasted for so long already: often enough for what is short, and without
// taking time from what is long (a look costs some 10 ms).
func leisurely(lasted time.Duration) time.Duration {
	return min(max(lasted/20, 20*time.Millisecond), 2*time.Second)
}
