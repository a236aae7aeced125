//go:build unix

package proc

import (
	"errors"
	"os"
	"syscall"
)

// group is the process group that a child leads.
type group struct{ pid int }

func newGroup(p *os.Process) *group { return &group{pid: p.Pid} }

// The errors of the next two mean that there is nobody left to signal.

func (g *group) kill() { _ = syscall.Kill(-g.pid, syscall.SIGKILL) }

func (g *group) terminate() { _ = syscall.Kill(-g.pid, syscall.SIGTERM) }

func (g *group) close() {}

func killGroup(pid int) {
	if err := syscall.Kill(-pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func askStacks(pid int) { _ = syscall.Kill(pid, syscall.SIGUSR1) }
