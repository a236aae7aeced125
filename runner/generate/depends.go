package generate

import (
	"maps"
	"os"
	"slices"
	"time"

	"docserve/internal/config"
	"docserve/internal/digest"
	"docserve/internal/filesystem"
)

// Declared dependencies are those of [[depends]]: documents that are made from
// files of which Sphinx knows nothing. Sphinx, whoever starts it, reads a document
// again when it is newer than the last reading, so the documents' times are set
// when such a file changes. Never that of a file that was changed itself, or that is
// newer than the change: these are read again anyhow, and an editor may hold them.

// dependency is one of them.
type dependency struct {
	documents, files globs
	present          map[string]digest.Digest // the files that there are
	sources          map[string]bool          // the documents that there are
}

func newDependencies(c config.Config) []*dependency {
	var all []*dependency
	for _, d := range c.Depends {
		all = append(all, &dependency{
			documents: newGlobs(c.Dir, d.Documents), files: newGlobs(c.Dir, d.Files),
			present: map[string]digest.Digest{}, sources: map[string]bool{},
		})
	}
	return all
}

// counts reports whether a file is one of either side.
func (d *dependency) counts(path string) bool {
	_, file := d.files.match(path)
	_, document := d.documents.match(path)
	return file || document
}

// note takes over what became of a file.
func (d *dependency) note(path string, now digest.Digest) {
	if _, ok := d.files.match(path); ok {
		if now.IsZero() {
			delete(d.present, path)
		} else {
			d.present[path] = now
		}
	}
	if _, ok := d.documents.match(path); ok {
		if now.IsZero() {
			delete(d.sources, path)
		} else {
			d.sources[path] = true
		}
	}
}

// declare takes over what became of a file, for all dependencies. The lock is
// held.
func (g *Generator) declare(path string, now digest.Digest) {
	for _, d := range g.depends {
		d.note(path, now)
	}
}

// touch sets the times of the documents that depend on what has changed, and
// returns them. The lock is held.
func (g *Generator) touch(changed []string, outputs []Change) []string {
	for _, c := range outputs {
		changed = append(changed, c.Path)
	}
	for _, path := range changed {
		g.declare(path, g.look(path).Digest)
	}
	if g.touched != nil { // the first run after a start: what has changed since the last session
		changed = append(changed, g.since()...)
		g.touched = nil
	}
	if len(g.depends) == 0 && len(g.told) == 0 && len(g.untold) == 0 || len(changed) == 0 {
		return nil
	}
	edited := map[string]bool{}
	for _, path := range changed {
		edited[path] = true
	}
	now := time.Now()
	done := map[string]bool{}
	for len(changed) > 0 {
		next := []string{}
		for _, path := range changed {
			for document := range g.dependents(path) {
				if document == path || edited[document] || done[document] {
					continue
				}
				done[document] = true
				if g.stamp(document, path, now) {
					next = append(next, document)
				}
			}
		}
		changed = next
	}
	return slices.Sorted(maps.Keys(done))
}

// since returns the files that are not what they were when documents were touched
// last. The lock is held.
func (g *Generator) since() []string {
	var changed []string
	for _, d := range g.depends {
		for path, now := range d.present {
			if g.touched[path] != now {
				changed = append(changed, path)
			}
		}
	}
	for path := range g.touched {
		if _, err := os.Stat(path); err != nil {
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// dependents returns the documents that depend on a file, as declared. The lock
// is held.
func (g *Generator) dependents(path string) map[string]bool {
	all := map[string]bool{}
	for _, d := range g.depends {
		if _, ok := d.files.match(path); ok {
			maps.Copy(all, d.sources)
		}
	}
	for _, document := range slices.Concat(g.told[path], g.untold[path]) {
		all[document] = true
	}
	return all
}

// tell takes over which documents an output's maker says depend on it. If it is
// not the same output as before, that concerns those of before as well, until it
// is made the next time. The lock is held.
func (g *Generator) tell(path string, documents []string, same bool) {
	before := g.told[path]
	if delete(g.untold, path); len(before) > 0 && !same {
		g.untold[path] = before
	}
	if delete(g.told, path); len(documents) > 0 {
		g.told[path] = documents
	}
}

// stamp sets a document's time, unless it is newer than what it depends on; it
// reports whether those that depend on the document are concerned as well.
func (g *Generator) stamp(document, cause string, now time.Time) bool {
	if g.opts.Check {
		return true
	}
	info, err := os.Stat(document)
	if err != nil {
		return false
	}
	of, err := os.Stat(cause)
	if g.opts.NoTouch || err == nil && info.ModTime().After(filesystem.Changed(of)) {
		return true
	}
	if err := os.Chtimes(document, now, now); err != nil {
		g.log.Warn("cannot set the time of a document, so that a plain Sphinx does not see that it must be read", "err", err)
	}
	return true
}

// Declared returns the files that a document depends on as declared, with their
// contents. It may be called from any goroutine.
func (g *Generator) Declared(document string) map[string]digest.Digest {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all map[string]digest.Digest
	for _, d := range g.depends {
		if _, ok := d.documents.match(document); !ok {
			continue
		}
		if all == nil {
			all = map[string]digest.Digest{}
		}
		maps.Copy(all, d.present)
	}
	for path, documents := range g.told {
		if slices.Contains(documents, document) {
			if all == nil {
				all = map[string]digest.Digest{}
			}
			all[path] = g.look(path).Digest
		}
	}
	delete(all, document)
	return all
}

// Dependents returns the documents that depend on a file as declared, sorted. It
// may be called from any goroutine.
func (g *Generator) Dependents(file string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.dependents(file)
	delete(all, file)
	return sortedKeys(all)
}
