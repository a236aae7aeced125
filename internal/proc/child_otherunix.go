//go:build unix && !linux

package proc

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitExit waits for the process. Without a portable way to see its end and not
// take it, the group is killed a moment after the number was given back; the
// number is not given out again as long as the group has a member.
func awaitExit(cmd *exec.Cmd) error { return cmd.Wait() }
