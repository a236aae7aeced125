package stories

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSubprocess: plain Sphinx once for each change, and all that people see of
// docserve is as with the worker.
func TestSubprocess(t *testing.T) {
	for _, python := range []string{"9.0", "5.3"} {
		t.Run(python, func(t *testing.T) {
			story(t)
			p := newProject(t, python, small)
			s := p.start("--engine", "subprocess")
			s.shows("first.html", "Text of the first page.")
			if status := s.settled(); status.Engine != "subprocess" || status.Processes["worker"] != 0 {
				t.Errorf("engine %q, processes %v", status.Engine, status.Processes)
			}
			s.printed("engine subprocess: sphinx-build runs for each change\n")
			p.replace("first.rst", "Text of the first page.", "An edited sentence with :doc:`nowhere`.")
			s.settledAgain("first.html", "An edited sentence")
			s.diagnosed(p.path("first.rst"), 4, "nowhere")
			p.save("dot.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>\n")
			s.settledAgain("_images/dot.svg", "width='8'")
			s.diagnosed(p.path("first.rst"), 4, "nowhere")
			p.replace("conf.py", "project =", "project")
			s.diagnosed(p.path("conf.py"), 0, "yntax")
			if code, body := s.get("first.html"); code != http.StatusOK || !strings.Contains(body, "An edited sentence") {
				t.Errorf("the last good page is not served: %d %s", code, article(body))
			}
			p.replace("conf.py", "project", "project =")
			p.replace("first.rst", " with :doc:`nowhere`", "")
			s.await("all is mended", func() error {
				if status := s.look(); !status.Settled || len(status.Diagnostics) > 0 {
					return fmt.Errorf("settled %v: %v", status.Settled, status.Diagnostics)
				}
				return nil
			})
			p.equalsClean()
			v := p.command("verify", p.source, p.output)
			if code := v.ended(); code != 0 {
				t.Errorf("verify ended with %d:\n%s", code, v.out)
			}
			s.tidy()
			s.end()
		})
	}
}

// TestOtherBuilder: what the worker cannot carry is built by plain Sphinx, with a
// word why.
func TestOtherBuilder(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "_ext/plainpages.py", `from pathlib import Path
from sphinx.builders import Builder


class PlainPages(Builder):
    name = 'plainpages'

    def get_outdated_docs(self):
        return self.env.found_docs

    def get_target_uri(self, docname, typ=None):
        return docname + '.html'

    def prepare_writing(self, docnames):
        pass

    def write_doc(self, docname, doctree):
        Path(self.outdir, docname + '.html').write_text('<html><body>' + doctree.astext() + '</body></html>')


def setup(app):
    app.add_builder(PlainPages)
`))
	p.replace("conf.py", "project", "import sys\nsys.path.insert(0, '"+filepath.ToSlash(p.path("_ext"))+"')\nextensions = ['plainpages']\nproject")
	s := p.start("-b", "plainpages")
	s.printed("engine subprocess: sphinx-build runs for each change (a worker carries html and dirhtml, not plainpages)")
	s.shows("first.html", "Text of the first page.")
	s.settled()
	p.replace("first.rst", "Text of", "Edited text of")
	s.settledAgain("first.html", "Edited text of")
	p.replace("_ext/plainpages.py", "<body>'", "<body>Drawn anew. '")
	s.settledAgain("second.html", "Drawn anew.")
	s.end()
}

// TestInterruptSubprocess: Ctrl-C in the middle of a build leaves nobody behind.
func TestInterruptSubprocess(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "conf.py", small["conf.py"]+`
def wait(app, docname, source):
    import subprocess
    subprocess.run(['sleep', '1000'])


def setup(app):
    app.connect('source-read', wait)
`))
	s := p.start("--engine=subprocess")
	s.await("a document is being read", func() error {
		if status := s.look(); status.Phase != "reading" || status.Processes["sphinx-build"] == 0 {
			return errors.New(string(status.Phase))
		}
		return nil
	})
	started := time.Now()
	s.end()
	if took := time.Since(started); took > promptness {
		t.Errorf("the end took %v", took)
	}
	s.tidy()
}
