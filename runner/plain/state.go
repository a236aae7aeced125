package plain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"docserve/runner"
)

// What is kept beside the environment, in the directory that docserve has among
// the doctrees: the warnings, which Sphinx does not repeat, with the times at
// which their documents were read; and, while a build runs, a mark. Who finds the
// mark at a start does not know what is in the pages.

func (e *Engine) state(name string) string {
	return filepath.Join(e.opts.Sphinx.Doctrees, ".docserve", name)
}

const (
	record = "plain.json"
	mark   = "building"
)

// kept is the form of the record.
type kept struct {
	Facts *facts `json:"facts"`
	Notes notes  `json:"notes"`
}

// makeDirectories makes the directories that pages and state go to.
func (e *Engine) makeDirectories() error {
	for _, dir := range []string{e.opts.Sphinx.Output, e.state("")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return fmt.Errorf("make the output directory: %w", err)
		}
	}
	if e.opts.Claim != nil {
		return e.opts.Claim()
	}
	return nil
}

// forget removes the doctrees of documents, so that Sphinx reads these again: a
// file may have another content with an older time, or may have been saved
// between its reading and the moment that Sphinx takes for that. It also leaves
// the mark of a build.
func (e *Engine) forget(docs []string) error {
	if err := os.WriteFile(e.state(mark), nil, 0o666); err != nil {
		return fmt.Errorf("mark that a build runs: %w", err)
	}
	for _, doc := range docs {
		err := os.Remove(filepath.Join(e.opts.Sphinx.Doctrees, filepath.FromSlash(doc)+".doctree"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("have a document read again: %w", err)
		}
	}
	return nil
}

// clear removes all that is kept from one build to the next.
func (e *Engine) clear() error {
	e.facts, e.notes = nil, newNotes()
	if err := os.Remove(e.state(record)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear the cache: %w", err)
	}
	return runner.RemoveDoctrees(e.opts.Sphinx.Doctrees)
}

// keep writes the record, and removes the mark. Without either nothing is lost
// but time.
func (e *Engine) keep() {
	text, err := json.Marshal(kept{e.facts, e.notes})
	if err == nil {
		fresh := e.state(record) + ".new"
		if err = os.WriteFile(fresh, text, 0o666); err == nil {
			err = os.Rename(fresh, e.state(record))
		}
	}
	if failed := os.Remove(e.state(mark)); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
		err = errors.Join(err, failed)
	}
	if err != nil {
		e.log.Warn("the next start will know less", "err", err)
	}
}

// recall reads the record, and looks at the output directory. A damaged record is
// none.
func (e *Engine) recall() {
	_, err := os.Stat(e.state(mark))
	e.unclean = err == nil
	e.files = scan(e.opts.Sphinx.Output, e.opts.Sphinx.Doctrees, nil)
	e.table.change(func() { e.table.files = e.files })
	if e.opts.NoInitial && e.pages() > 0 {
		e.first.Do(func() { close(e.firstPage) })
	}
	text, err := os.ReadFile(e.state(record))
	if err != nil {
		return // there is none
	}
	var known kept
	if json.Unmarshal(text, &known) != nil || known.Facts == nil || known.Notes.Docs == nil || known.Notes.Site == nil {
		return
	}
	known.Facts.index()
	e.facts, e.notes = known.Facts, known.Notes
	e.showNotes()
}

// watchOutput is called each second. Somebody may remove the output directory:
// make clean. What is gone for the first time may still be on its way out.
func (e *Engine) watchOutput() {
	if e.child != nil || e.hooking || e.count == 0 {
		return
	}
	_, err := os.Stat(e.state(""))
	_, pages := os.Stat(e.opts.Sphinx.Output)
	before := e.missed
	e.missed = errors.Is(err, fs.ErrNotExist) || errors.Is(pages, fs.ErrNotExist)
	if before && e.missed && e.failed == nil {
		e.missed = false
		e.files = map[string]file{}
		e.table.change(func() { e.table.files = e.files })
		e.demand(plan{build: true, all: true, reason: "the output directory was removed"})
	}
}
