package sphinx

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseStacks(t *testing.T) {
	const thread = `Thread 0x00007fe7f4ec76c0 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 982 in run
`
	for name, test := range map[string]struct {
		text string
		want []Stack
	}{
		"nothing":      {"", nil},
		"other output": {"reading sources... [ 50%] a\n  File \"/x.py\", line 3 in f\n", nil},
		"one thread": {"Current thread 0x00007fe7f5a36b80 (most recent call first):\n  File \"/a/b.py\", line 6 in f\n  File \"/a/b.py\", line 9 in <module>\n",
			[]Stack{{true, []Frame{{"/a/b.py", 6, "f"}, {"/a/b.py", 9, "<module>"}}}}},
		"two threads": {thread + "\nCurrent thread 0x00007fe7f5a36b80 (most recent call first):\n  File \"/a.py\", line 1 in g\n",
			[]Stack{{false, []Frame{{"/usr/lib/python3.11/threading.py", 982, "run"}}}, {true, []Frame{{"/a.py", 1, "g"}}}}},
		"name of the thread": {"Current thread 0x000070f0 [python3] (most recent call first):\n  File \"/a.py\", line 1 in g\n",
			[]Stack{{true, []Frame{{"/a.py", 1, "g"}}}}},
		"escaped": {"Current thread 0x01 (most recent call first):\n  File \"/x/\\xfc \"q\\u20ac\".py\", line 2 in gr\\xf6\\xdfe\n",
			[]Stack{{true, []Frame{{"/x/ü \"q€\".py", 2, "größe"}}}}},
		"cut short": {"Current thread 0x01 (most recent call first):\n  File \"/a.py\", line 1 in g\n  ...\n",
			[]Stack{{true, []Frame{{"/a.py", 1, "g"}}}}},
		"cut in a line":   {"Current thread 0x01 (most recent call first):\n  File \"/a.py\", li", []Stack{{true, nil}}},
		"no Python frame": {"Current thread 0x01 (most recent call first):\n  <no Python frame>\n", []Stack{{true, nil}}},
		"collecting": {"Current thread 0x01 (most recent call first):\n  Garbage-collecting\n  File \"/a.py\", line 1 in g\n",
			[]Stack{{true, []Frame{{"/a.py", 1, "g"}}}}},
		"a crash": {"Fatal Python error: Segmentation fault\n\nCurrent thread 0x01 (most recent call first):\n  File \"/a.py\", line 1 in g\n\nExtension modules: _elementtree (total: 1)\n",
			[]Stack{{true, []Frame{{"/a.py", 1, "g"}}}}},
		"stack of C": {"Current thread 0x01 [python] (most recent call first):\n  File \"/a.py\", line 1 in g\n\nCurrent thread's C stack trace (most recent call first):\n  Binary file \"/usr/bin/python\", at _Py_DumpStack+0x31\n",
			[]Stack{{true, []Frame{{"/a.py", 1, "g"}}}}},
		"lines of Windows": {"Current thread 0x01 (most recent call first):\r\n  File \"C:\\docs\\x.py\", line 1 in g\r\n",
			[]Stack{{true, []Frame{{`C:\docs\x.py`, 1, "g"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ParseStacks(test.text); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestBlame(t *testing.T) {
	code := Code{
		Driver: "/tmp/docserve-1", Project: []string{"/home/me/docs"},
		Extensions: []string{"sphinx.ext.autodoc", "foo", "bar.sphinxext", "sphinxcontrib.baz", "marks"},
	}
	const (
		site   = "/venv/lib/python3.11/site-packages/"
		python = "/usr/lib/python3.11/"
		driver = "/tmp/docserve-1/driver/_docserve/session.py"
	)
	for name, test := range map[string]struct {
		files []string // innermost first
		want  string   // extension and file
	}{
		"an extension":                    {[]string{python + "re.py", site + "foo/__init__.py", site + "sphinx/io.py", driver}, "foo " + site + "foo/__init__.py"},
		"a module of its package":         {[]string{site + "bar/deep/x.py", driver}, "bar.sphinxext " + site + "bar/deep/x.py"},
		"a namespace":                     {[]string{site + "sphinxcontrib/baz/x.py", site + "foo.py"}, "sphinxcontrib.baz " + site + "sphinxcontrib/baz/x.py"},
		"not among those of the project":  {[]string{site + "sphinxcontrib/other.py"}, "sphinxcontrib.other " + site + "sphinxcontrib/other.py"},
		"the project's own extension":     {[]string{site + "docutils/nodes.py", "/home/me/docs/_ext/marks.py", driver}, "marks /home/me/docs/_ext/marks.py"},
		"conf.py":                         {[]string{python + "time.py", "/home/me/docs/conf.py", site + "sphinx/config.py"}, " /home/me/docs/conf.py"},
		"a library below an extension":    {[]string{site + "numpy/core.py", site + "foo/x.py"}, "foo " + site + "foo/x.py"},
		"an extension of Sphinx":          {[]string{python + "ast.py", site + "sphinx/ext/autodoc/mock.py", site + "sphinx/io.py"}, "sphinx.ext.autodoc " + site + "sphinx/ext/autodoc/mock.py"},
		"the project below one of Sphinx": {[]string{site + "sphinx/ext/autodoc/mock.py", "/home/me/docs/tools.py"}, " /home/me/docs/tools.py"},
		"some library":                    {[]string{python + "socket.py", site + "numpy/core.py", site + "sphinx/io.py"}, " " + site + "numpy/core.py"},
		"Sphinx":                          {[]string{site + "sphinx/io.py", driver}, " " + site + "sphinx/io.py"},
		"Python":                          {[]string{"<frozen importlib._bootstrap>", python + "importlib/__init__.py"}, " <frozen importlib._bootstrap>"},
		"docserve":                        {[]string{driver}, ""},
		"a virtual environment among the sources": {[]string{"/home/me/docs/.venv/lib/python3.11/site-packages/docutils/nodes.py"},
			" /home/me/docs/.venv/lib/python3.11/site-packages/docutils/nodes.py"},
	} {
		t.Run(name, func(t *testing.T) {
			var frames []Frame
			for i, file := range test.files {
				frames = append(frames, Frame{File: file, Line: i + 1, Func: "f"})
			}
			got, found := code.Blame([]Stack{{Frames: []Frame{{File: "/home/me/docs/thread.py"}}}, {Current: true, Frames: frames}})
			text := ""
			if found {
				text = got.Extension + " " + got.File
			}
			if text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
	if _, found := code.Blame(ParseStacks(strings.Repeat("x\n", 3))); found {
		t.Error("somebody is blamed without a stack")
	}
}
