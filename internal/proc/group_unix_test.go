//go:build unix

package proc

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// gone reports whether the process runs no more. One that has no parent left
// may stay a zombie for ever where nobody adopts it.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return errors.Is(err, os.ErrNotExist) && runtime.GOOS == "linux"
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}

// numberAfter finds the number that follows word in text, or 0.
func numberAfter(text []byte, word string) int {
	_, rest, found := strings.Cut(string(text), word+" ")
	line, _, ended := strings.Cut(rest, "\n")
	if !found || !ended {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(line))
	return n
}

func waitForNumber(t *testing.T, p *Process, word string) (n int) {
	t.Helper()
	eventually(t, "the number of the "+word, func() bool {
		n = numberAfter(p.Tail(4000), word)
		return n != 0
	})
	return n
}

func TestKillEndsTheWholeGroup(t *testing.T) {
	p := start(t, roleSpec("family"))
	child := waitForNumber(t, p, "child")
	if gone(child) {
		t.Fatal("the grandchild did not live")
	}
	p.Kill()
	<-p.Done()
	eventually(t, "the grandchild is gone", func() bool { return gone(child) })
}

func TestTheGroupEndsWithItsLeader(t *testing.T) {
	p := start(t, roleSpec("family", "leave"))
	<-p.Done()
	if p.Exit() != "exit status 0" {
		t.Errorf("exit %q", p.Exit())
	}
	child := numberAfter(p.Tail(4000), "child")
	if child == 0 {
		t.Fatalf("output %q", p.Tail(4000))
	}
	eventually(t, "the grandchild is gone", func() bool { return gone(child) })
}

func TestTerminateAsksFirst(t *testing.T) {
	p := start(t, Spec{Argv: []string{"/bin/sh", "-c", `trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done`}})
	eventually(t, "the shell is ready", func() bool { return string(p.Tail(100)) == "ready\n" })
	p.Terminate(time.Minute)
	if p.ExitCode() != 7 || !strings.Contains(string(p.Tail(100)), "bye") {
		t.Errorf("exit %q, output %q", p.Exit(), p.Tail(100))
	}
}

func TestTerminateDoesNotWaitForEver(t *testing.T) {
	p := start(t, Spec{Argv: []string{"/bin/sh", "-c", `trap '' TERM; echo ready; while :; do sleep 0.05; done`}})
	eventually(t, "the shell is ready", func() bool { return string(p.Tail(100)) == "ready\n" })
	p.Terminate(20 * time.Millisecond)
	if p.Exit() != "signal: killed" {
		t.Errorf("exit %q", p.Exit())
	}
}

func TestKillGroup(t *testing.T) {
	p := start(t, roleSpec("family"))
	child := waitForNumber(t, p, "child")
	KillGroup(child) // leads no group
	eventually(t, "the grandchild is gone", func() bool { return gone(child) })
	if p.Exit() != "" {
		t.Fatal("the leader went too")
	}
	KillGroup(p.Pid())
	<-p.Done()
	for _, pid := range []int{-1, 0, 1, os.Getpid()} {
		KillGroup(pid) // nobody's
	}
}

// TestNothingOutlivesDocserve kills a process that uses this package with a
// signal that it cannot handle.
func TestNothingOutlivesDocserve(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("skipped: only Linux kills a child with its parent")
	}
	owner := start(t, roleSpec("owner"))
	parent, child := waitForNumber(t, owner, "parent"), waitForNumber(t, owner, "child")
	if gone(parent) {
		t.Fatal("the parent did not live")
	}
	if err := syscall.Kill(owner.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-owner.Done()
	eventually(t, "the parent is gone", func() bool { return gone(parent) })
	// The grandchild is in the group of its dead parent. Only a child of ours is
	// promised to go; this one is ended here.
	KillGroup(parent)
	eventually(t, "the grandchild is gone", func() bool { return gone(child) })
}

// TestTheLauncherKeepsItsThread starts a child in a goroutine that ends with
// its thread, which must not take the child along.
func TestTheLauncherKeepsItsThread(t *testing.T) {
	started := make(chan *Process, 1)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends too
		p, err := Start(roleSpec("pause", "alive"))
		if err != nil {
			t.Error(err)
		}
		started <- p
	}()
	p := <-started
	if p == nil {
		t.FailNow()
	}
	t.Cleanup(func() { p.Kill(); <-p.Done() })
	eventually(t, "the child has printed", func() bool { return string(p.Tail(100)) == "alive\n" })
	select {
	case <-p.Done():
		t.Errorf("it ended: %s", p.Exit())
	case <-time.After(100 * time.Millisecond): // a wrong signal comes at once
	}
}
