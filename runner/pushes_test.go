package runner

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPushes: the longest that a tab has waited counts, whenever it was told.
func TestPushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build := Build{Pushes: &Pushes{}}
		one, two := build.Pushes.Begin(), build.Pushes.Begin()
		time.Sleep(3 * time.Millisecond)
		one()
		time.Sleep(4 * time.Millisecond)
		two()
		three := build.Pushes.Begin()
		three()
		builds := Measured(build, Build{})
		if builds[0].Push != 7*time.Millisecond || builds[1].Push != 0 || build.Push != 0 {
			t.Errorf("measured %+v", builds)
		}
	})
	var nobody *Pushes
	if nobody.Begin() != nil {
		t.Error("nobody measures")
	}
}
