//go:build unix

package runner_test

import (
	"syscall"
	"testing"
	"time"

	"docserve/runner"
)

// TestTemplateOutlivesWorker: a standby that was forked before a template came
// does not write pages without it.
func TestTemplateOutlivesWorker(t *testing.T) {
	texts := map[string]string{}
	for name, text := range small {
		texts[name] = text
	}
	texts["conf.py"] += "templates_path = ['_templates']\n"
	s := newStory(t, texts)
	s.start("9.0", func(o *runner.Options) { o.Quiet = 4 * time.Second }) // no new standby before the worker ends
	s.until("a standby is there", func(st runner.Status) bool { return st.Settled && st.Processes["standby"] != 0 })
	s.save(map[string]string{"_templates/layout.html": "{% extends '!layout.html' %}{% block footer %}FOOT{% endblock %}\n"})
	s.shows("two.html", "FOOT")
	if err := syscall.Kill(s.session.Runner.Status(t.Context()).Processes["worker"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.until("the end is noticed", func(st runner.Status) bool { return len(st.Incidents) > 0 })
	s.save(map[string]string{"two.rst": ".. _second:\n\nTwo\n===\n\nEdited.\n"})
	s.settled()
	s.equalsClean("9.0")
}
