package plain

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"time"

	"docserve/runner"
	"docserve/runner/loops"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// work is one build.
type work struct{ ended time.Time }

func (w *work) What() (op, step, doc string) { return "build", "", "" }
func (w *work) Ended() time.Time             { return w.ended }

// acts takes over what the code of the project has told of itself during a build.
// A build that was ended may have left half a line.
func (e *Engine) acts(c *child) {
	w := &work{ended: time.Now()}
	if info, err := os.Stat(c.path("built")); err == nil {
		// Afterwards only docserve itself did anything, and a save is somebody's.
		w.ended = info.ModTime()
	}
	text, err := os.ReadFile(c.path("acts"))
	if err != nil {
		return // it has ended before it could do anything
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		var told struct{ Act sphinx.Act }
		if json.Unmarshal(lines.Bytes(), &told) == nil && told.Act.At != 0 {
			e.breaker.Note(w, told.Act)
		}
	}
}

// Command says that a command that the user has given with an option runs, until
// ended is called: it may change sources.
func (e *Engine) Command(ctx context.Context, option string) (ended func()) {
	ctx = context.WithoutCancel(ctx)
	return e.breaker.Commanded(option, func(order func()) { e.later(ctx, order) })
}

// heard returns the changes of a batch that are reacted to now.
func (e *Engine) heard(ctx context.Context, batch watch.Batch, j judge) []watch.Change {
	anew := false
	sifted := e.breaker.Sift(batch, func(changes []watch.Change) func(watch.Change) bool {
		p := j.plan(changes)
		if !p.build {
			return nil
		}
		anew = p.fresh || p.reason != ""
		return func(c watch.Change) bool { return j.plan([]watch.Change{c}).build }
	})
	if sifted.Elsewhere && anew {
		e.breaker.Free(loops.All)
	}
	for path, by := range sifted.Broken {
		e.breakLoop(path, by)
	}
	if sifted.Wait {
		batch.Changes = sifted.Changes
		e.wait(ctx, batch)
		return nil
	}
	return sifted.Changes
}

// wait looks at a batch later, unless something happens until then.
func (e *Engine) wait(ctx context.Context, batch watch.Batch) {
	e.word++
	e.settled = false
	due := e.breaker.Hold(batch)
	time.AfterFunc(loops.IdleHands, func() {
		e.later(ctx, func() {
			if !due() {
				return
			}
			e.breaker.Idled(func() { e.react(ctx, batch) })
			if e.idle() {
				e.rest(ctx)
			}
		})
	})
}

// idle reports whether nothing is built, or is to be.
func (e *Engine) idle() bool { return e.child == nil && !e.hooking && !e.pending.build }

// breakLoop stops reacting to what builds do to a file.
func (e *Engine) breakLoop(path string, by loops.Origin) {
	var extensions []string
	if e.facts != nil {
		extensions = e.facts.Extensions
	}
	place := ""
	if found, ok := e.opts.code(e.dir, extensions).BlameFrames(by.Act().Frames); ok {
		place = found.Place(sphinx.Relative(e.opts.Sphinx.Source, found.File))
	}
	l := loops.Explain(path, by, "Sphinx builds the site", place, e.opts.Sphinx.Source, e.opts.WorkDir)
	e.breaker.Break(l)
	d := runner.LoopNote(l)
	e.told[d] = true
	e.opts.Reporter.Diagnose(d)
	e.opts.Audience.Publish(runner.Push{Kind: "status", Note: l.Message})
}
