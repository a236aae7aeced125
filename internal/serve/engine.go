package serve

import (
	"context"
	"os"

	"docserve/runner"
	"docserve/runner/plain"
)

// Engine keeps a site true: the runner with its warm workers, or plain Sphinx.
// All its methods but Run may be called from any goroutine.
type Engine interface {
	Run(ctx context.Context) error
	// FirstPage is closed when there is a page that a browser can be shown.
	FirstPage() <-chan struct{}
	// Rebuild reads and writes everything again.
	Rebuild(ctx context.Context)
	// ClearCache does so from nothing: what is kept on disk is removed first.
	ClearCache(ctx context.Context) error
	Status(ctx context.Context) runner.Status
	// Current says how true a page is just now, false for what is none.
	Current(path string) (runner.Entry, bool)
	// Problems returns all that is wrong now, by the site path of the page that it
	// belongs to; "" has what belongs to no page. Why there is no site at all is
	// among the problems of each page's entry only.
	Problems() map[string][]runner.Diagnostic
	// Fetch says where a file is, and waits until it is up to date.
	Fetch(ctx context.Context, path string) (runner.Result, error)
	// Consult calls look with what is known of documents, and what depends on
	// what; look must be short, and keep nothing.
	Consult(ctx context.Context, look func(runner.View)) error
	// Needed returns the files that open pages are made from.
	Needed() []string
	// Beside says that another program builds the same sources, until ended is
	// called.
	Beside(ctx context.Context) (ended func())
	// Command says that a command of the user's runs because of a build, until
	// ended is called.
	Command(ctx context.Context, name string) (ended func())
}

// Plain has plain Sphinx build the site.
type Plain struct {
	KeepGoing          bool
	ExceptionOnWarning bool
	Terminal           *os.File             // for the debugger; nil for none
	Lend               func() (back func()) // called before it is lent; what it returns, afterwards
}

// newEngine makes the engine that was asked for.
func newEngine(opts Options) Engine {
	if opts.Plain == nil {
		return runner.New(opts.Runner)
	}
	p := opts.Plain
	return plain.New(plain.Options{
		Options: opts.Runner, KeepGoing: p.KeepGoing, ExceptionOnWarning: p.ExceptionOnWarning, Terminal: p.Terminal, Lend: p.Lend,
	})
}
