package plain

import (
	"context"
	"os"
	"slices"
	"time"

	"docserve/runner"
	"docserve/runner/loops"
	"docserve/runner/sphinx"
)

// hear handles news of the build that runs.
func (e *Engine) hear(ctx context.Context, news event) {
	switch {
	case news.progress != nil:
		e.phase(*news.progress)
	case news.stalled != nil:
		e.announce(*news.stalled)
	}
	if news.files != nil {
		e.compare(news)
	}
	if news.ended {
		c := e.child
		e.child = nil
		e.finish(ctx, c)
		if err := os.RemoveAll(c.dir); err != nil {
			e.log.Debug("cannot remove what a build has left", "err", err)
		}
	}
}

// compare finds out which files a build has changed, and shows them, before
// anybody looks at the environment.
func (e *Engine) compare(news event) {
	o := differ(e.files, news.files)
	e.build.Written += o.written
	e.build.Differ += len(o.pages)
	e.build.Pages = o.pages[:min(len(o.pages), 100)]
	if len(o.pages) > 0 && !e.build.Initial {
		e.build.Visible = time.Since(e.build.Start)
	}
	e.files = news.files
	e.table.change(func() {
		e.table.files = news.files
		if news.code >= 0 && news.code <= 1 {
			e.table.edited, e.table.state, e.table.trouble = map[string]bool{}, runner.Fresh, nil
		}
	})
	o.push(e.opts.Audience, news.files, e.build.Pushes)
	if edited := e.sole(); edited != "" && !e.build.Initial && slices.Contains(o.pages, edited) {
		e.opts.Audience.Publish(runner.Push{Kind: "edited", Page: edited})
	}
	if e.pages() > 0 {
		e.first.Do(func() { close(e.firstPage) })
	}
}

// sole is the page of the document for which the build that runs was asked; ""
// if it was asked for more than that.
func (e *Engine) sole() string {
	if e.child == nil || e.facts == nil || e.child.plan.all || len(e.child.plan.again) != 1 {
		return ""
	}
	return e.facts.page(e.opts.Sphinx.Builder, e.child.plan.again[0])
}

// finish takes over what a build has left.
func (e *Engine) finish(ctx context.Context, c *child) {
	c.transcript.account(&e.build)
	e.acts(c)
	text, _ := os.ReadFile(c.path("warnings")) // one that ended early has written none
	warnings, words := string(text), ""
	code, ended := c.left()
	// 1 is for warnings that count as errors: the site is there all the same.
	good := ended && (code == 0 || code == 1)
	if ended && !good {
		warnings, words = split(warnings)
	}
	found, err := readFacts(c.path("facts"))
	if err != nil && good {
		e.log.Warn("every change of a file among the sources is taken for one that matters", "err", err)
	}
	before := e.facts
	read := map[string]bool{}
	if found != nil {
		read = found.read(before, c.began)
		found.noteGenerated(c.sources)
	}
	switch {
	case found != nil && !good:
		found.keepModules(before)
		e.facts = found
	case found != nil || good:
		e.facts = found
	}
	e.notes.take(e.news(c, warnings, read))
	if e.facts != nil {
		e.showSources()
		e.opts.Files.Add(e.facts.outside(e.opts.Sphinx.Source)...)
	}
	if e.unclean = !good; good {
		e.failed = nil
		e.showNotes()
		e.keep()
		e.report()
		e.rest(ctx)
		return
	}
	switch {
	case c.stalled != nil:
		e.fail(*c.stalled)
	case words != "":
		d := explain(words, e.opts.Sphinx.Config, e.opts.Sphinx.Source)
		if e.opts.Traceback {
			d.Hint = words
		}
		e.fail(e.advised(ctx, d, words))
	default:
		d := e.advised(ctx, unasked(c.process.Exit(), string(c.process.Tail(1500))), "")
		e.announce(d)
		e.fail(d)
	}
}

// news is what a build has said and done, for the notes.
func (e *Engine) news(c *child, text string, read map[string]bool) news {
	n := news{
		given: map[runner.Phase][]runner.Diagnostic{}, read: read, written: c.transcript.written, facts: e.facts,
		all: c.plan.all, steps: map[runner.Phase]bool{runner.Starting: true, runner.Failed: true},
	}
	n.steps[runner.Reading] = c.transcript.reading && len(read) > 0
	n.steps[runner.Finishing], n.steps[runner.Writing] = c.transcript.checked, c.transcript.writing
	for phase, did := range n.steps {
		if !did {
			delete(n.steps, phase)
		}
	}
	for phase, given := range c.transcript.warnings(text) {
		n.given[phase] = diagnose(given, read, e.facts, e.opts.WorkDir, workDir(), e.opts.Sphinx.Source)
	}
	return n
}

// workDir is where Sphinx runs when nothing else was said.
func workDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}

// advised adds what to do about something that is not installed.
func (e *Engine) advised(ctx context.Context, d runner.Diagnostic, words string) runner.Diagnostic {
	if e.opts.Advise != nil {
		if advice := e.opts.Advise(ctx, d.Message+"\n"+words); advice != "" {
			d.Hint = advice
		}
	}
	return d
}

// announce tells people at once what has become of a process. The report of the
// build does not say it again.
func (e *Engine) announce(d runner.Diagnostic) {
	e.opts.Reporter.Diagnose(d)
	e.told[d] = true
	e.incidents = append(e.incidents, runner.Incident{Time: time.Now(), Diagnostic: d})
	if len(e.incidents) > fewIncidents {
		e.incidents = e.incidents[1:]
	}
	e.opts.Audience.Publish(runner.Push{Kind: "status", Note: d.Message})
}

const (
	// fewIncidents and fewBuilds are how many of them the status shows.
	fewIncidents = 20
	fewBuilds    = 20
)

// fail says that there is no site until something changes.
func (e *Engine) fail(d runner.Diagnostic) {
	e.failed = &d
	e.showNotes()
	e.phase(runner.Progress{Phase: runner.Failed})
	e.table.change(func() { e.table.busy, e.table.edited = e.pending.build, map[string]bool{} })
	e.display(runner.Broken, []string{d.String()})
	e.report()
}

// report tells how a build has ended.
func (e *Engine) report() {
	build := &e.build
	build.Total = time.Since(build.Start)
	build.New, build.Fixed = compareTold(e.diagnostics(), e.told)
	for _, d := range build.Fixed {
		delete(e.told, d)
	}
	for _, d := range build.New {
		e.told[d] = true
	}
	build.Failed = e.failed != nil || runner.Failing(e.opts.Generated) || e.opts.Strict && len(e.told) > 0
	e.builds = append(e.builds, *build)
	if len(e.builds) > fewBuilds {
		e.builds = slices.Delete(e.builds, 0, len(e.builds)-fewBuilds)
	}
	e.opts.Reporter.Built(*build)
}

// hearRules reports what is new or gone of what is wrong with rules, when no build
// does so.
func (e *Engine) hearRules() {
	if !e.idle() {
		return
	}
	if fresh, fixed := compareTold(e.diagnostics(), e.told); len(fresh)+len(fixed) > 0 {
		for _, page := range e.opts.Audience.Open() {
			e.opts.Audience.Publish(runner.Push{Kind: "status", Page: page})
		}
		e.build = runner.Build{Start: time.Now(), Changed: runner.RuleFiles(fresh, fixed, func(path string) string {
			return sphinx.Relative(e.opts.Sphinx.Source, path)
		})}
		e.report()
	}
}

// rest says that all is built, and asks the watcher whether a save is on its way.
func (e *Engine) rest(ctx context.Context) {
	e.table.change(func() { e.table.busy = e.pending.build })
	if e.pending.build {
		return
	}
	e.display(runner.Fresh, nil)
	word := e.word
	go func() {
		err := e.opts.Files.Barrier(ctx)
		e.later(ctx, func() {
			if err != nil {
				e.log.Warn("cannot tell whether a save is on its way", "err", err)
			}
			if e.word == word && e.failed == nil && !e.breaker.Holding() {
				e.breaker.Free(loops.Freed)
				e.settled = true
				e.phase(runner.Progress{Phase: runner.Settled, Done: e.pages(), Total: e.pages()})
			}
		})
	}()
}
