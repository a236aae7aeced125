package serve

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// However many builds end while a command runs, it never runs twice at a time, and
// it runs after the last of them.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		var inside, most, ran atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		come := func() {
			leave, ok := l.enter(ctx)
			if !ok {
				return
			}
			defer leave()
			ran.Add(1)
			most.Store(max(most.Load(), inside.Add(1)))
			<-release
			inside.Add(-1)
		}
		go come()
		synctest.Wait()
		for range 4 {
			go come()
		}
		synctest.Wait()
		release <- struct{}{}
		synctest.Wait()
		if ran.Load() != 2 || inside.Load() != 1 {
			t.Errorf("of five %d ran, and %d are inside", ran.Load(), inside.Load())
		}
		go come() // of a build since the second began
		synctest.Wait()
		release <- struct{}{}
		synctest.Wait()
		if ran.Load() != 3 || most.Load() != 1 {
			t.Errorf("%d ran, up to %d at a time", ran.Load(), most.Load())
		}
		go come() // waits, and gives up
		synctest.Wait()
		cancel()
		close(release)
		synctest.Wait()
		if ran.Load() != 3 {
			t.Error("one entered after the end")
		}
	})
}
