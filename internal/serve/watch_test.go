package serve

import (
	"testing"
	"time"
)

// How long a change is waited for is the watcher's own judgement, which knows what
// kind of change it is, unless --debounce says otherwise.
func TestPaceIsTheWatchers(t *testing.T) {
	for _, want := range []time.Duration{0, 50 * time.Millisecond} {
		opts := Options{}
		opts.Watch.Quiet = want
		if got := watchOptions(opts).Quiet; got != want {
			t.Errorf("the watcher is told to wait %v, want %v", got, want)
		}
	}
}
