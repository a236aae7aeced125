package watch

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"docserve/internal/testenv"
)

// inNamespace names the variable that is set in the process of inOwnNamespace.
const inNamespace = "DOCSERVE_TEST_NAMESPACE"

// inOwnNamespace runs the test that calls it in a process with namespaces of its
// own, which may mount and set limits that nobody else sees. It reports whether
// this is that process.
func inOwnNamespace(t *testing.T, flags uintptr) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	if os.Getuid() != 0 {
		flags |= syscall.CLONE_NEWUSER
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
	if flags&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Start()
	if err != nil {
		testenv.Missing(t, "namespaces of one's own: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	return false
}

// TestMountsComeAndGo: no event in a directory tells that something was mounted
// on it or above it.
func TestMountsComeAndGo(t *testing.T) {
	if !inOwnNamespace(t, syscall.CLONE_NEWNS) {
		return
	}
	must(t, syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	mount := func(t *testing.T, dir string) {
		t.Helper()
		must(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, ""))
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // unless that was part of the test
	}
	unmount := func(dir string) {
		t.Helper()
		must(t, syscall.Unmount(dir, syscall.MNT_DETACH))
	}
	t.Run("the source directory", func(t *testing.T) {
		dir := place(t, "under.rst")
		mount(t, dir)
		fill(t, dir, "a.rst", "sub/b.rst")
		r := watchDir(t, dir, nil)
		r.write("sub/b.rst", "two\n")
		r.expect("write sub/b.rst")
		unmount(dir)
		r.gather("create under.rst", "remove a.rst", "remove sub/b.rst")
		r.write("under.rst", "two\n")
		r.expect("write under.rst")
		mount(t, dir)
		r.gather("remove under.rst")
		fill(t, dir, "a.rst", "sub/b.rst")
		r.expect("create a.rst", "create sub/b.rst")
		r.write("sub/b.rst", "three\n")
		r.expect("write sub/b.rst")
	})
	t.Run("what holds it", func(t *testing.T) {
		top := place(t)
		dir := filepath.Join(top, "deep", "docs")
		r := watchDir(t, dir, nil) // the disk is not plugged in yet
		mount(t, top)
		fill(t, dir, "a.rst")
		r.gather("create a.rst")
		r.write("a.rst", "two\n")
		r.expect("write a.rst")
		unmount(top)
		r.gather("remove a.rst")
	})
	t.Run("a part of it", func(t *testing.T) {
		dir := place(t, "a.rst", "api/b.rst")
		r := watchDir(t, dir, nil)
		mount(t, filepath.Join(dir, "api"))
		r.gather("remove api/b.rst")
		fill(t, dir, "api/c.rst")
		r.expect("create api/c.rst")
		unmount(filepath.Join(dir, "api"))
		r.gather("create api/b.rst", "remove api/c.rst")
		r.write("a.rst", "two\n")
		r.expect("write a.rst")
	})
	t.Run("read-only", func(t *testing.T) {
		top := place(t, "real/a.rst", "seen/")
		must(t, syscall.Mount(filepath.Join(top, "real"), filepath.Join(top, "seen"), "", syscall.MS_BIND, ""))
		must(t, syscall.Mount("", filepath.Join(top, "seen"), "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
		t.Cleanup(func() { must(t, syscall.Unmount(filepath.Join(top, "seen"), syscall.MNT_DETACH)) })
		r := watchDir(t, filepath.Join(top, "seen"), nil)
		fill(t, top, "real/a.rst=two\n")
		r.expect("write a.rst")
		if text := r.log.String(); text != "" {
			t.Errorf("log: %s", text)
		}
	})
}

func TestHears(t *testing.T) {
	dir := place(t, "a.rst")
	if !hears(dir) {
		t.Error("inotify seems not to work here")
	}
	if !hears(filepath.Join(dir, "missing")) {
		t.Error("what cannot be found out counts as working")
	}
}
