package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	line := "42 (a (b) c) S 7 42 42 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 100 0 0\n"
	got, err := parseStat(line)
	if err != nil || got.parent != 7 || got.ticks != 110 {
		t.Errorf("got %+v, %v, want parent 7 and 110 ticks", got, err)
	}
	for _, line := range []string{"", "42 (a) S 7", "nothing"} {
		if _, err := parseStat(line); err == nil {
			t.Errorf("no error for %q", line)
		}
	}
}

// TestFamilyOutlivesParent: a grandchild whose parent has ended is found, and
// killed with the rest.
func TestFamilyOutlivesParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("families are found in Linux's /proc")
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	log := filepath.Join(t.TempDir(), "log")
	p, err := start([]string{shell, "-c", "(setsid sleep 100 & echo started); exec sleep 100"}, nil, "", log)
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	if _, err := p.find(t.Context(), regexp.MustCompile("started")); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for len(pids) < 2 {
		if pids = family(p.cmd.Process.Pid, p.mark); t.Context().Err() != nil {
			t.Fatal("the grandchild was not found")
		}
		time.Sleep(time.Millisecond)
	}
	if size, err := p.shared(); err != nil || size <= 0 {
		t.Errorf("the family has %d bytes, %v", size, err)
	}
	p.kill()
	for _, pid := range pids {
		for slices.Contains(family(pid, p.mark), pid) && exists(pid) {
			if t.Context().Err() != nil {
				t.Fatalf("process %d is still there", pid)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// exists says whether a process runs; a zombie does not.
func exists(pid int) bool {
	_, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "exe"))
	return err == nil
}
