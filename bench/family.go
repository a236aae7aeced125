package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Memory and processor time come from Linux's /proc. Elsewhere family finds
// nobody, and what is measured with it is reported as not available.

var errNoProc = errors.New("find processes: no /proc here")

// family returns root and its descendants: by parent, and by the mark in their
// environment, for those whose parent has ended.
func family(root int, mark string) []int {
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(entries) == 0 {
		return nil
	}
	children := map[int][]int{}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(entry))
		if err != nil {
			continue
		}
		stat, err := readStat(pid)
		if err != nil {
			continue // it ended meanwhile
		}
		children[stat.parent] = append(children[stat.parent], pid)
		environ, err := os.ReadFile(filepath.Join(entry, "environ"))
		if err == nil && bytes.Contains(environ, []byte(markVariable+"="+mark+"\x00")) {
			found = append(found, pid)
		}
	}
	queue := append([]int{root}, found...)
	found = nil
	for len(queue) > 0 {
		pid := queue[0]
		queue = queue[1:]
		if !slices.Contains(found, pid) {
			found = append(found, pid)
			queue = append(queue, children[pid]...)
		}
	}
	slices.Sort(found)
	return found
}

// stat is what matters of /proc/PID/stat.
type stat struct {
	parent int
	ticks  int64 // processor time of it and of its children that ended, in clock ticks
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// parseStat reads a line of /proc/PID/stat, in which the name of the program
// may hold spaces and parentheses.
func parseStat(line string) (stat, error) {
	end := strings.LastIndexByte(line, ')')
	fields := strings.Fields(line[end+1:])
	if end < 0 || len(fields) < 15 {
		return stat{}, fmt.Errorf("parse stat %q: too few fields", line)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return stat{}, fmt.Errorf("parse stat %q: %w", line, err)
	}
	s := stat{parent: parent}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("parse stat %q: %w", line, err)
		}
		s.ticks += ticks
	}
	return s, nil
}

// ticks returns the processor time that each member of the family has used.
func (p *process) ticks() map[int]int64 {
	used := map[int]int64{}
	for _, pid := range family(p.cmd.Process.Pid, p.mark) {
		if s, err := readStat(pid); err == nil {
			used[pid] = s.ticks
		}
	}
	return used
}

// shared returns the memory of the whole family in bytes, with each shared
// page divided among those that share it (PSS).
func (p *process) shared() (int64, error) {
	var sum int64
	for _, pid := range family(p.cmd.Process.Pid, p.mark) {
		size, err := kilobytes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
		if err == nil { // else it ended meanwhile
			sum += size
		}
	}
	if sum == 0 {
		return 0, errNoProc
	}
	return sum, nil
}

// resident returns the resident memory of the process alone, in bytes.
func (p *process) resident() (int64, error) {
	return kilobytes(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmRSS:")
}

// kilobytes reads the figure after a label that is given in kB, in bytes.
func kilobytes(path, label string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == label {
			size, err := strconv.ParseInt(fields[1], 10, 64)
			return size * 1024, err
		}
	}
	return 0, fmt.Errorf("read memory: no %s in %s", label, path)
}
