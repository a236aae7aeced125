//go:build linux

package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// order tells the extension to misbehave, makes an edit that takes Sphinx there,
// and waits until it has.
func (s *sequence) order(d dice, deed, place string) error {
	name := pick(d, s.project.docs())
	doc := strings.TrimSuffix(name, ".rst")
	if !slices.Contains(reading, place) && !slices.Contains(writing, place) {
		doc = ""
	}
	times := pick(d, []int{1, 1, 1, 2, 2, 9}) // what was at work is tried once more, and then not any more
	s.say("%s at %s %s, %d times", deed, place, doc, times)
	text, err := json.Marshal(map[string]any{"deed": deed, "place": place, "doc": doc, "times": times})
	if err != nil {
		return err
	}
	before := s.deeds()
	if err := os.WriteFile(s.orderFile(), text, 0o666); err != nil {
		return err
	}
	switch {
	case slices.Contains(opening, place):
		s.project.files["conf.py"] += fmt.Sprintf("# Edit %d.\n", d.IntN(1_000_000))
	case place == "include-read":
		s.project.files["inc/part.txt"] += "More of it.\n"
	case slices.Contains(listing, place):
		s.project.add(d)
	default:
		s.project.edit(d, name)
	}
	if err := s.save(); err != nil {
		return err
	}
	// Some places are reached only when others have been; not all are by each edit.
	s.reached = s.within(reaching, func() bool { return s.deeds() > before })
	return nil
}

// reaching is how long an order waits to be carried out.
const reaching = 20 * time.Second

func (s *sequence) orderFile() string { return filepath.Join(s.orders, "order") }

// deeds counts what the extension has done.
func (s *sequence) deeds() int {
	text, err := os.ReadFile(filepath.Join(s.orders, "done"))
	if err != nil {
		return 0
	}
	return strings.Count(string(text), "\n")
}

// signal sends a signal to one of the processes, a moment after a save, or when
// all is at rest.
func (s *sequence) signal(d dice, signal syscall.Signal) error {
	if d.IntN(4) > 0 {
		s.project.edit(d, pick(d, s.project.docs()))
		if err := s.save(); err != nil {
			return err
		}
		time.Sleep(time.Duration(d.Int64N(int64(300 * time.Millisecond)))) // the dice's own choice: nothing is waited for
	}
	status := s.status()
	roles := []string{}
	for role := range status.Processes {
		if role != "docserve" {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	role := pick(d, []string{"worker", "worker", "standby", "finisher", "spare", "preview"})
	if !slices.Contains(roles, role) {
		if len(roles) == 0 {
			s.say("nobody there for %s", signal)
			return nil
		}
		role = roles[0]
	}
	s.say("%s to the %s", signal, role)
	s.reached = syscall.Kill(status.Processes[role], signal) == nil // it may have ended
	return nil
}

// limitFiles lets no file grow beyond 2 kB, which is what a full disk is for
// Sphinx alone; then makes edits.
func (s *sequence) limitFiles(d dice) error {
	s.limit(2 << 10)
	return s.edits(d)
}

func (s *sequence) liftLimit() error {
	s.limit(unix.RLIM_INFINITY)
	s.limit(unix.RLIM_INFINITY) // of those that were forked meanwhile
	return nil
}

func (s *sequence) limit(bytes uint64) {
	for pid := range members(s.orders) {
		limit := unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}
		if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, &limit, nil); err == nil {
			s.reached = true
		}
	}
}

// edits saves two documents at once.
func (s *sequence) edits(d dice) error {
	for range 2 {
		s.project.edit(d, pick(d, s.project.docs()))
	}
	return s.save()
}

// fill fills the output's file system to the last byte.
func (s *sequence) fill(d dice) error {
	file, err := os.Create(filepath.Join(s.mount, "fill"))
	if err != nil {
		return err
	}
	defer file.Close()
	for size := 64 << 10; size > 0; {
		if _, err := file.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			return err
		}
	}
	s.reached = true
	return s.edits(d)
}

func (s *sequence) drain() error { return os.Remove(filepath.Join(s.mount, "fill")) }

// freeze makes the output read-only: its file system where it has one of its
// own, otherwise the directory, which only binds who is not root.
func (s *sequence) freeze(d dice) error {
	s.reached = true
	if s.mount == "" {
		if err := os.Chmod(s.output(), 0o555); err != nil {
			return err
		}
		return s.edits(d)
	}
	var err error
	if !s.within(reaching, func() bool { // not while a file is being written
		err = unix.Mount("", s.mount, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
		return err == nil
	}) {
		return fmt.Errorf("remount: %w", err)
	}
	return s.edits(d)
}

func (s *sequence) thaw() error {
	if s.mount == "" {
		return os.Chmod(s.output(), 0o777)
	}
	return unix.Mount("", s.mount, "", unix.MS_REMOUNT, "")
}

// vanish saves a document, and an included file, that are gone when they are
// read.
func (s *sequence) vanish(d dice) error {
	s.reached = true
	name := s.project.add(d)
	if err := s.save(); err != nil {
		return err
	}
	delete(s.project.files, name)
	if d.IntN(2) == 0 {
		return s.save()
	}
	part := s.project.files["inc/part.txt"]
	delete(s.project.files, "inc/part.txt")
	s.project.edit(d, "d02.rst")
	if err := s.save(); err != nil {
		return err
	}
	s.project.files["inc/part.txt"] = part + "More.\n"
	return s.save()
}

// truncate saves half of a document, or of conf.py, and then all of it.
func (s *sequence) truncate(d dice) error {
	s.reached = true
	name := pick(d, append(s.project.docs(), "conf.py"))
	whole := s.project.files[name]
	s.project.files[name] = whole[:d.IntN(len(whole))]
	if err := s.save(); err != nil {
		return err
	}
	if d.IntN(2) == 0 {
		if err := s.rest(); err != nil {
			return err
		}
	}
	s.project.files[name] = whole
	return s.save()
}

// storm writes files as fast as it is asked to, for as long as the run allows.
func (s *sequence) storm(d dice) error {
	s.reached = true
	const burst, pace = 100, 10 * time.Millisecond // 10,000 a second
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for until := time.Now().Add(s.stormy); time.Now().Before(until); <-tick.C {
		for i := range burst {
			file := filepath.Join(s.project.dir, "inc", fmt.Sprintf("storm%d.txt", i%10))
			if err := os.WriteFile(file, fmt.Appendf(nil, "%d\n", d.IntN(1000)), 0o666); err != nil {
				return err
			}
		}
	}
	for i := range 10 {
		if err := os.Remove(filepath.Join(s.project.dir, "inc", fmt.Sprintf("storm%d.txt", i))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return s.edits(d)
}

// mountOutput gives the output directory a small file system of its own, where
// that is allowed.
func mountOutput(dir string) (string, error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return "", err
	}
	if err := unix.Mount("docserve-faults", dir, "tmpfs", 0, "size=16m"); err != nil {
		return "", nil // not allowed, not here: faults that need it are left out
	}
	return dir, nil
}

// unmount ends it; somebody may still be on the way out.
func unmount(dir string) error {
	if dir == "" {
		return nil
	}
	if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount %s: %w", dir, err)
	}
	return nil
}
