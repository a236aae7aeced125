package watch

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func TestListings(t *testing.T) {
	file := func(name string, size, modified, inode int64, firm bool, seen time.Duration) entry {
		return entry{name: name, sign: signature{size, modified, 0o644, 0, inode}, firm: firm, seen: seen}
	}
	dir := func(name string, mode fs.FileMode, inode int64) entry {
		return entry{name: name, dir: true, sign: signature{2: int64(fs.ModeDir | mode), 4: inode}, firm: true}
	}
	link := func(name string, modified int64) entry {
		return entry{name: name, sign: signature{5, modified, int64(fs.ModeSymlink | 0o777), 0, 9}, firm: true}
	}
	const s = time.Second
	tests := []struct {
		name     string
		old, new listing
		want     []string
	}{
		{"nothing", listing{file("a", 1, 1, 1, true, 0)}, listing{file("a", 1, 1, 1, true, s)}, nil},
		{"created, between others", listing{file("a", 1, 1, 1, true, 0), file("c", 1, 1, 3, true, 0)},
			listing{file("a", 1, 1, 1, true, s), file("b", 1, 1, 2, true, s), file("c", 1, 1, 3, true, s)}, []string{"CREATE b"}},
		{"removed, at both ends", listing{file("a", 1, 1, 1, true, 0), file("b", 1, 1, 2, true, 0), file("c", 1, 1, 3, true, 0)},
			listing{file("b", 1, 1, 2, true, s)}, []string{"REMOVE a", "REMOVE c"}},
		{"another size", listing{file("a", 1, 1, 1, true, 0)}, listing{file("a", 2, 1, 1, true, s)}, []string{"WRITE a"}},
		{"a later time", listing{file("a", 1, 1, 1, true, 0)}, listing{file("a", 1, 2, 1, true, s)}, []string{"WRITE a"}},
		{"an earlier time: the clock was set back", listing{file("a", 1, 9, 1, true, 0)}, listing{file("a", 1, 2, 1, true, s)}, []string{"WRITE a"}},
		{"another inode: a file was renamed over it", listing{file("a", 1, 1, 1, true, 0)}, listing{file("a", 1, 1, 2, true, s)},
			[]string{"CREATE|REMOVE a"}},
		{"seen fresh, and nothing since, but too soon to tell", listing{file("a", 1, 1, 1, false, s)}, listing{file("a", 1, 1, 1, false, 3*s)}, nil},
		{"seen fresh: once more when it has settled", listing{file("a", 1, 1, 1, false, s)}, listing{file("a", 1, 1, 1, false, 4*s)},
			[]string{"WRITE a"}},
		{"a directory that something was put in", listing{dir("d", 0o755, 1)}, listing{dir("d", 0o755, 1)}, nil},
		{"a directory that became readable", listing{dir("d", 0, 1)}, listing{dir("d", 0o755, 1)}, []string{"CHMOD d"}},
		{"another directory", listing{dir("d", 0o755, 1)}, listing{dir("d", 0o755, 2)}, []string{"CREATE|REMOVE d"}},
		{"a file that became a directory", listing{file("a", 1, 1, 1, true, 0)}, listing{dir("a", 0o755, 1)}, []string{"CREATE|REMOVE a"}},
		{"a link that leads elsewhere", listing{link("l", 1)}, listing{link("l", 2)}, []string{"CREATE l"}},
	}
	for _, test := range tests {
		var got []string
		for _, h := range test.new.since(test.old) {
			got = append(got, fmt.Sprintf("%s %s", h.op, h.name))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// A file whose second change does not show in its signature is found out once,
// and then no more, whatever its time of modification says.
func TestListingsSettleOnce(t *testing.T) {
	fresh := func(seen time.Duration) listing {
		return listing{{name: "a", sign: signature{1, 1 << 62, 0o644, 0, 1}, seen: seen}} // modified in the future
	}
	old := fresh(0)
	times := 0
	for i := range 20 {
		l := fresh(time.Duration(i) * time.Second)
		times += len(l.since(old))
		old = l
	}
	if times != 1 {
		t.Errorf("reported %d times, want once", times)
	}
}

func TestDescribe(t *testing.T) {
	dir := place(t, "a.rst")
	info, err := os.Stat(filepath.Join(dir, "a.rst"))
	must(t, err)
	for ahead, firm := range map[time.Duration]bool{time.Second: false, 3 * time.Second: true, -time.Hour: false} {
		if e := describe("a.rst", info, 0, info.ModTime().Add(ahead)); e.firm != firm {
			t.Errorf("%v after its modification: firm %v", ahead, e.firm)
		}
	}
}

func TestPause(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	tests := []struct{ every, took, want time.Duration }{
		{0, ms, s}, {0, 100 * ms, 2 * s}, {0, s, 10 * s}, {0, 15 * s, 15 * s},
		{50 * ms, ms, 50 * ms}, {50 * ms, 200 * ms, 200 * ms}, {5 * s, ms, 5 * s},
	}
	for _, test := range tests {
		if got := newPoller(test.every, nil, nil).pause(test.took); got != test.want {
			t.Errorf("every %v, took %v: %v, want %v", test.every, test.took, got, test.want)
		}
	}
}

// A change is found without anybody asking, and one of the same file again
// sooner than that.
func TestPollerByItself(t *testing.T) {
	dir := place(t, "a.rst", "b.rst")
	events := make(chan event, 100)
	p := newPoller(0, func(e event) { events <- e }, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	must(t, p.Add(dir))
	path := filepath.Join(dir, "a.rst")
	wait := func(what string) {
		t.Helper()
		for {
			select {
			case e := <-events:
				if e.name == path && e.op == fsnotify.Write {
					return
				}
			case <-time.After(patience):
				t.Fatalf("%s is not reported", what)
			}
		}
	}
	must(t, os.WriteFile(path, []byte("two words\n"), 0o644))
	wait("a change")
	if paths := p.hotPaths(); !slices.Equal(paths, []string{path}) {
		t.Errorf("looked at more often: %q", paths)
	}
	must(t, os.WriteFile(path, []byte("three words\n"), 0o644))
	wait("a second change")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	must(t, p.Remove(dir))
	if p.ask("x") || len(p.hotPaths()) > 0 {
		t.Error("still polls after the last directory was given up")
	}
}

func TestHotFilesAreFew(t *testing.T) {
	p := newPoller(0, nil, nil)
	p.dirs["d"] = nil
	for i := range 3 * hotFiles {
		p.heat(filepath.Join("d", fmt.Sprint(i)), time.Duration(i))
	}
	paths := p.hotPaths()
	if len(paths) != hotFiles || !slices.Contains(paths, filepath.Join("d", fmt.Sprint(3*hotFiles-1))) {
		t.Errorf("hot: %q", paths)
	}
}

// Directories that others can change are polled though they bring events, and it
// is said once.
func TestSharedFileSystemsArePolled(t *testing.T) {
	tests := []struct {
		name   string
		change func(*host)
		want   string
	}{
		{"by their type", func(h *host) { h.kind = func(string) string { return "fuse.sshfs" } }, "file system of type fuse.sshfs, so it is polled"},
		{"by a probe", func(h *host) { h.hears = func(string) bool { return false } }, "bring no events on this file system, so it is polled"},
		{"by a cookie that does not come back", func(h *host) {}, "bring no events here, so it is polled"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := quietHost(nil)
			test.change(h)
			r := muted(t, place(t, "a.rst", "sub/b.rst"), h)
			r.write("a.rst", "two\n")
			r.expect("write a.rst") // the cookie's event does not come in any of the three
			fill(t, r.dir, "sub/new/c.rst")
			r.expect("create sub/new/c.rst")
			if n := strings.Count(r.log.String(), test.want); n != 1 {
				t.Errorf("said %d times: %s\nlog: %s", n, test.want, r.log)
			}
		})
	}
}

func TestPollingNeedsNoNotification(t *testing.T) {
	r := watchDir(t, place(t, "a.rst", "sub/b.rst"), func(o *Options) { o.Poll, o.PollEvery = true, 20*time.Millisecond })
	r.write("sub/b.rst", "two\n")
	r.gather("write sub/b.rst")
	if text := r.log.String(); text != "" {
		t.Errorf("what was asked for is complained about: %s", text)
	}
}

func TestShortage(t *testing.T) {
	if sysctl("fs.inotify.max_user_watches") == 0 {
		t.Skip("the limits are Linux's")
	}
	read := func(now int) func(string) int { return func(string) int { return now } }
	tests := []struct {
		err  error
		now  int
		want []string
	}{
		{syscall.ENOSPC, 8192, []string{"limit of file watches", "sudo sysctl fs.inotify.max_user_watches=524288 (now 8192)"}},
		{syscall.ENOSPC, 524288, []string{"fs.inotify.max_user_watches=1048576 (now 524288)"}},
		{syscall.ENOSPC, 0, []string{"fs.inotify.max_user_watches=524288"}},
		{syscall.EMFILE, 128, []string{"limit of programs that watch", "sudo sysctl fs.inotify.max_user_instances=1024 (now 128)"}},
		{syscall.ENFILE, 1000, []string{"limit of open files", "sudo sysctl fs.file-max=2000 (now 1000)"}},
	}
	for _, test := range tests {
		got := shortage(fmt.Errorf("add: %w", test.err), read(test.now))
		for _, want := range test.want {
			if !strings.Contains(got.what+got.hint, want) {
				t.Errorf("%v: %+v lacks %q", test.err, got, want)
			}
		}
	}
}
