package runner_test

import (
	"maps"
	"testing"

	"docserve/runner"
)

// described is a project whose pages are made from modules.
var described = map[string]string{
	"conf.py": "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\n" +
		"extensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode']\n",
	"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n",
	"a.rst":     "A\n=\n\n.. autoclass:: derived.Derived\n   :members:\n   :undoc-members:\n",
	"b.rst":     "B\n=\n\n.. automodule:: derived\n   :members:\n   :undoc-members:\n   :noindex:\n",
	"base.py": "'''Base.'''\n\n\nclass Base:\n    '''A base.'''\n\n    size: int\n    width = None  # type: int\n    '''The width.'''\n\n" +
		"    def __init__(self):\n        self.height: int = 3\n        '''The height.'''\n\n" +
		"    def shown(self):\n        '''Shown.'''\n",
	"derived.py": "'''Derived.'''\n\nfrom base import Base\n\n\nclass Derived(Base):\n    '''Derived from base.'''\n\n    depth = 3  # type: int\n    '''The depth.'''\n",
}

// TestModuleIsRepaired breaks a module that a document describes. As long as it
// cannot be loaded, the document says nothing of it.
func TestModuleIsRepaired(t *testing.T) {
	s := newStory(t, described)
	s.start("9.0", nil)
	s.settled()
	for _, broken := range []string{"def broken(:\n", "import not_there_yet\n"} {
		s.save(map[string]string{"derived.py": described["derived.py"] + "\n" + broken})
		s.settled()
		s.save(map[string]string{"derived.py": described["derived.py"] + "\n\ndef repaired():\n    '''Repaired.'''\n"})
		s.settled()
		s.shows("b.html", "Repaired.")
		s.equalsClean("9.0")
	}
	s.save(map[string]string{"base.py": "import not_there_yet\n" + described["base.py"]})
	s.settled()
	s.save(map[string]string{"not_there_yet.py": "'''It is.'''\n"})
	s.settled()
	s.equalsClean("9.0")
	s.save(map[string]string{"not_there_yet.py": "def broken(:\n"})
	s.settled()
	s.save(map[string]string{"not_there_yet.py": "'''It is.'''\n"})
	s.settled()
	s.equalsClean("9.0")
}

// TestPartOfPackageIsRepaired breaks a module that its package imports, so that
// neither can be loaded.
func TestPartOfPackageIsRepaired(t *testing.T) {
	texts := maps.Clone(described)
	texts["a.rst"] = "A\n=\n\n.. automodule:: pack\n   :members:\n"
	texts["pack/__init__.py"] = "'''Pack.'''\n\nfrom . import part\nfrom pack import other\n"
	texts["pack/part.py"], texts["pack/other.py"] = "'''Part.'''\n", "'''Other.'''\n"
	s := newStory(t, texts)
	s.start("9.0", nil)
	s.settled()
	for _, name := range []string{"pack/part.py", "pack/other.py"} {
		s.save(map[string]string{name: "def broken(:\n"})
		s.settled()
		s.save(map[string]string{name: texts[name]})
		s.settled()
		s.equalsClean("9.0")
	}
}

// TestDescribedTwice edits documents that describe a module, each after the
// other. What autodoc does to classes as it reads one lasts, and viewcode keeps
// the name by which the first document has called a module.
func TestDescribedTwice(t *testing.T) {
	for _, version := range []string{"5.3", "8.2", "9.0"} {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, described)
			s.start(version, nil)
			s.settled()
			for _, name := range []string{"a.rst", "b.rst", "a.rst"} {
				s.save(map[string]string{name: described[name] + "\nMore of " + name + "\n"})
				s.settled()
				s.save(map[string]string{name: described[name]})
				s.settled()
				s.equalsClean(version)
			}
			s.save(map[string]string{"a.rst": "A\n=\n\n.. autoclass:: base.Base\n   :members:\n\n.. autoclass:: derived.Base\n   :members:\n"})
			s.settled()
			s.equalsClean(version)
			s.save(map[string]string{"a.rst": "A\n=\n\n.. autoclass:: derived.Base\n   :members:\n"})
			s.settled()
			s.equalsClean(version)
		})
	}
}

// TestModulesStay has the site finished again when the worker has rehearsed a
// page, which is all that viewcode has seen since.
func TestModulesStay(t *testing.T) {
	texts := maps.Clone(described)
	texts["conf.py"] += "html_static_path = ['_static']\n"
	texts["_static/note.css"] = "p { color: black }\n"
	s := newStory(t, texts)
	s.start("9.0", nil)
	s.settled()
	s.until("rehearsed", func(st runner.Status) bool { return st.Settled && st.Processes["standby"] != 0 })
	s.page("index.html") // the worker answers when it has rehearsed
	s.save(map[string]string{"_static/note.css": "p { color: navy }\n", "_static/other.css": "p { color: red }\n"})
	s.settled()
	s.equalsClean("9.0")
}
