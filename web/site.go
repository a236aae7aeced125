package web

import (
	"context"
	"errors"

	"docserve/internal/digest"
)

// Site is what the handler serves. Its methods are called from many goroutines.
type Site interface {
	// Fetch brings the file at a site path ("guide/index.html", never with a
	// leading slash, already cleaned) up to date and says where it is. It
	// returns at once for a file that is up to date, gives one that is not as
	// it is when that takes more than a moment, and otherwise waits, at most as
	// long as ctx allows. The error is ErrNotFound, ErrNotYet, or
	// trouble of docserve's own.
	Fetch(ctx context.Context, path string) (File, error)
	// Status is what /__docserve/status shows, as a value for encoding/json.
	Status() any
}

// File is one file of the site.
type File struct {
	Path   string        // absolute path in the file system
	Page   string        // site path of the page for HTML that takes part in live reload; "" for others
	Digest digest.Digest // of the content that was current when Fetch answered; zero when not known
	State  string        // "fresh", "building", "provisional" or "failed"; "" means fresh
	Note   string        // short reason for the indicator
}

// Problems knows what is wrong with the site.
type Problems interface {
	// Problems says what is wrong with a page, by its site path, and how much
	// with others, as a value for encoding/json. Here says that it is told to a
	// browser on this machine. It is called from many goroutines.
	Problems(page string, here bool) any
}

// Builder has the site built anew. Its methods return when that has begun.
type Builder interface {
	Rebuild(ctx context.Context)          // reads and writes everything again
	ClearCache(ctx context.Context) error // removes first what is kept of earlier builds
}

// ErrBusy is what a Verifier says when one verification is running already.
var ErrBusy = errors.New("a verification is running already")

// Verifier compares the site with a clean build in the background.
type Verifier interface {
	Start(keep bool) error // begins; keep leaves the clean build where it is
	Stop()                 // ends what is running
	Answer() any           // what is known, as a value for encoding/json
}
