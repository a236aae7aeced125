//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// protect makes the sources read-only, with all that an extension may want to
// put beside them, and has everything read anew. They are mounted over
// themselves where that is allowed; otherwise the directories lose their
// permissions, which only binds who is not root.
func (s *sequence) protect(d dice) error {
	if err := s.edits(d); err != nil {
		return err
	}
	s.reached = true
	dir := s.project.dir
	if s.mount == "" {
		return s.permit(0o555)
	}
	if !s.bound {
		if err := unix.Mount(dir, dir, "", unix.MS_BIND|unix.MS_REC, ""); err != nil { // the output stays what it is
			return fmt.Errorf("mount the sources: %w", err)
		}
		s.bound = true
		s.t.Cleanup(func() {
			if err := unmount(dir); err != nil {
				s.t.Error(err)
			}
		})
	}
	if err := unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		return fmt.Errorf("mount the sources read-only: %w", err)
	}
	s.session.Runner.Rebuild(s.t.Context())
	return nil
}

func (s *sequence) unprotect() error {
	if s.mount == "" {
		return s.permit(0o777)
	}
	return unix.Mount("", s.project.dir, "", unix.MS_BIND|unix.MS_REMOUNT, "")
}

// permit sets the permissions of the directories that sources are in.
func (s *sequence) permit(mode os.FileMode) error {
	for _, name := range []string{".", "inc", "_static", "_ext"} {
		if err := os.Chmod(filepath.Join(s.project.dir, name), mode); err != nil {
			return err
		}
	}
	return nil
}

// obstruct puts something into the place of a document that nobody can read.
func (s *sequence) obstruct(d dice) error {
	name := pick(d, s.project.docs())
	if name == "index.rst" {
		name = "d03.rst" // without the root there is no site
	}
	s.blocked = [2]string{name, s.project.files[name]}
	delete(s.project.files, name)
	if err := s.save(); err != nil {
		return err
	}
	path := s.project.path(name)
	var err error
	switch d.IntN(4) {
	case 0:
		err = os.Symlink("nowhere", path)
	case 1:
		err = os.Symlink(name, path) // a link to itself
	case 2:
		err = os.Mkdir(path, 0o777)
	case 3:
		err = unix.Mkfifo(path, 0o666) // who opens it waits for its writer
	}
	if err != nil {
		return err
	}
	s.reached = true
	return s.edits(d)
}

func (s *sequence) clear() error {
	if err := os.Remove(s.project.path(s.blocked[0])); err != nil {
		return err
	}
	s.project.files[s.blocked[0]] = s.blocked[1]
	return nil
}
