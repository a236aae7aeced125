package watch

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// This file is for the directories that bring no events: those beyond the
// system's limit, and those on network file systems.

// pollEvery is the least time between two polls; a poll that takes long is
// repeated less often, so that polling takes half a percent of a core at most.
const pollEvery = time.Second

// poll looks at the directories that bring no events.
func (w *Watcher) poll(now time.Time) {
	if len(w.tree.polled) == 0 || now.Before(w.polled.Add(w.polling)) {
		return
	}
	w.compareAll(now)
	w.polled = time.Now()
	w.polling = max(pollEvery, 200*w.polled.Sub(now))
}

// compareAll touches what differs from what was seen, in all directories that
// bring no events.
func (w *Watcher) compareAll(now time.Time) {
	for dir := range maps.Clone(w.tree.polled) { // comparing finds more of them
		if watched := w.tree.watched[dir]; watched != nil {
			w.compare(now, dir, watched)
		}
	}
	w.absorb(now)
}

// compare touches what differs in one real directory from what was seen there.
func (w *Watcher) compare(now time.Time, dir string, watched *watched) {
	entries, err := os.ReadDir(dir)
	if absent(err) {
		w.tree.gone(dir)
		return
	}
	here := make(map[string]bool, len(entries))
	for _, entry := range entries {
		here[entry.Name()] = true
		for _, path := range w.tree.about(dir, entry.Name()) {
			_, walked := w.tree.dirs[path]
			if entry.IsDir() && !walked || !entry.IsDir() && (walked || w.looker.changed(path)) {
				w.tree.examine(path)
			}
		}
	}
	for _, path := range w.tree.missing(watched, here) {
		w.tree.examine(path)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for path := range w.core.known {
		if slices.Contains(watched.trees, parent(path)) && !here[filepath.Base(path)] {
			w.core.touch(now, path, true)
		}
	}
}
