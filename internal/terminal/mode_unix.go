//go:build unix

package terminal

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// canControl reports whether file is a terminal that understands control
// sequences.
func canControl(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// foreground reports whether the process may use the terminal behind file. One
// that runs in the background would be stopped by the attempt.
func foreground(file *os.File) bool {
	group, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp() // err: not our controlling terminal
}

// readKeys makes reads from file return after each key. It is less than
// term.MakeRaw does, which would also change how output looks and turn Ctrl-C
// into a key.
func readKeys(file *os.File) error {
	fd := int(file.Fd())
	mode, err := unix.IoctlGetTermios(fd, getMode)
	if err != nil {
		return err
	}
	mode.Lflag &^= unix.ICANON | unix.ECHO
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	// After Ctrl-Z and bg, a read is to fail, rather than to stop the server.
	signal.Ignore(unix.SIGTTIN)
	return unix.IoctlSetTermios(fd, setMode, mode)
}
