package stories

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// graph runs "docserve graph" on the project, in one of its directories, and
// returns what it says where, and its exit code.
func (p *project) graph(dir string, arguments ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	command := exec.Command(binary, append([]string{"graph", "--source", p.source, "--output", p.output}, arguments...)...)
	command.Dir = p.path(dir)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	var failed *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &failed) {
		p.t.Fatal(err)
	}
	return out.String(), said.String(), command.ProcessState.ExitCode()
}

// answers checks the answer to a question. Times are written as TIME.
func (p *project) answers(words, want string) {
	p.t.Helper()
	stdout, stderr, code := p.graph(".", strings.Fields(words)...)
	if got := times.ReplaceAllString(stdout, "TIME"); got != want || code != 0 || stderr != "" {
		p.t.Errorf("graph %s: exit code %d\n%s%swant\n%s", words, code, got, stderr, want)
	}
}

var times = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

// woven is a project whose documents are made from other files in several ways.
var woven = map[string]string{
	"conf.py": "project = 'story'\nhtml_theme = 'alabaster'\ntemplates_path = ['_templates']\nexclude_patterns = ['_build', 'inc']\n",
	"index.rst": "Root\n====\n\n.. toctree::\n\n   guide/install\n   guide/part\n   turn/one\n   turn/two\n\nSee :ref:`place`.\n\n" +
		".. include:: guide/part.rst\n   :start-line: 3\n",
	"guide/part.rst":    "Part\n====\n\n\n.. include:: /inc/outer.txt\n\n.. image:: /pictures/dot.svg\n",
	"guide/install.rst": ".. _place:\n\nInstall\n=======\n\n.. include:: /inc/inner.txt\n\n.. literalinclude:: /inc/once.txt\n\n.. csv-table::\n   :file: /inc/table.csv\n",
	"turn/one.rst":      "One\n===\n\n.. include:: two.rst\n",
	"turn/two.rst":      "Two\n===\n\n.. include:: one.rst\n",
	"inc/outer.txt":     "Outside.\n\n.. include:: /inc/inner.txt\n",
	"inc/inner.txt":     "Inside.\n",
	"inc/once.txt":      "quoted\n",
	"inc/old.txt":       "Nobody wants it.\n",
	"inc/table.csv":     "a,b\n",
	"pictures/dot.svg":  "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\n",
	"pictures/old.svg":  "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\n",
	"Makefile":          "html:\n",
}

// TestGraph asks a server, and then what it has left. The answers are the same.
func TestGraph(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, woven)
			if _, stderr, code := p.graph(".", "deps", "index"); code != 1 || !strings.Contains(stderr, "nothing is known of this project yet") {
				t.Errorf("before the first build: %d, %s", code, stderr)
			}
			s := p.start(way.arguments...)
			s.settled()
			p.asked()
			p.replace("inc/inner.txt", "Inside.", "Deep inside.")
			s.settledAgain("index.html", "Deep inside.")
			p.replace("guide/install.rst", "Install\n=======", "Set up\n======")
			s.settledAgain("index.html", "Set up")
			p.explains()
			p.mistaken()
			code, body := s.get("__docserve/graph?doc=guide/part")
			var page struct {
				Path       string
				Dependents []struct{ Doc, Kind string }
				Why        struct{ Read struct{ Cause string } }
			}
			if err := json.Unmarshal([]byte(body), &page); err != nil || code != http.StatusOK || page.Path != "guide/part.html" ||
				len(page.Dependents) != 1 || page.Dependents[0].Doc != "index" || page.Why.Read.Cause != "content" {
				t.Errorf("a document: %d, %v, %s", code, err, body)
			}
			s.end()
			p.asked()
			p.explains()
			p.mistaken()
			p.save("new.rst", "New\n===\n")
			if stdout, stderr, code := p.graph(".", "unused", "inc"); stdout != "inc/old.txt\n" || code != 0 ||
				!strings.Contains(stderr, "these files have changed: new.rst") {
				t.Errorf("what has changed since: %d, %s%s", code, stdout, stderr)
			}
			p.clean()
		})
	}
}

// asked asks what is what it was all the time.
func (p *project) asked() {
	p.t.Helper()
	p.answers("deps index", `index.rst
├── guide/part.rst  (include)
│   ├── inc/outer.txt  (include)
│   │   └── inc/inner.txt  (include)
│   └── pictures/dot.svg  (image)
└── pictures/dot.svg  (image)
`)
	p.answers("deps --depth 1 guide/install.rst", `guide/install.rst
├── inc/inner.txt  (include)
├── inc/once.txt  (literalinclude)
└── inc/table.csv  (table)
`)
	p.answers("rdeps inc/inner.txt", `inc/inner.txt
├── guide/install.rst  (include)
└── inc/outer.txt  (include)
    └── guide/part.rst  (include)
        └── index.rst  (include)
`)
	p.answers("rdeps conf.py", "conf.py\nevery page depends on it (config)\n")
	p.answers("unused", "inc/old.txt\npictures/old.svg\n")
	p.answers("once", "inc/once.txt   literalinclude  guide/install\ninc/table.csv  table           guide/install\n")
	p.answers("cycles", "turn/one.rst → turn/two.rst → turn/one.rst\n")
	p.answers("changed inc/outer.txt inc/old.txt", "guide/part.rst  includes inc/outer.txt\nindex.rst       includes guide/part.rst, which includes inc/outer.txt\n")
	if stdout, _, code := p.graph("guide", "deps", "install.rst", "--format", "json"); code != 0 || !strings.Contains(stdout, `"doc": "guide/install"`) {
		p.t.Errorf("from another directory: %d, %s", code, stdout)
	}
	if dot, err := exec.LookPath("dot"); err == nil {
		stdout, _, _ := p.graph(".", "rdeps", "inc/inner.txt", "--format", "dot")
		command := exec.Command(dot, "-Tsvg")
		command.Stdin = strings.NewReader(stdout)
		if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), "</svg>") {
			p.t.Errorf("Graphviz: %v\n%s", err, out)
		}
	}
}

// explains asks why pages were rebuilt, after an included file and a title were
// edited.
func (p *project) explains() {
	p.t.Helper()
	p.answers("why index", `index → index.html
  read     TIME  (content)
    inc/inner.txt was changed
    inc/outer.txt includes inc/inner.txt
    guide/part.rst includes inc/outer.txt
    index includes guide/part.rst
  written  TIME  (navigation)
    guide/install.rst was changed
    index shows a toctree that has changed (because of guide/install)
`)
	if stdout, _, code := p.graph(".", "why", "inc/inner.txt"); code != 0 || strings.Count(stdout, "read ") != 2 {
		p.t.Errorf("what was read because of a file: %d\n%s", code, stdout)
	}
}

// mistaken asks what cannot be answered.
func (p *project) mistaken() {
	p.t.Helper()
	for words, want := range map[string]string{
		"deps guide/instal":  `docserve: there is no document or file "guide/instal"; did you mean guide/install`,
		"why nothing.at.all": `docserve: there is no document or file "nothing.at.all"`,
	} {
		if stdout, stderr, code := p.graph(".", strings.Fields(words)...); code != 1 || stdout != "" || !strings.HasPrefix(stderr, want) {
			p.t.Errorf("graph %s: %d, %s%s", words, code, stdout, stderr)
		}
	}
	if _, stderr, code := p.graph(".", "rdep", "x"); code != 2 || !strings.Contains(stderr, "did you mean rdeps?") {
		p.t.Errorf("a wrong query: %d, %s", code, stderr)
	}
}

// TestGraphReasons: a page says what it was rebuilt for, whatever that was.
func TestGraphReasons(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", woven)
	s := p.start()
	s.settled()
	p.answers("why turn/one", "turn/one → turn/one.html\n  read     TIME  (start)\n    turn/one was not known yet\n  written  TIME  (start), for the same reason\n")
	p.save("_templates/layout.html", "{% extends '!layout.html' %}{% block footer %}{{ super() }}Bottom line{% endblock %}\n")
	s.settledAgain("turn/one.html", "Bottom line")
	p.explained("turn/one", "(template)\n    _templates/layout.html is new\n    turn/one is shaped by _templates/layout.html\n")
	p.save("conf.py", woven["conf.py"]+"html_title = 'Another title'\n")
	s.settledAgain("turn/one.html", "Another title")
	p.explained("turn/one", "(configuration)\n    conf.py was changed\n    turn/one is configured by conf.py")
	p.save("conf.py", woven["conf.py"]+"highlight_language = 'none'\n")
	s.await("all is read again", func() error {
		if stdout, _, _ := p.graph(".", "why", "turn/two"); !strings.Contains(stdout, "read     ") || strings.Contains(stdout, "(start)") {
			return errors.New(stdout)
		}
		return nil
	})
	s.settled()
	p.explained("turn/two", "turn/two is configured by conf.py\n    'highlight_language'")
	p.save("new.rst", ":orphan:\n\nNew\n===\n")
	s.settledAgain("new.html", "New")
	p.explained("new", "(documents)\n    new is new\n")
	s.end()
}

// explained checks a part of why a page was rebuilt.
func (p *project) explained(doc, want string) {
	p.t.Helper()
	if stdout, stderr, _ := p.graph(".", "why", doc); !strings.Contains(stdout, want) {
		p.t.Errorf("why %s:\n%s%swant\n%s", doc, stdout, stderr, want)
	}
}

// TestGraphPlain: plain Sphinx says less, and what it says stays when it has ended.
func TestGraphPlain(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", woven)
	s := p.start("--engine", "subprocess")
	s.settled()
	ask := func() {
		t.Helper()
		p.answers("deps guide/install", "guide/install.rst\n├── inc/inner.txt  (other)\n├── inc/once.txt  (other)\n└── inc/table.csv  (other)\n")
		p.answers("rdeps pictures/dot.svg", "pictures/dot.svg\n├── guide/part.rst  (other)\n└── index.rst  (other)\n")
		p.answers("unused", "inc/old.txt\npictures/old.svg\n")
		p.answers("why index", "index → index.html\n  read     TIME  (unknown)\n    index was out of date for Sphinx, which does not say why\n")
	}
	ask()
	s.end()
	ask()
	p.replace("inc/once.txt", "quoted", "quoted again")
	if _, stderr, code := p.graph(".", "deps", "index"); code != 0 || !strings.Contains(stderr, "these files have changed: inc/once.txt") {
		t.Errorf("what has changed since: %d, %s", code, stderr)
	}
}
