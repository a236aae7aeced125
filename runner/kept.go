package runner

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
)

// Kept is what the last session has left of what it knew.
type Kept struct {
	View
	Saved   time.Time // when it was left
	Changed []string  // names of the files that have changed since, sorted by path
}

// Recall returns what the last session has left in its state directory, without
// altering anything. Files are those that lie among the sources now, in the form
// of the operating system. Without a manifest the error is fs.ErrNotExist.
func Recall(state string, files []string) (Kept, error) {
	name := filepath.Join(state, manifestName)
	info, err := os.Stat(name)
	if err != nil {
		return Kept{}, fmt.Errorf("look for what the last session has left: %w", err)
	}
	g, err := graph.Load(name)
	if err != nil {
		return Kept{}, err
	}
	var pages struct { // of keep
		Pages map[string]struct {
			Path string `json:"path"`
		} `json:"pages"`
	}
	if err := json.Unmarshal(g.Extra(keepKey), &pages); err != nil {
		return Kept{}, fmt.Errorf("understand what the last session has left: %w", err)
	}
	changes := g.Compare(contents(g, files))
	k := Kept{Saved: info.ModTime()}
	stale := map[string]bool{}
	for _, step := range g.Plan(changes).Read {
		stale[step.Doc] = true
	}
	for _, c := range changes {
		k.Changed = append(k.Changed, g.Display(c.Path))
	}
	histories := keptHistory(g)
	k.View = View{
		Graph: g,
		Page: func(doc string) (Page, bool) {
			_, known := g.Document(doc)
			page := Page{Path: pages.Pages[doc].Path, State: Fresh, History: histories[doc]}
			if stale[doc] {
				page.State = Building
			}
			return page, known
		},
		Files: func() []string { return slashed(files) },
	}
	return k, nil
}

// contents returns the contents of files, and of all that a graph knows, as they
// are now.
func contents(g *graph.Graph, files []string) map[string]digest.Digest {
	snapshot := map[string]digest.Digest{}
	for _, path := range append(slashed(files), g.Known()...) {
		if _, done := snapshot[path]; done {
			continue
		}
		if d, err := digest.File(filepath.FromSlash(path)); err == nil && !d.IsZero() {
			snapshot[path] = d
		}
	}
	return snapshot
}
