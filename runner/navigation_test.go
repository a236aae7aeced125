package runner_test

import "testing"

// TestSeveralTitles gives a document a second section beside its title, and takes
// it away. It stands in the sidebar of all pages in that part of the site.
func TestSeveralTitles(t *testing.T) {
	chapter := "Chapter\n=======\n\n.. toctree::\n\n   one\n   two\n"
	s := newStory(t, map[string]string{
		"conf.py":        "html_theme = 'alabaster'\nexclude_patterns = ['_build']\nhtml_sidebars = {'**': ['globaltoc.html']}\n",
		"index.rst":      "Start\n=====\n\n.. toctree::\n\n   other\n   part/index\n",
		"other.rst":      "Other\n=====\n\nText.\n",
		"part/index.rst": chapter, "part/one.rst": "One\n===\n\nText.\n", "part/two.rst": "Two\n===\n\nText.\n",
	})
	s.start("9.0", nil)
	s.settled()
	for _, more := range []string{"\nSecond\n======\n\nText.\n", "\nRenamed\n=======\n\nText.\n", ""} {
		s.save(map[string]string{"part/one.rst": "One\n===\n\nText.\n" + more})
		s.settled()
		s.equalsClean("9.0")
	}
}

// TestEquationsBelow adds the only equation of a site, and takes it away. The
// pages above get the script that shows equations, or lose it.
func TestEquationsBelow(t *testing.T) {
	part := func(title, to string) string {
		return title + "\n======\n\n.. toctree::\n   :maxdepth: 1\n\n   " + to + "\n"
	}
	for _, version := range []string{"5.3", "7.4", "9.0"} {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, map[string]string{
				"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\nextensions = ['sphinx.ext.mathjax']\n",
				"index.rst": part("Start", "a/index"), "a/index.rst": part("Part A", "b"), "a/b.rst": "B\n=\n\nText.\n",
			})
			s.start(version, nil)
			s.settled()
			for _, more := range []string{"\n.. math:: x = y\n", ""} {
				s.save(map[string]string{"a/b.rst": "B\n=\n\nText.\n" + more})
				s.settled()
				s.equalsClean(version)
			}
		})
	}
}
