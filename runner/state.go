package runner

import (
	"sync"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

// State is how true a page is.
type State string

// The states of a page.
const (
	Fresh       State = "fresh"       // what a clean build would write
	Building    State = "building"    // older than its sources; a newer one is on its way
	Provisional State = "provisional" // made before the whole site was read
	Broken      State = "failed"      // its sources cannot be built; the last good page is what there is
)

// page is what the runner knows of one document and its page. Only the
// runner's goroutine touches it.
type page struct {
	doc    string
	source string // absolute path
	path   string // site path of the page

	read   bool            // must be read
	write  bool            // must be written
	check  []sphinx.Aspect // the page need not be written if these are what they were; empty: it must
	sole   bool            // it alone was changed by what was saved last
	edited bool            // its own source was changed by the writer, and nobody has seen the result yet
	early  bool            // its page may be written before the update that follows its reading

	whyRead  *Reason // nil unless read
	whyWrite *Reason // nil unless write
	reading  *Reason // why it is being read; nil unless it is
	history  History

	audited  bool // believed to be fresh, and checked all the same
	believed bool // the same, because the process that made it is gone: no mistake if it differs

	generation int               // counts the reasons to write it; a late result of an older one is dropped
	hash       digest.Digest     // of the page's bytes in the output directory; zero when there is none
	drawn      []string          // digests in the names of pictures that it shows and extensions have drawn
	signature  *sphinx.Signature // of what those bytes were made from; nil when it is not known
	parsed     digest.Digest     // of the source, as the worker last read it
	writer     string            // process that is writing it; "" for none
	preview    *provisional      // what to show until the worker has read all
	unwritten  bool              // it was the page: the document could be read
	failure    *Diagnostic       // why it could not be read or written
	kills      int               // workers that died of it
	notes      map[Phase][]Diagnostic
	images     []media // images and downloads that the page shows
	stamped    bool    // its output carries modification time 0
}

// provisional is a page that was made before the whole site was read.
type provisional struct {
	file   string
	hash   digest.Digest
	parsed digest.Digest
}

// media is a file that is copied to the output as it is.
type media struct {
	source string // absolute
	path   string // site path
}

func (p *page) stale() bool { return p.read || p.write }

func (p *page) state() State {
	switch {
	case p.failure != nil:
		return Broken
	case p.stale() && !p.believed:
		return Building
	}
	return Fresh
}

// record is what survives of a page from one session to the next.
type record struct {
	Path   string            `json:"path"`
	Hash   digest.Digest     `json:"hash"`
	Size   int64             `json:"size"`
	Time   int64             `json:"time"` // modification time in nanoseconds
	Images [][2]string       `json:"images,omitempty"`
	Notes  []Diagnostic      `json:"notes,omitempty"`
	Wrote  []Diagnostic      `json:"wrote,omitempty"` // notes of the writing
	Made   *sphinx.Signature `json:"made,omitempty"`
	Drawn  []string          `json:"drawn"`
}

// Entry is what others may know of a page.
type Entry struct {
	Doc    string
	State  State
	File   string        // absolute path of what can be shown now; "" when there is nothing
	Hash   digest.Digest // of that
	Note   string
	Errors []string // why it cannot be built, for people

	Problems []Diagnostic // all errors and warnings of it; Current adds why there is no site
	source   string       // absolute path of the document
}

// table is the one thing that other goroutines look at: what can be shown at
// each site path. The runner's goroutine writes it; any may read.
type table struct {
	mu       sync.RWMutex // guards all below
	entries  map[string]Entry
	known    bool // the list of documents is known
	finished bool // all that a build makes is there
	failed   bool
	trouble  []string            // why nothing can be built
	neededBy map[string][]string // files that open pages are made from, by site path
	preview  string              // directory with the assets of provisional pages; "" when there is none

	site       []Diagnostic // of no page's own reading or writing; sorted
	everywhere []Diagnostic // why there is no site
}

func (t *table) get(path string) (Entry, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	entry, ok := t.entries[path]
	return entry, ok
}

func (t *table) set(path string, entry Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries[path] = entry
}

func (t *table) remove(path string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, path)
}

// current is the account of what has happened since the first change that is
// not yet dealt with.
type current struct {
	build   Build
	restart *Reason // why there is to be another interpreter; nil when nothing says so
	open    bool
	wrote   map[string]bool
}

func (c *current) begin(start time.Time, initial bool) {
	if c.open {
		return
	}
	*c = current{open: true, wrote: map[string]bool{}, build: Build{Start: start, Initial: initial, Pushes: &Pushes{}}}
}

// edges turns what Sphinx reports into the graph's form.
func edges(deps [][3]string) []graph.Dep {
	out := make([]graph.Dep, 0, len(deps))
	for _, dep := range deps {
		var kind graph.Kind
		if kind.UnmarshalText([]byte(dep[2])) != nil {
			kind = graph.Other
		}
		out = append(out, graph.Dep{Path: graph.Path(dep[0]), Kind: kind, Digest: read(dep[0], dep[1])})
	}
	return out
}

// links turns what Sphinx reports into the graph's form.
func links(pairs [][2]string) []graph.Link {
	out := make([]graph.Link, len(pairs))
	for i, pair := range pairs {
		out[i] = graph.Link{From: graph.Path(pair[0]), To: graph.Path(pair[1])}
	}
	return out
}

// read returns the digest of a file's content as a worker has read it; of one
// that changed meanwhile a digest that no content has.
func read(path, text string) digest.Digest {
	d, err := digest.Parse(text)
	if err != nil {
		return digest.Of([]byte("unsure\x00" + path))
	}
	return d
}
