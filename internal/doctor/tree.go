package doctor

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"docserve/internal/filesystem"
)

// walkTimeout bounds the look at all sources: on a slow network disk, what was
// seen by then says enough.
const walkTimeout = 20 * time.Second

// future is how far ahead a file's time must be to count: clocks are never equal.
const future = 2 * time.Second

// walk counts what would be watched below roots.
func walk(ctx context.Context, roots []string, ignored func(string) string, now time.Time) Tree {
	ctx, cancel := context.WithTimeout(ctx, walkTimeout)
	defer cancel()
	w := walker{ctx: ctx, ignored: ignored, now: now, seen: map[string]bool{}}
	for _, root := range roots {
		if real, err := filepath.EvalSymlinks(root); err == nil {
			w.home = filesystem.Type(real)
			w.enter(root)
		}
	}
	slices.Sort(w.tree.Elsewhere)
	w.tree.Elsewhere = slices.Compact(w.tree.Elsewhere)
	return w.tree
}

type walker struct {
	ctx     context.Context
	ignored func(string) string
	now     time.Time
	home    string          // type of the root's file system
	seen    map[string]bool // real directories
	tree    Tree
}

// enter looks at a path that may be a link.
func (w *walker) enter(path string) {
	info, err := os.Stat(path)
	switch {
	case w.ctx.Err() != nil:
		w.tree.Partial = true
	case err != nil: // a link that leads nowhere
	case info.IsDir():
		w.directory(path)
	case info.Mode().IsRegular():
		w.file(path, info)
	}
}

func (w *walker) directory(path string) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil || w.seen[real] || w.ignored(path) != "" {
		return
	}
	w.seen[real] = true
	w.tree.Dirs++
	entries, err := os.ReadDir(path)
	if err != nil {
		w.tree.Unread++
	}
	folded := make(map[string]string, len(entries))
	for _, entry := range entries {
		child := filepath.Join(path, entry.Name())
		lower := strings.ToLower(entry.Name())
		if other, ok := folded[lower]; ok && w.tree.Clashes[0] == "" {
			w.tree.Clashes = [2]string{filepath.Join(path, other), child}
		}
		folded[lower] = entry.Name()
		switch {
		case w.ctx.Err() != nil:
			w.tree.Partial = true
			return
		case entry.IsDir():
			w.directory(child)
		case entry.Type()&fs.ModeSymlink != 0:
			w.link(child)
		case entry.Type().IsRegular():
			if info, err := entry.Info(); err == nil {
				w.file(child, info)
			}
		}
	}
}

// link follows a link, and notes when it leads to another kind of disk.
func (w *walker) link(path string) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		if kind := filesystem.Type(real); kind != w.home && kind != "" {
			w.tree.Elsewhere = append(w.tree.Elsewhere, kind)
		}
	}
	w.enter(path)
}

func (w *walker) file(path string, info fs.FileInfo) {
	w.tree.Files++
	ahead := info.ModTime().Sub(w.now)
	if ahead <= future || w.ignored(path) != "" {
		return
	}
	w.tree.Future++
	if ahead > w.tree.AheadBy {
		w.tree.Ahead, w.tree.AheadBy = path, ahead
	}
}
