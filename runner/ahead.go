package runner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/sphinx"
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
		if r.madeFromOther(p, p.parsed, document.Deps) {
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

// takenBack has a document read again that was rehearsed with other files than there
// are now, and reports whether it was. That of before may be back, so that there is
// nothing to tell, and the environment would keep what the rehearsal has read.
func (r *Runner) takenBack(result *sphinx.Read) bool {
	p := r.pages[result.Doc]
	if p == nil {
		return false
	}
	used := edges(result.Deps)
	document, _ := r.graph.Document(p.doc)
	missed := func(dep graph.Dep) bool { // of what was missing a reading says nothing
		if slices.ContainsFunc(used, func(d graph.Dep) bool { return d.Path == dep.Path }) {
			return false
		}
		path := filepath.FromSlash(dep.Path)
		now, err := digest.File(path)
		return err == nil && now == dep.Digest && r.heeds(path, now)
	}
	if !r.madeFromOther(p, read(p.source, result.Digest), used) && !slices.ContainsFunc(document.Deps, missed) {
		return false
	}
	r.markRead(p, back)
	return true
}

// madeFromOther reports whether a document, as it was read, is made from other files
// than there are now.
func (r *Runner) madeFromOther(p *page, parsed digest.Digest, deps []graph.Dep) bool {
	return r.isOther(p.source, parsed) ||
		slices.ContainsFunc(deps, func(d graph.Dep) bool { return r.isOther(filepath.FromSlash(d.Path), d.Digest) })
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
