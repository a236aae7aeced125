package plain

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"docserve/graph"
	"docserve/runner"
	"docserve/runner/sphinx"
)

// Recall returns what the last session has left in its state directory about the
// sources in source, without altering anything. Files are those that lie among
// the sources now. Without a record the error is fs.ErrNotExist.
func Recall(state, source, builder string, files []string) (runner.Kept, error) {
	text, err := os.ReadFile(filepath.Join(state, record))
	if err != nil {
		return runner.Kept{}, fmt.Errorf("look for what the last session has left: %w", err)
	}
	info, err := os.Stat(filepath.Join(state, record))
	if err != nil {
		return runner.Kept{}, fmt.Errorf("look for what the last session has left: %w", err)
	}
	var known kept
	if err := json.Unmarshal(text, &known); err != nil {
		return runner.Kept{}, fmt.Errorf("understand what the last session has left: %w", err)
	}
	if known.Facts == nil {
		return runner.Kept{}, errors.New("the last build has left nothing that can be understood")
	}
	f := known.Facts
	f.index()
	k := runner.Kept{Saved: info.ModTime(), View: runner.View{
		Graph: f.graph(source),
		Page: func(doc string) (runner.Page, bool) {
			_, ok := f.Docs[doc]
			return f.told(builder, doc), ok
		},
		Files: func() []string { return slashed(files) },
	}}
	for path := range f.users {
		info, err := os.Stat(path)
		// What is not there, and is no source, may never have been there.
		if err != nil && k.Graph.DocumentAt(graph.Path(path)) != "" || err == nil && info.ModTime().After(f.oldest(path)) {
			k.Changed = append(k.Changed, sphinx.Relative(source, path))
		}
	}
	for _, path := range files {
		if len(f.users[path]) == 0 && k.Graph.IsDocument(graph.Path(path)) {
			k.Changed = append(k.Changed, sphinx.Relative(source, path))
		}
	}
	slices.Sort(k.Changed)
	return k, nil
}

// oldest returns when a file was used by the document that has used it first.
func (f *facts) oldest(path string) time.Time {
	var oldest time.Time
	for _, doc := range f.users[path] {
		if at := readAt(f.Docs[doc][1]); oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}
