package runner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/testenv"
	"docserve/internal/testenv/session"
	"docserve/runner"
)

// TestBriefly: a document that is listed, and is gone before it is read, is no
// document, though no watcher has told of it.
func TestBriefly(t *testing.T) {
	t.Parallel()
	source := session.Project(t, map[string]string{
		"conf.py": `import os

def setup(app):
    app.connect('env-before-read-docs', gone)

def gone(app, env, docnames):
    if 'briefly' in docnames:
        os.remove(env.doc2path('briefly'))
`,
		"index.rst": "Root\n====\n\n.. toctree::\n\n   other\n",
	})
	s, err := session.Start(session.Options(testenv.Python(t, "9.0"), source))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	rests := func(st runner.Status) bool { return st.Settled }
	if _, err := s.Until("settled", rests); err != nil {
		t.Fatal(err)
	}
	if err := session.Write(source, map[string]string{"briefly.rst": "Briefly\n=======\n"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Files.Scan(); err != nil { // and the runner is not told
		t.Fatal(err)
	}
	if err := session.Write(source, map[string]string{"other.rst": "Other\n=====\n"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Files.Notify(); err != nil {
		t.Fatal(err)
	}
	status, err := s.Until("settled with the other page", func(st runner.Status) bool { return st.Settled && st.Documents == 2 })
	if err != nil || status.Failed {
		t.Fatal(err, status.Diagnostics)
	}
}

// TestListedBriefly: a document is gone before it is read, but not before another one
// has been read that has it in its toctree.
func TestListedBriefly(t *testing.T) {
	hold := newHold(t)
	index := "Start\n=====\n\n.. toctree::\n\n   a\n"
	s := newStory(t, map[string]string{
		"conf.py":   hold.conf("doctree-read", "doctree", "app.env.docname == 'index'", "\n\nhtml_theme = 'pydata_sphinx_theme'\n"),
		"index.rst": index, "a.rst": "A\n=\n\nText.\n",
	})
	s.start("6.2", nil)
	s.settled()
	hold.set(t)
	s.save(map[string]string{"index.rst": index + "   part/index\n", "part/index.rst": "Part\n====\n\nText.\n"})
	hold.held(s)
	if err := os.Remove(filepath.Join(s.source, "part", "index.rst")); err != nil {
		t.Fatal(err)
	}
	s.notify()
	hold.release(t)
	if notes := s.settled().Diagnostics; len(notes) != 1 || !strings.Contains(notes[0].Message, "nonexisting document 'part/index'") {
		t.Error(notes)
	}
	s.equalsClean("6.2")
}
