package runner

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
)

// recall brings back the state of the last session, as far as it is still true:
// a page whose sources and whose own bytes are those of the manifest can be
// shown before Python has even started.
func (r *Runner) recall() {
	loaded, err := graph.Load(r.manifest())
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.log.Info("starting over", "reason", err)
		}
		return
	}
	var kept keep
	if err := json.Unmarshal(loaded.Extra(keepKey), &kept); err != nil || kept.Facts == nil {
		r.log.Info("starting over: the manifest of the last session cannot be read")
		return
	}
	if r.opts.Sphinx.Fresh {
		return
	}
	r.graph = loaded
	r.finish.environment = kept.Environment
	snapshot := map[string]digest.Digest{}
	for path, d := range r.opts.Files.Snapshot() {
		snapshot[graph.Path(path)] = d
	}
	for _, path := range loaded.Watched() {
		if d, err := digest.File(filepath.FromSlash(path)); err == nil && !d.IsZero() {
			snapshot[path] = d
		}
	}
	plan := loaded.Plan(loaded.Compare(snapshot))
	stale := map[string]*Reason{}
	for _, step := range plan.Read {
		stale[step.Doc] = r.reason(step)
	}
	environment := modified(filepath.Join(r.opts.Sphinx.Doctrees, "environment.pickle"))
	everything := r.outmoded(&plan, kept.Options != r.identity())
	r.signature = kept.Facts.Signature
	r.log.Debug("recalled the last session", "pages", len(kept.Pages), "to read", len(stale), "all stale", everything != nil,
		"options changed", kept.Options != r.identity(), "restart", plan.Restart, "templates", plan.WriteAll, "assets", plan.Assets)
	before := keptHistory(loaded)
	for doc, rec := range kept.Pages {
		document, ok := loaded.Document(doc)
		if !ok {
			continue
		}
		p := r.addPage(doc, filepath.FromSlash(document.Source), rec.Path)
		p.parsed, p.history = document.Digest, before[doc]
		p.hash = rec.Hash
		p.notes = map[Phase][]Diagnostic{Reading: rec.Notes, Writing: rec.Wrote}
		p.signature, p.drawn = rec.Made, rec.Drawn
		if p.signature != nil {
			for arguments := range p.signature.Toctrees {
				r.toctrees[arguments] = true
			}
		}
		for _, pair := range rec.Images {
			p.images = append(p.images, media{pair[0], pair[1]})
			r.copied[pair[1]] = pair[0]
		}
		if why, ok := stale[doc]; ok {
			r.markRead(p, why)
		} else if modified(r.doctree(doc)) > environment { // read by a session that was killed
			r.markRead(p, because(Process, "was read by a session that was killed"))
		}
		if everything != nil {
			r.markWrite(p, everything)
		} else if !r.intact(p, rec) {
			r.markWrite(p, because(Output, "is not what was written"))
		} else if len(plan.Restart) > 0 {
			r.markCheck(p, everyAspect, changedFile(Configuration, plan.Restart[0]))
		}
		r.show(p)
	}
	r.made = map[string]bool{}
	for _, path := range kept.Made {
		r.made[path] = true
	}
	if kept.Site != nil {
		r.siteNote = kept.Site
		delete(r.siteNote, looping)
		r.showSite()
	}
	r.recalled = true
	r.opts.Files.Add(osPaths(loaded.Watched())...)
	r.table.mu.Lock()
	r.table.known = len(r.pages) > 0 && len(plan.Discover) == 0
	r.table.mu.Unlock()
	r.publishNeeded()
	r.wakeAll()
}

// outmoded says why every page of the last session must be written again; nil
// when that need not be.
func (r *Runner) outmoded(plan *graph.Plan, options bool) *Reason {
	switch {
	case len(plan.WriteAll) > 0:
		return changedFile(Template, plan.WriteAll[0])
	case len(plan.Assets) > 0:
		return changedFile(Assets, plan.Assets[0])
	case options:
		return because(Configuration, "was made with other options")
	case r.opts.WriteAll:
		return because(Start, "was asked for, with --write-all")
	}
	return nil
}

// doctree returns the path of a document's doctree.
func (r *Runner) doctree(doc string) string {
	return filepath.Join(r.opts.Sphinx.Doctrees, filepath.FromSlash(doc)+".doctree")
}

// modified returns a file's modification time in nanoseconds, 0 when there is none.
func modified(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}

// intact reports whether a page's file is the one that was written: by size and
// modification time, else by content.
func (r *Runner) intact(p *page, rec record) bool {
	file := r.output(p.path)
	info, err := os.Stat(file)
	if err != nil {
		p.hash = digest.Digest{}
		return false
	}
	if info.Size() == rec.Size && info.ModTime().UnixNano() == rec.Time {
		return true
	}
	d, err := digest.File(file)
	p.hash = d
	return err == nil && d == rec.Hash && info.ModTime().Unix() != 0
}

// save writes the manifest of a settled state.
func (r *Runner) save() error {
	kept := keep{Options: r.identity(), Environment: r.finish.environment, Facts: r.facts, Pages: map[string]record{}, Site: r.siteNote, Made: sorted(r.made)}
	for doc, p := range r.pages {
		info, err := os.Stat(r.output(p.path))
		if err != nil {
			continue
		}
		rec := record{Path: p.path, Hash: p.hash, Size: info.Size(), Time: info.ModTime().UnixNano(), Notes: p.notes[Reading], Wrote: p.notes[Writing], Made: p.signature, Drawn: p.drawn}
		for _, m := range p.images {
			rec.Images = append(rec.Images, [2]string{m.source, m.path})
		}
		kept.Pages[doc] = rec
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	r.graph.SetExtra(keepKey, data)
	if err := keepHistory(r.graph, r.pages); err != nil {
		return err
	}
	if err := r.graph.Save(r.manifest()); err != nil {
		return err
	}
	return r.settleLedger()
}

// addPage makes a document known.
func (r *Runner) addPage(doc, source, path string) *page {
	p := r.pages[doc]
	if p == nil {
		p = &page{doc: doc, notes: map[Phase][]Diagnostic{}}
		r.pages[doc] = p
	}
	if p.path != path {
		delete(r.byPath, p.path)
	}
	p.source, p.path = source, path
	r.byPath[path] = p
	return p
}

// dropPage removes a document that is gone, and what was written for it.
func (r *Runner) dropPage(p *page) {
	delete(r.pages, p.doc)
	r.dropWords(p.doc)
	delete(r.byPath, p.path)
	r.graph.RemoveDocument(p.doc)
	r.table.remove(p.path)
	r.removeFiles(noted{p.doc, p.source, p.path})
	r.opts.Audience.Publish(Push{Kind: "reload", Page: p.path})
}

// output returns the absolute path of a file of the site.
func (r *Runner) output(path string) string {
	return filepath.Join(r.opts.Sphinx.Output, filepath.FromSlash(path))
}

// invalidate gives a stale page's file the modification time 0, so that a plain
// Sphinx, or the next session, sees that it is stale, whatever happens to us.
func (r *Runner) invalidate(p *page) {
	if p.stamped || p.hash.IsZero() {
		return
	}
	if os.Chtimes(r.output(p.path), time.Unix(0, 0), time.Unix(0, 0)) == nil {
		p.stamped = true
	}
}

func osPaths(paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = filepath.FromSlash(path)
	}
	return out
}
