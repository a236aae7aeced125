package watch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// watch puts a watch on the real directory dir, and returns what it is about. A
// watch that is there already is put anew, as it may belong to a directory that
// had this name before.
func (t *tree) watch(dir string) *watched {
	w := t.watched[dir]
	if w == nil {
		w = &watched{hooks: map[string][]string{}}
		t.watched[dir] = w
	}
	if info, err := os.Stat(dir); err == nil {
		t.rename(dir, w, identify(info))
	}
	switch err := t.notifier.Add(dir); {
	case err == nil:
		t.pollRemote(dir)
	case exhausted(err):
		t.exhausted(dir, err)
	case !absent(err):
		t.logger.Debug("cannot watch a directory", "path", dir, "error", err)
	}
	return w
}

// rename makes dir the name of the watch on the directory id. inotify's watches
// follow a directory that is renamed, and would go on to report its old name.
func (t *tree) rename(dir string, w *watched, id identity) {
	if id == (identity{}) {
		return
	}
	if old := t.known[id]; old != "" && old != dir {
		_ = t.notifier.Remove(old) // an error says that there is none, which is right too
	}
	if w.id != id && t.known[w.id] == dir {
		delete(t.known, w.id)
	}
	w.id = id
	t.known[id] = dir
}

// release takes the watch off the real directory dir when it is about nothing.
func (t *tree) release(dir string, w *watched) {
	if len(w.trees) > 0 || len(w.hooks) > 0 {
		return
	}
	delete(t.watched, dir)
	delete(t.polled, dir)
	if t.known[w.id] == dir {
		delete(t.known, w.id)
	}
	_ = t.notifier.Remove(dir) // an error says that the directory is gone, and its watch with it
}

// exhausted says once what to do about the system's limit. The directories that
// are left over are polled.
func (t *tree) exhausted(dir string, err error) {
	t.polled[dir] = struct{}{}
	if t.full {
		return
	}
	t.full = true
	hint := "raise the limit of open files: ulimit -n"
	if runtime.GOOS == "linux" {
		hint = "raise it: sudo sysctl fs.inotify.max_user_watches=524288 (and max_user_instances)"
	}
	t.logger.Warn(fmt.Sprintf("the system's limit of file watches is reached after %d directories; the rest is polled once a second", len(t.watched)-1),
		"path", dir, "error", err, "hint", hint)
}

// exhausted reports whether err says that the system has no more watches.
func exhausted(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// pollRemote has dir polled if it is on a network file system: what others
// change there brings no events.
func (t *tree) pollRemote(dir string) {
	delete(t.polled, dir)
	if !remote(dir) {
		return
	}
	t.polled[dir] = struct{}{}
	if !t.remote {
		t.remote = true
		t.logger.Info("on a network file system changes by others bring no events, so it is polled", "path", dir)
	}
}

// refusal stands for a system that gives no notification at all.
type refusal struct{ err error }

func (r refusal) Add(string) error    { return r.err }
func (r refusal) Remove(string) error { return nil }
