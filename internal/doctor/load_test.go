package doctor

import (
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/testenv"
)

// examined gathers and judges what is about a project of these files, with a
// real Sphinx.
func examined(t *testing.T, environment string, texts map[string]string, change func(*Options)) (Facts, Report) {
	t.Helper()
	interpreter := testenv.Python(t, environment)
	source, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, source, texts)
	opts := Options{
		Python: python.Options{Explicit: interpreter, SourceDir: source},
		Host:   "127.0.0.1", Listen: func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") },
	}
	opts.Project, opts.ProjectErr = project.Find(project.Options{Source: source})
	opts.State = filepath.Join(opts.Project.Doctrees, ".docserve")
	if change != nil {
		change(&opts)
	}
	before := listing(t, source)
	facts := Gather(t.Context(), opts)
	if after := listing(t, source); !reflect.DeepEqual(before, after) {
		t.Errorf("before: %v\nafter: %v", before, after)
	}
	return facts, facts.Report()
}

// get returns the first check of a name.
func (r Report) get(name string) Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return Check{}
}

func (r Report) expect(t *testing.T, name string, level Level, text string) {
	t.Helper()
	if c := r.get(name); c.Level != level || !strings.Contains(c.Found, text) {
		t.Errorf("%s: %+v, not %s: %s", name, c, level, text)
	}
}

// threefold is a project with an extension of its own, one of Sphinx's, and one that
// writes sources when the builder is ready, which must not come to pass.
var threefold = map[string]string{
	"conf.py": "import os, sys\nsys.path.insert(0, os.path.abspath('_ext'))\n" +
		"extensions = ['mine', 'sphinx.ext.autosummary', 'sphinx.ext.graphviz']\nexclude_patterns = ['_build']\nautosummary_generate = True\n" +
		"print('noise ' * 1000)\nos.chdir('/')\n",
	"index.rst": "Root\n====\n\n.. autosummary::\n   :toctree: made\n\n   os.path\n",
	"_ext/mine.py": "import threading\n\ndef setup(app):\n    threading.Thread(target=threading.Event().wait, daemon=True).start()\n" +
		"    return {'version': '1.2', 'parallel_write_safe': False}\n",
}

func TestLoad(t *testing.T) {
	for _, name := range testenv.Names() {
		t.Run(name, func(t *testing.T) {
			facts, report := examined(t, name, threefold, nil)
			l := facts.Loaded
			if !l.Done || l.Failed != nil || !strings.HasPrefix(l.Sphinx, name) || !facts.Project.Excluded || len(l.Listed) != 3 {
				t.Fatalf("got %+v", l)
			}
			report.expect(t, "Sphinx", OK, name)
			report.expect(t, "docutils", OK, "this Sphinx wants")
			report.expect(t, "conf.py", OK, "loads")
			report.expect(t, "extensions", OK, "3 extensions: mine (the project's), sphinx.ext.autosummary, sphinx.ext.graphviz")
			report.expect(t, "theme", OK, "alabaster")
			report.expect(t, "fork", Note, "1 thread of mine")
			report.expect(t, "writing", Note, "for mine")
			report.expect(t, "events", OK, "come back")
			if report.Problems != 0 {
				t.Errorf("problems:\n%s", report.Text(nil))
			}
		})
	}
}

// TestThemes: each theme can be found, and has a version, by the oldest Sphinx and by
// the newest.
func TestThemes(t *testing.T) {
	names := testenv.Names()
	for _, name := range []string{names[0], names[len(names)-1]} {
		for _, theme := range testenv.Themes(name) {
			t.Run(name+"/"+theme, func(t *testing.T) {
				facts, report := examined(t, name, map[string]string{"conf.py": "html_theme = '" + theme + "'\n"}, nil)
				report.expect(t, "theme", OK, theme+" ")
				if facts.Loaded.ThemeVer == "" || facts.Loaded.ThemeOwn {
					t.Errorf("got %+v", facts.Loaded)
				}
			})
		}
	}
}

func TestBroken(t *testing.T) {
	for _, test := range []struct {
		name, conf  string
		check       string
		found, then string // in the report
	}{
		{"raises", "\nKEY = 'sesame'\nraise ValueError(KEY)\n", "conf.py", "cannot be loaded: ValueError in conf.py, line 3", ""},
		{"syntax", "x = 1\nsesame = \n", "conf.py", "SyntaxError in conf.py, line 2", ""},
		{"imports", "import sesame\n", "conf.py", "ModuleNotFoundError in conf.py, line 1", ""},
		{"exits", "import sys\nsys.exit('sesame')\n", "conf.py", "SystemExit in conf.py, line 2", ""},
		{"dies", "import os\nos._exit(3)\n", "conf.py", "Python ended while loading conf.py (exit status 3)", ""},
		{"leaves without a word", "import os\nos.closerange(0, 100)\nos._exit(0)\n", "conf.py", "Python ended while loading conf.py (exit status 0)", ""},
		{"setup raises", "def setup(app):\n    raise KeyError('sesame')\n", "conf.py", "KeyError in conf.py, line 2", ""},
		{"needs another Sphinx", "needs_sphinx = '99.1'\n", "conf.py", "it needs another Sphinx (99.1)", ""},
		{"missing extensions", "extensions = ['sphinx.ext.autodoc', 'sphinx_nowhere', 'sphinx_neither']\nhtml_theme = 'no_such_theme'\n", "extension",
			"sphinx_nowhere is not installed", "pip install"},
		{"missing theme", "html_theme = 'sphinx_nowhere_theme'\n", "theme", "sphinx_nowhere_theme is not installed", "sphinx-nowhere-theme"},
		{"broken extension", "extensions = ['broken']\nimport sys, os\nsys.path.append(os.path.dirname(os.path.abspath(__file__)))\n", "extension",
			"broken cannot be loaded: ZeroDivisionError in broken.py, line 2", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, report := examined(t, "9.0", map[string]string{"conf.py": test.conf, "broken.py": "sesame = 0\n1 / sesame\n"}, nil)
			report.expect(t, test.check, Problem, test.found)
			text := report.Text(nil)
			if strings.Contains(text, "sesame") {
				t.Errorf("it tells what is in conf.py:\n%s", text)
			}
			if !strings.Contains(text, test.then) {
				t.Errorf("the report lacks %q:\n%s", test.then, text)
			}
		})
	}
}

// TestHangs: a step that never ends is ended, also where Python cannot run any
// more, and the report says where it stood.
func TestHangs(t *testing.T) {
	short := func(opts *Options) { opts.Patience = 10 * time.Second } // importing Sphinx takes less on any machine
	for name, test := range map[string]struct{ conf, found string }{
		"in conf.py":       {"import time\n\ntime.sleep(1e6)\n", "stood still for 10s while loading conf.py, at conf.py, line 3"},
		"in C":             {"\n(9 ** 9 ** 9) % 7\n", "stood still for 10s while loading conf.py, at conf.py, line 2"},
		"in an extension":  {"import sys, os\nsys.path.append(os.path.dirname(os.path.abspath(__file__)))\nextensions = ['slow']\n", "stood still for 10s while loading extension slow, at slow.py, line 3"},
		"in a stopped one": {"import os, signal, faulthandler\nfaulthandler.cancel_dump_traceback_later()\nos.kill(os.getpid(), signal.SIGSTOP)\n", "stood still for 10s while loading conf.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait
			_, report := examined(t, "9.0", map[string]string{"conf.py": test.conf, "slow.py": "import threading\ndef setup(app):\n    threading.Event().wait()\n"}, short)
			report.expect(t, "conf.py", Problem, test.found)
		})
	}
}

// TestGarbage: what prints garbage, or hangs, is no Python.
func TestGarbage(t *testing.T) {
	_, report := examined(t, "9.0", map[string]string{"conf.py": ""}, func(opts *Options) {
		path := filepath.Join(t.TempDir(), "python")
		text := "#!/bin/sh\nyes sesame | head -c 3000000\nprintf '\\000\\377sesame\\n'\nexit 7\n"
		if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
		opts.Python.Explicit = path
	})
	report.expect(t, "Python", Problem, "the one that --python gives will not do")
	if text := report.Text(nil); strings.Contains(text, "sesame") || !strings.Contains(strings.Join(report.get("Python").Details, ""), "is not a working Python (exit status 7)") {
		t.Errorf("got\n%s", text)
	}
}

// TestOptions: what serve is told counts here too.
func TestOptions(t *testing.T) {
	conf := "extensions = []\nif tags.has('more'):\n    extensions = ['sphinx.ext.todo']\n"
	_, report := examined(t, "9.0", map[string]string{"conf.py": conf}, func(opts *Options) {
		opts.Tags, opts.Defines, opts.HTMLDefines, opts.Nitpicky = []string{"more"}, []string{"html_theme=classic"}, []string{"n=1"}, true
		opts.NoFork = true
	})
	report.expect(t, "extensions", OK, "sphinx.ext.todo")
	report.expect(t, "theme", OK, "classic")
	report.expect(t, "fork", OK, "--no-fork")
	report.expect(t, "output", Note, "exclude_patterns")

	_, report = examined(t, "9.0", map[string]string{"index.rst": ""}, func(opts *Options) {
		opts.Project, opts.ProjectErr = project.Find(project.Options{Source: opts.Python.SourceDir, NoConfig: true})
	})
	report.expect(t, "conf.py", OK, "none is used")

	_, report = examined(t, "9.0", map[string]string{"index.rst": ""}, nil)
	report.expect(t, "project", Problem, "found no conf.py")
	if report.get("conf.py").Name != "" {
		t.Errorf("nothing can be said of conf.py:\n%s", report.Text(nil))
	}
}
