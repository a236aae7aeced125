package terminal

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"docserve/runner"
)

// TestLend: while another program has the terminal nothing is printed, and
// afterwards all that was held back, in the mode of before.
func TestLend(t *testing.T) {
	_, program := openPTY(t)
	var out bytes.Buffer
	view, err := New(Options{Out: &out, Err: &out, Width: func() int { return 80 }})
	if err != nil {
		t.Fatal(err)
	}
	before := mode(t, program)
	back := view.Lend(program)
	changed := before
	changed.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(program.Fd()), unix.TCSETS, &changed); err != nil {
		t.Fatal(err)
	}
	view.Progress(runner.Progress{Phase: runner.Starting})
	view.Diagnose(runner.Diagnostic{Severity: runner.Warning, Path: "a.rst", Message: "later"})
	if out.Len() > 0 {
		t.Errorf("printed %q while the terminal was lent", out.String())
	}
	back()
	if got := out.String(); got != "a.rst: warning: later\n" {
		t.Errorf("printed %q", got)
	}
	if after := mode(t, program); after != before {
		t.Errorf("mode was %+v, is %+v", before, after)
	}
	view.Diagnose(runner.Diagnostic{Severity: runner.Warning, Path: "b.rst", Message: "now"})
	if !bytes.HasSuffix(out.Bytes(), []byte("b.rst: warning: now\n")) {
		t.Errorf("printed %q", out.String())
	}
}
