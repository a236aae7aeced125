package generate

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"docserve/internal/digest"
)

// clear removes outputs that nothing makes any more, if they are as they were
// written. It reports whether there were any: others may have been made from them.
func (g *Generator) clear() (removed bool) {
	g.mu.Lock()
	var orphans []string
	for path, o := range g.owned {
		if o.job == nil {
			orphans = append(orphans, path)
		}
	}
	slices.Sort(orphans)
	g.mu.Unlock()
	for _, path := range orphans {
		g.intact = false
		g.remove(path)
	}
	return len(orphans) > 0
}

// remove removes one output.
func (g *Generator) remove(path string) {
	g.mu.Lock()
	o, now := g.owned[path], g.look(path).Digest
	delete(g.owned, path)
	g.tell(path, nil, false)
	if now != o.digest {
		if !now.IsZero() {
			g.notices = append(g.notices, Diagnostic{
				Path: path, Severity: Warning,
				Message: "no rule makes this file any more, but somebody has changed it since: docserve leaves it where it is",
				Hint:    "remove it, if nothing else needs it",
			})
		}
		g.mu.Unlock()
		return
	}
	g.files[path] = stamp{}
	delete(g.cache, path)
	g.mu.Unlock()
	if !g.opts.Check {
		if g.opts.Wrote != nil {
			g.opts.Wrote(path, digest.Digest{})
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			g.mu.Lock()
			g.notices = append(g.notices, Diagnostic{Path: path, Severity: Error, Message: "cannot remove this file, which no rule makes any more: " + reason(err)})
			g.mu.Unlock()
		}
	}
	g.mu.Lock()
	g.note(path, now)
	g.mu.Unlock()
	g.changed(path)
}
