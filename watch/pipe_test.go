//go:build unix

package watch

import (
	"path/filepath"
	"syscall"
	"testing"
)

func TestOddFilesDoNotStopIt(t *testing.T) {
	dir := place(t, "a.rst", "x.rst/")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.rst"), 0o644); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	r := watchDir(t, dir, nil)
	must(t, syscall.Mkfifo(r.path("pipe2.rst"), 0o644))
	fill(t, dir, "y.rst/")
	r.write("a.rst", "two\n")
	r.expect("write a.rst")
}
