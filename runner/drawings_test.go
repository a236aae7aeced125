package runner_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"docserve/runner"
)

// drawnConf has a template draw the whole toctree on each page, and a letter
// written for each time that this is done for a page in it.
const drawnConf = `import functools

html_theme = 'alabaster'
exclude_patterns = ['_build']
templates_path = ['_templates']
html_sidebars = {'**': ['all.html']}


def counting(partial):
    @functools.wraps(partial)
    def count(node):
        if len(str(node)) > 20000 and 'iscurrent' in str(node):
            with open(%q, 'a') as file:
                file.write('x')
        return partial(node)
    return count


def begin(app):
    app.builder.render_partial = counting(app.builder.render_partial)


def setup(app):
    app.connect('builder-inited', begin)
`

// drawnPage is one of the documents in a toctree: few, but with titles so long
// that the toctree is worth keeping.
func drawnPage(title, text string) string {
	title += strings.Repeat(" long", 200)
	return title + "\n" + strings.Repeat("=", len(title)) + "\n\n" + text + "\n\nA section\n---------\n\nText.\n"
}

func drawnIndex(options, pages string) string {
	return "Start\n=====\n\n.. toctree::\n   :glob:\n" + options + "\n" + pages + "   extra*\n"
}

// TestDrawnToctrees edits an open page of a site whose toctree is long enough to be
// kept, and then all that the toctree is made from.
func TestDrawnToctrees(t *testing.T) {
	for _, python := range []string{"5.3", "9.0"} {
		t.Run(python, func(t *testing.T) {
			drawn := filepath.Join(t.TempDir(), "drawn")
			files := map[string]string{
				"conf.py":             fmt.Sprintf(drawnConf, drawn),
				"_templates/all.html": "{{ toctree(collapse=False, maxdepth=-1, includehidden=True) }}\n",
			}
			var all string
			for i := range 20 {
				files[fmt.Sprintf("part%02d.rst", i)] = drawnPage(fmt.Sprintf("Part %d", i), "Text.")
				all += fmt.Sprintf("   part%02d\n", i)
			}
			files["index.rst"] = drawnIndex("   :caption: Parts\n", all)
			s := newStory(t, files)
			s.start(python, nil)
			s.settled()
			s.session.Audience.Look("part07.html")
			save := func(word string) {
				t.Helper()
				s.save(map[string]string{"part07.rst": drawnPage("Part 7", word)})
				s.onDisk("part07.html", word)
			}
			save("One.")
			s.settled()
			save("Two.")
			s.settled()
			before, err := os.ReadFile(drawn)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"Three.", "Four.", "Five."} {
				save(word)
			}
			if now, err := os.ReadFile(drawn); err != nil || len(now) != len(before) {
				t.Errorf("the toctree was drawn %d times for saves of the same page (%v)", len(now)-len(before), err)
			}
			s.save(map[string]string{"part07.rst": drawnPage("Seventh", "Six.")})
			s.onDisk("part07.html", "Six.")
			// The first page, which is written before others are looked at, has it as well.
			if page, _ := s.page("part07.html"); !strings.Contains(page, `href="#">Seventh long`) {
				t.Error("the page has another title than its toctree")
			}
			const numbered = "   :caption: All parts\n   :numbered:\n"
			for _, edit := range []struct{ what, name, text, shown, gone string }{
				{"title of another page", "part10.rst", drawnPage("Other", "Text."), ">Other long", ">Part 10 long"},
				{"heading of another page", "part11.rst", drawnPage("Part 11", "Text.\n\nB\n-"), ">B</a>", ""},
				{"depth of another page", "part11.rst", ":tocdepth: 1\n\n" + drawnPage("Part 11", "Text.\n\nB\n-"), "", ">B</a>"},
				{"caption", "index.rst", drawnIndex("   :caption: All parts\n", all), ">All parts<", ">Parts<"},
				{"numbers", "index.rst", drawnIndex(numbered, all), ">8. Part 7 long", ""},
				{"title of a page with a number", "part05.rst", drawnPage("New", "Text."), ">6. New long", ">6. Part 5"},
				{"page that is left out", "index.rst", drawnIndex(numbered, strings.Replace(all, "   part03\n", "", 1)), ">7. Part 7 long", ">8. Part 7"},
				{"toctree below", "part12.rst", drawnPage("Above", "Text.\n\n.. toctree::\n\n   part03"), ">12.1. Part 3 long", ""},
				{"new page", "extra1.rst", "Extra\n=====\n", ">20. Extra<", ""},
				{"page that is gone", "extra1.rst", "", "", ">20. Extra<"},
				{"no numbers", "index.rst", drawnIndex("", strings.Replace(all, "   part03\n", "", 1)), ">Part 7 long", ">7. Part 7"},
			} {
				if edit.text != "" {
					s.save(map[string]string{edit.name: edit.text})
				} else if err := os.Remove(filepath.Join(s.source, edit.name)); err != nil {
					t.Fatal(err)
				} else {
					s.notify()
				}
				s.settled()
				for _, when := range []string{"", "After " + edit.what + "."} {
					if when != "" {
						save(when)
					}
					page, _ := s.page("part07.html")
					if !strings.Contains(page, edit.shown) || edit.gone != "" && strings.Contains(page, edit.gone) {
						t.Errorf("%s: does not show %q instead of %q (%s)", edit.what, edit.shown, edit.gone, when)
					}
				}
				if edit.what == "toctree below" { // there is most to differ
					s.settled()
					s.equalsClean(python)
				}
			}
			s.settled()
			s.equalsClean(python)
		})
	}
}

// TestWarningOfToctree: what is said of a toctree goes when it is not so any more,
// also from pages whose toctree looks as before.
func TestWarningOfToctree(t *testing.T) {
	s := newStory(t, map[string]string{
		"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\nhtml_sidebars = {'**': ['globaltoc.html']}\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   far\n   a\n   b\n",
		"far.rst":   "Far\n===\n\nNo neighbour of the page.\n",
		"a.rst":     "A\n=\n\nText.\n", "b.rst": "Text without a title.\n",
	})
	untitled := func(d runner.Diagnostic) bool { return d.Category == "toc.no_title" }
	s.start("9.0", nil)
	if st := s.settled(); !slices.ContainsFunc(st.Diagnostics, untitled) {
		t.Fatalf("a page without a title: %v", st.Diagnostics)
	}
	if err := os.Remove(filepath.Join(s.source, "b.rst")); err != nil {
		t.Fatal(err)
	}
	s.notify()
	if st := s.settled(); slices.ContainsFunc(st.Diagnostics, untitled) {
		t.Errorf("a page that is gone: %v", st.Diagnostics)
	}
	s.equalsClean("9.0")
}
