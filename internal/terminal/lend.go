package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// held is a text that waits for the terminal.
type held struct {
	to   io.Writer
	text string
}

// Lend leaves the terminal to another program, whose input is in: no progress
// line is drawn, and what is to be printed waits, until back is called. Then the
// terminal has the mode that it had, whatever that program has made of it.
func (t *Terminal) Lend(in *os.File) (back func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.erase()
	t.lent = true
	mode, err := term.GetState(int(in.Fd()))
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if err == nil {
			_ = term.Restore(int(in.Fd()), mode) // an error means that the terminal is gone
		}
		t.lent = false
		for _, each := range t.held {
			t.print(each.to, each.text)
		}
		t.held = nil
	}
}
