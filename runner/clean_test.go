package runner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/testenv"
	"docserve/runner"
)

// kitchen is a project that uses what pages can show of each other.
var kitchen = map[string]string{
	"conf.py": `project = 'kitchen'
extensions = ['sphinx.ext.todo', 'sphinx.ext.viewcode', 'sphinx.ext.autodoc', 'sphinx.ext.autosectionlabel']
import os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
autosectionlabel_prefix_document = True
todo_include_todos = True
html_theme = 'alabaster'
html_sidebars = {'**': ['globaltoc.html', 'localtoc.html', 'relations.html', 'searchbox.html']}
html_static_path = ['_static']
html_css_files = ['site.css']
templates_path = ['_templates']
exclude_patterns = ['_build', 'inc']
`,
	"_static/site.css":     "body { color: black }\n",
	"_templates/note.html": "note\n",
	"tool.py":              "\"\"\"A tool.\"\"\"\n\ndef cut(x):\n    \"\"\"Cut x.\"\"\"\n    return x\n",
	"inc/part.txt":         "Included text.\n",
	"inc/sample.py":        "print(1)\n",
	"inc/data.csv":         "a,b\n1,2\n",
	"inc/file.bin":         "xx",
	"inc/picture.svg":      "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\n",
	"index.rst":            "Root\n====\n\n.. toctree::\n   :maxdepth: 2\n   :caption: Parts\n\n   alpha\n   beta\n   deep/index\n   many\n   numbers\n   mixed\n",
	"alpha.rst": `.. _lab-alpha:

Alpha
=====

Paragraph of alpha. [1]_

.. note:: A note of alpha.

.. seealso:: Nothing.

.. [1] A footnote.

.. index:: single: knife

.. py:function:: slice_it(x)

   Slices.

.. glossary::

   blade
      The sharp part.

.. figure:: inc/picture.svg
   :name: fig-alpha

   Caption alpha

.. todo:: sharpen alpha

.. [BOOK] A book.

.. option:: --sharp

.. versionadded:: 1.0

Section of alpha
----------------

Text.
`,
	"beta.rst":         "Beta\n====\n\n:ref:`lab-alpha` :doc:`alpha` :term:`blade` :py:func:`slice_it` :any:`lab-alpha` :option:`--sharp` [BOOK]_ :ref:`alpha:Section of alpha`\n\n.. todolist::\n",
	"deep/index.rst":   "Deep\n====\n\n.. toctree::\n   :maxdepth: 1\n\n   one\n   two\n",
	"deep/one.rst":     "Deep one\n========\n\nsee :ref:`genindex`\n\nPart\n----\n\nx\n",
	"deep/two.rst":     "Deep two\n========\n\nD text :doc:`/mixed`\n\n.. py:function:: peel(x)\n",
	"many.rst":         "Many\n====\n\n.. toctree::\n   :glob:\n   :hidden:\n\n   many/*\n",
	"many/m1.rst":      "M1\n==\n\ntext\n",
	"many/m2.rst":      "M2\n==\n\ntext\n",
	"numbers.rst":      "Numbers\n=======\n\n.. toctree::\n   :numbered:\n\n   n1\n   n2\n",
	"n1.rst":           "N1\n==\n\nx\n\nS11\n---\n\ny\n",
	"n2.rst":           ".. _n2-label:\n\nN2\n==\n\nx\n\nS21\n---\n\ny :ref:`n2-label`\n",
	"mixed.rst":        "Mixed\n=====\n\n.. include:: inc/part.txt\n\n.. literalinclude:: inc/sample.py\n\n.. csv-table:: T\n   :file: inc/data.csv\n\n:download:`inc/file.bin`\n\n.. image:: inc/picture.svg\n\n.. automodule:: tool\n   :members:\n",
	"deep/rival-a.rst": ":orphan:\n\n.. _rival:\n\nRival A\n=======\n\nt\n",
	"deep/rival-b.rst": ":orphan:\n\n.. _rival:\n\nRival B\n=======\n\n:ref:`rival`\n",
}

// edit is one thing that a writer does.
type edit struct {
	name   string
	file   string
	old    string // replaced by new; "" writes the whole file
	new    string
	remove bool
}

var edits = []edit{
	{name: "body", file: "alpha.rst", old: "Paragraph of alpha.", new: "Paragraph of alpha, edited."},
	{name: "heading", file: "alpha.rst", old: "Alpha\n=====\n", new: "Alpha and more\n==============\n"},
	{name: "heading of a grandchild", file: "deep/one.rst", old: "Deep one\n========", new: "Deeper one\n=========="},
	{name: "new section", file: "alpha.rst", old: "Section of alpha\n----", new: "Before it\n---------\n\nt\n\nSection of alpha\n----"},
	{name: "section renamed", file: "alpha.rst", old: "Section of alpha\n----------------", new: "Section of gamma\n----------------"},
	{name: "label renamed", file: "alpha.rst", old: "_lab-alpha", new: "_lab-omega"},
	{name: "object renamed", file: "alpha.rst", old: "slice_it(x)", new: "carve_it(x)"},
	{name: "object back elsewhere", file: "deep/two.rst", old: "peel(x)", new: "slice_it(x)"},
	{name: "term removed", file: "alpha.rst", old: "   blade\n", new: "   edge\n"},
	{name: "order of navigation", file: "index.rst", old: "   alpha\n   beta\n", new: "   beta\n   alpha\n"},
	{name: "caption", file: "index.rst", old: "Parts", new: "Chapters"},
	{name: "new page", file: "many/m15.rst", new: "M15\n===\n\nnew\n"},
	{name: "new page in a toctree, entry first", file: "deep/index.rst", old: "   two\n", new: "   two\n   three\n"},
	{name: "new page in a toctree, then the page", file: "deep/three.rst", new: "Deep three\n==========\n\nx\n"},
	{name: "page removed", file: "many/m2.rst", remove: true},
	{name: "page removed, entry kept", file: "deep/three.rst", remove: true},
	{name: "todo", file: "alpha.rst", old: "sharpen alpha", new: "sharpen it again"},
	{name: "todo moved", file: "alpha.rst", old: "Paragraph of", new: "One more.\n\nParagraph of"},
	{name: "citation", file: "alpha.rst", old: "[BOOK]", new: "[TOME]"},
	{name: "numbered order", file: "numbers.rst", old: "   n1\n   n2\n", new: "   n2\n   n1\n"},
	{name: "numbers removed", file: "numbers.rst", old: "   :numbered:\n", new: ""},
	{name: "index entry", file: "alpha.rst", old: "knife", new: "fork"},
	{name: "include", file: "inc/part.txt", new: "Included text, edited.\n"},
	{name: "literal include", file: "inc/sample.py", new: "print(2)\n"},
	{name: "table", file: "inc/data.csv", new: "a,b\n1,3\n"},
	{name: "download", file: "inc/file.bin", new: "yy"},
	{name: "image", file: "inc/picture.svg", new: "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>\n"},
	{name: "image of the same name", file: "deep/picture.svg", new: "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/>\n"},
	{name: "that image shown first", file: "alpha.rst", old: "Text.\n", new: "Text.\n\n.. image:: deep/picture.svg\n"},
	{name: "the other image no longer", file: "alpha.rst", old: ".. figure:: inc/picture.svg", new: ".. figure:: deep/picture.svg"},
	{name: "download gone", file: "mixed.rst", old: ":download:`inc/file.bin`", new: "nothing"},
	{name: "new static file", file: "_static/more.css", new: "p { color: red }\n"},
	{name: "static file gone", file: "_static/more.css", remove: true},
	{name: "documented module", file: "tool.py", old: "Cut x.", new: "Cut x in two."},
	{name: "style sheet", file: "_static/site.css", new: "body { color: navy }\n"},
	{name: "template", file: "_templates/layout.html", new: "{% extends '!layout.html' %}{% block footer %}FOOT{% endblock %}\n"},
	{name: "first rival edited", file: "deep/rival-a.rst", old: "\nt\n", new: "\ntt\n"},
	{name: "last rival renamed", file: "deep/rival-b.rst", old: "_rival:", new: "_rival2:"},
	{name: "rival again", file: "deep/rival-b.rst", old: "_rival2:", new: "_rival:"},
	{name: "configuration of pages", file: "conf.py", old: "project = 'kitchen'", new: "project = 'kitchen two'"},
	{name: "configuration of reading", file: "conf.py", old: "todo_include_todos = True", new: "todo_include_todos = False\nnumfig = True"},
}

// group is how many edits come between two comparisons: a clean build takes far
// longer than an edit. With DOCSERVE_TEST_EACH_EDIT set, each edit is compared.
const group = 4

// TestSettledEqualsClean edits a project in every way that its pages can
// depend on each other, and compares settled states with clean builds.
func TestSettledEqualsClean(t *testing.T) {
	for _, python := range testenv.Names() {
		t.Run(python, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, kitchen)
			s.start(python, func(o *runner.Options) { o.Audit = true })
			s.session.Audience.Look("beta.html")
			s.settled()
			s.equalsClean(python)
			for i, e := range edits {
				s.apply(e)
				last := s.settled().Builds
				b := last[len(last)-1]
				t.Logf("%s: written %d, differ %d, %s", e.name, b.Written, b.Differ, b.Reason)
				if (i+1)%group == 0 || i == len(edits)-1 || os.Getenv("DOCSERVE_TEST_EACH_EDIT") != "" {
					s.equalsClean(python)
				}
				if found := s.settled().Audit.Found; len(found) > 0 {
					t.Errorf("the audit found stale pages: %v", found)
				}
				if t.Failed() {
					t.Fatalf("after %q and the edits before it", e.name)
				}
			}
		})
	}
}

// apply carries out an edit and tells the runner.
func (s *story) apply(e edit) {
	s.t.Helper()
	path := filepath.Join(s.source, filepath.FromSlash(e.file))
	switch {
	case e.remove:
		if err := os.Remove(path); err != nil {
			s.t.Fatal(err)
		}
		s.notify()
	case e.old == "":
		s.save(map[string]string{e.file: e.new})
	default:
		text, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		if !strings.Contains(string(text), e.old) {
			s.t.Fatalf("%s does not contain %q", e.file, e.old)
		}
		s.save(map[string]string{e.file: strings.Replace(string(text), e.old, e.new, 1)})
	}
}
