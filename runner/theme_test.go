package runner_test

import (
	"testing"

	"docserve/internal/testenv"
)

// TestThemeOfTheProject edits a theme that lies among the sources: its
// templates, style sheets and settings.
func TestThemeOfTheProject(t *testing.T) {
	s := newStory(t, map[string]string{
		"conf.py":                      "project = 'themed'\nhtml_theme = 'mine'\nhtml_theme_path = ['_themes']\nexclude_patterns = ['_build', '_themes']\n",
		"_themes/mine/theme.conf":      "[theme]\ninherit = basic\nstylesheet = mine.css\nsidebars = globaltoc.html\n\n[options]\ncolour = red\n",
		"_themes/mine/layout.html":     "{% extends 'basic/layout.html' %}\n{% block footer %}{{ theme_colour }}{% endblock %}\n",
		"_themes/mine/static/mine.css": "body { color: black }\n",
		"index.rst":                    "Start\n=====\n\n.. toctree::\n\n   one\n",
		"one.rst":                      "One\n===\n\nText.\n",
	})
	python := testenv.Names()[len(testenv.Names())-1]
	s.start(python, nil)
	s.settled()
	s.equalsClean(python)
	for _, e := range []edit{
		{name: "style sheet", file: "_themes/mine/static/mine.css", new: "body { color: navy }\n"},
		{name: "template", file: "_themes/mine/layout.html", old: "{{ theme_colour }}", new: "{{ theme_colour }}!"},
		{name: "setting", file: "_themes/mine/theme.conf", old: "colour = red", new: "colour = blue"},
		{name: "page", file: "one.rst", old: "Text.", new: "Other text."},
	} {
		s.apply(e)
		s.settled()
		s.equalsClean(python)
		if t.Failed() {
			t.Fatalf("after %q and the edits before it", e.name)
		}
	}
}
