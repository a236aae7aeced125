package watch

import (
	"time"

	"docserve/internal/digest"
)

// Op says what became of a file.
type Op uint8

// The operations of a Change.
const (
	Write  Op = iota // content differs from what was known
	Create           // file was not known before
	Remove           // file is gone (a rename is a Remove and a Create)
)

// String returns the operation's lower-case name.
func (o Op) String() string { return [...]string{"write", "create", "remove"}[o] }

// Change is one file whose content is not what it was when it was last reported
// (or adopted). Directories are never reported, only the files in them.
type Change struct {
	Path   string        // absolute, cleaned, in the form of the operating system
	Op     Op            // what became of it
	Digest digest.Digest // of the new content; zero for Remove
}

// Batch is what happened to the files in one quiet-bounded stretch of time. It
// is never empty, and a path is in it once.
type Batch struct {
	Changes []Change  // sorted by Path
	First   time.Time // when the first event of the batch came in
	Rescan  bool      // the batch came from comparing everything, after lost events
}
