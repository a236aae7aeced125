package compare

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"docserve/internal/proc"
	"docserve/internal/testenv"
)

// writeManual, when set, has TestManual write the manual's table.
const writeManual = "DOCSERVE_WRITE_MANUAL"

// TestManual: the manual has the list as it is.
func TestManual(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "legitimate-differences.txt")
	if os.Getenv(writeManual) != "" {
		if err := os.WriteFile(path, []byte(Table()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(text), "\r\n", "\n") != Table() {
		t.Errorf("%s is not what Legitimate says; run this test with %s=1 to write it", path, writeManual)
	}
}

// provocation makes two output directories of one project that differ in one
// entry of Legitimate, the second by a clean build.
type provocation struct {
	texts map[string]string            // the project
	built func(p *provoked, to string) // has the first directory made; what it edits is in the second build too
	file  string                       // which must have other bytes, or be in one directory only
}

var provocations = map[string]provocation{
	"search index": {
		texts: map[string]string{"index.rst": "Root\n====\n\nwords unusual\n"},
		built: func(p *provoked, to string) {
			p.build(to, nil)
			p.write("index.rst", "Root\n====\n\nwords\n")
			p.build(to, nil)
		},
		file: "searchindex.js",
	},
	"previous build information": {
		texts: map[string]string{"index.rst": "Root\n====\n"},
		built: func(p *provoked, to string) {
			p.build(to, nil)
			p.write("conf.py", "html_theme = 'basic'\nproject = 'other'\n")
			p.build(to, nil)
		},
		file: ".buildinfo.bak",
	},
	"caches": {
		texts: map[string]string{"index.rst": "Root\n====\n"},
		built: func(p *provoked, to string) { p.run(nil, "-q", p.source, to) },
		file:  ".doctrees/environment.pickle",
	},
	"date of writing": {
		texts: map[string]string{
			"conf.py":   "html_theme = 'basic'\nhtml_last_updated_fmt = '%b %d, %Y'\ntoday_fmt = '%Y-%m-%d'\n",
			"index.rst": "Root\n====\n\nWritten on |today|.\n",
		},
		// The page of some days ago: Sphinx takes the moment from this variable.
		built: func(p *provoked, to string) { p.build(to, []string{"SOURCE_DATE_EPOCH=1700000000"}) },
		file:  "index.html",
	},
	"address in memory": {
		texts: map[string]string{
			"conf.py": `html_theme = 'basic'
from docutils import nodes
from docutils.parsers.rst import Directive

class Show(Directive):
    def run(self):
        # half a megabyte that differs, so that addresses do in any process
        self.kept = bytearray(2 ** 19 + len(str(__import__('os').getpid())))
        return [nodes.paragraph('', repr(object()))]

def setup(app):
    app.add_directive('show', Show)
`,
			"index.rst": "Root\n====\n\n.. show::\n",
		},
		built: func(p *provoked, to string) { p.build(to, nil) },
		file:  "index.html",
	},
	"random identifier": { // sphinx-needs itself is in the environment of internal/extensions
		texts: map[string]string{
			"conf.py": `html_theme = 'basic'
import uuid
from docutils import nodes
from docutils.parsers.rst import Directive

class Box(Directive):
    def run(self):
        return [nodes.container(ids=['SNCB-' + str(uuid.uuid4())[:8]])]

def setup(app):
    app.add_directive('box', Box)
`,
			"index.rst": "Root\n====\n\n.. box::\n",
		},
		built: func(p *provoked, to string) { p.build(to, nil) },
		file:  "index.html",
	},
}

// TestEachEntryIsNeeded provokes each entry with the Sphinx that there is. An
// entry that no Sphinx needs any more has to go.
func TestEachEntryIsNeeded(t *testing.T) {
	for _, entry := range Legitimate {
		t.Run(entry.Name, func(t *testing.T) {
			given, ok := provocations[entry.Name]
			if !ok {
				t.Fatal("nothing shows that this entry is needed")
			}
			came := false
			// The newest first: one that needs it is enough. A Sphinx that cannot
			// be had on this machine is skipped by itself.
			for _, python := range slices.Backward(testenv.Names()) {
				t.Run(python, func(t *testing.T) { came = provoke(t, python, given, entry) })
				if came {
					break
				}
			}
			if !came {
				t.Errorf("no Sphinx of %v makes this difference any more: remove the entry", testenv.Names())
			}
		})
	}
}

// provoke reports whether the difference comes up with a certain Sphinx, and
// checks that it is told as the entry says.
func provoke(t *testing.T, python string, given provocation, entry Entry) bool {
	t.Helper()
	dir := t.TempDir()
	p := &provoked{t: t, python: testenv.Python(t, python), source: filepath.Join(dir, "docs"), dir: dir}
	if err := os.Mkdir(p.source, 0o777); err != nil {
		t.Fatal(err)
	}
	p.write("conf.py", "html_theme = 'basic'\n")
	for name, text := range given.texts {
		p.write(name, text)
	}
	got, want := filepath.Join(dir, "got"), filepath.Join(dir, "want")
	given.built(p, got)
	p.build(want, nil)
	a, errA := os.ReadFile(filepath.Join(got, given.file))
	b, errB := os.ReadFile(filepath.Join(want, given.file))
	if (errA == nil) == (errB == nil) && bytes.Equal(a, b) {
		return false
	}
	all, err := Directories(got, want)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Why == nil || d.Why.Name != entry.Name {
			t.Errorf("Sphinx %s: %s, which is not told as %q", python, d, entry.Name)
		}
	}
	if entry.explains != nil && len(all) == 0 {
		t.Errorf("Sphinx %s: the difference in %s is not told at all", python, given.file)
	}
	return true
}

// provoked is a project for which Sphinx is run.
type provoked struct {
	t                   *testing.T
	python, source, dir string
}

func (p *provoked) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.source, name), []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// build runs sphinx-build with doctrees outside of the output directory.
func (p *provoked) build(to string, env []string) {
	p.t.Helper()
	p.run(env, "-q", "-d", filepath.Join(p.dir, "doctrees-"+filepath.Base(to)), p.source, to)
}

func (p *provoked) run(env []string, arguments ...string) {
	p.t.Helper()
	result, err := proc.Run(p.t.Context(), proc.Spec{
		Argv: append([]string{p.python, "-m", "sphinx"}, arguments...), Dir: p.dir,
		Env: append(append(os.Environ(), "PYTHONHASHSEED=0"), env...),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if result.ExitCode != 0 {
		p.t.Fatalf("sphinx-build %v: %s\n%s", arguments, result.Exit, result.Output)
	}
}
