package generate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"docserve/internal/digest"
)

// stamp is what is known of a file. A size and a time that are what they were
// spare reading it.
type stamp struct {
	Size   int64
	Time   int64 // modification time in nanoseconds; 0 proves nothing
	Digest digest.Digest
}

// tick is how long after its modification time a file must have been read for
// that time to prove anything: clocks of file systems go in steps of up to 10 ms,
// and old ones in steps of two seconds, which nobody works on.
const tick = 20 * time.Millisecond

func newStamp(info fs.FileInfo, d digest.Digest, now time.Time) stamp {
	s := stamp{Size: info.Size(), Digest: d}
	if now.Sub(info.ModTime()) > tick {
		s.Time = info.ModTime().UnixNano()
	}
	return s
}

// look says what a file is now, as far as that is known; otherwise it looks. The
// lock is held.
func (g *Generator) look(path string) stamp {
	if s, ok := g.files[path]; ok {
		return s
	}
	s := examine(path, stamp{})
	g.files[path] = s
	return s
}

// examine looks at a file, and reads it if its size and time are not those of
// before. What cannot be read has a content that nothing has; that of a directory
// is which names are in it.
func examine(path string, before stamp) stamp {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stamp{}
	case err == nil && info.IsDir():
		return stamp{Digest: listing(entries(path))}
	case err == nil && before.Time != 0 && info.Size() == before.Size && info.ModTime().UnixNano() == before.Time:
		return before
	}
	now := time.Now()
	d, readErr := digest.File(path)
	if err != nil || readErr != nil {
		return stamp{Digest: unreadable}
	}
	return newStamp(info, d, now)
}

// entries returns the names of what is in a directory, without hidden ones, sorted.
func entries(dir string) []string {
	found, _ := os.ReadDir(dir)
	var names []string
	for _, e := range found {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// listing is the content of a directory.
func listing(names []string) digest.Digest {
	return digest.Of([]byte("listing\x00" + strings.Join(names, "\x00")))
}

// unreadable stands for a file that is there and cannot be read.
var unreadable = digest.Of([]byte("unreadable\x00"))

// unsure stands for a content that a command may have read, or not.
var unsure = digest.Of([]byte("unsure\x00"))

// tooLarge is beyond what makes sense as text or data; the memory that it would
// take is better used otherwise.
const tooLarge = 256 << 20

// read reads a file for a job. In one run everybody gets the same content.
func (g *Generator) read(path string) ([]byte, digest.Digest, error) {
	g.mu.Lock()
	if data, ok := g.cache[path]; ok {
		d := g.files[path].Digest
		g.mu.Unlock()
		return data, d, nil
	}
	g.mu.Unlock()
	data, s, err := load(path)
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, ok := g.cache[path]; ok { // somebody was faster
		return known, g.files[path].Digest, nil
	}
	g.files[path] = s
	if err == nil {
		g.cache[path] = data
	}
	return data, s.Digest, err
}

// load reads a file whole.
func load(path string) ([]byte, stamp, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, stamp{}, err
	}
	if err == nil && !info.Mode().IsRegular() { // to open a pipe could take for ever
		err = fmt.Errorf("read %s: not a regular file", path)
	}
	if err == nil && info.Size() > tooLarge {
		err = fmt.Errorf("read %s: it is larger than %d MB", path, tooLarge>>20)
	}
	if err != nil {
		return nil, stamp{Digest: unreadable}, err
	}
	now := time.Now()
	file, err := os.Open(path)
	if err != nil {
		return nil, stamp{Digest: unreadable}, err
	}
	defer file.Close()
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := file.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, stamp{Digest: unreadable}, err
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
	}
	return data, newStamp(info, digest.Of(data), now), nil
}

// walk finds the files that may be inputs, or part of a declared dependency, sorted,
// and looks at them.
func (g *Generator) walk(ctx context.Context) ([]string, error) {
	var bases []string
	for _, r := range g.rules {
		bases = append(bases, r.inputs.bases()...)
	}
	for _, d := range g.depends {
		bases = append(append(bases, d.files.bases()...), d.documents.bases()...)
	}
	slices.Sort(bases)
	w := walker{g: g, ctx: ctx, found: map[string]bool{}}
	var walked []string
	for _, base := range slices.Compact(bases) {
		if !slices.ContainsFunc(walked, func(dir string) bool { return within(base, dir) }) {
			walked = append(walked, base)
			w.visit(base, nil)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for path := range g.owned { // also those in directories that are ignored
		if g.counts(path) && !g.look(path).Digest.IsZero() {
			w.found[path] = true
		}
	}
	for path := range w.found {
		g.look(path)
	}
	return sortedKeys(w.found), ctx.Err()
}

// walker goes through directories, following links as the watcher does.
type walker struct {
	g     *Generator
	ctx   context.Context // of the walk, which a walker does not outlive
	found map[string]bool
}

// visit goes through a file or directory. Above are the directories that it is in,
// without links: one that leads back up would go round for ever.
func (w *walker) visit(path string, above []string) {
	info, err := os.Stat(path)
	switch {
	case w.ctx.Err() != nil || errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		w.g.log.Warn("cannot look for inputs", "path", path, "err", err)
		return
	case info.Mode().IsRegular():
		if w.g.counts(path) && !w.g.skipped(path, false) {
			w.found[path] = true
		}
		return
	case !info.IsDir() || above != nil && w.g.skipped(path, true):
		return
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil || slices.Contains(above, real) {
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		w.g.log.Warn("cannot look for inputs", "path", path, "err", err)
	}
	above = append(slices.Clone(above), real)
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		if e.IsDir() || e.Type()&fs.ModeSymlink != 0 || w.g.counts(name) { // others need no look
			w.visit(name, above)
		}
	}
}

// counts reports whether a file is an input of a rule, or part of a declared
// dependency.
func (g *Generator) counts(path string) bool {
	return slices.ContainsFunc(g.rules, func(r *rule) bool { return r.takes(path) }) ||
		slices.ContainsFunc(g.depends, func(d *dependency) bool { return d.counts(path) })
}

// skipped reports whether nothing in a directory, or a file, is an input.
func (g *Generator) skipped(path string, dir bool) bool {
	if slices.Contains(g.opts.Closed, path) {
		return true
	}
	return g.opts.Skip != nil && g.opts.Skip(path, dir)
}

// put writes a file whole, by way of a temporary one that watchers ignore.
func put(path string, data []byte) error {
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, ".docserve-"+filepath.Base(path)+"~")
	err := os.WriteFile(temp, data, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o777); err == nil {
			err = os.WriteFile(temp, data, 0o666)
		}
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
