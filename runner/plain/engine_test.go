package plain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/runner"
)

// versions are the oldest and the newest form of what Sphinx prints and pickles.
var versions = []string{"5.3", "9.0"}

// TestSavesShow: documents, included files and images are dependencies, and each
// save is one build, of which the open tab hears.
func TestSavesShow(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			s.start(version, nil)
			if page := s.page("one.html"); !strings.Contains(page, "Included text") {
				t.Errorf("first page:\n%s", page)
			}
			s.settled(1)
			s.audience.Look("one.html")
			s.save(map[string]string{"one.rst": small["one.rst"] + "\nAnother line.\n"})
			s.until("the save is taken", func(st runner.Status) bool { return st.Changes == 1 })
			if page := s.page("one.html"); !strings.Contains(page, "Another line") {
				t.Error("a request does not wait for the page that is being made")
			}
			entry, _ := s.engine.Current("one.html")
			push := s.told("the page has changed", func(p runner.Push) bool { return p.Kind == "update" && p.Page == "one.html" })
			for push.Hash != entry.Hash {
				push = s.told("the page has changed", func(p runner.Push) bool { return p.Kind == "update" && p.Page == "one.html" })
			}
			st := s.settled(2)
			if b := st.Builds[1]; b.Differ < 1 || b.Changed[0] != "one.rst" || b.Visible == 0 || b.Failed {
				t.Errorf("build %+v", b)
			}
			s.save(map[string]string{"inc/part.txt": "Other included text.\n"})
			s.settled(3)
			if page := s.page("one.html"); !strings.Contains(page, "Other included text") {
				t.Error("an included file was saved, and is not shown")
			}
			s.save(map[string]string{"dot.svg": strings.ReplaceAll(small["dot.svg"], "9", "8")})
			s.told("an image has changed", func(p runner.Push) bool { return p.Kind == "image" && p.Paths[0] == "_images/dot.svg" })
			s.settled(4)
		})
	}
}

// TestNobodysFile: a file that no document depends on asks for nothing.
func TestNobodysFile(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled(1)
	s.save(map[string]string{"notes.txt": "For nobody.\n"})
	s.save(map[string]string{"two.rst": small["two.rst"] + "\nMore.\n"})
	if st := s.settled(2); st.Changes != 1 {
		t.Errorf("%d changes", st.Changes)
	}
	s.save(map[string]string{"three.rst": ":orphan:\n\nThree\n=====\n"})
	s.settled(3)
	s.page("three.html")
	if err := os.Remove(filepath.Join(s.source, "three.rst")); err != nil {
		t.Fatal(err)
	}
	s.notify()
	s.settled(4)
}

// TestOldTimes: content decides, not what the times of files say.
func TestOldTimes(t *testing.T) {
	s := newStory(t, small)
	s.start("9.0", nil)
	s.settled(1)
	s.write(map[string]string{"inc/part.txt": "From an archive.\n"})
	old := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(filepath.Join(s.source, "inc", "part.txt"), old, old); err != nil {
		t.Fatal(err)
	}
	s.notify()
	s.settled(2)
	if page := s.page("one.html"); !strings.Contains(page, "From an archive") {
		t.Error("a file with an old time is not shown")
	}
}

// TestTemplatesAndStatic: what Sphinx does not see by itself is written again.
func TestTemplatesAndStatic(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			s.write(map[string]string{
				"conf.py":                small["conf.py"] + "templates_path = ['_templates']\nhtml_static_path = ['_static']\nhtml_css_files = ['mine.css']\n",
				"_templates/layout.html": "{% extends '!layout.html' %}{% block footer %}First footer{% endblock %}\n",
				"_static/mine.css":       "p { color: red }\n",
			})
			s.start(version, nil)
			s.settled(1)
			s.save(map[string]string{"_templates/layout.html": "{% extends '!layout.html' %}{% block footer %}Second footer{% endblock %}\n"})
			s.settled(2)
			if page := s.page("two.html"); !strings.Contains(page, "Second footer") {
				t.Error("a template was saved, and is not shown")
			}
			s.save(map[string]string{"_static/mine.css": "p { color: blue }\n"})
			s.told("a style sheet has changed", func(p runner.Push) bool { return p.Kind == "style" && p.Paths[0] == "_static/mine.css" })
			s.settled(3)
		})
	}
}

// TestExtensionOfTheProject: a module that conf.py loads asks for all documents.
func TestExtensionOfTheProject(t *testing.T) {
	s := newStory(t, small)
	marks := func(word string) string {
		return "def setup(app):\n    app.connect('source-read', lambda app, doc, text: text.__setitem__(0, text[0] + '\\n\\n" + word + "\\n'))\n"
	}
	s.write(map[string]string{
		"conf.py":  "import sys\nsys.path.insert(0, '.')\n" + small["conf.py"] + "extensions = ['marks']\n",
		"marks.py": marks("Before."),
	})
	s.start("9.0", nil)
	s.settled(1)
	s.save(map[string]string{"marks.py": marks("After.")})
	if st := s.settled(2); st.Builds[1].Reason != "marks.py changed" {
		t.Errorf("build %+v", st.Builds[1])
	}
	if page := s.page("two.html"); !strings.Contains(page, "After.") {
		t.Error("an extension was saved, and is not at work")
	}
}

// TestWarnings: they appear, stay while other documents are read, and go.
func TestWarnings(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			s.start(version, nil)
			warned(t, s.settled(1))
			s.save(map[string]string{"one.rst": "One\n===\n\nBad `x\n\nSee :doc:`nowhere`.\n\n.. include:: inc/part.txt\n"})
			st := s.settled(2)
			warned(t, st, "one.rst:4: warning: Inline", "one.rst:6: warning: unknown document: 'nowhere'")
			if len(st.Builds[1].New) != 2 || st.Diagnostics[0].Doc != "one" || strings.Contains(st.Diagnostics[1].Message, "[ref") {
				t.Errorf("got %+v", st.Diagnostics)
			}
			s.save(map[string]string{"alone.rst": "Alone\n=====\n"})
			warned(t, s.settled(3), "alone.rst: warning: document isn't included", "one.rst:4: ", "one.rst:6: ")
			s.save(map[string]string{"inc/part.txt": "Part *x\n"})
			warned(t, s.settled(4), "alone.rst: ", "part.txt:1: warning: Inline emphasis", "one.rst:4: ", "one.rst:6: ")
			s.save(map[string]string{"one.rst": small["one.rst"]})
			warned(t, s.settled(5), "alone.rst: ", "part.txt:1: ")
			s.stop()

			s.start(version, nil) // Sphinx says nothing again, and they are known all the same
			warned(t, s.settled(1), "alone.rst: ", "part.txt:1: ")
			s.save(map[string]string{"inc/part.txt": "Good.\n"})
			st = s.settled(2)
			warned(t, st, "alone.rst: ")
			if len(st.Builds[1].Fixed) != 1 {
				t.Errorf("build %+v", st.Builds[1])
			}
		})
	}
}

// TestGathered: what is saved while a build runs is one more build.
func TestGathered(t *testing.T) {
	s := newStory(t, small)
	hold := filepath.Join(s.source, "_build", "hold")
	s.write(map[string]string{"conf.py": small["conf.py"] + holding(hold), "_build/hold": ""})
	s.start("9.0", nil)
	s.until("reading", func(st runner.Status) bool { return st.Phase == runner.Reading })
	for name, text := range map[string]string{"one.rst": "One\n===\n\nFirst.\n", "two.rst": "Two\n===\n\nSecond.\n"} {
		s.write(map[string]string{name: text})
	}
	noticed := make(chan struct{})
	go func() {
		defer close(noticed)
		s.notify() // is taken when the build is over
	}()
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	<-noticed
	st := s.settled(2)
	if got := st.Builds[1].Changed; len(got) != 2 {
		t.Errorf("changed %v", got)
	}
	if !strings.Contains(s.page("one.html"), "First.") || !strings.Contains(s.page("two.html"), "Second.") {
		t.Error("a save during a build is not shown")
	}
}

// TestRemovedMeanwhile: a document that is removed while a build runs, after it was
// read, goes with the next build.
func TestRemovedMeanwhile(t *testing.T) {
	s := newStory(t, small)
	hold := filepath.Join(s.source, "_build", "hold")
	conf := strings.NewReplacer("'source-read'", "'env-updated'", "app, docname, source", "app, env").Replace(holding(hold))
	s.write(map[string]string{"conf.py": small["conf.py"] + conf, "_build/hold": "", "three.rst": ":orphan:\n\nThree\n=====\n"})
	s.start("9.0", nil)
	s.until("all was read", func(st runner.Status) bool { return st.Phase == runner.Reading && st.Done == 4 })
	if err := os.Remove(filepath.Join(s.source, "three.rst")); err != nil {
		t.Fatal(err)
	}
	noticed := make(chan struct{})
	go func() {
		defer close(noticed)
		s.notify()
	}()
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	<-noticed
	if st := s.settled(2); st.Documents != 3 {
		t.Errorf("%d documents", st.Documents)
	}
}

// holding is the part of a conf.py that stands still as long as there is a file.
func holding(hold string) string {
	return "import os, time\n\ndef wait(app, docname, source):\n    while os.path.exists('" + filepath.ToSlash(hold) + "'):\n        time.sleep(0.01)\n\n" +
		"def setup(app):\n    app.connect('source-read', wait)\n"
}

// TestSingleFile: a builder that a worker cannot carry.
func TestSingleFile(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s := newStory(t, small)
			s.start(version, func(o *Options) { o.Sphinx.Builder = "singlehtml" })
			s.settled(1)
			s.save(map[string]string{"two.rst": small["two.rst"] + "\nMore of it.\n"})
			s.until("the save is taken", func(st runner.Status) bool { return st.Changes == 1 })
			if page := s.page("index.html"); !strings.Contains(page, "More of it.") {
				t.Error("a request does not wait for the page that all documents are on")
			}
			s.settled(2)
		})
	}
}
