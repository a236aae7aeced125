package generate

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"docserve/internal/digest"
)

// Result is what a run has done.
type Result struct {
	Changes []Change // outputs that are not what they were at the last Result, sorted by path
	Touched []string // documents whose times were set, sorted
	Made    int      // how many jobs were run
}

// outcome is what became of a job.
type outcome struct {
	job       *job
	inputs    []string
	signature string
	reads     map[string]digest.Digest
	outputs   []string
	refused   []string
	changed   []string // outputs that were written
	evicted   []*job   // whose outputs it has taken
	notes     []Diagnostic
	failed    bool  // outputs of before stay
	again     bool  // it was interrupted, because what it reads has changed
	err       error // it has not been run to the end
}

// Run does what changed files ask for, and what was left to be done. Paths are
// absolute; a zero Digest says that a file is gone. When ctx ends, what is not
// done stays to be done, and the error is that of ctx. Otherwise an error is
// docserve's own trouble; what is wrong with sources is in Diagnostics.
func (g *Generator) Run(ctx context.Context, changed map[string]digest.Digest) (Result, error) {
	g.circles = map[*job]bool{}
	g.mu.Lock()
	clear(g.cache)
	clear(g.traces)
	for path, d := range changed {
		g.files[path] = g.reported(path, d)
	}
	g.mu.Unlock()
	for _, path := range sortedKeys(changed) {
		g.changed(path)
	}
	g.need()
	var result Result
	err := g.work(ctx, &result)
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.cache)
	g.all = g.gather()
	result.Changes = g.take()
	result.Touched = g.touch(sortedKeys(changed), result.Changes)
	return result, err
}

// Take returns what has changed since the last result, while Run runs. It may be
// called from any goroutine.
func (g *Generator) Take() []Change {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.take()
}

// Interrupt has those jobs begin again that run just now, and read a file that has
// changed. The change must be given to Run all the same, when it has returned. It
// may be called from any goroutine.
func (g *Generator) Interrupt(path string, d digest.Digest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.files[path].Digest == d {
		return
	}
	if g.owned[path] == nil { // what an output is, Run finds out: it may be being written
		g.files[path] = stamp{Digest: d}
		delete(g.cache, path)
	}
	for j := range g.readers[path] {
		if cancel := g.running[j]; cancel != nil {
			cancel()
		}
	}
}

// work runs jobs and clears up, until there is nothing to do.
func (g *Generator) work(ctx context.Context, result *Result) error {
	g.notices = nil
	for {
		if err := g.drain(ctx, result); err != nil {
			return err
		}
		if !g.clear() && len(g.queue) == 0 {
			return nil
		}
	}
}

// drain runs queued jobs, several at a time, until the queue is empty.
func (g *Generator) drain(ctx context.Context, result *Result) error {
	outcomes := make(chan outcome)
	running := 0
	var trouble error
	for {
		for running < g.opts.Jobs && ctx.Err() == nil && trouble == nil {
			j := g.next(running == 0)
			if j == nil {
				break
			}
			j.queued, j.running = false, true
			running++
			result.Made++
			inputs := slices.Clone(j.inputs)
			alone, cancel := context.WithCancel(ctx)
			g.mu.Lock()
			g.running[j] = cancel
			g.mu.Unlock()
			go func() {
				done := g.perform(alone, j, inputs)
				done.again = done.err != nil && alone.Err() != nil
				outcomes <- done
			}()
		}
		if running == 0 {
			return cmp.Or(ctx.Err(), trouble)
		}
		done := <-outcomes
		running--
		done.job.running = false
		g.pending[done.job.rule]--
		g.mu.Lock()
		g.running[done.job]()
		delete(g.running, done.job)
		g.mu.Unlock()
		switch {
		case done.err == nil:
			g.apply(done)
		default:
			if !done.again && trouble == nil {
				trouble = fmt.Errorf("apply %s: %w", done.job.rule.title, done.err)
			}
			g.abandon(done)
		}
		g.met(running)
	}
}

// abandon takes over what a job has done that was not run to its end, and is run
// again: what it has written is its own.
func (g *Generator) abandon(done outcome) {
	j := done.job
	if g.jobs[j.key] != j {
		g.release(j, done.outputs)
		return
	}
	for _, path := range done.outputs {
		if !slices.Contains(j.outputs, path) {
			j.outputs = append(j.outputs, path)
		}
	}
	g.index(j, true)
	g.evict(&done)
	for _, path := range done.changed {
		g.changed(path)
	}
	g.mark(j, "it was interrupted")
}

// evict tells jobs that a job has taken outputs from one of them.
func (g *Generator) evict(done *outcome) {
	if len(done.evicted) == 0 {
		return
	}
	g.reclaim(done.outputs)
	for _, other := range done.evicted {
		g.mark(other, "its output is another job's")
	}
}

// next takes the most urgent job from the queue that waits for no other; with
// force the first one, since those that wait for each other would wait for ever.
func (g *Generator) next(force bool) *job {
	if !g.sorted {
		slices.SortFunc(g.queue, g.order)
		g.sorted = true
	}
	for i, j := range g.queue {
		if !j.running && !g.blocked(j) {
			g.queue = slices.Delete(g.queue, i, i+1)
			return j
		}
	}
	if !force || len(g.queue) == 0 {
		return nil
	}
	j := g.queue[0]
	g.queue = slices.Delete(g.queue, 0, 1)
	return j
}

// order is that of need: what somebody waits for, then what others may be made
// from, then as the rules stand.
func (g *Generator) order(a, b *job) int {
	if g.urgent[a] != g.urgent[b] {
		if g.urgent[a] {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.rule.rank, b.rule.rank), compareJobs(a, b))
}

// compareJobs orders jobs by their rules and inputs: the first has the right to
// an output that both make.
func compareJobs(a, b *job) int {
	return cmp.Or(cmp.Compare(a.rule.Line, b.rule.Line), slices.Compare(a.inputs, b.inputs))
}

// blocked reports whether something that a job reads, or may have as an input, is
// still to be made.
func (g *Generator) blocked(j *job) bool {
	for _, r := range j.rule.before {
		if g.pending[r] > 0 {
			return true
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for path := range j.reads {
		if o := g.owned[path]; o != nil && o.job != nil && o.job != j && (o.job.queued || o.job.running) {
			return true
		}
	}
	return false
}

// need finds out which jobs make what somebody waits for, by way of others too.
func (g *Generator) need() {
	g.urgent, g.awaited = nil, false
	if g.opts.Needed == nil || len(g.queue) < 2 {
		return
	}
	g.urgent, g.sorted = map[*job]bool{}, false
	needed := g.opts.Needed()
	g.mu.Lock()
	defer g.mu.Unlock()
	var visit func(path string)
	visit = func(path string) {
		o := g.owned[path]
		if o == nil || o.job == nil || g.urgent[o.job] {
			return
		}
		g.urgent[o.job] = true
		for read := range o.job.reads {
			visit(read)
		}
	}
	for _, path := range needed {
		visit(path)
	}
	for j := range g.urgent {
		g.awaited = g.awaited || j.queued
	}
}

// met says when all is done that somebody waits for, unless it is all that there is
// to do.
func (g *Generator) met(running int) {
	if !g.awaited {
		return
	}
	for j := range g.urgent {
		if j.queued || j.running {
			return
		}
	}
	g.awaited = false
	if g.opts.Met != nil && running+len(g.queue) > 0 {
		g.opts.Met()
	}
}

// apply takes over what a job has done.
func (g *Generator) apply(done outcome) {
	j := done.job
	if g.jobs[j.key] != j { // its input has gone meanwhile
		g.release(j, done.outputs)
		return
	}
	g.index(j, false)
	before := j.outputs
	j.signature, j.reads, j.outputs, j.refused, j.notes = done.signature, done.reads, done.outputs, done.refused, done.notes
	var free []string
	g.mu.Lock()
	for _, path := range before {
		o := g.owned[path]
		if o == nil || o.job != j || slices.Contains(j.outputs, path) {
			continue
		}
		if done.failed || slices.Contains(done.refused, path) {
			j.outputs = append(j.outputs, path)
		} else {
			o.job = nil
			free = append(free, path)
		}
	}
	g.mu.Unlock()
	g.index(j, true)
	g.reclaim(free)
	g.evict(&done)
	for _, path := range done.changed {
		g.changed(path)
	}
	if way := g.circle(j); way != nil {
		g.circles[j] = true
		j.notes = append(j.notes, Diagnostic{
			Path: g.opts.Config.Path, Line: j.rule.Line, Severity: Error,
			Message: "rules go round in a circle: " + strings.Join(way, " → "),
			Hint:    "what a file is made from must not be made from that file",
		})
	}
}

// note remembers what an output was before it changed for the first time. The
// lock is held.
func (g *Generator) note(path string, before digest.Digest) {
	if _, ok := g.changes[path]; !ok {
		g.changes[path] = before
	}
}

// take returns the changes since it was called last. The lock is held.
func (g *Generator) take() []Change {
	var changes []Change
	for _, path := range sortedKeys(g.changes) {
		if before, now := g.changes[path], g.files[path].Digest; before != now {
			changes = append(changes, Change{Path: path, Before: before, After: now})
		}
	}
	clear(g.changes)
	return changes
}

// gather returns all that is wrong, sorted. The lock is held.
func (g *Generator) gather() []Diagnostic {
	all := slices.Clone(g.notices)
	for _, j := range g.jobs {
		for _, d := range j.notes {
			if d.Path == g.opts.Config.Path {
				d.Line = j.rule.Line // the rule may have moved since
			}
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

// Diagnostics returns what is wrong, as of the last run.
func (g *Generator) Diagnostics() []Diagnostic {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.all)
}

// Affected reports whether a changed file concerns a rule or a declared
// dependency. It may be called from any goroutine.
func (g *Generator) Affected(path string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.affected(path)
}

// affected is Affected; the lock is held.
func (g *Generator) affected(path string) bool {
	return len(g.readers[path]) > 0 || len(g.readers[filepath.Dir(path)]) > 0 || g.owned[path] != nil || g.counts(path)
}
