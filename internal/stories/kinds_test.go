package stories

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// structured is a project with structured content: extracts that inherit from a
// base over two levels, one that is appended to a page, steps, and a kind of the
// project's own.
var structured = map[string]string{
	"../docserve.toml": `
[[rule]]
kind = "extracts"
inputs = ["docs/includes/**/extracts-*.yaml"]

[[rule]]
kind = "steps"
inputs = "docs/includes/steps-*.yaml"

[[rule]]
kind = "recipe"
inputs = "recipes/*.yaml"

[structured.replacements]
version = "1.0"
`,
	"../templates/recipe.yaml":         "about: Recipes.\nper: document\noutput: recipes/{ref}.rst\nfields: {name: line}\n",
	"../templates/recipe.rst.j2":       "{{ doc.name|heading(1) }}\n",
	"../recipes/all.yaml":              "ref: pie\nname: Pie\n---\nref: soup\nname: Soup\n",
	"includes/extracts-base.yaml":      "ref: _base\ncontent: |\n  First line.\n\n  The {{what}} of {{version}}.\n",
	"includes/extracts-middle.yaml":    "ref: _middle\ninherit: {file: extracts-base.yaml, ref: _base}\nreplacement: {what: middle}\n",
	"includes/deep/extracts-leaf.yaml": "ref: leaf\ninherit: {file: extracts-middle.yaml, ref: _middle}\n---\nref: other\ninherit: {file: extracts-middle.yaml, ref: _middle}\nreplacement: {what: other leaf}\nappend: [/end]\n",
	"includes/steps-do.yaml":           "title: Do it\n---\ntitle: Be glad\ncontent: Done.\n",
	"index.rst":                        "Root\n====\n\n.. toctree::\n   :glob:\n\n   leaf\n   do\n   end\n   recipes/*\n",
	"leaf.rst":                         "Leaf\n====\n\n.. include:: includes/deep/extracts/leaf.rst\n",
	"do.rst":                           "Do\n==\n\nFirst\n-----\n\n.. include:: includes/steps/do.rst\n",
	"end.rst":                          "End\n===\n\nText.\n",
	"conf.py":                          "import pathlib\nimport sys\nsys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'extension'))\nproject = 'story'\nexclude_patterns = ['_build', 'includes']\nextensions = ['docserve_pages']\ndocserve_pages = ['includes/**/*.pages.json']\n",
}

// TestStructured is a day with structured content.
func TestStructured(t *testing.T) {
	for _, way := range []struct {
		name     string
		docserve []string
	}{
		{name: "worker"},
		{name: "plain", docserve: []string{"--engine=subprocess"}},
	} {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, "9.0", structured)
			extension, err := os.ReadFile(filepath.FromSlash("../../runner/generate/kinds/docserve_pages.py"))
			if err != nil {
				t.Fatal(err)
			}
			p.save("../extension/docserve_pages.py", string(extension))
			s := p.start(way.docserve...)
			s.shows("leaf.html", "The middle of 1.0.")
			s.shows("end.html", "The other leaf of 1.0.")
			s.shows("do.html", "Be glad")
			s.shows("recipes/soup.html", "Soup")
			s.settled()
			p.equalsClean()

			// The base of the base is edited.
			p.replace("includes/extracts-base.yaml", "The {{what}}", "This {{what}}")
			s.settledAgain("leaf.html", "This middle of 1.0.")
			s.settledAgain("end.html", "This other leaf of 1.0.")
			p.replace("includes/extracts-middle.yaml", "what: middle", "what: centre")
			s.settledAgain("leaf.html", "This centre of 1.0.")
			p.replace("../docserve.toml", `"1.0"`, `"2.0"`)
			s.settledAgain("leaf.html", "This centre of 2.0.")
			p.replace("../templates/recipe.rst.j2", "heading(1) }}\n", "heading(1) }}\n\nEat it.\n")
			s.settledAgain("recipes/pie.html", "Eat it.")

			wrong(s, p)
			appended(s, p)

			// A ref is renamed, and one is gone.
			p.replace("../recipes/all.yaml", "ref: soup\nname: Soup", "ref: stew\nname: Stew")
			s.settledAgain("recipes/stew.html", "Stew")
			if _, err := os.Stat(p.path("recipes/soup.rst")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file of a ref that is gone: %v", err)
			}
			if status := s.settled(); len(status.Diagnostics) > 0 || status.Failed {
				t.Errorf("failed %v: %v", status.Failed, status.Diagnostics)
			}
			if way.docserve == nil { // plain Sphinx leaves old titles in the navigation of other pages
				p.equalsClean()
			}
			s.end()
		})
	}
}

// wrong: mistakes are named where they were made, also by Sphinx.
func wrong(s *session, p *project) {
	s.t.Helper()
	p.replace("includes/extracts-base.yaml", "{{what}}", "{{waht}}")
	s.diagnosed(p.path("includes/extracts-base.yaml"), 5, "nothing is known to replace {{waht}} with")
	s.printed("extracts-base.yaml:5:8: error: nothing is known")
	s.shows("leaf.html", "This centre of 2.0.")
	p.replace("includes/extracts-base.yaml", "{{waht}}", "*{{what}}")
	d := s.diagnosed(p.path("includes/extracts-base.yaml"), 5, "Inline emphasis")
	if !strings.HasPrefix(d.Generated, p.path("includes/deep/extracts")) {
		s.t.Errorf("generated as %s:%d", d.Generated, d.GeneratedLine)
	}
	p.replace("includes/extracts-base.yaml", "*{{what}}", "{{what}}")
	s.settledAgain("leaf.html", "This centre of 2.0.")
}

// appended: an extract is appended to another page.
func appended(s *session, p *project) {
	s.t.Helper()
	p.replace("includes/deep/extracts-leaf.yaml", "[/end]", "do.rst")
	s.settledAgain("do.html", "This other leaf of 2.0.")
	s.await("it is not on the page of before", func() error {
		if _, body := s.get("end.html"); strings.Contains(body, "other leaf") {
			return errors.New(article(body))
		}
		return nil
	})
	// That a page is not there is said, until nothing is appended to it any more.
	said := func(want bool) func() error {
		return func() error {
			for _, d := range s.settled().Diagnostics {
				if strings.Contains(d.Message, "there is no page 'nowhere'") {
					if want {
						return nil
					}
					return errors.New(d.Message)
				}
			}
			if want {
				return errors.New("it is not said")
			}
			return nil
		}
	}
	p.replace("includes/deep/extracts-leaf.yaml", "do.rst", "nowhere")
	s.await("a page that is not there is missed", said(true))
	p.replace("includes/deep/extracts-leaf.yaml", "nowhere", "do.rst")
	s.await("it is missed no more", said(false))
	s.settledAgain("do.html", "This other leaf of 2.0.")
	p.replace("includes/deep/extracts-leaf.yaml", "\nappend: do.rst", "")
	s.await("it is on no page", func() error {
		if _, body := s.get("do.html"); strings.Contains(body, "other leaf") {
			return errors.New(article(body))
		}
		return nil
	})
	s.settled()
}
