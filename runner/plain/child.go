package plain

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"docserve/internal/digest"
	"docserve/internal/proc"
	"docserve/runner"
	"docserve/runner/sphinx"
)

const (
	// pace is how often a build is looked at: a page is shown that much later than
	// it could be at most, and two calls of stat cost nothing.
	pace = 25 * time.Millisecond
	// grace is how long a build that stood still may take to end when it is asked to.
	grace = 500 * time.Millisecond
)

// child is one sphinx-build.
type child struct {
	engine     *Engine // of which only options are used, which do not change
	dir        string  // private: warnings, stacks, and what is left for us
	plan       plan
	began      time.Time
	known      map[string]file // the output directory before
	sources    map[string]digest.Digest
	source     func(doc string) string
	extensions []string
	process    *proc.Process
	transcript *transcript
	done       chan struct{} // closed when nobody looks after it any more

	shown   bool               // the output directory was compared
	printed int64              // how much it has printed
	heard   time.Time          // when that was last more
	asked   time.Time          // when it was asked for its stacks; zero when it was not
	last    runner.Progress    // that was told
	back    func()             // gives the terminal back
	stalled *runner.Diagnostic // it stood still, and was ended
}

// event is news of the build that runs.
type event struct {
	progress *runner.Progress
	stalled  *runner.Diagnostic
	code     int             // with files, when Sphinx has ended by itself; -1 otherwise
	files    map[string]file // the output directory, when Sphinx has ended
	ended    bool            // the process has ended too
}

// activity says what the build is at.
func (c *child) activity() runner.Activity {
	progress, doc, _ := c.transcript.now()
	return runner.Activity{Process: "sphinx-build", Task: string(progress.Phase), Doc: doc, Since: c.began}
}

func (c *child) path(name string) string { return filepath.Join(c.dir, name) }

// start starts Sphinx.
func (c *child) start() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return fmt.Errorf("make a private directory: %w", err)
	}
	o := &c.engine.opts
	config := o.Sphinx.Config
	if config == "" {
		config = o.Sphinx.Source
	}
	argv := []string{o.Python, c.engine.driver.Plain, c.dir, o.Sphinx.Doctrees, config, o.Sphinx.Output}
	c.back = func() {}
	if o.Terminal != nil {
		c.back = o.Lend()
	}
	c.began = time.Now()
	c.heard = c.began
	process, err := proc.Start(proc.Spec{
		Name: "sphinx-build", Argv: append(argv, o.arguments(c.plan, c.path("warnings"))...), Dir: o.WorkDir, Terminal: o.Terminal,
	})
	if err != nil {
		c.back()
		return err
	}
	c.process = process
	return nil
}

// tend looks after the process until it has ended, or ctx is done.
func (c *child) tend(ctx context.Context, events chan<- event) {
	defer close(c.done)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_ = c.process.Follow(context.Background(), c.transcript.hear) // ends with the process
	}()
	defer func() { <-heard }()
	send := func(e event) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			c.process.Kill()
			<-c.process.Done()
			c.back()
			return
		case <-c.process.Done():
			c.back()
			<-heard
			last := event{ended: true, code: -1}
			if !c.shown {
				last.files = c.scan()
			}
			send(last)
			return
		case <-ticker.C:
		}
		if code, ok := c.left(); ok && !c.shown {
			c.shown, c.heard = true, time.Now()
			send(event{files: c.scan(), code: code})
		}
		if progress, _, _ := c.transcript.now(); progress != c.last {
			c.last = progress
			send(event{progress: &progress})
		}
		if c.stalled == nil && c.engine.opts.Terminal == nil && c.standsStill(time.Now()) {
			send(event{stalled: c.stalled})
			c.process.Terminate(grace)
		}
	}
}

func (c *child) scan() map[string]file {
	return scan(c.engine.opts.Sphinx.Output, c.engine.opts.Sphinx.Doctrees, c.known)
}

// left reports whether Sphinx has ended by itself, and with which exit code.
func (c *child) left() (code int, ok bool) {
	text, err := os.ReadFile(c.path("built"))
	if err != nil {
		return -1, false // not yet
	}
	var end struct{ Code int }
	if json.Unmarshal(text, &end) != nil {
		return -1, false
	}
	return end.Code, true
}

// standsStill reports whether nothing was printed for too long, once it is known
// where that is.
func (c *child) standsStill(now time.Time) bool {
	if printed := c.process.Printed(); printed != c.printed {
		c.printed, c.heard, c.asked = printed, now, time.Time{}
	}
	quiet := now.Sub(c.heard)
	if quiet < c.engine.opts.Timeout {
		return false
	}
	if c.asked.IsZero() {
		c.asked = now
		if c.engine.opts.Jobs > 1 {
			c.process.AskStacks() // one of its forks may be the one that hangs
		} else {
			proc.AskStacks(c.process.Pid())
		}
		return false
	}
	text, _ := os.ReadFile(c.path("build.stacks")) // nothing was written yet
	if !sphinx.Answered(string(text), now.Sub(c.asked)) {
		return false
	}
	d := c.standstill(string(text), quiet)
	c.stalled = &d
	return true
}

// standstill says where the build stands still.
func (c *child) standstill(text string, quiet time.Duration) runner.Diagnostic {
	o := &c.engine.opts
	progress, doc, last := c.transcript.now()
	d := runner.Diagnostic{Severity: runner.Error, Doc: doc}
	doing := "after saying “" + last + "”"
	switch {
	case doc != "" && progress.Phase == runner.Reading:
		doing = "reading " + c.source(doc)
	case doc != "":
		doing = "writing the page of " + c.source(doc)
	case progress.Phase == runner.Starting:
		doing = "loading conf.py and the extensions"
	}
	where := "; Python did not answer when it was asked where"
	if text != "" {
		where = ""
		if found, ok := c.blame(text); ok {
			where = found.Place(sphinx.Relative(o.Sphinx.Source, found.File))
			d.Path, d.Line, d.Hint = found.File, found.Line, c.code().WithoutDriver(text)
		}
	}
	if doc != "" {
		if path := filepath.Join(o.Sphinx.Source, filepath.FromSlash(c.source(doc))); isFile(path) {
			d.Path, d.Line = path, 0
		}
	}
	d.Message = fmt.Sprintf("Sphinx stood still for %.0f s %s%s", quiet.Seconds(), doing, where)
	return d
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// blame finds the place that a writer can do something about. With forks there
// are several stacks, of which those that wait for another say nothing.
func (c *child) blame(text string) (found sphinx.Culprit, ok bool) {
	code := c.code()
	for _, stack := range sphinx.ParseStacks(text) {
		if !stack.Current {
			continue
		}
		each, known := code.Blame([]sphinx.Stack{stack})
		if known && (!ok || each.Extension != "" || within(each.File, code.Project)) {
			found, ok = each, true
		}
	}
	return found, ok
}

// code says whose code is whose.
func (c *child) code() sphinx.Code {
	return c.engine.opts.code(c.engine.dir, c.extensions)
}
