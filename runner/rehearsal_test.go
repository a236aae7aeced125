package runner_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSavedWhileRehearsed saves a document at the moment at which it is read for
// nothing. Pages that show its title must follow.
func TestSavedWhileRehearsed(t *testing.T) {
	hold := newHold(t)
	a := func(title, text string) string { return title + "\n=======\n\n" + text + "\n" }
	s := newStory(t, map[string]string{
		"conf.py":   hold.conf("env-purge-doc", "env, docname", "docname == 'a'", ""),
		"index.rst": "Start\n=====\n\nSee :doc:`b`.\n\n.. toctree::\n\n   a\n   b\n", "a.rst": a("Title A", "Text."),
		"b.rst": "B\n=\n\nSee :doc:`a`.\n",
	})
	s.start("9.0", nil)
	s.settled()
	s.save(map[string]string{"a.rst": a("Title A", "Other text.")})
	s.shows("a.html", "Other text.")
	hold.set(t)
	hold.held(s)
	s.save(map[string]string{"a.rst": a("Renamed", "Other text.")})
	hold.release(t)
	s.shows("a.html", "Renamed")
	s.settled()
	s.equalsClean("9.0")
}

// TestTakenBackWhileRehearsed removes what a document includes while it is read for
// nothing, and brings it back before the watcher looks.
func TestTakenBackWhileRehearsed(t *testing.T) {
	begin, end := newHold(t), newHold(t)
	part := "Part\n----\n\nText.\n"
	s := newStory(t, map[string]string{
		"conf.py": begin.conf("env-purge-doc", "env, docname", "docname == 'a'", "    app.connect('doctree-read', end)\n\n\n") +
			"def end(app, doctree):\n" + end.python("app.env.docname == 'a'"),
		"index.rst":    "Start\n=====\n\n.. toctree::\n\n   a\n",
		"a.rst":        "A\n=\n\nText.\n\n.. include:: inc/part.txt\n",
		"inc/part.txt": part,
	})
	s.start("9.0", nil)
	s.settled()
	s.save(map[string]string{"a.rst": "A\n=\n\nOther text.\n\n.. include:: inc/part.txt\n"})
	s.shows("a.html", "Other text.")
	begin.set(t)
	begin.held(s)
	if err := os.Remove(filepath.Join(s.source, "inc", "part.txt")); err != nil {
		t.Fatal(err)
	}
	end.set(t)
	begin.release(t)
	end.held(s)
	s.write(map[string]string{"inc/part.txt": part})
	end.release(t)
	s.save(map[string]string{"index.rst": "Start\n=====\n\nText.\n\n.. toctree::\n\n   a\n"})
	s.shows("index.html", "Text.")
	if notes := s.settled().Diagnostics; len(notes) > 0 {
		t.Error(notes)
	}
	s.equalsClean("9.0")
}
