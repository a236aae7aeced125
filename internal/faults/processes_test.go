//go:build linux

package faults

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ordersVar names the directory with the order, and is how the processes of a
// session are found: they inherit it, however deep.
const ordersVar = "DOCSERVE_FAULTS"

// member is a process of a session.
type member struct {
	pid, parent int
	command     string
}

func (m member) String() string { return fmt.Sprintf("%d (of %d) %s", m.pid, m.parent, m.command) }

// members returns all living processes of the session but the test itself.
func members(orders string) map[int]member {
	mark := []byte(ordersVar + "=" + orders + "\x00")
	found := map[int]member{}
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is right
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(environ, mark) {
			continue // it has ended, or is a stranger
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || pid == os.Getpid() {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		found[pid] = member{pid: pid, parent: parent(pid), command: strings.ReplaceAll(string(command), "\x00", " ")}
	}
	return found
}

// parent returns the parent of a process, 0 when it has ended.
func parent(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	n, _ := strconv.Atoi(fields[1])
	return n
}

// orphans returns the processes of a session that nobody is responsible for:
// docserve does not know them, nor any of their forebears.
func orphans(orders string, known map[string]int) []string {
	all := members(orders)
	roots := map[int]bool{os.Getpid(): true}
	for _, pid := range known {
		roots[pid] = true
	}
	var lonely []string
	for _, m := range all {
		at := m.pid
		for !roots[at] && at > 1 {
			at = parent(at)
		}
		if at <= 1 && parent(m.pid) != 0 {
			lonely = append(lonely, m.String())
		}
	}
	slices.Sort(lonely)
	return lonely
}
