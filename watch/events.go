package watch

import (
	"context"
	"maps"
	"path/filepath"
	"time"

	"docserve/internal/digest"

	"github.com/fsnotify/fsnotify"
)

// This file is what the loop of a Watcher does with what comes in. It may take
// as long as a walk through new directories takes: events are drained meanwhile.

// handle takes in what waited in the queue.
func (w *Watcher) handle(ctx context.Context, in intake) {
	if in.overflow {
		w.rescan(time.Now()) // before the events, of which one may end a barrier
	}
	if in.mounts {
		w.remount(time.Now())
	}
	for _, e := range in.events {
		w.event(e)
	}
	if len(in.adds) > 0 {
		for _, path := range in.adds {
			w.tree.want(path)
		}
		w.baseline(ctx, time.Now(), false)
	}
	for _, b := range in.barriers {
		w.barriers.place(b, w.tree.host, w.poller)
	}
	for _, name := range in.passed {
		w.barriers.polled(name)
	}
	w.arrive()
}

// doubt finds out, from a cookie whose event has not come, that there are no
// events. Then everything is polled. (One cookie may be lost to a clean-up of
// caches, and that costs no more than some polling.)
func (w *Watcher) doubt(now time.Time) {
	if at, ok := w.barriers.late(); !ok || now.Before(at) {
		return
	}
	w.handle(context.Background(), w.queue.take()) // it may have come just now
	if at, ok := w.barriers.late(); !ok || now.Before(at) {
		return
	}
	w.tree.host.deaf = true
	clear(w.tree.silence)
	w.rescan(now)
	w.arrive()
}

// arrive lets those barriers go on that wait for no event any more.
func (w *Watcher) arrive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.barriers.arrive(w.core)
}

// remount looks again at the directories that something was mounted on, or
// unmounted from.
func (w *Watcher) remount(now time.Time) {
	for _, dir := range w.tree.displaced() {
		w.tree.gone(dir)
	}
	w.absorb(now)
}

// event finds out what one event is about, and touches that.
func (w *Watcher) event(e event) {
	dir, name := filepath.Dir(e.name), filepath.Base(e.name)
	if dir == w.barriers.dir && w.barriers.returned(name) {
		w.barriers.heard(name)
		return
	}
	moved := e.op&(fsnotify.Create|fsnotify.Remove|fsnotify.Rename) != 0
	if !moved {
		w.written(e, w.tree.about(dir, name))
		return
	}
	if e.op&(fsnotify.Remove|fsnotify.Rename) != 0 {
		w.tree.gone(e.name)
	}
	for _, path := range w.tree.about(dir, name) {
		w.tree.examine(path)
	}
	w.absorb(e.at)
}

// written handles an event that says of paths that they were written to, or
// that their permissions changed. On some systems directories are written to
// when something in them comes or goes, which has events of its own.
func (w *Watcher) written(e event, paths []string) {
	chmod := e.op&fsnotify.Write == 0
	for _, path := range paths {
		if _, ok := w.tree.denied[path]; ok && chmod {
			w.tree.examine(path)
			continue
		}
		if _, ok := w.tree.dirs[path]; ok {
			continue
		}
		if _, ok := w.tree.wanted[path]; !ok && w.rules.why(path, false) != "" {
			continue
		}
		w.mu.Lock()
		if _, ok := w.core.content(path); !chmod {
			w.core.write(e.at, path)
		} else if ok {
			w.core.touch(e.at, path, true)
		}
		w.mu.Unlock()
	}
	w.absorb(e.at)
}

// absorb touches what the tree has found and lost.
func (w *Watcher) absorb(now time.Time) {
	found, lost := w.tree.take()
	if len(found) == 0 && len(lost) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.core.touchUnder(now, lost)
	for path, f := range found {
		if f.gone {
			w.core.vanish(now, path)
		} else {
			w.core.touch(now, path, f.trust)
		}
	}
}

// settle looks at what is due.
func (w *Watcher) settle(ctx context.Context) {
	now := time.Now()
	due, trusted := w.due(now)
	if len(due) == 0 {
		return
	}
	seen := w.looker.look(ctx, due, func(path string) bool { return trusted[path] })
	spell := w.tree.host.spell()
	for path, d := range seen {
		if !d.IsZero() && !w.tree.spelled(path, spell) {
			seen[path] = digest.Digest{}
		}
	}
	w.mu.Lock()
	old := map[string]digest.Digest{}
	for path := range seen {
		if filepath.Base(path) == ".gitignore" {
			old[path], _ = w.core.content(path)
		}
	}
	w.core.settle(now, seen)
	maps.DeleteFunc(old, func(path string, d digest.Digest) bool {
		seen, _ := w.core.content(path)
		return seen == d
	})
	w.mu.Unlock()
	for path := range old {
		dir := parent(path)
		w.rules.forgetGitignore(dir)
		if _, ok := w.tree.dirs[dir]; ok {
			w.tree.walk(dir)
		}
	}
	w.absorb(now)
}

// due returns the paths to look at now, and which of them need not be read if
// they look unchanged.
func (w *Watcher) due(now time.Time) (paths []string, trusted map[string]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	paths = w.core.due(now)
	if len(paths) > 0 && w.locks.held(now) {
		w.core.weather(now)
		paths = w.core.due(now)
	}
	trusted = make(map[string]bool, len(paths))
	for _, path := range paths {
		trusted[path] = w.core.dirty[path].trust
	}
	return paths, trusted
}

// rescan compares everything, after events were lost.
func (w *Watcher) rescan(now time.Time) {
	for path := range w.tree.wanted {
		w.tree.examine(path)
	}
	w.absorb(now)
	w.mu.Lock()
	w.core.rescan = len(w.core.dirty) > 0
	w.mu.Unlock()
	w.barriers.again(w.tree.host, w.poller)
}
