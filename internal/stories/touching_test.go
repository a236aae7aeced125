package stories

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv"
)

// declared is a project in which documents depend on files of which Sphinx knows
// nothing: on quotations, by way of another document, and on what rules make.
var declared = map[string]string{
	"../docserve.toml": `
[[rule]]
inputs = "data.yaml"
outputs = "docs/inc/part.txt"
template = "part.j2"

[[rule]]
inputs = "data.yaml"
outputs = "docs/page.rst"
template = "page.j2"

[[depends]]
documents = "docs/a.rst"
files = "quotes/*.txt"

[[depends]]
documents = "docs/c.rst"
files = "docs/a.rst"

[[depends]]
documents = "docs/e.rst"
files = "docs/inc/*.txt"
`,
	"../data.yaml":      "part: one\npage: one\n",
	"../part.j2":        "Part {{ data.part }}.\n",
	"../page.j2":        "{{ 'Page' | heading }}\n\n{{ data.page }}\n",
	"../quotes/one.txt": "A first quotation.\n",
	"conf.py":           ruled["conf.py"],
	"index.rst":         "Root\n====\n\n.. toctree::\n\n   a\n   b\n   c\n   d\n   e\n   page\n",
	"a.rst":             "A\n=\n\n.. quotations::\n",
	"b.rst":             "B\n=\n\n.. include:: inc/part.txt\n",
	"c.rst":             "C\n=\n\nText.\n",
	"d.rst":             "D\n=\n\nText.\n",
	"e.rst":             "E\n=\n\nText.\n",
}

var reading = regexp.MustCompile(`(?m)reading sources\.\.\. \[ *\d+%\] ([^\r\n\x1b]+)`)

// reads runs a plain Sphinx in directories of its own, and returns the documents that
// it reads.
func (p *project) reads() string {
	p.t.Helper()
	output := p.sphinx("-N", "-d", filepath.Join(p.dir, "plain", "doctrees"), p.source, filepath.Join(p.dir, "plain", "html"))
	var docs []string
	for _, m := range reading.FindAllStringSubmatch(output, -1) {
		docs = append(docs, strings.Fields(strings.ReplaceAll(m[1], "..", " "))...) // several, if they are read in chunks
	}
	slices.Sort(docs)
	return strings.Join(slices.Compact(docs), " ")
}

// generate runs the rules alone.
func (p *project) generate(arguments ...string) {
	p.t.Helper()
	s := p.command("generate", append(arguments, p.source, p.output)...)
	if code := s.ended(); code != 0 {
		p.t.Fatalf("exit code %d:\n%s", code, s.out)
	}
}

// TestTouching: a plain Sphinx, of whatever version, with an environment of its own,
// reads the documents that depend on what has changed, and no others.
func TestTouching(t *testing.T) {
	for _, version := range testenv.Names() {
		t.Run(version, func(t *testing.T) {
			story(t)
			p := newProject(t, version, declared)
			p.generate()
			want := func(what, docs string) {
				t.Helper()
				if got := p.reads(); got != docs {
					t.Errorf("%s: read %q, want %q", what, got, docs)
				}
			}
			want("at first", "a b c d e index page")
			p.generate()
			want("nothing", "")
			p.replace("../quotes/one.txt", "first", "second")
			p.generate()
			want("a declared file, by way of a document", "a c")
			p.save("../quotes/two.txt", "Another one.\n")
			p.generate()
			want("a new file", "a c")
			p.remove("../quotes/two.txt")
			p.generate()
			want("a file that is gone", "a c")
			p.replace("../data.yaml", "part: one", "part: two")
			p.generate()
			want("a generated file", "b e")
			p.replace("../data.yaml", "part: two", "part: two # the same")
			p.generate()
			want("the same bytes", "")
			p.replace("../data.yaml", "page: one", "page: two")
			p.generate()
			want("a generated page", "page")
			p.replace("../quotes/one.txt", "second", "third")
			p.generate("--no-touch")
			want("without touching", "")

			// A document that is newer is somebody's work.
			p.replace("../quotes/one.txt", "third", "fourth")
			soon := time.Now().Add(time.Minute).Truncate(time.Second)
			if err := os.Chtimes(p.path("a.rst"), soon, soon); err != nil {
				t.Fatal(err)
			}
			p.generate()
			if info, err := os.Stat(p.path("a.rst")); err != nil || !info.ModTime().Equal(soon) {
				t.Errorf("a newer document was touched: %v, %v", info.ModTime(), err)
			}
		})
	}
}

// TestTouchingWhileServing: the same for a plain Sphinx beside a docserve that runs.
func TestTouchingWhileServing(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", declared)
	s := p.start()
	s.shows("a.html", "A first quotation.")
	s.settled()
	p.reads()
	p.replace("../quotes/one.txt", "first", "second")
	s.settledAgain("a.html", "A second quotation.")
	if got := p.reads(); got != "a c" {
		t.Errorf("read %q", got)
	}
	p.replace("../data.yaml", "part: one", "part: two")
	s.settledAgain("b.html", "Part two.")
	if got := p.reads(); got != "b e" {
		t.Errorf("read %q", got)
	}
	status := s.settled()
	if last := status.Builds[len(status.Builds)-1]; !slices.Equal(last.Changed, []string{"../data.yaml"}) {
		t.Errorf("built because of %v", last.Changed)
	}
	p.equalsClean()
	s.end()
}
