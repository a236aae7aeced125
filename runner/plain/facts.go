package plain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// facts is what the environment says that a build has left.
type facts struct {
	Error      string               `json:"error,omitempty"` // why it could not be read
	Sphinx     string               `json:"sphinx"`
	Python     string               `json:"python"`
	Theme      string               `json:"theme"`
	Root       string               `json:"root"`
	Suffixes   []string             `json:"suffixes"`
	Excludes   []string             `json:"excludes"` // exclude_patterns
	Config     string               `json:"config"`   // conf.py, which need not be there
	PageSuffix string               `json:"page_suffix"`
	Docs       map[string][2]string `json:"docs"` // docname → source, absolute; when it was read, as Sphinx has it
	Deps       map[string][]string  `json:"deps"` // docname → files, absolute
	Static     []string             `json:"static"`
	Templates  []string             `json:"templates"`
	Locales    []string             `json:"locales"`
	Modules    []string             `json:"modules"`
	Extensions []string             `json:"extensions"`
	Shaping    []sphinx.Input       `json:"shaping"`    // files that extensions read for documents which do not depend on them
	Generating []sphinx.Input       `json:"generating"` // files from which they write documents

	users     map[string][]string // file → documents that are made from it
	generated map[string]bool     // sources that a build has made, and removed again
	drawn     *graph.Graph        // the same in the graph's form; nil until somebody asks
}

// readFacts reads what a build has left; nil when it has left nothing.
func readFacts(path string) (*facts, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what the environment says: %w", err)
	}
	f := &facts{}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("understand what the environment says: %w", err)
	}
	if f.Error != "" {
		return nil, errors.New("read the environment: " + f.Error)
	}
	f.index()
	return f, nil
}

// index turns the tables round.
func (f *facts) index() {
	f.users, f.generated = map[string][]string{}, map[string]bool{}
	for doc, source := range f.Docs {
		f.users[source[0]] = append(f.users[source[0]], doc)
	}
	for doc, files := range f.Deps {
		for _, file := range files {
			f.users[file] = append(f.users[file], doc)
		}
	}
	for file, docs := range f.users {
		f.users[file] = compact(docs)
	}
}

// noteGenerated finds out which documents a build has made and removed again:
// they are not there, and were not among the files before it. Somebody may have
// removed a document meanwhile; that one was.
func (f *facts) noteGenerated(before map[string]digest.Digest) {
	for _, source := range f.Docs {
		_, known := before[source[0]]
		if _, err := os.Lstat(source[0]); !known && errors.Is(err, fs.ErrNotExist) {
			f.generated[source[0]] = true
		}
	}
}

// meant leaves out what a build itself has done to documents that an extension
// writes. Those that it removes again exist while something builds, and at no
// other time; those that stay were read by the build that has made them.
func (f *facts) meant(changes []watch.Change) []watch.Change {
	if f == nil {
		return changes
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c watch.Change) bool {
		if f.generated[c.Path] {
			return true
		}
		if c.Op != watch.Create {
			return false
		}
		for _, doc := range f.users[c.Path] {
			if source := f.Docs[doc]; source[0] == c.Path {
				info, err := os.Stat(c.Path)
				now, _ := digest.File(c.Path)
				return err == nil && now == c.Digest && info.ModTime().Before(readAt(source[1]))
			}
		}
		return false
	})
}

// readAt understands when Sphinx has read a document: in seconds up to 7.1, in
// microseconds since. It is zero for what is neither.
func readAt(stamp string) time.Time {
	n, err := strconv.ParseFloat(stamp, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}
	case n < 1e12:
		return time.UnixMicro(int64(n * 1e6))
	}
	return time.UnixMicro(int64(n))
}

// read returns which documents a build has read, by what was known before it.
func (f *facts) read(before *facts, began time.Time) map[string]bool {
	docs := map[string]bool{}
	for doc, source := range f.Docs {
		known := [2]string{}
		if before != nil {
			known = before.Docs[doc]
		}
		if source[1] != known[1] && !readAt(source[1]).Before(began.Add(-clockError)) {
			docs[doc] = true
		}
	}
	return docs
}

// clockError is how far the clocks of Python and of this program may be apart
// when they have the same time: one of them has floating-point numbers.
const clockError = 10 * time.Millisecond

// page is the site path of a document's page, as far as that can be known of a
// builder that anybody may have written.
func (f *facts) page(builder, doc string) string {
	switch {
	case builder == "dirhtml" && path.Base(doc) == "index":
		return doc + ".html"
	case builder == "dirhtml":
		return doc + "/index.html"
	case builder == "singlehtml":
		doc = f.Root
	}
	return doc + f.PageSuffix
}

// outside returns the files that must be watched wherever they are.
func (f *facts) outside(source string) []string {
	files := slices.Concat(f.Static, f.Templates, f.Locales, f.Modules)
	for _, deps := range f.Deps {
		files = append(files, deps...)
	}
	for _, in := range slices.Concat(f.Shaping, f.Generating) {
		files = append(files, in.Path)
	}
	files = slices.DeleteFunc(files, func(path string) bool { return within(path, []string{source}) || !filepath.IsAbs(path) })
	return compact(files)
}

// keepModules adds what was loaded before: a build that fails early has not
// loaded all of it.
func (f *facts) keepModules(before *facts) {
	if before != nil {
		f.Modules = compact(append(f.Modules, before.Modules...))
	}
}
