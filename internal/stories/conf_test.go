package stories

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// badConf is a conf.py that stops everything.
type badConf struct {
	name string
	text string
	line int    // that the message must name; 0 when Python does not know
	says string // what the message must hold

	command string // package that the hint must give the command to install
}

var badConfs = []badConf{
	{name: "syntax error", text: "project = 'story'\n\nextensions = = []\n", line: 3, says: "yntax"},
	{name: "raises", text: "project = 'story'\n\ndef f():\n    raise ValueError('no luck')\nf()\n", line: 4, says: "no luck"},
	{name: "calls sys.exit", text: "import sys\nsys.exit(3)\n", line: 2, says: "exit"},
	{name: "is not UTF-8", text: "project = 'caf\xe9'\n", says: "utf-8"},
	{name: "missing extension", text: "project = 'story'\nextensions = ['sphinx_nowhere_to_be_found']\n", says: "sphinx_nowhere_to_be_found", command: "sphinx-nowhere-to-be-found"},
	{name: "missing theme", text: "project = 'story'\nhtml_theme = 'sphinx_nowhere_theme'\n", says: "sphinx_nowhere_theme", command: "sphinx-nowhere-theme"},
	{name: "extension of the project raises", text: "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nextensions = ['mine']\n", says: "out of cheese"},
	{name: "kills its process", text: "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", says: "Sphinx process ended"},
}

const mine = "def setup(app):\n    raise RuntimeError('out of cheese')\n"

// TestBadConf starts with a conf.py that stops everything: docserve says what is
// wrong, in the terminal, to browsers and to programs, and goes on by itself
// when it is mended.
func TestBadConf(t *testing.T) {
	for _, bad := range badConfs {
		t.Run(bad.name, func(t *testing.T) {
			story(t)
			p := newProject(t, "9.0", with(small, "conf.py", bad.text, "mine.py", mine))
			s := p.start()
			s.conf(p, bad)
			s.stopped("index.html", http.StatusServiceUnavailable, bad.says)
			p.save("conf.py", small["conf.py"])
			s.shows("index.html", "Root")
			s.mended()
			s.end()
		})
	}
}

// TestConfBreaks breaks and mends the conf.py of a site that is there: the last
// good pages stay, marked.
func TestConfBreaks(t *testing.T) {
	for _, python := range []string{"9.0", "7.4"} {
		t.Run(python, func(t *testing.T) {
			story(t)
			p := newProject(t, python, with(small, "mine.py", mine))
			s := p.start()
			s.settled()
			for _, bad := range badConfs {
				p.save("conf.py", bad.text)
				s.conf(p, bad)
				s.stopped("first.html", http.StatusOK, bad.says)
				if _, body := s.get("first.html"); !strings.Contains(body, "Text of the first page.") {
					t.Errorf("%s: the last good page is not shown: %s", bad.name, article(body))
				}
			}
			p.save("conf.py", strings.Replace(small["conf.py"], "story", "saga", 1))
			s.shows("first.html", "saga")
			s.mended()
			p.equalsClean()
			s.end()
		})
	}
}

// conf checks that what is wrong with conf.py is said, with file and line.
func (s *session) conf(p *project, bad badConf) {
	s.t.Helper()
	s.await(bad.name+" is reported", func() error {
		status := s.look()
		if !status.Failed || len(status.Diagnostics) == 0 || !strings.Contains(status.Diagnostics[0].String(), bad.says) {
			return fmt.Errorf("failed %v: %v", status.Failed, status.Diagnostics)
		}
		return nil
	})
	d := s.look().Diagnostics[0]
	if bad.line > 0 && (d.Path != p.path("conf.py") || d.Line != bad.line) {
		s.t.Errorf("%s: place is %s:%d, not conf.py:%d", bad.name, d.Path, d.Line, bad.line)
	}
	if bad.command != "" {
		install := regexp.MustCompile(`/python\S* -m pip install .*\b` + regexp.QuoteMeta(bad.command) + `(\s|$)`)
		if !install.MatchString(d.Hint) || !install.MatchString(s.out.String()) {
			s.t.Errorf("%s: neither hint nor terminal may lack the command: %q\n%s", bad.name, d.Hint, s.out)
		}
	}
	s.printed(bad.says)
	if bad.line > 0 {
		s.printed("conf.py:" + strconv.Itoa(bad.line) + ": critical: ")
	}
	s.tidy()
}

// stopped checks that a browser is told what is wrong.
func (s *session) stopped(path string, code int, says string) {
	s.t.Helper()
	s.await("a browser is told that "+says, func() error {
		got, body := s.get(path)
		if got != code || !strings.Contains(body, `data-state="failed"`) || !strings.Contains(body, says) {
			return fmt.Errorf("%d (not %d): %s", got, code, body[max(0, strings.Index(body, "/__docserve/client.js")):])
		}
		return nil
	})
}

// mended waits until all is settled and nothing is left to complain about.
func (s *session) mended() {
	s.t.Helper()
	if status := s.settled(); status.Failed || len(status.Diagnostics) > 0 || len(status.Broken) > 0 {
		s.t.Errorf("all is mended, but: failed %v, broken %v, diagnostics %v", status.Failed, status.Broken, status.Diagnostics)
	}
	s.tidy()
}

// TestNoConf: without a conf.py there is nothing to serve at the start; a
// conf.py that goes away while docserve runs may come back.
func TestNoConf(t *testing.T) {
	t.Run("at the start", func(t *testing.T) {
		story(t)
		p := newProject(t, "9.0", map[string]string{"index.rst": small["index.rst"]})
		s := p.launch("--port", "0", p.source, p.output)
		if code := s.ended(); code == 0 {
			t.Error("the exit code is 0")
		}
		s.printed("conf.py")
		s.printed(filepath.Base(p.source))
		s.tidy()
		if lines := strings.Count(strings.TrimSpace(s.out.String()), "\n") + 1; lines > 4 {
			t.Errorf("%d lines say that there is no conf.py:\n%s", lines, s.out)
		}
		if _, err := os.Stat(p.output); err == nil {
			t.Error("the output directory was made")
		}
	})
	t.Run("goes away", func(t *testing.T) {
		story(t)
		p := newProject(t, "9.0", small)
		s := p.start()
		s.settled()
		p.remove("conf.py")
		s.await("the lack of conf.py is reported", func() error {
			if status := s.look(); !status.Failed || len(status.Diagnostics) == 0 || !strings.Contains(status.Diagnostics[0].String(), "conf.py") {
				return fmt.Errorf("failed %v: %v", status.Failed, status.Diagnostics)
			}
			return nil
		})
		s.stopped("first.html", http.StatusOK, "conf.py")
		p.save("conf.py", strings.Replace(small["conf.py"], "story", "saga", 1))
		s.shows("first.html", "saga")
		s.mended()
		s.end()
	})
}

// TestNoisyConf: a conf.py may print as much as it likes, and reads an empty
// standard input; neither stops anything.
func TestNoisyConf(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "conf.py", small["conf.py"]+`
import os, sys
for stream in (sys.stdout, sys.stderr):
    for i in range(50_000):
        stream.write('x' * 99 + '\n')
    stream.flush()
os.write(1, b'straight to the descriptor\n')
given = sys.stdin.read()
project = 'story and %d characters' % len(given)
`))
	s := p.start()
	s.shows("index.html", "story and 0 characters")
	s.mended()
	if n := len(s.out.String()); n > 10_000 {
		t.Errorf("%d bytes in the terminal", n)
	}
	s.end()
}
