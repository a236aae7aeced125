package runner_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"docserve/runner"
)

// TestAccountOfABuild: the status says what is being done and why, and where the
// time of a build went, the telling of tabs included.
func TestAccountOfABuild(t *testing.T) {
	texts := maps.Clone(small)
	texts["conf.py"] += "import time\ndef setup(app):\n    app.connect('source-read', lambda app, doc, text: time.sleep(0.3 if doc == 'one' else 0))\n"
	s := newStory(t, texts)
	s.start("9.0", nil)
	first := s.settled()
	if b := first.Builds[0]; b.Watch == 0 || b.Open == 0 || b.Read < 300*time.Millisecond || b.Follow == 0 || b.Write == 0 || b.Copy == 0 || b.Push != 0 {
		t.Errorf("the first build: %+v", b)
	}
	s.session.Audience.Look("one.html")
	s.save(map[string]string{"inc/part.txt": "Other included text.\n"})
	status := s.until("it is being read", func(st runner.Status) bool {
		return slices.ContainsFunc(st.Busy, func(a runner.Activity) bool { return a.Task == "read" && a.Doc == "one" })
	})
	i := slices.IndexFunc(status.Busy, func(a runner.Activity) bool { return a.Task == "read" })
	if a := status.Busy[i]; a.Process != "worker" || a.Why != "includes inc/part.txt" || a.Since.IsZero() {
		t.Errorf("it is busy with %+v", a)
	}
	if status.Build == nil || !slices.Equal(status.Build.Changed, []string{"inc/part.txt"}) || status.Why["one"] != "includes inc/part.txt" {
		t.Errorf("it builds %+v because of %v", status.Build, status.Why)
	}
	status = s.settled()
	b := status.Builds[len(status.Builds)-1]
	if b.Watch <= 0 || b.Graph <= 0 || b.Read < 300*time.Millisecond || b.Write == 0 || b.Push == 0 || b.Watch+b.Graph+b.Read+b.Write > b.Total {
		t.Errorf("the edit: %+v", b)
	}
	if status.Build != nil || len(status.Why) != 0 {
		t.Errorf("nothing is built any more, but %+v, %v", status.Build, status.Why)
	}
}
