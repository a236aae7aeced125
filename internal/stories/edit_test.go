package stories

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// ways are the combinations in which the plain stories must come out the same.
var ways = []struct {
	name      string
	python    string
	docserve  []string // arguments of docserve alone
	arguments []string // of Sphinx too
	page      func(doc string) string
}{
	{name: "html", python: "9.0", page: html},
	{name: "older Sphinx", python: "7.4", page: html},
	{name: "without fork", python: "9.0", docserve: []string{"--no-fork"}, page: html},
	{name: "dirhtml", python: "9.0", arguments: []string{"-b", "dirhtml"}, page: dirhtml},
	{name: "older Sphinx, dirhtml, without fork", python: "7.4", docserve: []string{"--no-fork"}, arguments: []string{"-b", "dirhtml"}, page: dirhtml},
}

func html(doc string) string { return doc + ".html" }

func dirhtml(doc string) string {
	if doc == "index" {
		return "index.html"
	}
	return doc + "/index.html"
}

// TestEdits is an ordinary day: edits become visible, pages come and go, and
// whatever was done, it is at last what a clean build would write.
func TestEdits(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, small)
			s := p.start(append(way.docserve, way.arguments...)...)
			s.shows(way.page("first"), "Text of the first page.")
			s.settled()

			p.replace("first.rst", "Text of the first page.", "An edited sentence.")
			s.settledAgain(way.page("first"), "An edited sentence.")

			// A heading is in the navigation of other pages.
			p.replace("first.rst", "First\n=====", "Primary\n=======")
			s.shows(way.page("second"), "Primary")
			s.settled()
			p.equalsClean(way.arguments...)

			p.save("third.rst", "Third\n=====\n\nA new page.\n")
			p.replace("index.rst", "   second\n", "   second\n   third\n")
			s.shows(way.page("third"), "A new page.")
			s.shows(way.page("index"), "Third")
			s.settled()
			p.equalsClean(way.arguments...)

			p.replace("index.rst", "   third\n", "")
			p.remove("third.rst")
			s.await("the page is gone", func() error {
				if code, body := s.get(way.page("third")); code != http.StatusNotFound {
					return fmt.Errorf("%d: %s", code, article(body))
				}
				return nil
			})
			s.await("no page lists it", func() error {
				if _, body := s.get(way.page("index")); strings.Contains(body, "Third") {
					return fmt.Errorf("listed: %s", article(body))
				}
				return nil
			})
			s.settled()
			p.save("dot.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>\n")
			s.settledAgain("_images/dot.svg", "width='8'")

			p.replace("conf.py", "'story'", "'tale'")
			s.shows(way.page("second"), "tale")
			if status := s.settled(); status.Failed || len(status.Diagnostics) > 0 {
				t.Errorf("failed %v, diagnostics %v", status.Failed, status.Diagnostics)
			}
			p.equalsClean(way.arguments...)
			s.tidy()
			s.end()
		})
	}
}

// TestCheckout switches a hundred files at once, as git checkout does: one
// build answers, and the result is that of the branch.
func TestCheckout(t *testing.T) {
	story(t)
	texts := with(small, "index.rst", "Root\n====\n\n.. toctree::\n   :glob:\n\n   *\n   many/*\n")
	for i := range 100 {
		texts[fmt.Sprintf("many/n%03d.rst", i)] = fmt.Sprintf("Number %d\n=========\n\nText on main.\n", i)
	}
	p := newProject(t, "9.0", texts)
	p.git("init", "-q", "-b", "main")
	p.git("add", ".")
	p.git("commit", "-q", "-m", "main")
	p.git("checkout", "-q", "-b", "topic")
	for i := range 100 {
		name := fmt.Sprintf("many/n%03d.rst", i)
		switch {
		case i%10 == 3:
			p.remove(name)
		case i%10 == 4:
			p.save(fmt.Sprintf("many/x%03d.rst", i), "Extra\n=====\n\nOnly on topic.\n")
		default:
			p.replace(name, "Text on main.", "Text on topic.")
		}
	}
	p.git("add", "-A")
	p.git("commit", "-q", "-m", "topic")
	p.git("checkout", "-q", "main")

	s := p.start()
	s.shows("many/n000.html", "Text on main.")
	before := len(s.settled().Builds)
	for _, branch := range []string{"topic", "main"} {
		p.git("checkout", "-q", branch)
		s.shows("many/n099.html", "Text on "+branch+".")
		status := s.settled()
		if n := len(status.Builds) - before; n != 1 {
			t.Errorf("%d builds answered the checkout of %s, not one: %+v", n, branch, status.Builds[before:])
		}
		before = len(status.Builds)
		p.equalsClean()
	}
}
