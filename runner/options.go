// Package runner carries out what a change asks for: it reads documents, writes
// pages and finishes the site with warm Sphinx workers, in the order in which
// people need the results, and knows at any moment how true each page is.
//
// It owns the graph, the state of every page, and the output directory. It
// refuses to watch files, to talk to browsers, and to know anything about what
// is inside a document: names are the worker's business.
package runner

import (
	"context"
	"log/slog"
	"time"

	"docserve/internal/digest"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// Files is what the runner needs of the watcher.
type Files interface {
	Batches() <-chan watch.Batch
	Ready() <-chan struct{}
	Snapshot() map[string]digest.Digest
	Digest(path string) (digest.Digest, bool)
	Add(paths ...string)
	Barrier(ctx context.Context) error
}

// Audience is what the runner needs of the hub: who looks at what, and a way to
// tell them. Its methods never block.
type Audience interface {
	Open() []string           // site paths of the pages that are open in a browser
	Changed() <-chan struct{} // a one-slot wake-up when Open has changed
	Publish(Push)             // tell the tabs that are concerned
}

// Push is one message for browsers.
type Push struct {
	Kind  string        // "update", "style", "image", "reload", "status" or "edited"
	Page  string        // site path; "" for all tabs
	Hash  digest.Digest // of the page's new bytes
	Paths []string      // site paths of style sheets or images
	State State
	Note  string
	Done  int    // how far the phase has come that Note tells of
	Total int    // 0 when that is not known
	Spot  *Spot  // for "edited": where; nil when it is not known
	Told  func() // called from any goroutine for each tab that was told; must not block; nil for nobody
}

// Options configure a Runner. Sphinx.Source, Sphinx.Output, Sphinx.Doctrees,
// Python, Files and Audience are required.
type Options struct {
	Sphinx    sphinx.Options
	Python    string
	WorkDir   string        // of the worker processes; "" is the current one
	Filenames []string      // absolute paths of the only documents to write; empty means all
	WriteAll  bool          // write every page at the start, whatever its state
	NoInitial bool          // leave stale pages alone until something changes or is asked for
	Strict    bool          // warnings count as failures (-W)
	NoFork    bool          // do without fork
	Audit     bool          // check all pages after each change, when nobody waits
	Quiet     time.Duration // how long nothing must have happened before what follows the pages is done; 0 is 0.7 s
	Jobs      int           // processes that write in the background; 0 is one for each processor
	Timeout   time.Duration // a command without an answer for that long has hung; 0 is 60 s
	Started   time.Time     // when docserve was started; zero is when Run was called

	Rest          time.Duration // how long nothing must have happened before the worker is replaced; 0 is 15 s
	RecycleAfter  int           // builds after which it is replaced then; 0 is 1,000
	RecycleGrowth int64         // bytes by which it must have grown, beside by half, to be replaced then; 0 is 100 MB

	Files     Files
	Audience  Audience
	Reporter  Reporter                                         // nil reports to nobody
	Traceback bool                                             // tracebacks go with failures (-T)
	Advise    func(ctx context.Context, message string) string // what to install, when Sphinx says that something is missing; nil is none
	Claim     func() error                                     // marks the output directory as ours, before anything is written to it; nil is none
	Before    func() func(ctx context.Context) error           // what runs before the next build, whose error skips it; nil, or one that returns nil, is nothing
	Generated Generated                                        // nil generates nothing
	Logger    *slog.Logger                                     // nil discards
}

const (
	// defaultTimeout is long enough for the slowest single document known (an
	// API reference of one page, 20 s), and short enough to wait for.
	defaultTimeout = 60 * time.Second
	// defaultQuiet is how long nothing must have happened before the worker forks:
	// each fork costs the next save some page faults.
	defaultQuiet = 700 * time.Millisecond
	// wordsAtOnce is how many pages' words the worker takes over from writers in
	// one command: a save must not wait for more than some 50 ms.
	wordsAtOnce = 40
	// fewPages is up to how many pages the worker writes itself, since forking
	// writers takes as long.
	fewPages = 8
)
