//go:build unix

package proc

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// group is the process group that a child leads.
type group struct{ pid int }

func newGroup(p *os.Process) *group { return &group{pid: p.Pid} }

// The errors of the next two mean that there is nobody left to signal.

func (g *group) kill() { _ = syscall.Kill(-g.pid, syscall.SIGKILL) }

func (g *group) terminate() { _ = syscall.Kill(-g.pid, syscall.SIGTERM) }

func (g *group) close() {}

// everybody is what stands for the whole group where one process is meant.
func (g *group) everybody() int { return -g.pid }

// lend has the child begin in the foreground of the terminal.
func lend(attributes *syscall.SysProcAttr, terminal *os.File) {
	attributes.Foreground, attributes.Ctty = true, int(terminal.Fd())
}

// takeBack puts this process into the foreground again. In the background it
// would be stopped for that, if it did not look away for a moment. An error means
// that the terminal is gone.
func takeBack(terminal *os.File) {
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	_ = unix.IoctlSetPointerInt(int(terminal.Fd()), unix.TIOCSPGRP, unix.Getpgrp())
}

// niceness is that of the command nice when it is given no number.
const niceness = 10

// relax lowers the priority of the child, and so that of what it will start. It
// has hardly run yet. A refusal does no harm.
func (g *group) relax() { _ = syscall.Setpriority(syscall.PRIO_PGRP, g.pid, niceness) }

func killGroup(pid int) {
	if err := syscall.Kill(-pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func askStacks(pid int) { _ = syscall.Kill(pid, syscall.SIGUSR1) }

func endGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
