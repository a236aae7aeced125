package runner_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/runner"
)

// TestWordsOfAnEdit edits a page, or removes one, after writers have written it
// and before the worker has taken over its words for the search: they are older
// than what the worker has itself.
func TestWordsOfAnEdit(t *testing.T) {
	hold := newHold(t)
	texts := map[string]string{
		"conf.py": "import sys\nsys.path.insert(0, '.')\nextensions = ['held']\nhtml_theme = 'alabaster'\nexclude_patterns = ['_build']\ntemplates_path = ['_templates']\n",
		"held.py": "import os, time\nfrom docutils import nodes\nfrom docutils.parsers.rst import Directive\n\n\n" +
			"class held(nodes.Element):\n    pass\n\n\nclass Held(Directive):\n    def run(self):\n        return [held()]\n\n\n" +
			"def visit(self, node):\n" + hold.python("True") +
			"def setup(app):\n    app.add_directive('held', Held)\n    app.add_node(held, html=(visit, lambda self, node: None))\n" +
			"    return {'parallel_read_safe': True, 'parallel_write_safe': True}\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n   :glob:\n\n   d*\n",
	}
	for i := range 12 { // more than the worker writes by itself
		texts[fmt.Sprintf("d%d.rst", i)] = fmt.Sprintf("Title %d\n========\n\nText.\n", i)
	}
	texts["d0.rst"] += "\n.. held::\n" // a writer waits here, and what others have written waits for it
	s := newStory(t, texts)
	s.start("9.0", func(o *runner.Options) { o.Jobs = 2 })
	for i, step := range []struct {
		name string
		do   func()
	}{
		{"edited", func() {
			s.save(map[string]string{"d7.rst": "Title 7\n=======\n\nText with a peculiar word.\n"})
		}},
		{"removed", func() {
			if err := os.Remove(filepath.Join(s.source, "d7.rst")); err != nil {
				t.Fatal(err)
			}
			s.notify()
		}},
	} {
		s.settled()
		hold.set(t)
		foot := fmt.Sprintf("FOOT %d", i)
		s.save(map[string]string{"_templates/layout.html": "{% extends '!layout.html' %}{% block footer %}" + foot + "{% endblock %}\n"})
		hold.held(s)
		s.onDisk("d7.html", foot)
		s.onDisk("index.html", foot) // the last one
		step.do()
		s.until("taken", func(st runner.Status) bool { return st.Changes == 2*i+2 })
		hold.release(t)
		s.settled()
		if t.Run(step.name, func(*testing.T) { s.equalsClean("9.0") }); t.Failed() {
			return
		}
	}
}

// onDisk waits until a page's file has a text, without asking for the page.
func (s *story) onDisk(path, text string) {
	s.t.Helper()
	s.until(path+" has "+text, func(runner.Status) bool {
		data, err := os.ReadFile(filepath.Join(s.output, filepath.FromSlash(path)))
		return err == nil && strings.Contains(string(data), text)
	})
}
