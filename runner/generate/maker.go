// Package generate makes files out of other files, as the project's rules say:
// from structured sources, from templates and data, and by commands.
//
// It owns the rules of the configuration file, what depends on what among
// generated files, and the outputs that it has written: it deletes and
// overwrites no others. It knows nothing of Sphinx, and watches nothing: it is
// told which files have changed.
package generate

import "context"

// Maker turns one input file into outputs. Make is called from many goroutines.
type Maker interface {
	// Make makes the outputs of one input. The error is docserve's own trouble,
	// or that of ctx; what is wrong with the content is in Made.Diagnostics.
	Make(ctx context.Context, job Job) (Made, error)
	// Signature names all but files that shapes the outputs: the text of templates,
	// options, a version. Outputs of another signature are made again.
	Signature() string
}

// Job is one input of a rule.
type Job struct {
	Input string // absolute path of the input
	// Read reads a file, named by its absolute path. Every other file must be read
	// through it: it is how dependencies are known, missing files included.
	Read func(path string) ([]byte, error)
	// List returns the names of what is in a directory, sorted; none if it is not
	// there. When others come or some go, the input is made again.
	List func(dir string) []string
	// Output expands the rule's pattern of outputs ({stem}, {dir}, {ref}, …) to an
	// absolute path.
	Output func(vars map[string]string) (string, error)
}

// Made is what a Maker has made of one input.
type Made struct {
	Files       []File
	Diagnostics []Diagnostic

	unsure []string // files that may have changed after they were read and before they were hashed
}

// File is one output.
type File struct {
	Path  string // absolute
	Data  []byte
	Lines []Origin // for each line of Data, the line of the source that it comes from; may be nil

	// Documents must be read again when this file changes, and Sphinx does not know
	// it: absolute paths, sorted, also of what there is not.
	Documents []string
}

// Origin is a line of a source. The zero Origin is nowhere.
type Origin struct {
	Path string // absolute
	Line int    // from 1
}

// Severity says how bad something is.
type Severity string

// The severities. Files that are returned beside an Error are written; outputs of
// last time that are not among them stay as they were.
const (
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Diagnostic is something that is wrong with a source, a template or a rule.
type Diagnostic struct {
	Path     string // absolute; "" when it belongs to no file
	Line     int    // from 1; 0 when it is not known
	Column   int    // from 1; 0 when it is not known
	Severity Severity
	Message  string
	Hint     string // what to do about it; may be empty
}
