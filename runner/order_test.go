package runner_test

import "testing"

// TestOrderWithinDocument adds a name before others of its document. A reference
// that fits several takes the first.
func TestOrderWithinDocument(t *testing.T) {
	class := func(name string) string { return ".. py:class:: " + name + "\n\n   .. py:method:: sharpen()\n\n" }
	head := "A\n=\n\n.. py:module:: alpha\n\n"
	s := newStory(t, map[string]string{
		"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   a\n   b\n",
		"a.rst":     head + class("Knife"), "b.rst": "B\n=\n\nAs :py:meth:`.sharpen`.\n",
	})
	s.start("9.0", nil)
	s.settled()
	for _, text := range []string{head + class("Point") + class("Knife"), head + class("Knife") + class("Point"), head + class("Point") + class("Blade") + class("Knife")} {
		s.save(map[string]string{"a.rst": text})
		s.settled()
		s.equalsClean("9.0")
	}
}
