package terminal

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openPTY returns the two ends of a pseudo terminal.
func openPTY(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

func mode(t *testing.T, file *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

func TestKeys(t *testing.T) {
	person, program := openPTY(t)
	before := mode(t, program)
	keys := NewKeys(program)
	if !keys.Usable() {
		t.Fatal("a terminal is not usable")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- keys.Run(ctx) }()
	for deadline := time.Now().Add(30 * time.Second); mode(t, program).Lflag&unix.ICANON != 0; {
		if time.Now().After(deadline) {
			t.Fatal("keys are not read singly")
		}
		time.Sleep(time.Millisecond)
	}
	if m := mode(t, program); m.Lflag&unix.ISIG == 0 || m.Oflag != before.Oflag || m.Lflag&unix.ECHO != 0 {
		t.Errorf("mode %+v", m)
	}
	if _, err := person.WriteString("rxo\x1b[Aé"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []Action{Rebuild, Open} {
		if got := next(t, keys); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if _, err := person.WriteString("Wv"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []Action{ShowWarnings, Verify} {
		if got := next(t, keys); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if _, err := person.WriteString("q"); err != nil { // nobody takes it
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if after := mode(t, program); after != before {
		t.Errorf("mode was %+v, is %+v", before, after)
	}
	if columns(program) != 0 {
		t.Error("a terminal without size has a width")
	}
}

func next(t *testing.T, keys *Keys) Action {
	t.Helper()
	select {
	case a := <-keys.Actions():
		return a
	case <-time.After(30 * time.Second):
		t.Fatal("no key arrives")
		return ""
	}
}

func TestNoKeysWithoutTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	keys := NewKeys(r)
	if keys.Usable() {
		t.Error("a pipe is usable")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := keys.Run(ctx); err != nil {
		t.Error(err)
	}
}
