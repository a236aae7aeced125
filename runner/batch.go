package runner

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/loops"
	"docserve/watch"
)

// take handles changed files: the graph says what they ask for.
func (r *Runner) take(ctx context.Context, batch watch.Batch) {
	batch = r.breaker.Join(batch)
	batch.Changes = r.meant(batch.Changes)
	if batch.Changes = r.heard(ctx, batch); len(batch.Changes) > 0 {
		r.react(ctx, batch)
	}
}

// react runs the hook, and marks what the batch has made stale.
func (r *Runner) react(ctx context.Context, batch watch.Batch) {
	arrived := time.Now()
	if before := r.opts.NextBefore(); before != nil {
		ended := r.breaker.Command("--pre-build", time.Now())
		go func() {
			err := before(ctx)
			r.later(ctx, func() {
				ended(time.Now())
				if err != nil {
					r.opts.Reporter.Diagnose(Diagnostic{Severity: Error, Message: err.Error(), Hint: "nothing was built"})
					return
				}
				r.plan(ctx, batch, arrived)
			})
		}()
		return
	}
	r.plan(ctx, batch, arrived)
}

// meant leaves out what a plain build on the same sources does to documents that
// an extension generates: it writes them as they are, and removes them at its
// end. Here they stay until a new interpreter generates them anew.
func (r *Runner) meant(changes []watch.Change) []watch.Change {
	if r.facts == nil || len(r.facts.Generated) == 0 {
		return changes
	}
	parsed := map[string]digest.Digest{}
	for _, p := range r.pages {
		parsed[p.source] = p.parsed
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c watch.Change) bool {
		within := func(dir string) bool { return strings.HasPrefix(c.Path, dir+string(filepath.Separator)) }
		if !slices.ContainsFunc(r.facts.Generated, within) {
			return false
		}
		if r.beside > 0 {
			r.held[c.Path] = c
			return true
		}
		return c.Op == watch.Remove || parsed[c.Path] == c.Digest
	})
}

// Beside says that another program builds the same sources, until ended is
// called: what that does to documents that an extension generates is looked at
// when it is over, since in between there may be half of one.
func (r *Runner) Beside(ctx context.Context) (ended func()) {
	r.later(ctx, func() {
		if r.beside++; r.beside == 1 {
			r.held = map[string]watch.Change{}
		}
	})
	ctx = context.WithoutCancel(ctx)
	return func() {
		r.later(ctx, func() {
			if r.beside--; r.beside > 0 {
				return
			}
			held := slices.Collect(maps.Values(r.held))
			r.held = nil
			r.take(ctx, watch.Batch{First: time.Now(), Changes: held})
		})
	}
}

// plan marks what a batch has made stale, which has arrived before the hook ran.
func (r *Runner) plan(ctx context.Context, batch watch.Batch, arrived time.Time) {
	began := time.Now()
	r.renewOutput(ctx)
	changes := changesOf(batch)
	contents := map[string]digest.Digest{}
	for _, c := range changes {
		contents[c.Path] = c.Digest
	}
	plan := r.graph.Plan(changes)
	r.graph.Record(contents)
	if r.workerAt("read") {
		r.during = append(r.during, batch.Changes...)
	}
	broken := r.closed() // anything may have been what was missing
	if r.workerAt("open") {
		for _, input := range r.graph.Project().Loaded {
			// What the graph knows was loaded by the interpreter of before.
			_, again := contents[input.Path]
			broken = broken || again
		}
	}
	if broken || len(plan.Restart) > 0 {
		r.readmit()
	}
	retry := append(r.failed(), r.lacking(batch)...)
	declared, unlisted := r.declaring(batch)
	plan.Discover = append(plan.Discover, unlisted...)
	if len(declared) == 0 && plan.Empty() && len(retry) == 0 && !broken {
		return
	}
	r.taken++
	r.reopened = false
	r.secondChance()
	if !r.account.open {
		defer func() { r.account.build.Watch = arrived.Sub(batch.First) }()
	}
	r.begin(batch.First, &plan, batch)
	defer func() { r.account.build.Graph += time.Since(began) }()
	if r.opts.Before != nil {
		r.account.build.Hook += began.Sub(arrived)
	}
	if len(plan.Restart) > 0 {
		r.account.build.Reason = plan.Restart[0].Name + " changed"
		r.account.restart = changedFile(Configuration, plan.Restart[0])
	}
	for _, p := range retry {
		p.failure = nil
		r.markRead(p, because(Retry, "failed, or missed a file, last time"))
	}
	for _, p := range r.order {
		if why := declared[p]; why != nil {
			p.failure = nil
			r.markRead(p, why)
			r.show(p)
		}
	}
	if len(r.siteNote["assets"]) > 0 {
		r.assets = true // some may not have been copied; Sphinx only warns
	}
	for p := range r.uncopied {
		delete(r.uncopied, p)
		if r.pages[p.doc] == p {
			r.markWrite(p, because(Output, "shows or offers a file that could not be copied"))
		}
	}
	for _, step := range plan.Read {
		p := r.pages[step.Doc]
		if p == nil {
			continue
		}
		p.failure, p.kills = nil, 0
		p.edited = p.edited || len(plan.Read) <= fewPages
		p.sole = len(plan.Read) == 1 && len(batch.Changes) == 1
		r.markRead(p, r.reason(step))
		r.show(p)
	}
	if len(plan.Discover) > 0 || len(plan.Catalogs) > 0 {
		r.discover = true
	}
	for _, why := range plan.WriteAll {
		r.spread.due = true
		r.spread.add(spreading{templates: []string{filepath.FromSlash(why.Path)}, why: changedFile(Template, why)})
	}
	for _, why := range plan.Assets {
		r.assets = true
		if why.Op == graph.Remove {
			r.removed = append(r.removed, filepath.FromSlash(why.Path))
		}
	}
	r.abortFinish()
	if broken || len(plan.Restart) > 0 {
		r.reopen(ctx)
	}
}

// changesOf gives the changes of a batch in the graph's form.
func changesOf(batch watch.Batch) []graph.Change {
	changes := make([]graph.Change, len(batch.Changes))
	for i, c := range batch.Changes {
		changes[i] = graph.Change{Path: graph.Path(c.Path), Op: graph.Op(c.Op), Digest: c.Digest}
	}
	return changes
}

// lacking returns the documents that have missed a file which is there now. Not
// every directive says that it depends on a file that it cannot find, but all of
// them say which one that is. A file that was removed and made again in between is
// told of as one that was written.
func (r *Runner) lacking(batch watch.Batch) []*page {
	var pages []*page
	for _, p := range r.order {
		if p.failure == nil && len(p.notes[Reading]) > 0 && slices.ContainsFunc(batch.Changes, p.lacked) {
			pages = append(pages, p)
		}
	}
	return pages
}

// lacked reports whether a file that was made is one that the document has missed.
func (p *page) lacked(c watch.Change) bool {
	if c.Op == watch.Remove {
		return false
	}
	name := strings.TrimSuffix(filepath.Base(c.Path), ".py") // modules are known by name
	return slices.ContainsFunc(p.notes[Reading], func(d Diagnostic) bool { return strings.Contains(d.Message, name) })
}

// overtaken reports whether a file that a document was made from, or has missed,
// was changed while the document was being read. What the graph compared that
// change with was the state of before.
func (r *Runner) overtaken(p *page, deps []graph.Dep) bool {
	return slices.ContainsFunc(r.during, func(c watch.Change) bool {
		path := graph.Path(c.Path)
		return p.lacked(c) || slices.ContainsFunc(deps, func(dep graph.Dep) bool { return dep.Path == path && dep.Digest != c.Digest })
	})
}

// begin opens the account of a change.
func (r *Runner) begin(start time.Time, plan *graph.Plan, batch watch.Batch) {
	r.touch()
	r.account.begin(start, false)
	names := map[string]bool{}
	for _, name := range r.account.build.Changed {
		names[name] = true
	}
	add := func(whys []graph.Why) {
		for _, why := range whys {
			if name := r.edited(why); !names[name] {
				names[name] = true
				r.account.build.Changed = append(r.account.build.Changed, name)
			}
		}
	}
	for _, step := range plan.Read {
		add([]graph.Why{step.Why})
	}
	for _, whys := range [][]graph.Why{plan.Restart, plan.Discover, plan.WriteAll, plan.Assets, plan.Catalogs, plan.Media} {
		add(whys)
	}
	if len(names) == 0 {
		for _, c := range batch.Changes {
			path := graph.Path(c.Path)
			add([]graph.Why{{Path: path, Name: r.graph.Name(path)}})
		}
	}
}

// failed returns the documents that could not be built: every change is another try.
func (r *Runner) failed() []*page {
	var pages []*page
	for _, p := range r.order {
		if p.failure != nil && !p.aside() {
			pages = append(pages, p)
		}
	}
	return pages
}

// Rebuild makes every page stale and reads everything again, as if nothing were known.
func (r *Runner) Rebuild(ctx context.Context) {
	r.later(ctx, func() {
		r.touch()
		r.breaker.Elsewhere()
		r.freeLoops(loops.All)
		r.account.begin(time.Now(), false)
		r.account.build.Reason = "asked for"
		r.account.restart = because(Start, "was asked for")
		r.finish.environment = ""
		r.reopen(ctx)
	})
}
