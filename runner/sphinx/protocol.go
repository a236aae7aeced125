// Package sphinx runs the warm Sphinx workers: Python processes of the user's
// own interpreter that hold one application each and execute small commands.
//
// The package owns the driver (embedded Python), the processes and the private
// channel to them. It decides nothing about documents: what to read or to write,
// and when, is up to package runner.
package sphinx

import "encoding/json"

// Options say which project a worker opens; they are Sphinx's own.
type Options struct {
	Source      string   `json:"source"`
	Config      string   `json:"config"` // directory of conf.py; null for none (-C)
	Output      string   `json:"output"`
	Doctrees    string   `json:"doctrees"`
	State       string   `json:"state"` // directory for what docserve keeps from one session to the next
	Builder     string   `json:"builder"`
	Fresh       bool     `json:"fresh"`
	Tags        []string `json:"tags"`
	Defines     []string `json:"defines"`      // -D, as typed
	HTMLDefines []string `json:"html_defines"` // -A, as typed
	Nitpicky    bool     `json:"nitpicky"`
	Verbosity   int      `json:"verbosity"`
}

// MarshalJSON writes an absent Config as null, which is how Sphinx says -C.
func (o Options) MarshalJSON() ([]byte, error) {
	type plain Options
	value := struct {
		plain
		Config *string `json:"config"`
	}{plain: plain(o)}
	if o.Config != "" {
		value.Config = &o.Config
	}
	return json.Marshal(value)
}

// Note is a warning or an error as Sphinx gave it.
type Note struct {
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Place    string `json:"place"` // "docstring of foo.bar", when the line counts from there
	Category string `json:"category"`
}

// Failure is an exception that ended a command, described for a writer.
type Failure struct {
	Kind    string `json:"kind"` // name of the exception's class
	Message string `json:"message"`
	Path    string `json:"path"` // innermost file of the project in the traceback; may be empty
	Line    int    `json:"line"`
	Trace   string `json:"trace"`
	Missing string `json:"missing"` // module that could not be imported; may be empty
	Step    string `json:"step"`

	Loaded []Module `json:"loaded"` // of an opening: the code of the project that it has loaded
}

// Facts is what a worker tells of a project that it has opened.
type Facts struct {
	Reason           string   `json:"reason"`    // why the environment was not taken over; "" when it was
	Warm             bool     `json:"warm"`      // an environment of docserve's own was taken over
	Signature        string   `json:"signature"` // names what shapes every page: settings and the project's own extensions
	Sphinx           string   `json:"sphinx"`
	Python           string   `json:"python"`
	Theme            string   `json:"theme"`
	Root             string   `json:"root"`
	Suffixes         []string `json:"suffixes"`
	Static           []string `json:"static"`
	Templates        []string `json:"templates"`
	Locales          []string `json:"locales"`
	Excludes         []string `json:"excludes"`
	Environment      string   `json:"environment"` // names the environment on disk that was taken over
	WritesInParallel bool     `json:"writes_in_parallel"`
	Unsafe           []string `json:"unsafe"`
	CanFork          bool     `json:"can_fork"`
	Modules          []Module `json:"modules"`
	Extensions       []string `json:"extensions"` // names of their modules
	Inputs           []Input  `json:"inputs"`     // what extensions read when the interpreter starts
	Generated        []string `json:"generated"`  // directories in which they write documents then
	Documents        []string `json:"generates"`  // documents in the environment that was taken over
	Diagnostics      []Note   `json:"diagnostics"`
}

// Module is a file that the interpreter has loaded: its absolute path, and the
// digest of what was loaded, "unsure" when it changed meanwhile.
type Module [2]string

// Input is a file, or a directory with the endings of the files in it that count;
// none is all. It is an array in JSON.
type Input struct {
	Path    string
	Endings []string
}

// UnmarshalJSON reads [path, endings].
func (in *Input) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&in.Path, &in.Endings})
}

// MarshalJSON writes the same.
func (in Input) MarshalJSON() ([]byte, error) { return json.Marshal([]any{in.Path, in.Endings}) }

// Discovery lists the documents, and what must be read because some are new or gone.
type Discovery struct {
	Docs        [][3]string `json:"docs"` // docname, absolute source path, site path
	Read        []string    `json:"read"` // in the order in which Sphinx would read them
	Removed     []string    `json:"removed"`
	Diagnostics []Note      `json:"diagnostics"`
}

// Read is the outcome of reading one document.
type Read struct {
	Doc         string      `json:"doc"`
	Digest      string      `json:"digest"`   // of the bytes that were parsed
	Deps        [][3]string `json:"deps"`     // absolute path; digest, "unsure" when it changed meanwhile; kind, in the graph's words
	Kept        bool        `json:"kept"`     // its page may be written before the update: no number can have changed
	Links       [][2]string `json:"links"`    // from a file to one that it includes
	Affected    []string    `json:"affected"` // documents that must be read again for their warnings
	Diagnostics []Note      `json:"diagnostics"`
	Modules     []Module    `json:"modules"`
	Seconds     float64     `json:"seconds"`
	Error       *Failure    `json:"error"`
}

// Reads is the answer to a command that reads several documents.
type Reads struct {
	Docs []Read `json:"docs"`
}

// Updated says what Sphinx and extensions want written after documents were read.
type Updated struct {
	Stale
	Diagnostics []Note   `json:"diagnostics"`
	Numbering   *[]Note  `json:"numbering"` // warnings about section numbers; null when the last ones still hold
	Error       *Failure `json:"error"`
}

// Stale lists pages that other documents than their own have made stale, or may have.
type Stale struct {
	All     string   `json:"all"`   // why every page must be written; Pages is empty then
	Cause   string   `json:"cause"` // of that, in one word
	Pages   []Change `json:"pages"`
	Origins []string `json:"origins"` // documents of which one has caused it, or each
}

// Change is one page that is stale, or may be. It is an array in JSON.
type Change struct {
	Doc   string
	Check []Aspect // the page must be written if one of these differs; none: in any case
	Cause string   // in one word
	Why   string
}

// UnmarshalJSON reads [document, aspects, cause, reason].
func (c *Change) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&c.Doc, &c.Check, &c.Cause, &c.Why})
}

// Aspect is a part of what a page is made from that can be compared without
// rendering the page.
type Aspect string

// The aspects.
const (
	Context  Aspect = "context"  // what the document resolves to, and what the builder knows of its place
	Toctrees Aspect = "toctrees" // the site's toctree, as the template asks for it
)

// Signature names what a page was made from, as its worker told.
type Signature struct {
	Context  string            `json:"context"`
	Toctrees map[string]string `json:"toctrees"` // arguments of toctree() to what it gave
}

// Spread says which pages can show what was changed since the last time.
type Spread struct {
	Stale
	Modules bool `json:"modules"` // pages of module sources (viewcode) are stale as well
}

// Written is one page in the staging directory.
type Written struct {
	Doc         string      `json:"doc"`
	File        string      `json:"file"`
	Digest      string      `json:"digest"`    // of the source, for provisional pages
	Images      [][2]string `json:"images"`    // absolute source, site path
	Downloads   [][2]string `json:"downloads"` // absolute source, site path
	Deps        [][3]string `json:"deps"`      // for provisional pages, as in Read
	Words       string      `json:"words"`     // file with the page's words for the search index, from a writer
	Same        bool        `json:"same"`      // a check found it to be what it is; File does not exist
	Resolved    bool        `json:"resolved"`  // the document was resolved: Images, Downloads and Diagnostics are all that there are
	Signature   *Signature  `json:"signature"` // null after an error
	Diagnostics []Note      `json:"diagnostics"`
	Seconds     float64     `json:"seconds"`
	Error       *Failure    `json:"error"`
}

// Finished is what the steps after the pages have made.
type Finished struct {
	Files       [][2]string `json:"files"` // site path, staged file
	Kept        []string    `json:"kept"`  // site paths of pages that are still right, and were not made again
	Errors      []Failure   `json:"errors"`
	Diagnostics []Note      `json:"diagnostics"`
	Steps       []string    `json:"steps"`
}

// Copied is the answer to the command that copies static files.
type Copied struct {
	Linked      bool     `json:"linked"` // pages hold the checksum of a file that differs
	Diagnostics []Note   `json:"diagnostics"`
	Error       *Failure `json:"error"`
}

// Settled is the answer to settle, which is called until nothing is left.
type Settled struct {
	More bool `json:"more"`
}

// Forked is the answer to a fork.
type Forked struct {
	Pid     int    `json:"pid"`
	Refused string `json:"refused"`
}

// Act is something that the code of a project does to files that are not the
// build's own. It is told right before it is done.
type Act struct {
	Path    string  `json:"path"`    // absolute: what is written, renamed or removed; "" for a program
	Before  string  `json:"before"`  // digest of what was there; "" for nothing, and for a large file
	Program string  `json:"program"` // name of what is started, which may write anything; "" for a fork
	At      int64   `json:"at"`      // nanoseconds since 1970
	Event   string  `json:"event"`   // of Sphinx, that is being handled; may be empty
	Frames  []Frame `json:"frames"`  // innermost first
}

// UnmarshalJSON reads [file, line, function].
func (f *Frame) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&f.File, &f.Line, &f.Func})
}

// greeting is the first frame of each connection.
type greeting struct {
	Token string `json:"token"`
	Role  string `json:"role"`
	Ident string `json:"ident"`
	Pid   int    `json:"pid"`
}

// reply is every later frame.
type reply struct {
	ID      int64           `json:"id"`
	Result  json.RawMessage `json:"result"`
	Failure *Failure        `json:"failure"`

	Progress bool `json:"progress"` // no answer, but a sign of life
	Act      *Act `json:"act"`      // no answer either
}
