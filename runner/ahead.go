package runner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"docserve/internal/digest"
)

// Sphinx reads files before the watcher tells of them. Of a file that is changed,
// read, and changed back before the watcher looks at it there is nothing to tell,
// and the page would keep what is not there any more. So before the site counts as
// settled, what documents were made from since the last time is compared with what
// the watcher has seen.

// back is why such a document is read again.
var back = because(Content, "was changed, and changed back while it was read")

// changedBack marks the documents that were made from what is not so any more, and
// reports whether there are any.
func (r *Runner) changedBack() bool {
	found := false
	for doc, again := range r.unproven {
		p := r.pages[doc]
		if p == nil || p.read || again { // once is enough: nothing may go on for ever
			continue
		}
		document, _ := r.graph.Document(doc)
		other := r.isOther(p.source, p.parsed)
		for _, dep := range document.Deps {
			other = other || r.isOther(filepath.FromSlash(dep.Path), dep.Digest)
		}
		if other {
			found = true
			r.markRead(p, back)
		}
	}
	clear(r.unproven)
	if found {
		r.touch()
	}
	return found
}

// isOther reports whether a file, which had a content when it was read, is another
// one now, and not by what a build does to it. Of one that was not there the watcher
// tells when it comes.
func (r *Runner) isOther(path string, was digest.Digest) bool {
	seen, watched := r.opts.Files.Digest(path)
	if was.IsZero() || watched && seen == was {
		return false
	}
	if !watched { // or it is gone
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	now, err := digest.File(path)
	return err == nil && now != was && r.heeds(path, now)
}
