package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

func previewHTML(state string) string { return filepath.Join(state, "preview", "html") }

// callWrite has a process write one page into a staging directory of its own.
func (r *Runner) callWrite(w *process, p *page) {
	generation := p.generation
	if w != r.crew.worker {
		p.writer = w.ident
	}
	if err := r.note(noted{Doc: p.doc, Source: p.source, Path: p.path}); err != nil {
		r.log.Warn("cannot note a page", "err", err)
	}
	stage := filepath.Join(r.stage, w.ident)
	arguments := map[string]any{"doc": p.doc, "stage": stage, "bulk": !r.urgent(p)}
	if len(p.check) > 0 {
		arguments["check"], arguments["known"] = p.check, p.signature
	}
	call(r, w, "write", p.doc, arguments, func(result sphinx.Written) {
		if p.writer == w.ident {
			p.writer = ""
		}
		if r.pages[p.doc] == nil { // it went while its text was being copied
			r.removeFiles(noted{p.doc, p.source, p.path})
		}
		if r.pages[p.doc] != p || p.generation != generation || p.read {
			return // it has become stale meanwhile, and is still marked so
		}
		r.written(p, &result)
	})
}

// written takes over a page from the staging directory.
func (r *Runner) written(p *page, result *sphinx.Written) {
	why, believed := p.whyWrite, p.believed || p.audited
	p.write, p.believed, p.whyWrite = false, false, nil
	r.since[p.doc] = true
	if r.spread.due || len(r.unread) > 0 {
		r.spread.wrote(p)
	}
	if result.Resolved || result.Error != nil {
		p.notes[Writing] = r.notes(p.doc, result.Diagnostics)
	}
	if result.Error != nil {
		r.broke(p, result.Error)
		p.unwritten = true
		return
	}
	if result.Resolved {
		p.images = p.images[:0]
		for _, pair := range append(result.Images, result.Downloads...) {
			m := media{pair[0], pair[1]}
			p.images = append(p.images, m)
			r.copyMedia(p, m)
		}
	}
	if result.Words != "" || !result.Same {
		r.dropWords(p.doc)
	}
	if result.Words != "" {
		r.words = append(r.words, [2]string{p.doc, result.Words})
	}
	r.audited(p, result.Same)
	if result.Same {
		if !believed { // otherwise there was nothing to be told of
			p.history.checked(why)
		}
		r.same(p)
		return
	}
	p.check = nil
	var spot *Spot
	if p.edited && p.sole {
		spot = spotOf(r.output(p.path), result.File)
	}
	changed, err := r.commit(p, result.File)
	if err != nil {
		p.failure = &Diagnostic{Severity: Critical, Doc: p.doc, Path: p.source, Message: err.Error()}
		r.show(p)
		r.wake(p.path)
		return
	}
	p.history.wrote(why, !changed)
	p.failure, p.kills = nil, 0
	p.signature, p.drawn = result.Signature, drawings(r.output(p.path))
	for arguments := range result.Signature.Toctrees {
		r.toctrees[arguments] = true
	}
	r.crew.deaths = 0
	r.account.build.Written++
	r.show(p)
	r.wake(p.path)
	if changed {
		r.account.build.Differ++
		if len(r.account.build.Pages) < 100 && !r.account.wrote[p.path] {
			r.account.build.Pages = append(r.account.build.Pages, p.path)
		}
		r.account.wrote[p.path] = true
	}
	r.opts.Audience.Publish(Push{Kind: "update", Page: p.path, Hash: p.hash, State: Fresh, Told: r.account.build.Pushes.Begin()})
	if changed && p.edited && p.sole {
		r.opts.Audience.Publish(Push{Kind: "edited", Page: p.path, Spot: spot})
	}
	if changed && r.open[p.path] {
		r.follow()
	}
	r.seen(p)
}

// dropWords forgets what a writer has left for the search of a page that was
// written again, or is gone: the worker would take it for something newer.
func (r *Runner) dropWords(doc string) {
	r.words = slices.DeleteFunc(r.words, func(left [2]string) bool { return left[0] == doc })
}

// same takes over that a page is what it was.
func (r *Runner) same(p *page) {
	p.check, p.failure, p.kills = nil, nil, 0
	if p.stamped {
		now := time.Now()
		if err := os.Chtimes(r.output(p.path), now, now); err != nil {
			r.markWrite(p, because(Output, "was removed"))
			return
		}
		p.stamped = false
	}
	r.show(p)
	r.wake(p.path)
	r.opts.Audience.Publish(Push{Kind: "update", Page: p.path, Hash: p.hash, State: Fresh})
	r.seen(p)
}

// seen notes that an edited page is what its source says now.
func (r *Runner) seen(p *page) {
	if p.edited {
		p.edited, p.sole = false, false
		r.last = p.doc
		r.visible(p)
	}
}

// commit moves a staged page to where it belongs if its bytes differ from those
// that are there, and renews the modification time otherwise: Sphinx compares
// it with that of the source.
func (r *Runner) commit(p *page, staged string) (changed bool, err error) {
	hash, err := digest.File(staged)
	if err != nil || hash.IsZero() {
		return false, fmt.Errorf("read the page that Sphinx wrote: %w", errors.Join(err, missing(hash)))
	}
	target := r.output(p.path)
	changed, err = r.install(staged, target, hash, p.hash)
	if err != nil {
		return false, err
	}
	p.hash, p.stamped = hash, false
	return changed, nil
}

func missing(hash digest.Digest) error {
	if hash.IsZero() {
		return errors.New("it is not there")
	}
	return nil
}

// install puts a staged file in place, whole or not at all.
func (r *Runner) install(staged, target string, hash, known digest.Digest) (changed bool, err error) {
	if known.IsZero() {
		if known, err = digest.File(target); err != nil {
			known = digest.Digest{}
		}
	}
	if known == hash {
		now := time.Now()
		if err := os.Chtimes(target, now, now); err == nil {
			return false, nil
		}
	}
	err = os.Rename(staged, target)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(target), 0o777); err == nil {
			err = os.Rename(staged, target)
		}
	}
	if err != nil { // another file system, or a target that is a directory
		err = copyFile(staged, target)
	}
	if err != nil {
		return false, fmt.Errorf("put a page in place: %w", err)
	}
	return true, nil
}

// copyFile writes a copy beside the target and renames it.
func copyFile(source, target string) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(target), ".docserve-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// copyMedia brings the copy of an image or a download up to date.
func (r *Runner) copyMedia(p *page, m media) {
	same := r.copied[m.path] == m.source
	r.copied[m.path] = m.source
	if err := r.note(noted{Source: m.source, Path: m.path}); err != nil {
		r.log.Warn("cannot note a copy", "err", err)
	}
	target := r.output(m.path)
	from, err := os.Stat(m.source)
	if err != nil {
		return // Sphinx has warned about it
	}
	if to, err := os.Stat(target); err == nil && same && to.Size() == from.Size() && !from.ModTime().After(to.ModTime()) {
		return
	}
	before, _ := digest.File(target)
	after, err := digest.File(m.source)
	if err != nil {
		return
	}
	if before == after {
		now := time.Now()
		if err := os.Chtimes(target, now, now); err != nil {
			r.log.Debug("cannot renew a time", "err", err)
		}
		return
	}
	if err := copyFile(m.source, target); err != nil {
		p.notes[Writing] = append(p.notes[Writing], Diagnostic{Severity: Error, Path: m.source, Doc: p.doc, Message: "cannot copy: " + err.Error()})
		r.uncopied[p] = true
		return
	}
	if !before.IsZero() {
		r.opts.Audience.Publish(Push{Kind: "image", Paths: []string{m.path}})
	}
}

// pruneMedia removes the copies of images and downloads that no page shows any
// more, only what we have copied ourselves, and pictures that were drawn.
func (r *Runner) pruneMedia() {
	used := map[string]bool{}
	for _, p := range r.pages {
		for _, m := range p.images {
			used[m.path] = true
		}
	}
	for path := range r.copied {
		if used[path] {
			continue
		}
		delete(r.copied, path)
		if os.Remove(r.output(path)) == nil {
			r.removeEmpty(filepath.Dir(r.output(path)))
		}
	}
	r.pruneDrawings(used)
}

// pruneMade removes indices and pages of extensions that were made once and are
// not part of the site any more.
func (r *Runner) pruneMade(made map[string]bool) {
	for path := range r.made {
		if !made[path] && r.byPath[path] == nil && os.Remove(r.output(path)) == nil {
			r.removeEmpty(filepath.Dir(r.output(path)))
		}
	}
	r.made = map[string]bool{}
	maps.Copy(r.made, made)
}

// callAssets has the worker copy static files, and tells browsers what differs.
func (r *Runner) callAssets(w *process) {
	before := r.staticDigests()
	removed := append([]string{}, r.removed...)
	arguments := map[string]any{"removed": removed}
	r.assets, r.removed = false, nil
	call(r, w, "assets", "", arguments, func(c sphinx.Copied) {
		r.served = true
		diagnostics := r.notes("", c.Diagnostics)
		if c.Error != nil {
			diagnostics = append(diagnostics, Diagnostic{Severity: Error, Path: c.Error.Path, Line: c.Error.Line, Message: c.Error.Message})
		}
		r.site("assets", diagnostics)
		r.pushStatic(before, r.staticDigests())
		if c.Linked && !r.cold {
			r.spread.due = true
			r.spread.add(spreading{everything: true, why: because(Assets, "names static files by their content, and one has changed")})
		}
		r.wakeAll()
	})
	w.busy.undo = func() { r.assets, r.removed = true, append(removed, r.removed...) }
}

// staticDigests returns the digests of everything below _static.
func (r *Runner) staticDigests() map[string]digest.Digest {
	digests := map[string]digest.Digest{}
	root := r.output("_static")
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if d, err := digest.File(path); err == nil {
				if relative, err := filepath.Rel(r.opts.Sphinx.Output, path); err == nil {
					digests[filepath.ToSlash(relative)] = d
				}
			}
		}
		return nil
	})
	return digests
}

// pushStatic tells browsers which style sheets and images differ. What cannot
// be swapped asks for a reload.
func (r *Runner) pushStatic(before, after map[string]digest.Digest) {
	if len(before) == 0 {
		return
	}
	var styles, images []string
	reload := false
	for path, d := range after {
		if before[path] == d {
			continue
		}
		switch filepath.Ext(path) {
		case ".css":
			styles = append(styles, path)
		case ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico":
			images = append(images, path)
		case ".js", ".mjs":
			reload = true
		}
	}
	if len(styles)+len(images) == 0 && !reload {
		return
	}
	if len(styles) > 0 {
		r.opts.Audience.Publish(Push{Kind: "style", Paths: styles})
	}
	if len(images) > 0 {
		r.opts.Audience.Publish(Push{Kind: "image", Paths: images})
	}
	if reload {
		r.opts.Audience.Publish(Push{Kind: "reload"})
	}
}
