package runner

import (
	"slices"
	"sync/atomic"
	"time"
)

// Severity is the weight of a Diagnostic, in Sphinx's words.
type Severity string

// The severities, lightest first.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Error    Severity = "error"
	Critical Severity = "critical"
)

// Diagnostic is one message about the documentation, from Sphinx or from
// docserve.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Path     string   `json:"path,omitempty"`   // absolute; "" when the message is about no file
	Line     int      `json:"line,omitempty"`   // from 1; 0 when unknown
	Column   int      `json:"column,omitempty"` // from 1; 0 when unknown, as it is of all that Sphinx says
	Doc      string   `json:"doc,omitempty"`    // docname that it belongs to; "" when it belongs to the site
	Message  string   `json:"message"`          // one or more lines, without position and severity
	Category string   `json:"category,omitempty"`
	Hint     string   `json:"hint,omitempty"` // what to do about it

	// Where Sphinx has found it, if that is in a generated file: Path and Line are
	// then those of the source that it was generated from.
	Generated     string `json:"generated,omitempty"`     // absolute; "" when Path is what Sphinx said
	GeneratedLine int    `json:"generatedLine,omitempty"` // from 1; 0 when unknown
}

// Phase is what the runner is busy with.
type Phase string

// The phases of a build, in their order.
const (
	Starting  Phase = "starting"  // Python, Sphinx and the project's configuration are being loaded
	Reading   Phase = "reading"   // sources are parsed
	Writing   Phase = "writing"   // pages are written
	Finishing Phase = "finishing" // indices, search, inventory, environment
	Settled   Phase = "settled"   // nothing is stale
	Failed    Phase = "failed"    // the site cannot be built until something changes
)

// Progress says how far a phase has come. Total is 0 when it is not known.
type Progress struct {
	Phase Phase
	Done  int
	Total int
}

// Build is one finished answer to one change: what a line in the terminal says.
type Build struct {
	Start   time.Time     `json:"start"`             // first file event, or start of docserve
	Changed []string      `json:"changed,omitempty"` // what was edited: paths relative to the source directory; empty for the first build
	Pages   []string      `json:"pages,omitempty"`   // pages whose bytes changed (site paths), at most 100 of them
	Written int           `json:"written"`           // pages written
	Differ  int           `json:"differ"`            // pages whose bytes changed
	Visible time.Duration `json:"visible"`           // Start → changed page pushed; 0 when none is open or edited
	Total   time.Duration `json:"total"`             // Start → everything is up to date
	Watch   time.Duration `json:"watch"`             // Start → the changed files, or at first all files, were known
	Hook    time.Duration `json:"hook,omitempty"`    // commands before the build
	Graph   time.Duration `json:"graph"`             // time spent finding out what the changes ask for
	Open    time.Duration `json:"open"`              // time spent on starting Python, if none was at hand, and on loading conf.py and the extensions
	Read    time.Duration `json:"read"`              // time spent parsing
	Follow  time.Duration `json:"follow"`            // time spent finding out which other pages show what has changed
	Write   time.Duration `json:"write"`             // time spent writing pages
	Copy    time.Duration `json:"copy"`              // time spent copying static files
	Push    time.Duration `json:"push"`              // a page is in its place → the last of its tabs was told; the longest
	New     []Diagnostic  `json:"new,omitempty"`     // diagnostics that were not there before
	Fixed   []Diagnostic  `json:"fixed,omitempty"`   // diagnostics that are gone
	Initial bool          `json:"initial,omitempty"` // first build after the start
	Failed  bool          `json:"failed,omitempty"`  // some page could not be built
	Reason  string        `json:"reason,omitempty"`  // why, when it is more than the changed files tell ("conf.py changed: html_title")

	Pushes *Pushes `json:"-"` // measures Push, also after the build was reported; nil when nothing is pushed
}

// Pushes measures how long tabs wait to be told of a page. Its methods may be
// called from any goroutine.
type Pushes struct{ longest atomic.Int64 }

// Begin returns what is to be called for each tab that was told. Nil measures
// nothing.
func (p *Pushes) Begin() (told func()) {
	if p == nil {
		return nil
	}
	began := time.Now()
	return func() {
		took := int64(time.Since(began))
		for {
			longest := p.longest.Load()
			if took <= longest || p.longest.CompareAndSwap(longest, took) {
				return
			}
		}
	}
}

// Measured returns copies of builds with what was measured since they were
// reported.
func Measured(builds ...Build) []Build {
	builds = slices.Clone(builds)
	for i := range builds {
		if p := builds[i].Pushes; p != nil {
			builds[i].Push = time.Duration(p.longest.Load())
		}
	}
	return builds
}

// Reporter receives what a person in front of a terminal wants to know. Its
// methods are called from the runner's goroutine and must not block.
type Reporter interface {
	// Progress is called often; the reporter thins it out.
	Progress(Progress)
	// Visible is called as soon as an edited page has been pushed, before the
	// rest is up to date. The same Build is reported by Built later.
	Visible(Build)
	// Built is called once for each change, when everything is up to date.
	Built(Build)
	// Diagnose reports a message that belongs to no build (a worker that
	// died, a missing extension).
	Diagnose(Diagnostic)
}
