package stories

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ruled is a project with rules: a template that makes pages, one that makes what a
// page includes, from data beside the sources, and a directive that reads a file of
// which Sphinx hears nothing.
var ruled = map[string]string{
	"../docserve.toml": `
[[rule]]
name = "pages"
inputs = "docs/data/*.yaml"
outputs = "docs/gen/{stem}.rst"
template = "templates/page.j2"

[[rule]]
name = "part"
inputs = "facts/*.csv"
outputs = "docs/inc/{stem}.txt"
template = "templates/part.j2"

[[depends]]
documents = "docs/quoting.rst"
files = "quotes/*.txt"
`,
	"../templates/page.j2": "{{ data.title | heading }}\n\n{{ data.text }}\n",
	"../templates/part.j2": "{{ data | table(columns=header) }}\n",
	"../facts/tides.csv":   "port,height\nBrest,7 m\n",
	"../quotes/one.txt":    "A first quotation.\n",
	"data/alpha.yaml":      "title: Alpha\ntext: The text of alpha.\n",
	"index.rst":            "Root\n====\n\n.. toctree::\n   :glob:\n\n   gen/*\n   tides\n   quoting\n",
	"tides.rst":            "Tides\n=====\n\n.. include:: inc/tides.txt\n",
	"quoting.rst":          "Quoting\n=======\n\n.. quotations::\n",
	"conf.py": `import pathlib
from docutils import nodes
from docutils.parsers.rst import Directive

project = 'story'
exclude_patterns = ['_build', 'inc']

class Quotations(Directive):
    def run(self):
        places = sorted((pathlib.Path(__file__).parent.parent / 'quotes').glob('*.txt'))
        return [nodes.paragraph(text=place.read_text()) for place in places]

def setup(app):
    app.add_directive('quotations', Quotations)
`,
}

// TestRules is a day with generated content: what is made from what is edited is
// on the screen, mistakes are named where they were made, and in the end there is
// what a clean build of all sources would write.
func TestRules(t *testing.T) {
	for _, way := range []struct {
		name, python string
		docserve     []string
		leaves       []string // pages that plain Sphinx leaves when their documents are gone
	}{
		{name: "worker", python: "9.0"},
		{name: "plain", python: "9.0", docserve: []string{"--engine=subprocess"}, leaves: []string{"gen/beta", "gen/new-alpha"}},
	} {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, ruled)
			s := p.start(way.docserve...)
			s.shows("gen/alpha.html", "The text of alpha.")
			s.shows("tides.html", "Brest")
			s.settled()
			p.equalsClean()

			p.replace("data/alpha.yaml", "The text of alpha.", "A new text.")
			s.settledAgain("gen/alpha.html", "A new text.")
			p.replace("../facts/tides.csv", "Brest,7 m", "Calais,8 m")
			s.settledAgain("tides.html", "Calais")
			p.replace("../templates/page.j2", "heading }}", "heading }}\n\nFrom the template.")
			s.settledAgain("gen/alpha.html", "From the template.")
			unread(s, p)
			mistaken(s, p)
			warned(s, p)
			quoted(s, p)

			p.save("data/beta.yaml", "title: Beta\ntext: Another page.\n")
			s.settledAgain("gen/beta.html", "Another page.")
			p.remove("data/beta.yaml")
			s.await("no page lists what is gone", func() error {
				if _, body := s.get("index.html"); strings.Contains(body, "Beta") {
					return errors.New(article(body))
				}
				return nil
			})
			if _, err := os.Stat(p.path("gen/beta.rst")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file of a source that is gone: %v", err)
			}
			s.settled()
			configured(s, p)
			if status := s.settled(); len(status.Diagnostics) > 0 || status.Failed {
				t.Errorf("failed %v: %v", status.Failed, status.Diagnostics)
			}
			p.withoutPages(way.leaves...)
			p.equalsClean()
			s.tidy()
			s.end()

			// The next session finds what was changed in between.
			p.replace("data/alpha.yaml", "A new text.", "Changed in between.")
			p.replace("../quotes/one.txt", "quotation", "saying")
			s = p.start(way.docserve...)
			s.shows("gen/alpha.html", "Changed in between.")
			s.shows("quoting.html", "A third saying.")
			s.settled()
			p.equalsClean()
			s.end()
		})
	}
}

// withoutPages removes what a page and its source have left in the output.
func (p *project) withoutPages(docs ...string) {
	p.t.Helper()
	for _, doc := range docs {
		for _, name := range []string{doc + ".html", "_sources/" + doc + ".rst.txt"} {
			if err := os.Remove(filepath.Join(p.output, filepath.FromSlash(name))); err != nil {
				p.t.Error(err)
			}
		}
	}
}

// unread: an edit that changes no output's bytes asks for no build.
func unread(s *session, p *project) {
	s.t.Helper()
	before := s.settled()
	p.replace("data/alpha.yaml", "title:", "# a remark\ntitle:")
	p.replace("tides.rst", "Tides\n=====", "Tides\n=====\n\nAfter the remark.")
	after := s.settledAgain("tides.html", "After the remark.")
	if after.Changes != before.Changes+1 {
		s.t.Errorf("%d changes were reacted to, not one: %+v", after.Changes-before.Changes, after.Builds)
	}
	if last := after.Builds[len(after.Builds)-1]; !slices.Equal(last.Changed, []string{"tides.rst"}) {
		s.t.Errorf("built because of %v", last.Changed)
	}
}

// mistaken: what is wrong with data or template is said at its line, the last good
// page stays, and the message goes with the mistake.
func mistaken(s *session, p *project) {
	s.t.Helper()
	p.replace("data/alpha.yaml", "text: A new", "text: [A new")
	if d := s.diagnosed(p.path("data/alpha.yaml"), 3, ""); d.Column == 0 {
		s.t.Errorf("the column is not known of %v", d)
	} else {
		s.printed(fmt.Sprintf("alpha.yaml:3:%d: error: ", d.Column))
	}
	s.await("the site has the problem", func() error {
		if _, body := s.get("__docserve/problems?page=index.html"); !strings.Contains(body, `"errors": 1`) {
			return errors.New(body)
		}
		return nil
	})
	s.shows("gen/alpha.html", "A new text.")
	p.replace("data/alpha.yaml", "text: [A new", "text: A new")
	s.await("the message is gone", func() error {
		if given := s.settled().Diagnostics; len(given) > 0 {
			return fmt.Errorf("%v", given)
		}
		return nil
	})
	p.replace("../templates/page.j2", "data.text", "data.txet")
	s.diagnosed(p.path("../templates/page.j2"), 5, "data.txet is undefined")
	s.printed("page.j2:5: error: data.txet is undefined")
	p.replace("../templates/page.j2", "data.txet", "data.text")
	s.printed("page.j2:5: fixed:")
	s.settled()
}

// warned: a warning of Sphinx in generated text names the source.
func warned(s *session, p *project) {
	s.t.Helper()
	p.replace("data/alpha.yaml", "A new text.", "A new text that is *unclosed.")
	d := s.diagnosed(p.path("data/alpha.yaml"), 3, "Inline emphasis")
	if d.Generated != p.path("gen/alpha.rst") || d.GeneratedLine == 0 {
		s.t.Errorf("generated as %s:%d", d.Generated, d.GeneratedLine)
	}
	s.printed("generated as docs/gen/alpha.rst:")
	p.replace("data/alpha.yaml", " that is *unclosed.", ".")
	s.await("the warning is gone", func() error {
		if given := s.settled().Diagnostics; len(given) > 0 {
			return fmt.Errorf("%v", given)
		}
		return nil
	})
}

// quoted: a declared dependency is one, also of files that come and go.
func quoted(s *session, p *project) {
	s.t.Helper()
	p.replace("../quotes/one.txt", "first", "second")
	s.settledAgain("quoting.html", "A second quotation.")
	p.save("../quotes/two.txt", "From a new file.\n")
	s.settledAgain("quoting.html", "From a new file.")
	p.remove("../quotes/two.txt")
	s.await("the quotation is gone", func() error {
		if _, body := s.get("quoting.html"); strings.Contains(body, "From a new file.") {
			return errors.New(article(body))
		}
		return nil
	})
	s.settled()
}

// configured: an edit of the configuration takes effect, and one with mistakes does
// not.
func configured(s *session, p *project) {
	s.t.Helper()
	config := filepath.Join(p.dir, "docserve.toml")
	p.replace("../docserve.toml", "inputs = \"facts", "input = \"facts")
	s.diagnosed(config, 8, "rule needs inputs")
	s.diagnosed(config, 10, "did you mean inputs?")
	p.replace("../facts/tides.csv", "8 m", "9 m") // the rule of before is in force
	s.shows("tides.html", "9 m")
	p.replace("../docserve.toml", "input = \"facts", "inputs = \"facts")
	p.save("../quotes/three.txt", "A third quotation.\n")
	p.replace("../docserve.toml", "docs/gen/{stem}.rst", "docs/gen/new-{stem}.rst")
	s.shows("gen/new-alpha.html", "A new text.")
	p.replace("../docserve.toml", "docs/gen/new-{stem}.rst", "docs/gen/{stem}.rst")
	s.shows("gen/alpha.html", "A new text.")
	s.shows("quoting.html", "A third quotation.")
	p.remove("../quotes/one.txt")
	p.save("../quotes/one.txt", "A third quotation.\n")
	p.remove("../quotes/three.txt")
	s.settled()
}
