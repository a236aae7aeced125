package generate

import (
	"os"

	"docserve/internal/digest"
)

// reported returns what a file is that is reported to have a content. An output may
// have been written since: a report that was on its way then is not taken back. The
// lock is held.
func (g *Generator) reported(path string, d digest.Digest) stamp {
	switch known := g.files[path]; {
	case g.owned[path] != nil && !g.opts.Check:
		return examine(path, known)
	case known.Digest == d:
		return known
	}
	return stamp{Digest: d}
}

// Current returns the content that an output has now, and false for other files. It
// may be called from any goroutine.
func (g *Generator) Current(path string) (digest.Digest, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.owned[path] == nil {
		return digest.Digest{}, false
	}
	return examine(path, g.files[path]).Digest, true
}

// Differing returns the files that are not what rules have found them to be, as they
// are now. Seen is the watcher's view of a file, and false where there is none, or
// it is not watched. It may be called from any goroutine.
func (g *Generator) Differing(seen func(path string) (digest.Digest, bool)) map[string]digest.Digest {
	g.mu.Lock()
	defer g.mu.Unlock()
	differing := map[string]digest.Digest{}
	for path, known := range g.files {
		d, watched := seen(path)
		if watched && d == known.Digest || !watched && known.Digest.IsZero() {
			continue
		}
		info, err := os.Stat(path)
		if err == nil && (info.IsDir() || !watched) {
			continue // what is in a directory has files of its own here; and what nobody watches nobody tells of
		}
		if now := examine(path, known); now.Digest != known.Digest && g.affected(path) {
			differing[path] = now.Digest
		}
	}
	return differing
}
