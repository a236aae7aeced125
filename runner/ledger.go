package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The manifest names every file that docserve has written, but it is written
// when all is settled. A session that is killed before leaves files that no
// manifest names; if their documents are removed too before the next session,
// they would stay for ever. So each such file is noted in a ledger before it is
// written, and the ledger is removed when there is a manifest that knows better.

// noted is one entry of the ledger.
type noted struct {
	Doc    string `json:"doc,omitempty"` // "" for an image or a download
	Source string `json:"source"`
	Path   string `json:"path"` // site path
}

func (r *Runner) ledger() string { return filepath.Join(r.state, "written") }

// note enters a file into the ledger, unless manifest or ledger have it.
func (r *Runner) note(n noted) error {
	if r.noted[n.Path] {
		return nil
	}
	line, err := json.Marshal(n)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(r.ledger(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	if err = errors.Join(err, file.Close()); err == nil {
		r.noted[n.Path] = true
	}
	return err
}

// settleLedger removes the ledger: the manifest has it all.
func (r *Runner) settleLedger() error {
	clear(r.noted)
	for _, p := range r.pages {
		r.noted[p.path] = true
	}
	for path := range r.copied {
		r.noted[path] = true
	}
	err := os.Remove(r.ledger())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for n := range r.remains { // of which the manifest knows nothing
		err = errors.Join(err, r.note(n))
	}
	return err
}

// readLedger finds out what a session that was killed has left.
func (r *Runner) readLedger() {
	for _, p := range r.pages {
		r.noted[p.path] = true
	}
	for path := range r.copied {
		r.noted[path] = true
	}
	text, err := os.ReadFile(r.ledger())
	if err != nil {
		return // there is none
	}
	for line := range bytes.Lines(text) {
		var n noted
		if json.Unmarshal(line, &n) != nil || !filepath.IsLocal(filepath.FromSlash(n.Path)) {
			continue // the last line may have been cut off
		}
		r.noted[n.Path] = true
		r.orphans = append(r.orphans, n)
		if n.Doc == "" && r.copied[n.Path] == "" {
			r.copied[n.Path] = n.Source
		}
	}
}

// dropOrphans removes the pages of documents that are gone since a session that
// was killed has written them, and copies that nobody uses any more. When not
// all pages are known yet, the latter is left to the end of the build.
func (r *Runner) dropOrphans() {
	if len(r.orphans) > 0 && !r.cold {
		r.pruneMedia()
	}
	for _, n := range r.orphans {
		if n.Doc != "" && r.pages[n.Doc] == nil && r.byPath[n.Path] == nil {
			r.removeFiles(n)
		}
	}
	r.orphans = nil
}
