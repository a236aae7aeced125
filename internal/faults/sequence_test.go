//go:build linux

package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/internal/compare"
	"docserve/internal/testenv/clean"
	"docserve/internal/testenv/session"
	"docserve/runner"
)

const (
	// timeout is the deadline of the sessions: short, so that standstills are
	// found quickly; no document of the project takes a tenth of it.
	timeout = 2500 * time.Millisecond
	// bound is how long a session may take to come to rest after a fault. The
	// slowest is conf.py standing still, which has five deadlines, twice.
	bound = 90 * time.Second
	// burial is how long the kernel may take to end a process that was killed.
	burial = 5 * time.Second
)

// way is what a session is like.
type way struct {
	noFork  bool
	watched bool // through the real watcher
	long    bool
}

func (w way) String() string {
	text := "fork"
	if w.noFork {
		text = "no fork"
	}
	if w.watched {
		text += ", watched"
	}
	return text
}

// sequence is a session and what is done to it.
type sequence struct {
	t       *testing.T
	env     *environment
	way     way
	project *project
	session *session.Session
	orders  string        // directory for the extension's orders
	mount   string        // the output's own file system; "" when it has none
	stormy  time.Duration // how long a storm of events lasts
	reached bool          // the fault has come about
	bound   bool          // the sources are mounted over themselves
	blocked [2]string     // file and text of a document that cannot be read
	steps   []string
}

// run carries out a sequence of faults, and notes what came of them.
func run(t *testing.T, env *environment, w way, seed uint64, faults int, sum *tally) {
	t.Helper()
	s := &sequence{t: t, env: env, way: w, orders: t.TempDir(), stormy: time.Second}
	if w.long {
		s.stormy = 10 * time.Second
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.start(dir); err != nil {
		t.Fatal(err)
	}
	for i := range faults {
		d := rand.New(rand.NewPCG(seed, uint64(i)))
		if !s.fault(i, drawKind(s, d), d, sum) {
			break
		}
	}
	s.end(sum)
	if t.Failed() {
		t.Logf("%s, %s, to repeat this: %s=%d\n%s", env.name, w, seedVar, seed, strings.Join(s.steps, "\n"))
	}
}

// start writes the project, and opens a session that settles.
func (s *sequence) start(dir string) (err error) {
	if s.project, err = load(dir); err != nil {
		return err
	}
	if err := s.project.write(); err != nil {
		return err
	}
	if s.mount, err = mountOutput(filepath.Join(dir, "_build")); err != nil {
		return err
	}
	s.t.Cleanup(func() {
		if err := unmount(s.mount); err != nil {
			s.t.Error(err)
		}
	})
	interpreter, err := s.interpreter()
	if err != nil {
		return err
	}
	opts := session.Options(interpreter, dir)
	opts.Quiet, opts.Jobs, opts.NoFork, opts.Timeout = 30*time.Millisecond, 2, s.way.noFork, timeout
	begin := session.Start
	if s.way.watched {
		begin = session.StartWatched
	}
	if s.session, err = begin(opts); err != nil {
		return err
	}
	s.t.Cleanup(func() {
		if err := s.session.Stop(); err != nil {
			s.t.Errorf("run: %v", err)
		}
	})
	s.session.Patience = bound
	if err := s.rest(); err != nil {
		return err
	}
	if len(members(s.orders)) == 0 {
		return errors.New("find the processes of the session: they do not have its variable")
	}
	return nil
}

// interpreter returns a program that is Python with the variable of this session.
func (s *sequence) interpreter() (string, error) {
	path := filepath.Join(s.t.TempDir(), "python")
	text := fmt.Sprintf("#!/bin/sh\n%s='%s' exec '%s' \"$@\"\n", ordersVar, s.orders, s.env.python)
	return path, os.WriteFile(path, []byte(text), 0o777)
}

func (s *sequence) output() string { return filepath.Join(s.project.dir, "_build", "html") }

func (s *sequence) say(format string, args ...any) {
	s.steps = append(s.steps, time.Now().Format("05.000")+" "+fmt.Sprintf(format, args...))
}

// save writes what was edited, and has the runner know of it. With the real
// watcher it knows by itself, and a disk that is full lets no barrier through.
func (s *sequence) save() error {
	if err := s.project.write(); err != nil || s.way.watched {
		return err
	}
	_, err := s.session.Notify()
	return err
}

func (s *sequence) status() runner.Status {
	var now runner.Status
	_, _ = s.session.Until("anything", func(st runner.Status) bool { now = st; return true }) // it always holds
	return now
}

// rest waits until nothing happens any more: all is settled, or cannot be.
func (s *sequence) rest() error {
	_, err := s.session.Until("rest", atRest)
	return err
}

func atRest(st runner.Status) bool {
	return st.Settled || st.Failed && st.Phase == runner.Failed
}

// within polls for a condition for a limited time.
func (s *sequence) within(limit time.Duration, condition func() bool) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return true
		}
	}
	return condition()
}

// fault injects one fault, and looks at what comes of it. After a failure the
// session is worth no more.
func (s *sequence) fault(i int, k kind, d dice, sum *tally) bool {
	began := time.Now()
	s.reached = false
	s.say("fault %d: %s", i, k.name)
	reader, err := read(s.session.Runner, s.output(), []string{"index.html", "d01.html", "d04.html", "d07.html", "d10.html"})
	if err != nil {
		s.t.Fatal(err)
	}
	out := outcome{}
	err = s.survive(k, d, &out)
	reader.stop()
	out.reached, out.took = s.reached, time.Since(began)
	if err != nil {
		out.hung = true
		s.t.Errorf("%s, fault %d (%s): %v", s.way, i, k.name, err)
	}
	for _, each := range append(out.lost, out.orphans...) {
		s.t.Errorf("%s, fault %d (%s): %s", s.way, i, k.name, each)
	}
	s.say("fault %d: over after %s, reached %v", i, out.took.Round(time.Millisecond), s.reached)
	sum.add(s.way, k.name, out, reader.took)
	return err == nil && len(out.lost)+len(out.orphans) == 0
}

// survive is one fault, from the injection to the comparison with a clean build.
func (s *sequence) survive(k kind, d dice, out *outcome) error {
	err := s.busy(d)
	if err == nil {
		err = k.inject(s, d)
	}
	if err == nil && !k.still && d.IntN(2) == 0 {
		s.project.edit(d, pick(d, s.project.docs())) // people go on writing
		err = s.save()
	}
	if err == nil {
		err = s.rest()
	}
	if err == nil && k.lift == nil && d.IntN(2) == 0 {
		err = s.recovered(out)
	}
	if k.lift != nil {
		err = errors.Join(err, k.lift(s))
	}
	if removed := os.Remove(s.orderFile()); removed != nil && !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	if err != nil {
		return err
	}
	if err := s.repair(d); err != nil {
		return err
	}
	return s.judge(out)
}

// busy has something going on before a fault, mostly: pages that are looked at,
// saves that are not dealt with yet, everything being read anew.
func (s *sequence) busy(d dice) error {
	var open []string
	for range d.IntN(3) {
		open = append(open, strings.TrimSuffix(pick(d, s.project.docs()), ".rst")+".html")
	}
	s.session.Audience.Look(open...)
	if d.IntN(8) == 0 {
		s.say("rebuild")
		s.session.Runner.Rebuild(s.t.Context())
	}
	for range d.IntN(3) {
		s.project.other(d)
	}
	if d.IntN(2) == 0 {
		s.project.edit(d, pick(d, s.project.docs()))
	}
	return s.save()
}

// recovered judges a site that came to rest by itself, without an edit that asks
// for another try; one that tells of an error is right to differ.
func (s *sequence) recovered(out *outcome) error {
	status := s.status()
	if !status.Settled || status.Failed {
		return nil
	}
	for _, each := range status.Diagnostics {
		if each.Severity == runner.Error || each.Severity == runner.Critical {
			return nil
		}
	}
	s.say("recovered by itself")
	if s.way.watched {
		if _, err := s.session.Notify(); err != nil {
			return err
		}
		if err := s.rest(); err != nil {
			return err
		}
	}
	return s.judge(out)
}

// repair is the edit that a writer makes when something has failed: of each
// document that was set aside, and of one more, or of conf.py.
func (s *sequence) repair(d dice) error {
	status := s.status()
	if status.Phase == runner.Failed {
		s.project.files["conf.py"] += fmt.Sprintf("# Edit %d.\n", d.IntN(1_000_000))
	}
	for _, doc := range status.Broken {
		if _, ok := s.project.files[doc+".rst"]; ok {
			s.project.edit(d, doc+".rst")
		}
	}
	s.project.edit(d, pick(d, s.project.docs()))
	s.say("repair: phase %s, broken %v", status.Phase, status.Broken)
	changes := status.Changes
	if err := s.save(); err != nil {
		return err
	}
	_, err := s.session.Until("settled after the repair", func(st runner.Status) bool {
		return st.Changes > changes && atRest(st)
	})
	if err == nil && s.way.watched { // a save of one moment may come in two batches
		if _, err = s.session.Notify(); err == nil {
			err = s.rest()
		}
	}
	return err
}

// judge compares the settled site with a clean build, and looks for processes
// that nobody knows.
func (s *sequence) judge(out *outcome) error {
	status := s.status()
	if !status.Settled || status.Failed {
		return fmt.Errorf("at rest, but not settled: phase %s, broken %v, diagnostics %v", status.Phase, status.Broken, status.Diagnostics)
	}
	want, differences, err := s.compare()
	if err != nil {
		return err
	}
	for _, each := range compare.Unexplained(differences) {
		out.lost = append(out.lost, "not as a clean build writes it: "+each.String())
	}
	extra, missing := clean.Differ(shown(status), want.Warnings)
	for _, each := range extra {
		out.lost = append(out.lost, "a warning that a clean build does not give: "+each.String())
	}
	for _, each := range missing {
		out.lost = append(out.lost, "a warning is missing: "+each.String())
	}
	var left []string
	s.within(burial, func() bool {
		left = orphans(s.orders, s.status().Processes)
		return len(left) == 0
	})
	out.orphans = left
	return nil
}

// compare makes a clean build, and says where the output differs.
func (s *sequence) compare() (clean.Result, []compare.Difference, error) {
	s.env.mu.Lock()
	defer s.env.mu.Unlock()
	want, err := s.env.builder.Build(clean.Project{Source: s.project.dir})
	if err != nil {
		return want, nil, err
	}
	differences, err := compare.Directories(s.output(), want.Output)
	return want, differences, err
}

// end ends the session, and looks for what is left of it.
func (s *sequence) end(sum *tally) {
	if err := s.session.Stop(); err != nil {
		s.t.Errorf("%s: end: %v", s.way, err)
	}
	s.within(burial, func() bool { return len(members(s.orders)) == 0 })
	for _, m := range members(s.orders) {
		s.t.Errorf("%s: still there after the end: %s", s.way, m)
		sum.leave()
	}
}

// shown returns the warnings that docserve shows.
func shown(status runner.Status) []clean.Warning {
	var all []clean.Warning
	for _, d := range status.Diagnostics {
		all = append(all, clean.Warning{Path: d.Path, Line: d.Line, Severity: string(d.Severity), Category: d.Category, Message: d.Message})
	}
	return clean.Set(all)
}
