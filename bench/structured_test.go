package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestStructured: all that inherits is included once, by 50 documents of 600, and
// the base is the only one with the sentence that is edited.
func TestStructured(t *testing.T) {
	texts := madeUp(t, "structured", corpora{}.structured, 600)
	refs := inheriting()
	if len(refs) != 200 {
		t.Errorf("%d documents inherit", len(refs))
	}
	included, includes, bases := map[string]int{}, 0, 0
	for name, text := range texts {
		bases += strings.Count(text, structuredAnchor)
		if strings.Contains(text, ".. include:: ") && !strings.Contains(text, "/apart-") {
			includes++
		}
		for _, ref := range refs {
			included[ref] += strings.Count(text, ".. include:: /"+fragment(ref)+"\n")
			if n := strings.Count(text, "ref: "+ref+"\ninherit: "); n > 1 || n == 1 && !strings.HasPrefix(name, "includes/") {
				t.Errorf("%s is defined %d times in %s", ref, n, name)
			}
		}
	}
	for _, ref := range refs {
		if included[ref] != 1 {
			t.Errorf("%s is included %d times", ref, included[ref])
		}
	}
	if includes != includers || bases != 1 || !strings.Contains(texts[structuredBase], structuredAnchor) {
		t.Errorf("%d documents include what inherits, %d bases", includes, bases)
	}
}

// TestJudge: a file that was left as it was is an error, one too many is named.
func TestJudge(t *testing.T) {
	outputs, pages := []string{"includes/extracts/apart-03.rst"}, []string{}
	for _, ref := range inheriting() {
		outputs = append(outputs, fragment(ref))
	}
	for n := range includers {
		pages = append(pages, includer(n)+".html")
	}
	var taken structured
	if err := taken.judge(outputs, pages); err != nil || taken.outputs != 201 || taken.pages != 50 || !slices.Equal(taken.surplus, outputs[:1]) {
		t.Errorf("%+v, %v", taken, err)
	}
	if err := taken.judge(outputs, pages[1:]); err == nil || !strings.Contains(err.Error(), includer(0)+".html") {
		t.Errorf("a page was missed: %v", err)
	}
}

func TestRebuildable(t *testing.T) {
	source, out := t.TempDir(), t.TempDir()
	w := &workspace{source: source, site: site{suffix: ".rst"}}
	for _, path := range []string{"includes/extracts/a.rst", "includes/extracts/b.rst", "index.rst"} {
		if err := writeTexts(source, map[string]string{path: "text"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeTexts(out, map[string]string{"index.html": "page", "genindex.html": "no document's"}); err != nil {
		t.Fatal(err)
	}
	look := func() rebuildable {
		r, err := w.rebuildable(out)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := look()
	if outputs, pages := before.rebuilt(look()); len(outputs)+len(pages) > 0 {
		t.Errorf("%v and %v, and nothing was written", outputs, pages)
	}
	later := time.Now().Add(time.Minute)
	for _, path := range []string{filepath.Join(source, "includes/extracts/b.rst"), filepath.Join(out, "index.html"), filepath.Join(out, "genindex.html")} {
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
	}
	outputs, pages := before.rebuilt(look())
	if !slices.Equal(outputs, []string{"includes/extracts/b.rst"}) || !slices.Equal(pages, []string{"index.html"}) {
		t.Errorf("rebuilt are %v and %v", outputs, pages)
	}
}

func TestRemark(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, []byte("ref: a\ncontent: Here.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := openSource(path, "Here.")
	if err != nil {
		t.Fatal(err)
	}
	mark := newMark()
	if _, err := s.paragraph(mark); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Remark 1\n", "# Remark 2\n"} {
		if _, err := s.remark(); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != want+"ref: a\ncontent: Here. "+mark+"\n" {
			t.Errorf("%q, %v", text, err)
		}
	}
}
