package extensions

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/internal/serve"
	"docserve/internal/testenv"
	"docserve/internal/verify"
	"docserve/runner"
	"docserve/runner/sphinx"
)

// patience is how long a test waits for a condition that must come true.
const patience = 120 * time.Second

// session is docserve on the project of a story.
type session struct {
	t      *testing.T
	root   string // of the project; what is served lies beside it
	origin *origin
	server *serve.Server
	worker int // process number
}

func newSession(t *testing.T, s story) *session {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	session := &session{t: t, root: filepath.Join(dir, "project"), origin: newOrigin(t)}
	for _, e := range s.files {
		session.apply(e)
	}
	output := filepath.Join(dir, "html")
	session.server, err = serve.New(serve.Options{Runner: runner.Options{
		Sphinx: sphinx.Options{
			Source: filepath.Join(session.root, "docs"), Config: filepath.Join(session.root, "docs"), Output: output,
			Doctrees: filepath.Join(dir, "doctrees"), Builder: "html",
		},
		Python: testenv.Extensions(t), WorkDir: session.root, Jobs: 1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- session.server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			t.Error("docserve does not end")
		}
	})
	session.until("settled", func(st runner.Status) bool { return st.Settled })
	session.replaced()
	return session
}

// apply makes one change: to the project, or to what is served elsewhere.
func (s *session) apply(e entry) {
	s.t.Helper()
	if name, ok := strings.CutPrefix(e.path, "served/"); ok {
		s.origin.put(name, e.text)
		return
	}
	e.text = strings.ReplaceAll(e.text, "ORIGIN", s.origin.url)
	if err := e.apply(s.root); err != nil {
		s.t.Fatal(err)
	}
}

// edit makes an edit and waits until docserve has noticed it, and come to rest.
func (s *session) edit(e edit) runner.Status {
	s.t.Helper()
	before := s.server.Engine().Status(s.t.Context()).Changes
	for _, each := range e.entries {
		s.apply(each)
	}
	return s.until("settled after "+e.title, func(st runner.Status) bool {
		return st.Changes > before && st.Settled
	})
}

func (s *session) until(what string, holds func(runner.Status) bool) runner.Status {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for {
		status := s.server.Engine().Status(ctx)
		if status.Phase == runner.Failed || len(status.Broken) > 0 && status.Settled {
			s.t.Fatalf("not %s: it cannot be built: %+v", what, status.Diagnostics)
		}
		if holds(status) {
			return status
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("not %s: %+v", what, status)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// replaced reports whether another interpreter does the work since last time.
func (s *session) replaced() bool {
	worker := s.server.Engine().Status(s.t.Context()).Processes["worker"]
	before := s.worker
	s.worker = worker
	return worker != before
}

// differences compares the site with a clean build; each is a line.
func (s *session) differences() []string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*patience)
	defer cancel()
	report, err := s.server.Verify(ctx, os.Getenv(keepVar) != "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if report.Clean != "" {
		s.t.Logf("clean: %s", report.Clean)
	}
	return lines(report)
}

func lines(report verify.Report) []string {
	var all []string
	for _, d := range report.Differences {
		all = append(all, d.Path+": "+d.What)
	}
	for _, w := range report.Lost {
		all = append(all, "lost: "+w.String())
	}
	for _, w := range report.Invented {
		all = append(all, "invented: "+w.String())
	}
	if report.Disturbed > 0 {
		all = append(all, "the clean build has written documents that docserve had not")
	}
	for _, d := range report.Repaired {
		all = append(all, "repaired: "+d)
	}
	return all
}
