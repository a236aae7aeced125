package runner_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestThereAndBack changes each sort of file and takes the change back, once
// when all is settled and once at once.
func TestThereAndBack(t *testing.T) {
	svg := func(width string) string {
		return "<svg xmlns='http://www.w3.org/2000/svg' width='" + width + "'/>\n"
	}
	before := map[string]string{
		"conf.py": "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build', 'inc']\n" +
			"extensions = ['sphinx.ext.autodoc']\ntemplates_path = ['_templates']\nhtml_static_path = ['_static']\nhtml_css_files = ['own.css']\nhtml_extra_path = ['extra']\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n",
		"a.rst":     "A\n=\n\n.. include:: inc/part.txt\n\n.. image:: pic.svg\n\n:download:`data.csv`\n\n.. automodule:: tools\n   :members:\n",
		"b.rst":     "B\n=\n\n.. _there:\n\nPart\n----\n\nSee :doc:`a`.\n", "inc/part.txt": "Part.\n", "pic.svg": svg("1"), "data.csv": "a,b\n",
		"tools.py": "'''Tools.'''\n", "_templates/layout.html": "{% extends '!layout.html' %}\n{% block footer %}One{% endblock %}\n",
		"_static/own.css": "p { color: black }\n", "extra/robots.txt": "one\n",
	}
	s := newStory(t, before)
	s.start("9.0", nil)
	s.settled()
	for name, text := range map[string]string{
		"conf.py": before["conf.py"] + "html_title = 'Other'\n", "a.rst": "Other\n=====\n\nText.\n", "b.rst": "B\n=\n\nText.\n",
		"inc/part.txt": "Other.\n", "pic.svg": svg("2"), "data.csv": "c,d\n", "tools.py": "'''Other.'''\n",
		"_templates/layout.html": "{% extends '!layout.html' %}\n{% block footer %}Two{% endblock %}\n", "_static/own.css": "p { color: navy }\n", "extra/robots.txt": "two\n",
	} {
		for _, settled := range []bool{true, false} {
			s.save(map[string]string{name: text})
			if settled {
				s.settled()
			}
			s.save(map[string]string{name: before[name]})
			s.settled()
			s.equalsClean("9.0")
			if t.Failed() {
				t.Fatalf("after %s, settled %v", name, settled)
			}
		}
	}
}

// The doctree of a document that goes is removed at once, the environment saved
// later. Of a document that is back when a process opens that environment, there is
// nothing to write but what is read again.
func TestBackWithoutDoctree(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled()
	if err := s.session.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.output, ".doctrees", "one.doctree")); err != nil {
		t.Fatal(err)
	}
	s.start("9.0", nil)
	s.save(map[string]string{"two.rst": ".. _second:\n\nSecond\n======\n\nText of two.\n"})
	s.shows("one.html", "Second")
	s.settled()
	s.equalsClean("9.0")
}
