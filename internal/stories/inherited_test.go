package stories

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// inherited is a site of 60 pages. Twenty extracts inherit from one base, four of
// them directly, the others through those; five pages include all of them. One more
// page includes one that inherits nothing, though it stands in the base's file.
func inherited() map[string]string {
	texts := map[string]string{
		"docserve.toml": "[[rule]]\nkind = \"extracts\"\ninputs = \"includes/extracts-*.yaml\"\n",
		"conf.py":       "project = 'story'\nexclude_patterns = ['_build', 'includes']\n",
		"index.rst":     "Root\n====\n\n.. toctree::\n   :glob:\n\n   page-*\n",
		"includes/extracts-base.yaml": "ref: _base\ncontent: |\n  A word about {{what}}.\n\n  The end.\n" +
			"---\nref: apart\ncontent: Nobody's heir.\n",
	}
	for i := range 59 {
		texts[fmt.Sprintf("page-%02d.rst", i)] = fmt.Sprintf("Page %d\n========\n\nText.\n", i)
	}
	texts["page-01.rst"] += "\n.. include:: includes/extracts/apart.rst\n"
	for i := range 20 {
		ref, file, from, base := fmt.Sprintf("heir-%02d", i), "includes/extracts-middle.yaml", "_base", "extracts-base.yaml"
		if i >= 4 {
			file, from, base = fmt.Sprintf("includes/extracts-leaf-%d.yaml", i%3), fmt.Sprintf("heir-%02d", i%4), "extracts-middle.yaml"
		}
		texts[file] += fmt.Sprintf("ref: %s\ninherit: {file: %s, ref: %s}\nreplacement: {what: \"number %d\"}\n---\n", ref, base, from, i)
		texts[includerOf(i)+".rst"] += "\n.. include:: includes/extracts/" + ref + ".rst\n"
	}
	return texts
}

// includerOf is the document that includes the i-th of those that inherit.
func includerOf(i int) string { return fmt.Sprintf("page-%02d", 10+10*(i%5)) }

// heirs are the outputs of some of those that inherit, and the pages that include
// them.
func heirs(which func(i int) bool) (outputs, pages []string) {
	for i := range 20 {
		if !which(i) {
			continue
		}
		outputs = append(outputs, fmt.Sprintf("heir-%02d.rst", i))
		if page := includerOf(i) + ".html"; !slices.Contains(pages, page) {
			pages = append(pages, page)
		}
	}
	slices.Sort(pages)
	return outputs, pages
}

// TestInherited edits what others inherit from: exactly those outputs that have
// something of it are written, exactly the pages that include them are made again,
// and all is as if it were generated and built from nothing.
func TestInherited(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", inherited())
	s := p.start()
	s.shows("page-20.html", "A word about number 1.")
	s.settled()
	p.generatedAnew()
	p.equalsClean()

	all := func(int) bool { return true }
	for _, edit := range []struct {
		what, file, from, to string
		page, shows          string
		which                func(i int) bool
	}{
		{"the base", "base", "A word", "Two words", "page-20.html", "Two words about number 1.", all},
		{"its other paragraph", "base", "The end.", "A new end.", "page-30.html", "A new end.", all},
		{"one between", "middle", "ref: heir-02\n", "ref: heir-02\ncontent: Another {{what}}.\n", "page-30.html", "Another number 2.", func(i int) bool { return i%4 == 2 }},
		{"the base, without one branch", "base", "Two words", "Three", "page-20.html", "Three about number 1.", func(i int) bool { return i%4 != 2 }},
		{"what inherits nothing", "base", "Nobody's heir", "No heir", "page-01.html", "No heir", nil},
	} {
		before := p.made()
		p.replace("includes/extracts-"+edit.file+".yaml", edit.from, edit.to)
		s.settledAgain(edit.page, edit.shows)
		outputs, pages := []string{"apart.rst"}, []string{"page-01.html"}
		if edit.which != nil {
			outputs, pages = heirs(edit.which)
		}
		if got := p.remade(before, ".rst"); !slices.Equal(got, outputs) {
			t.Errorf("%s: written are %v, want %v", edit.what, got, outputs)
		}
		if got := p.remade(before, ".html"); !slices.Equal(got, pages) {
			t.Errorf("%s: made again are %v, want %v", edit.what, got, pages)
		}
		p.generatedAnew()
	}
	p.equalsClean()
	before, changes := p.made(), s.settled().Changes
	p.replace("includes/extracts-base.yaml", "ref: _base", "# A remark.\nref: _base")
	p.replace("page-05.rst", "Text.", "After the remark.")
	if status := s.settledAgain("page-05.html", "After the remark."); status.Changes != changes+1 {
		t.Errorf("%d changes were reacted to, not one", status.Changes-changes)
	}
	if got := slices.Concat(p.remade(before, ".rst"), p.remade(before, ".html")); !slices.Equal(got, []string{"page-05.html"}) {
		t.Errorf("after a remark: %v", got)
	}
	s.end()
}

// made returns the times of generated files and of the documents' pages, by name.
func (p *project) made() map[string]time.Time {
	p.t.Helper()
	times := map[string]time.Time{}
	for _, pattern := range []string{p.path("includes/extracts/*.rst"), filepath.Join(p.output, "page-*.html")} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil {
				p.t.Fatal(err)
			}
			times[filepath.Base(path)] = info.ModTime()
		}
	}
	return times
}

// remade names those with an ending that have another time than before, sorted.
func (p *project) remade(before map[string]time.Time, ending string) []string {
	p.t.Helper()
	var names []string
	for name, now := range p.made() {
		if strings.HasSuffix(name, ending) && !now.Equal(before[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// generatedAnew compares what was generated with what is generated from nothing.
func (p *project) generatedAnew() {
	p.t.Helper()
	dir := p.t.TempDir()
	anew := &project{t: p.t, dir: dir, source: filepath.Join(dir, "docs"), output: filepath.Join(dir, "out"), python: p.python}
	if err := os.CopyFS(anew.source, os.DirFS(p.source)); err != nil {
		p.t.Fatal(err)
	}
	anew.remove("includes/extracts")
	s := anew.command("generate", anew.source, anew.output)
	if code := s.ended(); code != 0 {
		p.t.Fatalf("exit code %d:\n%s", code, s.out)
	}
	got, want := p.texts("includes/extracts"), anew.texts("includes/extracts")
	for name, text := range want {
		if got[name] != text {
			p.t.Errorf("%s is %q, and %q from nothing", name, got[name], text)
		}
	}
	if len(got) != len(want) {
		p.t.Errorf("%d files were generated, and %d from nothing", len(got), len(want))
	}
}

// texts reads all files of a directory of sources.
func (p *project) texts(below string) map[string]string {
	p.t.Helper()
	texts := map[string]string{}
	err := fs.WalkDir(os.DirFS(p.source), below, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(p.path(name))
		texts[name] = string(text)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return texts
}
