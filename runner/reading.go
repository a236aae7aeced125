package runner

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

// markRead notes that a document must be read. Its page follows, if it is not
// what it was: not every change of a source is one of its page.
func (r *Runner) markRead(p *page, why string) {
	r.markCheck(p, []sphinx.Aspect{sphinx.Context}, why)
	p.read, p.believed, p.why = true, false, why
}

// markWrite notes that a page must be written.
func (r *Runner) markWrite(p *page, why string) {
	if !p.write || len(p.check) > 0 {
		p.why = why
	}
	p.write, p.check, p.audited, p.believed = true, nil, false, false
	p.generation++
	r.invalidate(p)
}

// markCheck notes that a page must be written if some of what it was made from
// is not what it was.
func (r *Runner) markCheck(p *page, aspects []sphinx.Aspect, why string) {
	if p.signature == nil || len(aspects) == 0 {
		r.markWrite(p, why)
		return
	}
	if !p.write {
		p.why, p.check = why, slices.Clone(aspects)
	} else if len(p.check) > 0 {
		for _, a := range aspects {
			if !slices.Contains(p.check, a) {
				p.check = append(p.check, a)
			}
		}
	}
	p.write, p.audited, p.believed = true, false, false
	p.generation++
	r.invalidate(p)
}

// everyAspect is what a page is checked for when nobody knows what has changed.
var everyAspect = []sphinx.Aspect{sphinx.Context, sphinx.Toctrees}

// checkAll has every page checked. What was fresh is shown as that meanwhile:
// it is another process that knows less, not the page.
func (r *Runner) checkAll(why string) {
	r.killWriters()
	for _, p := range r.pages {
		r.doubt(p, why)
	}
}

// doubt has a page checked because of what its process knows.
func (r *Runner) doubt(p *page, why string) {
	switch {
	case p.failure != nil && p.read:
	case p.failure != nil || p.stale() && !p.believed || p.signature == nil:
		r.markCheck(p, everyAspect, why)
		r.show(p)
	default:
		p.write, p.believed, p.check, p.why = true, true, everyAspect, why
	}
}

// markAll makes every page stale.
func (r *Runner) markAll(why string) {
	r.abortFinish()
	r.killWriters()
	for _, p := range r.pages {
		if p.failure == nil || !p.read {
			r.markWrite(p, why)
			r.show(p)
		}
	}
	r.finish.everything = true
}

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
	changed := len(d.Removed) > 0
	r.order = r.order[:0]
	for _, each := range d.Docs {
		doc := each[0]
		found[doc] = true
		before, known := r.pages[doc]
		if known && before.source != each[1] { // another suffix
			r.removeCopy(doc, before.source)
			read[doc] = true
		}
		p := r.addPage(doc, each[1], each[2])
		r.order = append(r.order, p)
		if _, ok := r.graph.Document(doc); !ok {
			r.graph.SetDocument(graph.Document{Name: doc, Source: graph.Path(p.source)})
		}
		if read[doc] {
			r.markRead(p, "document list")
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
	r.during = nil
	call(r, w, "read", p.doc, map[string]any{"docs": []string{p.doc}, "bulk": bulk}, func(result sphinx.Reads) {
		for i := range result.Docs {
			r.hasRead(&result.Docs[i])
		}
	})
	w.busy.undo = func() { r.markRead(p, "it was not read to the end") }
}

// hasRead takes over the outcome of reading one document.
func (r *Runner) hasRead(result *sphinx.Read) {
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
	deps := edges(result.Deps)
	r.graph.SetDocument(graph.Document{Name: p.doc, Source: graph.Path(p.source), Digest: d, Deps: deps})
	r.opts.Files.Add(outside(r.opts.Sphinx.Source, deps)...)
	p.notes[Reading] = r.notes(p.doc, result.Diagnostics)
	r.unsaved[p.doc] = true
	if current := r.digest(p.source); current != d {
		// saved while it was being parsed, or the watcher has not told us yet
		if fresh, err := digest.File(p.source); err == nil && fresh != d && r.heeds(p.source, fresh) {
			r.markRead(p, "changed while it was read")
		}
	}
	if r.overtaken(p, deps) {
		r.markRead(p, "what it is made from changed while it was read")
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
	r.markCheck(p, []sphinx.Aspect{sphinx.Context}, "read again with what shares its names")
	p.early = result.Kept
	for _, doc := range result.Affected { // also at first: a save may have it read out of order
		if other := r.pages[doc]; other != nil {
			r.markRead(other, "depends on the names that "+p.doc+" defines")
		}
	}
	if !r.cold {
		r.killWriters() // they know nothing of it
	}
}

// broke notes that a document or its page cannot be built. The last good page stays.
func (r *Runner) broke(p *page, f *sphinx.Failure) {
	path := f.Path
	if path == "" {
		path = p.source
	}
	p.failure = &Diagnostic{Severity: Critical, Path: path, Line: f.Line, Doc: p.doc, Message: f.Message, Category: f.Kind, Hint: r.trace(f)}
	p.edited, p.unwritten = false, false
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
		r.markAll("first build")
		return
	}
	r.stalePages(&u.Stale)
	r.spread.due = true
	r.retryWriting()
}

// retryWriting has pages written that could not be, when what they show of
// others has changed: until then it may have been half of a change.
func (r *Runner) retryWriting() {
	for _, p := range r.order {
		if p.failure != nil && p.unwritten {
			p.failure = nil
			r.markWrite(p, "it could not be written")
			r.show(p)
		}
	}
}

// spreading is what has to be followed to the pages of other documents.
type spreading struct {
	due        bool
	everything bool     // every page shows it
	templates  []string // templates that were changed

	// What has changed is what differs between two times of following. A page that
	// is written between them may show what was there for a moment only.
	ahead map[*page]bool // pages written since the last time, and whether more was read after that
}

// overtake notes that more is being read than what pages that came ahead were
// made from.
func (s *spreading) overtake() {
	for p := range s.ahead {
		s.ahead[p] = true
	}
}

// wrote notes a page that came ahead.
func (s *spreading) wrote(p *page) {
	if s.ahead == nil {
		s.ahead = map[*page]bool{}
	}
	s.ahead[p] = false
}

// add notes that of the other, too, has to be followed.
func (s *spreading) add(other spreading) {
	s.everything = s.everything || other.everything
	s.templates = append(s.templates, other.templates...)
}

// callSpread has the worker find out which pages may show what was changed since
// the last time.
func (r *Runner) callSpread(w *process) {
	arguments := map[string]any{
		"everything": r.spread.everything,
		"templates":  append([]string{}, r.spread.templates...),
		"toctrees":   sorted(r.toctrees),
	}
	taken := r.spread
	r.spread = spreading{}
	r.shared.add(taken)
	call(r, w, "spread", "", arguments, func(s sphinx.Spread) {
		r.stalePages(&s.Stale)
		for p, overtaken := range taken.ahead {
			if overtaken && r.pages[p.doc] == p && p.failure == nil {
				r.markCheck(p, everyAspect, "written before all was read")
				r.show(p)
			}
		}
		r.finish.everything = r.finish.everything || s.Modules
		r.retryWriting()
	})
	w.busy.undo = func() {
		r.spread.due = true
		r.spread.add(taken)
		for p := range taken.ahead {
			r.spread.wrote(p)
		}
		r.spread.overtake() // by what the process that follows reads
	}
}

// stalePages marks what the worker has found to be stale, or possibly so.
func (r *Runner) stalePages(s *sphinx.Stale) {
	if s.All != "" {
		r.markAll(s.All)
		return
	}
	if len(s.Pages) > 0 {
		r.abortFinish()
		r.killWriters()
	}
	for _, c := range s.Pages {
		if p := r.pages[c.Doc]; p != nil && (p.failure == nil || !p.read) {
			r.markCheck(p, c.Check, c.Why)
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
	r.opts.Audience.Publish(Push{Kind: "update", Page: p.path, Hash: hash, State: Provisional})
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
