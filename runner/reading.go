package runner

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

func (r *Runner) callDiscover(w *process) {
	r.discover, r.listed = false, true
	call(r, w, "discover", "", nil, func(d sphinx.Discovery) { r.discovered(&d) })
	w.busy.undo = func() { r.discover = true }
}

// discovered takes over the list of documents.
func (r *Runner) discovered(d *sphinx.Discovery) {
	if !slices.ContainsFunc(d.Docs, func(each [3]string) bool { return each[0] == r.facts.Root }) {
		r.rootless(d)
		return
	}
	found := map[string]bool{}
	read := map[string]bool{}
	for _, doc := range d.Read {
		read[doc] = true
	}
	listing := r.listing()
	changed := len(d.Removed) > 0
	r.order = r.order[:0]
	for _, each := range d.Docs {
		doc := each[0]
		found[doc] = true
		before, known := r.pages[doc]
		if known && before.source != each[1] { // another suffix
			if err := r.removeCopy(doc, before.source); err != nil {
				r.log.Warn("cannot remove the copy of a source", "err", err)
			}
			read[doc] = true
		}
		p := r.addPage(doc, each[1], each[2])
		r.order = append(r.order, p)
		if _, ok := r.graph.Document(doc); !ok {
			r.graph.SetDocument(graph.Document{Name: doc, Source: graph.Path(p.source)})
		}
		if read[doc] {
			r.markRead(p, listing[known])
			if !p.aside() {
				p.failure = nil
			}
			changed = changed || !known
		}
		r.show(p)
	}
	slices.SortFunc(r.order, func(a, b *page) int { return cmp.Compare(a.doc, b.doc) })
	for _, p := range r.pages {
		if !found[p.doc] {
			r.dropPage(p)
			changed = true
		}
	}
	r.dropOrphans()
	r.site(Reading, r.notes("", d.Diagnostics))
	r.table.mu.Lock()
	r.table.known = true
	r.table.mu.Unlock()
	if changed {
		r.spread.overtake()
	}
	if changed && !r.cold {
		// hasdoc(), genindex and navigation may show it anywhere
		r.unread[""] = false
	}
	r.wakeAll()
}

// listing says why documents are read when they were looked for: those that were
// known before, and the others.
func (r *Runner) listing() map[bool]*Reason {
	if r.cold {
		why := r.renewed()
		return map[bool]*Reason{true: why, false: why}
	}
	return map[bool]*Reason{
		true:  because(Documents, "lists documents that came or went, or Sphinx asks for it"),
		false: because(Documents, "is new"),
	}
}

// rootless gives up on a project without its root document, as Sphinx does. What
// was written before stays, and the next change is another try.
func (r *Runner) rootless(d *sphinx.Discovery) {
	suffix := ""
	if len(r.facts.Suffixes) > 0 {
		suffix = r.facts.Suffixes[0]
	}
	root := filepath.Join(r.opts.Sphinx.Source, filepath.FromSlash(r.facts.Root)+suffix)
	message := "the root document does not exist; without it, Sphinx builds nothing"
	if _, err := os.Stat(root); err == nil {
		message = "the root document is there, but exclude_patterns or include_patterns in conf.py keep it out, or it cannot be read"
	}
	r.site(Reading, r.notes("", d.Diagnostics))
	r.kill(r.crew.worker)
	r.crew.worker = nil
	r.fail(Diagnostic{Severity: Critical, Path: root, Message: message, Hint: "conf.py can name another one: root_doc"})
}

// callRead has the worker read a document; in bulk when nobody waits for it.
func (r *Runner) callRead(w *process, p *page, bulk bool) {
	p.read, p.early = false, false // a change from now on asks for another time
	p.reading, p.whyRead = p.whyRead, nil
	r.during = nil
	declared := r.opts.Generated.Declared(p.source)
	call(r, w, "read", p.doc, map[string]any{"docs": []string{p.doc}, "bulk": bulk}, func(result sphinx.Reads) {
		for i := range result.Docs {
			files := declared
			if other := r.pages[result.Docs[i].Doc]; other != nil && other != p { // it shares names with that one
				files = r.opts.Generated.Declared(other.source)
			}
			r.hasRead(&result.Docs[i], files)
		}
	})
	why := p.reading
	w.busy.undo = func() { r.markRead(p, why) }
}

// hasRead takes over the outcome of reading one document. Declared are the files
// that the document asked for is declared to depend on, as they were before.
func (r *Runner) hasRead(result *sphinx.Read, declared map[string]digest.Digest) {
	p := r.pages[result.Doc]
	if p == nil {
		return
	}
	r.reads++
	r.spread.overtake()
	r.since[p.doc] = true
	r.loaded(result.Modules)
	r.abortFinish()
	d, err := digest.Parse(result.Digest)
	if err != nil {
		r.log.Error("a worker sent no digest", "document", p.doc, "err", err)
	}
	p.parsed = d
	why := p.reading
	if p.reading = nil; why == nil { // not asked for
		why = because(Names, "was read along with what shares its names")
	}
	p.history.hasRead(why)
	r.unproven[p.doc] = why == back
	deps := declaredEdges(edges(result.Deps), declared)
	r.graph.SetDocument(graph.Document{Name: p.doc, Source: graph.Path(p.source), Digest: d, Deps: deps, Links: links(result.Links)})
	r.opts.Files.Add(outside(r.opts.Sphinx.Source, deps)...)
	if r.open[p.path] {
		r.publishNeeded()
	}
	p.notes[Reading] = r.notes(p.doc, result.Diagnostics)
	r.unsaved[p.doc] = true
	if current := r.digest(p.source); current != d {
		// saved while it was being parsed, or the watcher has not told us yet
		if fresh, err := digest.File(p.source); err == nil && fresh != d && r.heeds(p.source, fresh) {
			r.markRead(p, because(Content, "was changed while it was read"))
		}
	}
	if r.overtaken(p, deps) {
		r.markRead(p, because(Content, "is made from what was changed while it was read"))
	}
	if result.Error != nil {
		if !p.read { // otherwise it is about a version that is gone
			r.broke(p, result.Error)
		}
		return
	}
	p.failure = nil
	before, again := r.unread[p.doc]
	r.unread[p.doc] = result.Kept && (before || !again)
	// A document that was read along with another is not marked yet, or for less.
	r.markCheck(p, []sphinx.Aspect{sphinx.Context}, why)
	p.early = result.Kept
	r.readAffected(result) // also at first: a save may have it read out of order
	if !r.cold {
		r.killWriters() // they know nothing of it
	}
}

// readAffected has those read again that the reading of a document has told other
// names, and reports whether there are any.
func (r *Runner) readAffected(result *sphinx.Read) bool {
	found := false
	for _, doc := range result.Affected {
		if other := r.pages[doc]; other != nil {
			r.markRead(other, from(Names, "depends on names that "+result.Doc+" defines", []string{result.Doc}))
			found = true
		}
	}
	return found
}

// broke notes that a document or its page cannot be built. The last good page stays.
func (r *Runner) broke(p *page, f *sphinx.Failure) {
	path := f.Path
	if path == "" {
		path = p.source
	}
	p.failure = &Diagnostic{Severity: Critical, Path: path, Line: f.Line, Doc: p.doc, Message: f.Message, Category: f.Kind, Hint: r.trace(f)}
	p.edited, p.unwritten = false, false
	if _, err := os.Stat(p.source); errors.Is(err, fs.ErrNotExist) {
		// It was listed in a moment so short that no watcher tells of it.
		r.discover = true
	}
	r.log.Debug(f.Trace)
	r.show(p)
	r.wake(p.path)
}

// outside returns the files that the watcher may not know of.
func outside(source string, deps []graph.Dep) []string {
	var paths []string
	for _, dep := range deps {
		if !strings.HasPrefix(dep.Path, graph.Path(source)+"/") {
			paths = append(paths, dep.Path)
		}
	}
	return osPaths(paths)
}

// callUpdate brings up to date what depends on all documents read since last time.
func (r *Runner) callUpdate(w *process, initial bool) {
	docs := []string{}
	for doc := range r.unread {
		if p := r.pages[doc]; p != nil {
			docs = append(docs, doc)
		}
	}
	slices.Sort(docs)
	clear(r.unread)
	call(r, w, "update", "", map[string]any{"docs": docs, "initial": initial}, func(u sphinx.Updated) {
		r.updated(&u, initial)
	})
	w.busy.undo = func() {
		r.unread[""] = false
		for _, doc := range docs {
			r.unread[doc] = false
		}
	}
}

func (r *Runner) updated(u *sphinx.Updated, initial bool) {
	r.site(Writing, r.notes("", u.Diagnostics))
	if u.Numbering != nil {
		r.site("numbering", r.notes("", *u.Numbering))
	}
	if u.Error != nil {
		r.site(Failed, []Diagnostic{{Severity: Critical, Path: u.Error.Path, Line: u.Error.Line, Message: u.Error.Message}})
	} else if r.broken == nil {
		r.site(Failed, nil)
	}
	if initial {
		r.cold, r.spread = false, spreading{} // every page follows
		r.endPreview()
		r.markAll(r.renewed())
		return
	}
	r.stalePages(&u.Stale, nil)
	r.spread.due = true
	r.retryWriting()
}

// retryWriting has pages written that could not be, when what they show of
// others has changed: until then it may have been half of a change.
func (r *Runner) retryWriting() {
	for _, p := range r.order {
		if p.failure != nil && p.unwritten {
			p.failure = nil
			r.markWrite(p, because(Retry, "could not be written"))
			r.show(p)
		}
	}
}

// previewed takes over a provisional page.
func (r *Runner) previewed(p *page, w *sphinx.Written) {
	d, err := digest.Parse(w.Digest)
	if err != nil {
		r.log.Error("a worker sent no digest", "document", p.doc, "err", err)
	}
	p.preview = &provisional{parsed: d}
	if w.Error != nil {
		return // it needs what was not read yet: the worker's own page follows
	}
	r.table.mu.Lock()
	r.table.preview = previewHTML(r.state)
	r.table.mu.Unlock()
	hash, err := digest.File(w.File)
	if err != nil {
		r.log.Warn("cannot read a provisional page", "err", err)
		return
	}
	if len(w.Deps) > 0 && p.parsed.IsZero() {
		r.graph.SetDocument(graph.Document{Name: p.doc, Source: graph.Path(p.source), Digest: d, Deps: edges(w.Deps)})
	}
	p.preview.file, p.preview.hash = w.File, hash
	r.show(p)
	r.wake(p.path)
	r.opts.Audience.Publish(Push{Kind: "update", Page: p.path, Hash: hash, State: Provisional, Told: r.account.build.Pushes.Begin()})
	if len(r.account.build.Changed) > 0 {
		r.account.build.Differ++
		r.visible(p)
	}
}

// notes turns what Sphinx gave into diagnostics.
func (r *Runner) notes(doc string, given []sphinx.Note) []Diagnostic {
	var out []Diagnostic
	for _, n := range given {
		d := Diagnostic{Severity: Severity(n.Severity), Path: n.Path, Line: n.Line, Doc: doc, Message: n.Message, Category: n.Category}
		if n.Place != "" {
			d.Message = fmt.Sprintf("%s: %s", n.Place, d.Message)
		}
		if p := r.pages[n.Path]; p != nil { // Sphinx sometimes gives the docname
			d.Path = p.source
		}
		out = append(out, d)
	}
	return out
}

// touch notes that something has happened.
func (r *Runner) touch() {
	r.lastWord = time.Now()
	r.unsettle()
	r.overtake()
}
