package watch

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/text/unicode/norm"
)

// tree knows which directories are watched, and what an event in one of them
// is about. It is used by one goroutine.
//
// Watches are on real directories only, with all symbolic links resolved, since
// inotify has one watch for a directory however it is called. The rest of
// docserve knows paths as they are seen from the source directory. A real
// directory can therefore be several directories of the tree, and it can hold
// hooks: names whose events are about some other path, because a link leads
// there, or because the path does not exist (yet) below it.
type tree struct {
	host   *host
	poller *poller
	rules  *rules
	locks  *locks
	logger *slog.Logger

	dirs    map[string]string   // directory of the tree → real directory
	watched map[string]*watched // by real directory
	known   map[identity]string // real directory that a watch was put on
	hooks   map[string][]hook   // by the path that they are about
	wanted  map[string]struct{} // roots and explicit files: hooked for ever
	denied  map[string]struct{} // directories of the tree that could not be read
	silence map[uint64]string   // by device: why it brings no events; "" when it does
	said    map[string]bool     // what was said about polling
	puts    int                 // how many directories were watched that were not, by whatever name
	full    bool                // the system's limit was reached, and said so
	found   map[string]finding  // files to look at, since the last take
	lost    map[string]struct{} // directories whose known files may be gone, since the last take
}

// watched is a real directory with a watch on it.
type watched struct {
	id    identity
	trees []string            // directories of the tree that it is
	hooks map[string][]string // by the key of a name: paths that an event is about
}

// finding is why a file is to be looked at.
type finding struct {
	gone  bool // there is nothing of that name
	trust bool // it was met on a walk: no event says that its content changed
}

// hook is a name in a real directory, by its key: which spelling a missing file
// will have is not known.
type hook struct{ dir, key string }

func newTree(h *host, p *poller, r *rules, l *locks, logger *slog.Logger) *tree {
	return &tree{
		host: h, poller: p, rules: r, locks: l, logger: logger,
		dirs:    map[string]string{},
		watched: map[string]*watched{},
		known:   map[identity]string{},
		hooks:   map[string][]hook{},
		wanted:  map[string]struct{}{},
		denied:  map[string]struct{}{},
		silence: map[uint64]string{},
		said:    map[string]bool{},
		found:   map[string]finding{},
		lost:    map[string]struct{}{},
	}
}

// take returns the files that were found and the directories that were lost
// since the last call.
func (t *tree) take() (found map[string]finding, lost map[string]struct{}) {
	found, lost = t.found, t.lost
	t.found, t.lost = map[string]finding{}, map[string]struct{}{}
	return found, lost
}

// want watches path, a file or a whole directory, for ever: also while it does
// not exist. A file that an option ignores is not watched for all that.
func (t *tree) want(path string) {
	if _, ok := t.wanted[path]; ok || t.rules.output(path) != "" {
		return
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		t.rules.root(path)
	} else if t.rules.unwanted(path) {
		return
	} else if dir := t.rules.keep(path); dir != "" {
		t.walk(dir)
	} else if t.covers(path) {
		t.found[path] = finding{trust: true}
		return
	}
	t.wanted[path] = struct{}{}
	t.examine(path)
}

// covers reports whether the tree watches the file path anyhow, and under this
// name, or would if it were called differently. Most files that Sphinx reports are such.
func (t *tree) covers(path string) bool {
	dir := parent(path)
	if _, ok := t.dirs[dir]; !ok || t.rules.sources(dir) {
		return false
	}
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && t.host.spell().proper(dir, filepath.Base(path))
}

// spelled reports whether path and the directories of the tree above it are called
// what they are, by a speller that has nothing to forget yet. Otherwise there is
// another spelling of it, and path is gone.
func (t *tree) spelled(path string, spell *speller) bool {
	for at := path; ; at = parent(at) {
		dir := parent(at)
		if _, wanted := t.wanted[at]; wanted || dir == "" {
			return true
		}
		if !spell.proper(dir, filepath.Base(at)) {
			return false
		}
		if _, ok := t.dirs[dir]; !ok && at != path {
			return true
		}
	}
}

// about returns the paths that an event in the real directory dir is about.
func (t *tree) about(dir, name string) []string {
	w := t.watched[dir]
	if w == nil {
		return nil
	}
	paths := slices.Clone(w.hooks[key(name)])
	add := func(path string) {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	for _, d := range w.trees {
		add(filepath.Join(d, name))
		add(filepath.Join(d, norm.NFC.String(name))) // which of the two it is called, examine finds out
	}
	return paths
}

// gone handles the end of the real directory dir: it was removed or renamed,
// and has no watch any more.
func (t *tree) gone(dir string) {
	w := t.watched[dir]
	if w == nil {
		return
	}
	paths := slices.Clone(w.trees)
	for _, hooked := range w.hooks {
		paths = append(paths, hooked...)
	}
	for _, path := range paths {
		t.examine(path)
	}
}

// examine finds out what path is now, and watches it accordingly.
func (t *tree) examine(path string) {
	info, err := os.Lstat(path)
	_, wanted := t.wanted[path]
	if err == nil && !wanted && !t.host.spell().proper(filepath.Dir(path), filepath.Base(path)) {
		info, err = nil, fs.ErrNotExist
	}
	link := err == nil && info.Mode()&fs.ModeSymlink != 0
	if isDir := err == nil && info.IsDir(); !wanted && t.rules.why(path, isDir) != "" {
		if isDir {
			t.revive(path)
		}
		return
	}
	if link || wanted {
		t.reach(path)
		info, err = os.Stat(path) // after the hooks, so that nothing falls between
	} else {
		t.unhook(path)
	}
	if err == nil && info.IsDir() {
		t.found[path] = finding{gone: true} // as a file, if it was one
		t.walk(path)
		return
	}
	t.forget(path)
	t.found[path] = finding{gone: err != nil}
}

// forget drops path, if it was a directory of the tree, and all below it.
func (t *tree) forget(path string) {
	if _, ok := t.dirs[path]; !ok {
		return
	}
	t.lost[path] = struct{}{}
	for dir, real := range t.dirs {
		if !within(dir, path) {
			continue
		}
		delete(t.dirs, dir)
		delete(t.denied, dir)
		if w := t.watched[real]; w != nil {
			w.trees = slices.DeleteFunc(w.trees, func(d string) bool { return d == dir })
			t.release(real, w)
		}
	}
	for linked := range t.hooks {
		if _, wanted := t.wanted[linked]; !wanted && within(linked, path) && linked != path {
			t.unhook(linked)
		}
	}
}

// walk watches the directory path and all below it. What it holds counts as
// found, and what it held when it was walked before as lost.
func (t *tree) walk(path string) {
	t.forget(path)
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return // it went away just now; the event is on its way
	}
	t.descend(path, t.host.spell().path(real))
}

func (t *tree) descend(path, real string) {
	if why := t.ignored(path, real); why != "" {
		t.logger.Debug("directory is not watched", "path", path, "why", why)
		t.revive(path)
		return
	}
	t.dirs[path] = real
	w := t.watch(real)
	if !slices.Contains(w.trees, path) {
		w.trees = append(w.trees, path)
	}
	entries, err := os.ReadDir(real) // after the watch, so that nothing falls between
	if err != nil {
		if _, said := t.denied[path]; !said && !absent(err) {
			t.logger.Warn("cannot read a watched directory", "path", path, "error", err)
			t.denied[path] = struct{}{}
		}
		return
	}
	delete(t.denied, path)
	spell := t.host.spell()
	for _, entry := range entries {
		t.enter(filepath.Join(path, spell.called(real, entry.Name())), filepath.Join(real, entry.Name()), entry)
	}
}

// revive walks the directories below path, which is ignored, that are watched
// because of a file in them.
func (t *tree) revive(path string) {
	for _, dir := range t.rules.keptBelow(path) {
		t.walk(dir)
	}
}

// enter takes in one entry of a directory of the tree.
func (t *tree) enter(path, real string, entry fs.DirEntry) {
	switch {
	case entry.Name() == ".git":
		t.locks.add(path)
	case entry.IsDir():
		t.descend(path, real)
	case entry.Type()&fs.ModeSymlink != 0:
		t.examine(path)
	case entry.Type().IsRegular() && t.rules.why(path, false) == "":
		t.found[path] = finding{trust: true}
	}
}

// ignored returns why the directory path, which is real, is not watched, or "".
func (t *tree) ignored(path, real string) string {
	if _, ok := t.wanted[path]; ok {
		return ""
	}
	if why := t.rules.why(path, true); why != "" {
		return why
	}
	if dir := t.rules.output(real); dir != "" {
		return "output directory " + dir
	}
	for dir := parent(path); dir != ""; dir = parent(dir) {
		above, ok := t.dirs[dir]
		if !ok {
			break
		}
		if within(above, real) {
			return "link to a directory above it"
		}
	}
	return ""
}
