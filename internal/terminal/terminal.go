// Package terminal tells a person, or a program that reads along, what docserve
// does: where it serves, one line for each build, the warnings that are new or
// fixed, and progress where something takes long. It also reads single keys,
// and opens the browser.
//
// It owns the terminal while docserve runs: the line that is rewritten for
// progress, the colors, the mode of the keyboard. It decides nothing: what a
// key does is for others to say. As in Sphinx, what was done goes to standard
// output, and warnings go to standard error.
package terminal

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"docserve/runner"
)

// Options say how to print. The zero value prints nothing anywhere.
type Options struct {
	Out         io.Writer        // what was done; nil discards
	Err         io.Writer        // warnings; nil discards
	Width       func() int       // columns of the terminal behind Out; nil when it is none
	Color       bool             // use colors
	Verbose     int              // from 1: all warnings, and a line whenever everything is up to date
	Quiet       bool             // only the address and warnings
	Silent      bool             // nothing
	JSON        bool             // one JSON object for each event, on Out, instead of text
	WarningFile string           // holds the warnings that there are now, in Sphinx's format; "" is none
	WorkDir     string           // paths below it are printed relative to it, where that is shorter
	Keys        bool             // keys are read: mention them
	Now         func() time.Time // nil is time.Now
}

// Terminal prints what happens. Its methods may be called from any goroutine.
// It is a runner.Reporter.
type Terminal struct {
	opts  Options
	paint palette

	mu       sync.Mutex // guards the streams and all that follows
	meter    meter
	drawn    bool                           // a progress line is on the screen
	lent     bool                           // to another program: nothing is printed
	held     []held                         // what is to be printed when it is given back
	warnings []runner.Diagnostic            // that there are now, sorted
	shown    map[time.Time]map[printed]bool // of builds that are visible but not done, what was printed, by Start
}

var _ runner.Reporter = (*Terminal)(nil)

// printed is one fact that was printed about a build: a diagnostic, how many
// pages differ, or that it failed.
type printed struct {
	diagnostic runner.Diagnostic
	fixed      bool
	differ     int
	failed     bool
}

// Standard returns options for the process's standard streams. Color is as
// asked for, or, if it is nil, as these streams and the variables NO_COLOR and
// TERM suggest.
func Standard(color *bool, env func(string) string) Options {
	able := env("TERM") != "dumb" && canControl(os.Stdout)
	opts := Options{Out: os.Stdout, Err: os.Stderr}
	if able {
		opts.Width = func() int { return columns(os.Stdout) }
	}
	if color != nil {
		opts.Color = *color
	} else {
		opts.Color = able && canControl(os.Stderr) && env("NO_COLOR") == ""
	}
	return opts
}

// New makes a Terminal. The error says that the file for warnings cannot be
// written.
func New(opts Options) (*Terminal, error) {
	if opts.Out == nil {
		opts.Out = io.Discard
	}
	if opts.Err == nil {
		opts.Err = io.Discard
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Silent || opts.Quiet || opts.JSON {
		opts.Width = nil
	}
	if opts.Silent {
		opts.WarningFile = "" // as sphinx-build -Q
	}
	t := &Terminal{opts: opts, paint: palette(opts.Color && !opts.JSON), shown: map[time.Time]map[printed]bool{}}
	if err := t.keepWarnings(); err != nil {
		return nil, err
	}
	return t, nil
}

// Serving tells where the site is. It is called once, before anything else.
func (t *Terminal) Serving(b Banner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.opts.Silent:
	case t.opts.JSON:
		t.emit(event{Event: "serving", Banner: &b})
	case t.opts.Quiet:
		t.say(b.URL)
	default:
		for _, line := range b.lines(t.paint, t.opts.WorkDir, t.opts.Keys) {
			t.say(line)
		}
	}
}

// Progress implements runner.Reporter.
func (t *Terminal) Progress(p runner.Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	began := t.meter.advance(p, now)
	switch {
	case t.opts.Silent || t.opts.Quiet:
	case t.opts.JSON:
		if t.meter.due(now, jsonPace) {
			t.emit(event{Event: "progress", Progress: &progress{p.Phase, p.Done, p.Total}})
		}
	case t.opts.Width == nil:
		if t.meter.due(now, sparsePace) {
			t.say(fmt.Sprintf("%s %s", clock(now), t.meter.words()))
		}
	case p.Phase == runner.Settled || p.Phase == runner.Failed:
		t.erase()
	default:
		// Starting is one long step: there may be no second chance to say so.
		if t.meter.due(now, barPace) || p.Phase == runner.Starting || began && t.drawn {
			t.draw()
		}
	}
}

// Visible implements runner.Reporter.
func (t *Terminal) Visible(b runner.Build) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.opts.JSON {
		if !t.opts.Silent && !t.opts.Quiet {
			t.emit(event{Event: "visible", Build: &b})
		}
		return
	}
	seen := t.shown[b.Start]
	if seen == nil {
		seen = map[printed]bool{}
		t.shown[b.Start] = seen
		t.tell(b, seen)
	}
}

// Built implements runner.Reporter.
func (t *Terminal) Built(b runner.Build) {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := t.shown[b.Start]
	delete(t.shown, b.Start)
	if t.opts.JSON {
		if !t.opts.Silent {
			t.emit(event{Event: "built", Build: &b})
		}
	} else {
		if seen != nil {
			b.Visible = 0 // was told; what is left to tell is the whole
		}
		t.tell(b, seen)
	}
	if t.remember(b) {
		if err := t.keepWarnings(); err != nil {
			t.diagnose(runner.Diagnostic{Severity: runner.Error, Message: err.Error()})
		}
	}
}

// Diagnose implements runner.Reporter.
func (t *Terminal) Diagnose(d runner.Diagnostic) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.diagnose(d)
}

// Warnings prints all warnings that there are now.
func (t *Terminal) Warnings() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.opts.JSON || t.opts.Silent {
		return
	}
	t.say(fmt.Sprintf("%s %s", clock(t.opts.Now()), cmp.Or(count(t.warnings, ""), "no warnings")))
	for _, d := range t.warnings {
		t.warn(d)
	}
}

// Writer returns a writer to Err for other texts, log messages say: each Write
// should be whole lines. They do not run into the progress line.
func (t *Terminal) Writer() io.Writer { return lineWriter{t} }

// Close removes the progress line.
func (t *Terminal) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.erase()
}

// The methods that follow are called with mu held.

// tell prints a build, without what is in seen. What it prints it adds to seen,
// unless that is nil.
func (t *Terminal) tell(b runner.Build, seen map[printed]bool) {
	fresh := slices.DeleteFunc(slices.Clone(b.New), func(d runner.Diagnostic) bool { return seen[printed{diagnostic: d}] })
	fixed := slices.DeleteFunc(slices.Clone(b.Fixed), func(d runner.Diagnostic) bool { return seen[printed{diagnostic: d, fixed: true}] })
	said := seen[printed{differ: b.Differ, failed: b.Failed}] && len(fresh)+len(fixed) == 0
	if said && t.opts.Verbose == 0 {
		return
	}
	b.New, b.Fixed = fresh, fixed
	if !t.opts.Quiet && !t.opts.Silent {
		t.say(buildLine(b, t.opts.Now(), t.paint))
	}
	t.list(b)
	if seen == nil {
		return
	}
	seen[printed{differ: b.Differ, failed: b.Failed}] = true
	for _, d := range fresh {
		seen[printed{diagnostic: d}] = true
	}
	for _, d := range fixed {
		seen[printed{diagnostic: d, fixed: true}] = true
	}
}

// few is how many warnings of one build are printed without -v: more than that
// push what matters off the screen.
const few = 20

// list prints the diagnostics of a build, the heaviest first.
func (t *Terminal) list(b runner.Build) {
	if t.opts.Silent {
		return
	}
	slices.SortStableFunc(b.New, func(a, b runner.Diagnostic) int { return cmp.Compare(weight(b.Severity), weight(a.Severity)) })
	for i, d := range b.New {
		if i == few && len(b.New) > few+1 && t.opts.Verbose == 0 {
			how := "-v shows all"
			if t.opts.Keys {
				how = "press w for all"
			}
			t.complain(fmt.Sprintf("  … and %d more (%s)", len(b.New)-few, how))
			break
		}
		t.warn(d)
	}
	for i, d := range b.Fixed {
		if t.opts.Quiet || i == few && t.opts.Verbose == 0 {
			break
		}
		t.say(fixedLine(d, t.opts.WorkDir, t.paint))
	}
}

func (t *Terminal) warn(d runner.Diagnostic) {
	t.complain(diagnosticLines(d, t.opts.WorkDir, t.paint))
}

func (t *Terminal) diagnose(d runner.Diagnostic) {
	switch {
	case t.opts.Silent:
	case t.opts.JSON:
		t.emit(event{Event: "diagnostic", Diagnostic: &d})
	case d.Path == "":
		t.complain(clock(t.opts.Now()) + " " + diagnosticLines(d, t.opts.WorkDir, t.paint))
	default:
		t.warn(d)
	}
}

// remember brings the list of warnings up to date, and reports whether it had
// to.
func (t *Terminal) remember(b runner.Build) bool {
	if len(b.New)+len(b.Fixed) == 0 {
		return false
	}
	gone := map[runner.Diagnostic]bool{}
	for _, d := range b.Fixed {
		gone[d] = true
	}
	all := slices.DeleteFunc(t.warnings, func(d runner.Diagnostic) bool { return gone[d] })
	all = append(all, b.New...)
	slices.SortStableFunc(all, runner.ByPlace)
	t.warnings = slices.Compact(all)
	return true
}
