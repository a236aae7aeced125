package runner

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// What was written for a document goes when the document goes. If it cannot, as on
// a disk that is read-only for a while, that is said, and tried again at the end of
// each build, in the next session too.

// removeFiles removes what was written for a document. What cannot be removed now is
// tried again at the end of each build.
func (r *Runner) removeFiles(n noted) {
	failed := r.removeCopy(n.Doc, n.Source)
	for _, file := range []string{r.output(n.Path), r.doctree(n.Doc)} {
		failed = errors.Join(failed, r.remove(file))
	}
	delete(r.remains, n)
	if failed != nil {
		r.remains[n] = failed
	}
}

// removeCopy removes the copies of a document's source.
func (r *Runner) removeCopy(doc, source string) error {
	var failed error
	for _, suffix := range []string{".txt", ""} {
		failed = errors.Join(failed, r.remove(r.output("_sources/"+doc+filepath.Ext(source)+suffix)))
	}
	return failed
}

// remove removes a file that may not be there, and directories that are empty then.
func (r *Runner) remove(file string) error {
	err := os.Remove(file)
	if err == nil {
		r.removeEmpty(filepath.Dir(file))
	} else if _, gone := os.Lstat(file); gone != nil {
		return nil
	}
	return err
}

// dropRemains removes what could not be removed of documents that are gone, and
// returns what still cannot.
func (r *Runner) dropRemains() []Diagnostic {
	var notes []Diagnostic
	for _, n := range slices.SortedFunc(maps.Keys(r.remains), func(a, b noted) int { return cmp.Compare(a.Path, b.Path) }) {
		if r.pages[n.Doc] != nil || r.byPath[n.Path] != nil {
			delete(r.remains, n) // it is back
			continue
		}
		if r.removeFiles(n); r.remains[n] != nil {
			notes = append(notes, Diagnostic{
				Severity: Error, Message: fmt.Sprintf("%s is gone, and what was written for it cannot be removed: %v", n.Doc, r.remains[n]),
			})
		}
	}
	return notes
}

// removeEmpty removes directories that the removal of a page has left empty.
func (r *Runner) removeEmpty(dir string) {
	for dir != r.opts.Sphinx.Output && dir != r.opts.Sphinx.Doctrees && len(dir) > 1 {
		if os.Remove(dir) != nil {
			return
		}
		dir = filepath.Dir(dir)
	}
}
