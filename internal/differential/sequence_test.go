package differential

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"docserve/internal/compare"
	"docserve/internal/testenv/clean"
	"docserve/internal/testenv/session"
	"docserve/runner"
)

// quiet is how long the runner waits before it finishes the site: long enough
// that saves a moment apart still fall into one build.
const quiet = 30 * time.Millisecond

// moment is the longest of the short waits between two saves, as long as
// reading and writing some pages takes.
const moment = 60 * time.Millisecond

// outcome is what a sequence has shown.
type outcome struct {
	Edits       int
	Comparisons int
	Files       []string // differing files, with where they differ
	Warnings    []string // warnings that only one side has
	Last        int      // slot that was reached
	Steps       []string // what was done, in words
	ByToctree   bool     // the theme's navigation is made by Sphinx's toctree()
	Tally       tally
}

// byToctree are the themes whose navigation goes through toctree(). The others
// have a navigation of their own, and their pages are written when it may have
// changed.
var byToctree = []string{"alabaster", "furo", "sphinx_rtd_theme", "python_docs_theme"}

func (o *outcome) failed() bool { return len(o.Files)+len(o.Warnings) > 0 }

// tally counts pages, of all builds after the first.
type tally struct {
	mu              sync.Mutex // guards the rest: the runner reports from its own goroutine
	Written, Differ int
	Idle            []string // builds that wrote pages for nothing
}

func (t *tally) Progress(runner.Progress)   {}
func (t *tally) Visible(runner.Build)       {}
func (t *tally) Diagnose(runner.Diagnostic) {}
func (t *tally) Built(b runner.Build) {
	if b.Initial {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.Written > b.Differ+1 {
		t.Idle = append(t.Idle, fmt.Sprintf("%d of %d pages written for nothing after %s %s", b.Written-b.Differ, b.Written, strings.Join(b.Changed, " "), b.Reason))
	}
	t.Written += b.Written
	t.Differ += b.Differ
}

// sequence is a plan at work.
type sequence struct {
	plan    plan
	env     *environment
	builder string
	theme   string
	project *project
	session *session.Session
	out     *outcome
	slot    int
}

// run carries out a plan. An error is trouble of the suite or of docserve
// itself, such as a site that does not settle.
func run(env *environment, p plan) (out *outcome, err error) {
	out = &outcome{}
	dir, err := os.MkdirTemp("", "docserve-differential-")
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return out, err
	}
	s := &sequence{plan: p, env: env, out: out, builder: "html", theme: env.themes[p.theme%len(env.themes)]}
	out.ByToctree = slices.Contains(byToctree, s.theme)
	if p.dirhtml {
		s.builder = "dirhtml"
	}
	if s.project, err = load(dir, env.ruled); err != nil {
		return out, err
	}
	s.project.save = func() {} // nobody sees the first state before it is complete
	s.configure()
	if _, err = s.project.write(); err != nil {
		return out, err
	}
	if err = s.start(); err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.session.Stop()) }()
	return out, s.edits()
}

// configure sets what the plan says in conf.py.
func (s *sequence) configure() {
	conf := strings.Replace(s.project.files["conf.py"], "html_theme = 'alabaster'", "html_theme = '"+s.theme+"'", 1)
	if s.plan.german {
		conf = strings.Replace(conf, "language = 'en'", "language = 'de'", 1)
	}
	s.project.files["conf.py"] = conf
	s.say("%s, %s, %s", s.env.name, s.theme, s.builder)
}

func (s *sequence) start() (err error) {
	opts := session.Options(s.env.python, s.project.dir)
	opts.Sphinx.Builder = s.builder
	opts.Quiet, opts.Jobs, opts.NoFork, opts.Reporter = quiet, 1, s.plan.noFork, &s.out.Tally
	switch {
	case s.env.ruled:
		s.session, err = s.stage(opts)
	case s.env.watched:
		s.session, err = session.StartWatched(opts)
	default:
		s.session, err = session.Start(opts)
	}
	return err
}

func (s *sequence) say(format string, args ...any) {
	s.out.Steps = append(s.out.Steps, fmt.Sprintf(format, args...))
}

// edits makes them all, and compares.
func (s *sequence) edits() error {
	for i, slot := range s.plan.slots {
		if !slot.on || s.out.Edits == length {
			continue
		}
		s.slot, s.out.Last = i, i
		d := s.plan.dice(i)
		if slot.look {
			s.look(d)
		}
		if err := s.make(s.draw(d), d, slot.wait); err != nil {
			return err
		}
		if slices.Contains(s.plan.checks[:], i) {
			if err := s.compare(); err != nil || s.out.failed() {
				return err
			}
		}
	}
	s.out.Last = slots - 1
	return s.compare()
}

// draw draws a kind of edit; in a project with rules, two of three are those of
// what rules are applied to.
func (s *sequence) draw(d dice) edit {
	if s.env.ruled && d.IntN(3) > 0 {
		return drawEdit(d, structured)
	}
	return drawEdit(d, grammar)
}

// make makes one edit, saves it, and waits.
func (s *sequence) make(e edit, d dice, w wait) error {
	var trouble error
	s.out.Edits++
	s.project.save = func() { trouble = errors.Join(trouble, s.save(d, e.name, w)) }
	e.do(s.project, d)
	s.project.save()
	return trouble
}

// save writes what was edited, tells the runner, and waits.
func (s *sequence) save(d dice, name string, w wait) error {
	names, err := s.project.write()
	if err != nil {
		return err
	}
	s.say("%d %s: %s; then wait: %s", s.slot, name, strings.Join(names, " "), w)
	if s.session.Watcher == nil || w <= untilVisible {
		if _, err := s.session.Notify(); err != nil {
			return err
		}
	}
	switch w {
	case aMoment:
		time.Sleep(time.Duration(d.Int64N(int64(moment)))) // the plan's own choice: nothing is waited for
	case untilVisible:
		_, err = s.session.Until("visible", s.visible)
	case untilSettled:
		_, err = s.session.Until("settled", func(st runner.Status) bool { return st.Settled || failed(st) })
	}
	return err
}

// visible says whether the open pages show what was saved.
func (s *sequence) visible(st runner.Status) bool {
	if failed(st) {
		return true
	}
	for _, page := range s.session.Audience.Open() {
		if entry, ok := s.session.Runner.Current(page); ok && entry.State == runner.Building {
			return false
		}
	}
	return true
}

// look opens other pages in browsers, none of them in one case of four.
func (s *sequence) look(d dice) {
	var pages []string
	for range d.IntN(4) {
		pages = append(pages, s.page(docname(pick(d, s.project.docs()))))
	}
	s.say("%d open: %s", s.slot, strings.Join(pages, " "))
	s.session.Audience.Look(pages...)
}

// page is the site path of a document's page.
func (s *sequence) page(doc string) string {
	switch {
	case s.builder == "html" || doc == "index":
		return doc + ".html"
	case path.Base(doc) == "index":
		return path.Dir(doc) + "/index.html"
	}
	return doc + "/index.html"
}

// settle puts right what edits have left broken, and waits until nothing
// happens any more; the project's own extension may write files meanwhile.
func (s *sequence) settle() (runner.Status, error) {
	for _, repair := range s.project.repairs {
		repair()
	}
	s.project.repairs = nil
	if _, err := s.project.write(); err != nil {
		return runner.Status{}, err
	}
	rests := func(st runner.Status) bool { return st.Settled || st.Failed && st.Phase == runner.Failed }
	for {
		if _, err := s.session.Notify(); err != nil {
			return runner.Status{}, err
		}
		status, err := s.session.Until("settled", rests)
		if err != nil {
			return status, err
		}
		if again, err := s.session.Notify(); err != nil {
			return status, err
		} else if !again { // the real watcher may have delivered something all the same
			return s.session.Until("settled", rests)
		}
	}
}

// failed reports whether something cannot be built. That a rule cannot be applied
// is no such thing: sites are built of what there is.
func failed(st runner.Status) bool {
	return st.Failed && (st.Phase == runner.Failed || len(st.Broken) > 0 || len(problems(st.Diagnostics)) == 0)
}

// compare compares the settled state with a clean build, and what is generated with
// generating it from nothing.
func (s *sequence) compare() error {
	status, err := s.settle()
	if err != nil {
		return err
	}
	if err = s.compareSite(status); err != nil || s.out.failed() || !s.env.ruled {
		return err
	}
	return s.compareGenerated(status)
}

// compareSite compares the site with a clean build.
func (s *sequence) compareSite(status runner.Status) error {
	if !s.env.watched { // the watcher would see it
		if err := s.forgetCatalogs(); err != nil {
			return err
		}
	}
	want, err := s.env.build(s.project.dir, s.builder)
	if err != nil {
		return err
	}
	s.out.Comparisons++
	s.say("%d compared", s.slot)
	if (want.Code != 0) != failed(status) {
		s.out.Files = append(s.out.Files, fmt.Sprintf("clean build ends with %d, but failed is %v: %v\n%s", want.Code, status.Failed, status.Diagnostics, want.Log))
		return nil
	}
	if want.Code != 0 {
		return nil
	}
	differences, err := compare.Directories(filepath.Join(s.project.dir, "_build", "html"), want.Output)
	if err != nil {
		return err
	}
	for _, d := range compare.Unexplained(differences) {
		s.out.Files = append(s.out.Files, d.String())
	}
	extra, missing := clean.Differ(shown(status), want.Warnings)
	for _, w := range extra {
		s.out.Warnings = append(s.out.Warnings, "not in a clean build: "+w.String())
	}
	for _, w := range missing {
		s.out.Warnings = append(s.out.Warnings, "missing: "+w.String())
	}
	s.keep(want.Output)
	return nil
}

// forgetCatalogs removes compiled catalogs, so that the clean build compiles
// all of them itself.
func (s *sequence) forgetCatalogs() error {
	for _, name := range s.project.catalogs() {
		err := os.Remove(strings.TrimSuffix(s.project.path(name), ".po") + ".mo")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// keep copies both sides of a difference, and the sources, where the variable
// says.
func (s *sequence) keep(want string) {
	place := os.Getenv(keepVar)
	if place == "" || !s.out.failed() {
		return
	}
	place = filepath.Join(place, fmt.Sprintf("%s-%d", s.env.name, rand.Uint32()))
	for name, from := range map[string]string{"project": s.project.dir, "clean": want} {
		if err := os.CopyFS(filepath.Join(place, name), os.DirFS(from)); err != nil {
			s.say("cannot keep: %v", err)
		}
	}
	s.say("kept in %s", place)
}

// shown returns the warnings of Sphinx that docserve shows, at the places where
// Sphinx has them.
func shown(status runner.Status) []clean.Warning {
	var all []clean.Warning
	for _, d := range status.Diagnostics {
		if d.Category == runner.RuleCategory {
			continue
		}
		if d.Generated != "" {
			d.Path, d.Line = asSphinx(d.Generated), d.GeneratedLine
		}
		all = append(all, clean.Warning{Path: d.Path, Line: d.Line, Severity: string(d.Severity), Category: d.Category, Message: d.Message})
	}
	return clean.Set(all)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
