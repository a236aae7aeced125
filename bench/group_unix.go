//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup gives the command a process group, so that Ctrl-C in the terminal
// reaches the benchmark alone and killGroup reaches all of the command.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // no group left is as good
}

func interrupt(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(os.Interrupt) // ended already is as good
}
