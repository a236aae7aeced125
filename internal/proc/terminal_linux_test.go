package proc

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	// lender leads a session on the terminal that is its standard input, lends it
	// to a child that says what it reads, and then says whether it has it back.
	roles["lender"] = func([]string) int {
		child := Spec{Argv: []string{"/bin/sh", "-c", `echo ready; read line; echo "read $line"`}, Terminal: os.Stdin}
		p, err := Start(child)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		<-p.Done()
		group, err := unix.IoctlGetInt(0, unix.TIOCGPGRP)
		fmt.Println("back", group == unix.Getpgrp(), err, p.Exit(), string(p.Tail(10)))
		return 0
	}
}

// TestTerminalIsLent: the child reads and writes in the foreground, and the
// parent has the terminal back afterwards.
func TestTerminalIsLent(t *testing.T) {
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer person.Close()
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"=lender")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	var said strings.Builder
	buffer := make([]byte, 1000)
	answered := false
	for {
		n, err := person.Read(buffer)
		said.Write(buffer[:n])
		if !answered && strings.Contains(said.String(), "ready") {
			answered = true
			if _, err := person.WriteString("hello\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil { // the last one has closed it
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if text := said.String(); !strings.Contains(text, "read hello") || !strings.Contains(text, "back true <nil> exit status 0") {
		t.Errorf("said %q", text)
	}
}
