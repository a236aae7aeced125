package terminal

import (
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// canControl reports whether file is a console that understands control
// sequences. Older ones have to be told to.
func canControl(file *os.File) bool {
	if !term.IsTerminal(int(file.Fd())) {
		return false
	}
	var mode uint32
	handle := windows.Handle(file.Fd())
	if err := windows.GetConsoleMode(handle, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

// foreground reports whether the process may use the console: Windows knows no
// background.
func foreground(*os.File) bool { return true }

// readKeys makes reads from file return after each key.
func readKeys(file *os.File) error {
	var mode uint32
	handle := windows.Handle(file.Fd())
	if err := windows.GetConsoleMode(handle, &mode); err != nil {
		return err
	}
	return windows.SetConsoleMode(handle, mode&^(windows.ENABLE_LINE_INPUT|windows.ENABLE_ECHO_INPUT))
}
