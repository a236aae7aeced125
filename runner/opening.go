package runner

import (
	"context"
	"encoding/json"
	"path/filepath"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

// spareDelay keeps the import of a spare interpreter away from the first page.
const spareDelay = 3 * time.Second

// reopen replaces the worker by a new interpreter, for instance because conf.py
// has changed.
func (r *Runner) reopen(ctx context.Context) {
	r.abortFinish()
	r.killWriters()
	if r.crew.worker != nil {
		r.crew.worker.undone() // its answer will never come
	}
	for _, p := range []*process{r.crew.preview, r.crew.standby, r.crew.worker} {
		r.kill(p)
	}
	r.crew.preview, r.crew.standby, r.crew.worker = nil, nil, nil
	r.crew.previewing = false
	r.crew.forking = nil
	r.drop()
	r.facts, r.broken, r.refused = nil, nil, nil
	r.unread = map[string]bool{}
	r.words = nil
	r.assets = true
	r.phase(Starting, 0, 0) // also while there is no interpreter at hand
	if r.crew.spare == nil {
		if err := r.spawn(ctx); err != nil {
			r.fail(Diagnostic{Severity: Critical, Message: err.Error()})
		}
	}
}

// openProject has the spare open the project and become the worker.
func (r *Runner) openProject(ctx context.Context) {
	p := r.crew.spare
	r.crew.worker, r.crew.spare = p, nil
	if since := r.crew.lacking; !since.IsZero() {
		r.account.build.Open += time.Since(since)
		r.crew.lacking = time.Time{}
	}
	r.trust()
	r.phase(Starting, 0, 0)
	options := r.opts.Sphinx
	options.Fresh = options.Fresh && !r.initial || r.cleared
	r.cleared = false
	call(r, p, "open", "", map[string]any{"options": options}, func(facts sphinx.Facts) { r.opened(ctx, p, &facts) })
}

// opened takes over what the worker says of the project.
func (r *Runner) opened(ctx context.Context, p *process, facts *sphinx.Facts) {
	before := r.signature
	r.facts, r.signature, r.extensions = facts, facts.Signature, facts.Extensions
	r.broken = nil
	r.recycling = recycling{since: r.taken, told: r.recycling.told}
	r.site(Failed, nil)
	r.site(Starting, r.notes("", facts.Diagnostics))
	r.discover, r.assets = true, true
	r.cold = !facts.Warm || facts.Environment != r.finish.environment
	if r.cold {
		r.forgetReading(r.renewed())
		if facts.Reason != "" && facts.Reason != "new" {
			r.account.build.Reason = facts.Reason
		}
	}
	r.confirm(before == facts.Signature)
	r.describe()
	if changes := r.outdated(r.graph.Project().Loaded); len(changes) > 0 {
		r.account.build.Reason = changes[0].Path + " changed"
		r.account.restart = changedFile(Configuration, graph.Why{Path: changes[0].Path, Name: r.relative(filepath.FromSlash(changes[0].Path)), Kind: graph.Config})
		r.reopen(ctx)
		return
	}
	time.AfterFunc(spareDelay, func() {
		r.later(ctx, func() {
			if r.crew.spare == nil && r.crew.worker == p {
				if err := r.spawn(ctx); err != nil {
					r.log.Warn("no spare interpreter", "err", err)
				}
			}
		})
	})
}

// confirm decides what the worker's environment is worth. That of the last
// session, just recalled, is as good as its manifest says; one that was loaded
// anew because of a change of configuration lacks what was read since it was
// kept, and every page may look different, unless the configuration is shaped
// as before: then it was for the sake of modules that documents describe.
func (r *Runner) confirm(shaped bool) {
	recalled := r.recalled && !r.cold && shaped
	r.recalled = false
	if recalled {
		stale := false
		for _, p := range r.pages {
			stale = stale || p.stale()
		}
		r.finish.done = !stale
		return
	}
	why := r.renewed()
	for _, p := range r.pages {
		p.preview = nil
		if p.failure != nil && !p.aside() {
			p.failure = nil
			r.markRead(p, because(Retry, "failed last time"))
		}
		if !shaped || r.cold {
			r.markWrite(p, why)
		} else if len(r.unsaved) > 0 {
			r.doubt(p, because(Process, "belongs to an interpreter that was replaced"))
		}
		if r.unsaved[p.doc] {
			r.markRead(p, because(Process, "was read since the environment was kept"))
		}
	}
	r.finish.everything = r.finish.everything || !shaped || r.cold
}

// forgetReading makes every document unread.
func (r *Runner) forgetReading(why *Reason) {
	for _, page := range r.pages {
		r.markRead(page, why)
	}
}

// renewed says why an interpreter that has just opened the project makes anew
// what another one has made.
func (r *Runner) renewed() *Reason {
	why, detail := r.account.restart, r.facts.Reason
	if !r.account.open { // that was about the last build
		why = nil
	}
	if detail == "new" { // there is no environment to go on with
		detail = ""
	}
	switch {
	case why != nil && detail == "":
		return why
	case why != nil:
		with := *why
		with.Text += ": " + detail
		return &with
	case detail != "":
		return because(Configuration, "is read in another environment: "+detail)
	case r.account.open && r.account.build.Initial:
		return because(Start, "was not known yet")
	}
	return because(Process, "belongs to an interpreter that was replaced")
}

// describe tells the graph and the watcher about the project.
func (r *Runner) describe() {
	facts := r.facts
	project := graph.Project{
		SourceDir: graph.Path(r.opts.Sphinx.Source), Suffixes: facts.Suffixes, Excludes: facts.Excludes,
		Templates: slashed(facts.Templates), Static: slashed(facts.Static), Catalogs: slashed(facts.Locales),
		Generated: slashed(facts.Generated),
	}
	for _, in := range facts.Inputs {
		project.Inputs = append(project.Inputs, graph.Place{Path: graph.Path(in.Path), Endings: in.Endings})
		r.opts.Files.Add(in.Path)
	}
	if r.opts.Sphinx.Config != "" { // it may not be there yet
		facts.Modules = append(facts.Modules, sphinx.Module{filepath.Join(r.opts.Sphinx.Config, "conf.py"), ""})
	}
	r.graph.SetProject(project)
	r.load(facts.Modules, graph.Config)
	r.record()
	r.opts.Files.Add(facts.Static...)
	r.opts.Files.Add(facts.Templates...)
}

// load notes which files the interpreter has loaded, as it has loaded them: an
// edit of one needs a new interpreter.
func (r *Runner) load(modules []sphinx.Module, kind graph.Kind) {
	project := r.graph.Project()
	known := map[string]bool{}
	for _, input := range project.Loaded {
		known[input.Path] = true
	}
	for _, input := range inputs(modules, kind) {
		if !known[input.Path] {
			known[input.Path] = true
			project.Loaded = append(project.Loaded, input)
			r.opts.Files.Add(filepath.FromSlash(input.Path))
		}
	}
	r.graph.SetProject(project)
}

// inputs turns what the interpreter has loaded into the graph's form.
func inputs(modules []sphinx.Module, kind graph.Kind) []graph.Input {
	all := make([]graph.Input, len(modules))
	for i, module := range modules {
		all[i] = graph.Input{Path: graph.Path(module[0]), Kind: kind, Digest: read(module[0], module[1])}
	}
	return all
}

// outdated returns those of loaded files that are not what was loaded: they were
// saved meanwhile.
func (r *Runner) outdated(loaded []graph.Input) []graph.Change {
	var changes []graph.Change
	for _, input := range loaded {
		path := filepath.FromSlash(input.Path)
		d, err := digest.File(path)
		if err == nil && d != input.Digest && r.heeds(path, d) {
			changes = append(changes, graph.Change{Path: input.Path, Digest: d})
		}
	}
	return changes
}

// record tells the graph that all contents of templates and static files, as
// they are now, are being dealt with.
func (r *Runner) record() {
	contents := map[string]digest.Digest{}
	for path, d := range r.opts.Files.Snapshot() {
		contents[graph.Path(path)] = d
	}
	r.graph.Record(contents)
}

// loaded adds modules that reading has brought in: an edit of one needs a new interpreter.
func (r *Runner) loaded(modules []sphinx.Module) {
	if len(modules) == 0 {
		return
	}
	r.facts.Modules = append(r.facts.Modules, modules...)
	r.load(modules, graph.Module)
	r.reload = len(r.outdated(r.graph.Project().Loaded)) > 0
}

// openFailed reports a project that cannot be opened; the next change of
// anything is another try.
func (r *Runner) openFailed(ctx context.Context, p *process, f *sphinx.Failure) {
	d := Diagnostic{Severity: Critical, Path: f.Path, Line: f.Line, Message: f.Message, Category: f.Kind, Hint: r.trace(f)}
	r.kill(p)
	r.crew.worker, r.refused = nil, p
	r.openAgain(ctx, p, f.Loaded)
	if r.opts.Advise == nil {
		r.fail(d)
		return
	}
	go func() { // it asks the interpreter, which takes a moment
		if advice := r.opts.Advise(ctx, f.Message+"\n"+f.Trace); advice != "" {
			d.Hint = advice
		}
		r.later(ctx, func() {
			if r.refused == p {
				r.fail(d)
			}
		})
	}()
}

// openAgain has the project opened once more, once, if what it was opened with is
// not there any more when the watcher has told of everything: of a file that was
// changed, loaded, and changed back there is nothing to tell.
func (r *Runner) openAgain(ctx context.Context, p *process, loaded []sphinx.Module) {
	if r.reopened {
		return
	}
	go func() {
		if err := r.opts.Files.Barrier(ctx); err != nil {
			return
		}
		r.later(ctx, func() {
			if r.refused != p || len(r.outdated(inputs(loaded, graph.Config))) == 0 {
				return
			}
			r.reopened = true
			r.touch()
			r.reopen(ctx)
		})
	}()
}

// trace is the traceback for those who have asked for it.
func (r *Runner) trace(f *sphinx.Failure) string {
	if !r.opts.Traceback {
		return ""
	}
	return f.Trace
}

// closed reports whether the project could not be opened, and nothing has changed since.
func (r *Runner) closed() bool { return r.broken != nil || r.refused != nil }

// fail says that there is no site until something changes.
func (r *Runner) fail(d Diagnostic) {
	r.broken = &d
	r.facts, r.trouble = nil, nil
	r.site(Failed, []Diagnostic{d})
	r.phase(Failed, 0, 0)
	for _, page := range r.pages {
		r.show(page)
	}
	r.wakeAll()
	r.report(true)
}

func slashed(paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = graph.Path(path)
	}
	return out
}

// keep is what the manifest holds beside the graph.
type keep struct {
	Options     digest.Digest          `json:"options"`
	Environment string                 `json:"environment"`
	Facts       *sphinx.Facts          `json:"facts"`
	Made        []string               `json:"made"` // site paths of indices and pages of extensions
	Pages       map[string]record      `json:"pages"`
	Site        map[Phase][]Diagnostic `json:"site"`
}

// manifestName is the file in the state directory in which a settled state is
// kept, and keepKey the part of it that is keep.
const (
	manifestName = "graph"
	keepKey      = "docserve"
)

func (r *Runner) manifest() string { return filepath.Join(r.state, manifestName) }

// identity names the options that shape every page.
func (r *Runner) identity() digest.Digest {
	options := r.opts.Sphinx
	options.Fresh, options.Verbosity = false, 0
	data, err := json.Marshal(options)
	if err != nil {
		return digest.Digest{}
	}
	return digest.Of(append(data, r.opts.Python...))
}
