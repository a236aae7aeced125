package main

import "os/exec"

// ownGroup does nothing: Windows has no process groups to kill.
func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // ended already is as good
}

// interrupt kills: there is no Ctrl-C for a process without a console of its own.
func interrupt(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
}
