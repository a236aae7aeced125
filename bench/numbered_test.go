package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNumbered: the site has a thousand documents, is the same each time, and
// has the edited one where its site says.
func TestNumbered(t *testing.T) {
	madeUp(t, "numbered", corpora{}.numbered, 1001)
}

// madeUp makes a site twice, and returns its texts. The site must have so many
// documents, and the edited sentence once, where its site says.
func madeUp(t *testing.T, name string, write func(context.Context, string) error, want int) map[string]string {
	t.Helper()
	var all [2]map[string]string
	for i := range all {
		dir := t.TempDir()
		if err := write(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		all[i] = map[string]string{}
		err := fs.WalkDir(os.DirFS(filepath.Join(dir, "root")), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(filepath.Join(dir, "root", filepath.FromSlash(name)))
			all[i][name] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	documents, anchors := 0, 0
	for name, text := range all[0] {
		if all[1][name] != text {
			t.Errorf("%s is another one the second time", name)
		}
		if strings.HasSuffix(name, ".rst") {
			documents++
		}
		anchors += strings.Count(text, numberedAnchor)
	}
	if documents != want || anchors != 1 {
		t.Errorf("%d documents, %d anchors", documents, anchors)
	}
	chosen, err := chooseSites(name)
	if err != nil {
		t.Fatal(err)
	}
	if s := chosen[0]; !strings.Contains(all[0][s.doc+s.suffix], s.anchor) {
		t.Errorf("%s lacks the sentence that is edited", s.doc)
	}
	return all[0]
}
