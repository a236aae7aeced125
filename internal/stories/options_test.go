package stories

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv"
)

// TestSphinxOptions: Sphinx's own options mean what they mean to Sphinx.
func TestSphinxOptions(t *testing.T) {
	for _, python := range []string{"9.0", "7.4"} {
		t.Run(python, func(t *testing.T) {
			story(t)
			p := newProject(t, python, with(small,
				"first.rst", "First\n=====\n\n.. only:: internal\n\n   For us alone.\n\nNo such thing as :py:func:`nothing`.\n",
				"_templates/layout.html", "{% extends '!layout.html' %}{% block footer %}Greeting: {{ greeting }}{% endblock %}\n",
			))
			arguments := []string{"-n", "-t", "internal", "-A", "greeting=hello there", "-D", "project=renamed", "-D", "templates_path=_templates", "-D", "html_theme_options.nosidebar=1"}
			s := p.start(arguments...)
			s.shows("first.html", "For us alone.")
			s.shows("first.html", "Greeting: hello there")
			s.shows("first.html", "renamed")
			s.diagnosed(p.path("first.rst"), 8, "nothing") // -n
			s.settled()
			p.equalsClean(arguments...)
			p.replace("first.rst", "For us alone.", "For us still.")
			s.settledAgain("first.html", "For us still.")
			p.equalsClean(arguments...)
			s.end()
		})
	}
}

// TestFailOnWarning: with -W a warning is a failure, and a mended one is none.
func TestFailOnWarning(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "first.rst", "First\n=====\n\n:doc:`nowhere`\n"))
	s := p.start("-W", "-w", filepath.Join(p.dir, "warnings.txt"))
	s.diagnosed(p.path("first.rst"), 4, "nowhere")
	if status := s.settled(); !status.Failed || !status.Builds[0].Failed {
		t.Errorf("a warning is no failure: %+v", status.Builds)
	}
	s.printed("failed")
	if text, err := os.ReadFile(filepath.Join(p.dir, "warnings.txt")); err != nil || !strings.Contains(string(text), "nowhere") {
		t.Errorf("-w wrote %q, %v", text, err)
	}
	p.replace("first.rst", "nowhere", "second")
	s.await("the failure is over", func() error {
		if status := s.look(); status.Failed || !status.Settled || len(status.Diagnostics) > 0 {
			return fmt.Errorf("failed %v: %v", status.Failed, status.Diagnostics)
		}
		return nil
	})
	s.end()
}

// TestNoInitial: nothing is written before it is asked for.
func TestNoInitial(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start("--no-initial")
	s.await("all is read", func() error {
		if status := s.look(); status.Documents != 3 {
			return fmt.Errorf("%d documents, phase %s", status.Documents, status.Phase)
		}
		return nil
	})
	if _, err := os.Stat(filepath.Join(p.output, "second.html")); err == nil {
		t.Error("a page was written that nobody has asked for")
	}
	s.shows("first.html", "Text of the first page.")
	if _, err := os.Stat(filepath.Join(p.output, "second.html")); err == nil {
		t.Error("a page was written that nobody has asked for")
	}
	p.replace("second.rst", "Text of the second page.", "Edited.")
	s.shows("second.html", "Edited.")
	s.settled()
	p.equalsClean()
	s.end()
}

// TestFilenames: only the documents named are written, and those that somebody
// asks for.
func TestFilenames(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.launch("--port", "0", p.source, p.output, p.path("first.rst"))
	s.awaitAddress()
	s.shows("first.html", "Text of the first page.")
	s.settled()
	if _, err := os.Stat(filepath.Join(p.output, "second.html")); err == nil {
		t.Error("a document was written that was not named")
	}
	s.shows("second.html", "Text of the second page.")
	p.replace("first.rst", "Text of", "Edited text of")
	s.shows("first.html", "Edited text of")
	s.end()
}

// TestHooks: --pre-build comes before, --post-build after each build; the
// failure of the one stops it.
func TestHooks(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	python := testenv.Python(t, "9.0")
	p.save("../pre.py", `import os, sys
if os.path.exists('refuse'):
    sys.exit('pre-build refuses')
open('docs/generated.txt', 'w').write('Generated text %d.' % os.path.getsize('docs/first.rst'))
`)
	p.save("../post.py", "open('log.txt', 'a').write('built\\n')\n")
	p.replace("first.rst", "Text of the first page.", ".. include:: generated.txt")
	s := p.start("--pre-build", python+" pre.py", "--post-build", python+" post.py")
	s.shows("first.html", "Generated text "+fmt.Sprint(p.size("first.rst")))
	s.await("the first build is logged", func() error { return p.logged(1) })
	s.settled()

	p.replace("first.rst", "First\n=====", "Primary\n=======")
	s.shows("first.html", "Generated text "+fmt.Sprint(p.size("first.rst")))
	s.shows("first.html", "Primary")
	s.await("the second build is logged", func() error { return p.logged(2) })
	s.settled()

	p.save("../refuse", "")
	p.replace("first.rst", "Primary\n=======", "Secondary\n=========")
	s.printed("pre-build refuses")
	if _, body := s.get("first.html"); strings.Contains(body, "Secondary") {
		t.Error("it was built all the same")
	}
	p.remove("../refuse")
	p.replace("first.rst", "Secondary\n=========", "Tertiary\n========")
	s.shows("first.html", "Tertiary")
	s.tidy()
	s.end()
}

func (p *project) size(name string) int64 {
	p.t.Helper()
	info, err := os.Stat(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return info.Size()
}

// logged checks that there were at least n successful builds.
func (p *project) logged(n int) error {
	text, err := os.ReadFile(filepath.Join(p.dir, "log.txt"))
	if err != nil {
		return err
	}
	if got := strings.Count(string(text), "built"); got < n {
		return fmt.Errorf("%d builds", got)
	}
	return nil
}

// work matches what sphinx-build says of what it reads and writes.
var work = regexp.MustCompile(`(?m)^(?:updating environment|reading sources|writing output|building \[html\]|no targets|copying).*$`)

// TestPlainSphinx: when docserve has settled and ended, a plain sphinx-build on
// the same directories finds as little to do as on its own.
func TestPlainSphinx(t *testing.T) {
	for _, python := range []string{"9.0", "7.4"} {
		t.Run(python, func(t *testing.T) {
			story(t)
			p := newProject(t, python, with(many(12, "text"), "dot.svg", small["dot.svg"], "second.rst", small["second.rst"]))
			s := p.start()
			s.settled()
			p.replace("first.rst", "First\n=====", "Primary\n=======")
			s.settledAgain("n001.html", "Primary")
			s.settled()
			s.end()
			ours := work.FindAllString(p.sphinx("-N", "-b", "html", p.source, p.output), -1)

			theirs := filepath.Join(p.dir, "theirs")
			p.sphinx("-q", "-b", "html", p.source, theirs)
			want := work.FindAllString(p.sphinx("-N", "-b", "html", p.source, theirs), -1)
			if !slices.Equal(ours, want) {
				t.Errorf("sphinx-build has to do\n  %s\nafter docserve, and after itself\n  %s", strings.Join(ours, "\n  "), strings.Join(want, "\n  "))
			}
			if !slices.ContainsFunc(want, func(line string) bool { return strings.Contains(line, "0 added, 0 changed, 0 removed") }) {
				t.Errorf("Sphinx says nothing that this test understands: %q", want)
			}
		})
	}
}

// TestRestart: the second session shows pages at once, knows what was edited in
// between, and does not read what was not.
func TestRestart(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, many(30, "text"))
			s := p.start(way.arguments...)
			s.settled()
			s.end()
			p.replace("n007.rst", "Some text", "Some words, edited in between")
			p.remove("n011.rst")
			s = p.start(way.arguments...)
			s.shows("n007.html", "edited in between")
			if code, body := s.get("n020.html"); code != http.StatusOK {
				t.Errorf("%d: %s", code, article(body))
			}
			status := s.settled()
			if read := status.Builds[0].Read; read > 20*time.Second {
				t.Errorf("reading took %v", read)
			}
			p.equalsClean()
			s.end()
		})
	}
}
