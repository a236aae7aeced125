package terminal

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"
)

// Action is what a key asks for.
type Action string

// The actions.
const (
	Rebuild      Action = "rebuild"       // r
	Open         Action = "open"          // o
	ShowWarnings Action = "show warnings" // w
	Verify       Action = "verify"        // v
	Quit         Action = "quit"          // q
)

// Keys reads single keys from a terminal.
type Keys struct {
	in      *os.File
	usable  bool
	actions chan Action
}

// NewKeys returns the Keys of the terminal behind in. If there is none, or if
// docserve runs in the background of one, no key will ever come.
func NewKeys(in *os.File) *Keys {
	return &Keys{
		in:      in,
		usable:  term.IsTerminal(int(in.Fd())) && foreground(in),
		actions: make(chan Action),
	}
}

// NoKeys returns Keys that read nothing: the terminal is somebody else's.
func NoKeys() *Keys { return &Keys{actions: make(chan Action)} }

// Usable reports whether keys will be read.
func (k *Keys) Usable() bool { return k.usable }

// Actions returns what the keys ask for, in their order.
func (k *Keys) Actions() <-chan Action { return k.actions }

// Run reads keys until ctx is done, and leaves the terminal as it found it.
// Lines are still ended and signals still sent by the terminal: only echo and
// the waiting for a whole line are off. The error is the terminal's refusal.
//
// A read from a terminal cannot be interrupted on all systems, so the goroutine
// that reads may outlive Run, until the next key or the end of the process.
func (k *Keys) Run(ctx context.Context) error {
	if !k.usable {
		<-ctx.Done()
		return nil
	}
	state, err := term.GetState(int(k.in.Fd()))
	if err != nil {
		return fmt.Errorf("ask the terminal for its mode: %w", err)
	}
	if err := readKeys(k.in); err != nil {
		return fmt.Errorf("set the terminal to single keys: %w", err)
	}
	defer func() {
		if foreground(k.in) { // in the background this would stop the process
			_ = term.Restore(int(k.in.Fd()), state)
		}
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.read(ctx)
	}()
	<-ctx.Done()
	if k.in.SetReadDeadline(time.Now()) == nil {
		<-done
	}
	return nil
}

// read sends actions until reading fails or ctx is done.
func (k *Keys) read(ctx context.Context) {
	buffer := make([]byte, 64)
	for {
		n, err := k.in.Read(buffer)
		for _, action := range actions(buffer[:n]) {
			select {
			case k.actions <- action:
			case <-ctx.Done():
				return
			}
		}
		if err != nil || ctx.Err() != nil {
			return
		}
	}
}

// actions translates what one read gave.
func actions(input []byte) []Action {
	var found []Action
	for _, b := range input {
		switch b {
		case 0x1b: // the rest is the name of a special key
			return found
		case 'r', 'R':
			found = append(found, Rebuild)
		case 'o', 'O':
			found = append(found, Open)
		case 'w', 'W':
			found = append(found, ShowWarnings)
		case 'v', 'V':
			found = append(found, Verify)
		case 'q', 'Q':
			found = append(found, Quit)
		}
	}
	return found
}

// columns returns the width of the terminal behind out, or 0.
func columns(out *os.File) int {
	width, _, err := term.GetSize(int(out.Fd()))
	if err != nil {
		return 0
	}
	return width
}
