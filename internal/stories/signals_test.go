//go:build unix

package stories

import (
	"os"
	"syscall"
	"testing"
)

// TestSignals: a signal that asks docserve to end does, at whatever it is, and
// one after the other does no harm: nothing of it stays behind, and when it is
// started again it comes to what a clean build writes.
func TestSignals(t *testing.T) {
	for _, test := range []struct {
		name    string
		signals []os.Signal
	}{
		{"SIGTERM", []os.Signal{syscall.SIGTERM}},
		{"SIGINT twice", []os.Signal{os.Interrupt, os.Interrupt}},
		{"SIGTERM, then SIGINT", []os.Signal{syscall.SIGTERM, os.Interrupt}},
	} {
		t.Run(test.name, func(t *testing.T) {
			story(t)
			p := newProject(t, "9.0", many(40, "text"))
			for _, settled := range []bool{false, true} {
				s := p.start()
				if settled {
					s.settled()
					p.save("n001.rst", many(40, "other text")["n001.rst"])
				}
				for _, signal := range test.signals {
					if err := s.cmd.Process.Signal(signal); err != nil { // it may have ended by the first
						t.Log(err)
					}
				}
				if code := s.ended(); code != 0 && (code != -1 || len(test.signals) == 1) {
					t.Errorf("the exit code is %d:\n%s", code, s.out)
				}
				s.noSurvivors()
			}
			s := p.start()
			s.settled()
			p.equalsClean()
			s.end()
		})
	}
}
