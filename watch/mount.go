package watch

import (
	"fmt"
	"os"
	"slices"

	"docserve/internal/filesystem"
)

// watch puts a watch on the real directory dir, and returns what it is about. A
// watch that is there already is put anew, as it may belong to a directory that
// had this name before.
func (t *tree) watch(dir string) *watched {
	w := t.watched[dir]
	if w == nil {
		w = &watched{hooks: map[string][]string{}}
		t.watched[dir] = w
		t.puts++
	}
	if info, err := os.Stat(dir); err == nil {
		t.rename(dir, w, identify(info))
	}
	switch err := t.host.Add(dir); {
	case err == nil:
		if why := t.silent(dir, w.id); why != "" {
			t.poll(dir, why)
		}
	case absent(err):
	case exhausted(err):
		t.exhausted(dir, err)
		t.poll(dir, "")
	default:
		t.logger.Debug("cannot watch a directory", "path", dir, "error", err)
		t.poll(dir, "")
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
		_ = t.host.Remove(old) // an error says that there is none, which is right too
	}
	if w.id != id {
		t.puts++
		if t.known[w.id] == dir {
			delete(t.known, w.id)
		}
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
	if t.known[w.id] == dir {
		delete(t.known, w.id)
	}
	_ = t.poller.Remove(dir)
	_ = t.host.Remove(dir) // an error says that the directory is gone, and its watch with it
}

// poll has dir polled. Why is said once; it may be "".
func (t *tree) poll(dir, why string) {
	_ = t.poller.Add(dir) // an error says that the directory is gone
	if why == "" || t.said[why] {
		return
	}
	t.said[why] = true
	t.logger.Warn(why+", so it is polled", "path", dir)
}

// exhausted says once what to do about the system's limit.
func (t *tree) exhausted(dir string, err error) {
	if t.full {
		return
	}
	t.full = true
	s := shortage(err, sysctl)
	t.logger.Warn(fmt.Sprintf("%s after %d directories; the rest is polled", s.what, len(t.watched)-1), "path", dir, "error", err, "hint", s.hint)
}

// displaced returns the real directories that are watched and are no longer what
// they were: something was mounted there or above, or was unmounted. Where
// directories cannot be told apart, it is those that are gone.
func (t *tree) displaced() []string {
	clear(t.silence) // a number of a device may stand for another one now
	var dirs []string
	for dir, w := range t.watched {
		info, err := os.Stat(dir)
		if err != nil && absent(err) || err == nil && identify(info) != w.id {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}

// silent returns why the real directory dir will not bring all events, or "".
// Directories of one file system are alike, where they can be told apart.
func (t *tree) silent(dir string, id identity) string {
	if t.host.polls {
		return ""
	}
	if why, ok := t.silence[id.device()]; ok {
		return why
	}
	why := ""
	if t.host.deaf {
		why = "changes bring no events here"
	} else if kind := t.host.kind(dir); filesystem.Shared(kind) {
		why = "changes made elsewhere bring no events on a file system of type " + kind
	} else if !t.host.hears(dir) {
		why = "changes bring no events on this file system"
	}
	if id != (identity{}) {
		t.silence[id.device()] = why
	}
	return why
}
