package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// hops bounds the links on the way to a path, as the kernel does (it has 40).
const hops = 40

// reach hooks path: an event about path comes when it appears, disappears, is
// written to or replaced. Each link on the way gets a hook, and so does what it
// leads to; where the way breaks off, the first missing name gets one.
func (t *tree) reach(path string) {
	for range hops {
		if t.trace(path) {
			return // a second trace found no more than the first, with all watches in place
		}
	}
}

// trace hooks path by what is on the way to it now. It reports whether the
// hooks, and the watches that they need, were there already.
func (t *tree) trace(path string) bool {
	old, puts := t.hooks[path], t.puts
	delete(t.hooks, path)
	spell := t.host.spell()
	at, rest := start(path)
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		name = spell.stored(at, name) // a directory has one watch, however it is spelled
		full := filepath.Join(at, name)
		info, err := os.Lstat(full)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 && links < hops {
			links++
			t.hook(at, name, path)
			target, err := os.Readlink(full)
			if err != nil {
				break
			}
			next := split(target)
			if filepath.IsAbs(target) {
				at, next = start(target)
			}
			rest = append(next, rest...)
			continue
		}
		if err != nil || !info.IsDir() || len(rest) == 0 {
			t.hook(at, name, path)
			break
		}
		at = full
	}
	for _, h := range old {
		if !slices.Contains(t.hooks[path], h) {
			t.detach(h, path)
		}
	}
	return slices.Equal(old, t.hooks[path]) && puts == t.puts
}

// hook makes events of name in the real directory dir be about path.
func (t *tree) hook(dir, name, path string) {
	h := hook{dir: dir, key: key(name)}
	if slices.Contains(t.hooks[path], h) {
		return
	}
	w := t.watch(dir)
	if !slices.Contains(w.hooks[h.key], path) {
		w.hooks[h.key] = append(w.hooks[h.key], path)
	}
	t.hooks[path] = append(t.hooks[path], h)
}

// unhook undoes reach.
func (t *tree) unhook(path string) {
	old := t.hooks[path]
	delete(t.hooks, path)
	for _, h := range old {
		t.detach(h, path)
	}
}

func (t *tree) detach(h hook, path string) {
	w := t.watched[h.dir]
	if w == nil {
		return
	}
	left := slices.DeleteFunc(w.hooks[h.key], func(p string) bool { return p == path })
	if len(left) > 0 {
		w.hooks[h.key] = left
		return
	}
	delete(w.hooks, h.key)
	t.release(h.dir, w)
}

// start returns the root of the file system that path is on, and the names on
// the way from there.
func start(path string) (root string, names []string) {
	volume := filepath.VolumeName(path)
	return volume + string(os.PathSeparator), split(path[len(volume):])
}

func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) })
}
