package stories

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/verify"
)

// verify runs "docserve verify" on the project to its end.
func (p *project) verify(arguments ...string) *session {
	p.t.Helper()
	s := p.beginVerify(arguments...)
	s.ended()
	return s
}

// beginVerify starts "docserve verify" on the project.
func (p *project) beginVerify(arguments ...string) *session {
	p.t.Helper()
	return p.command("verify", append(arguments, p.source, p.output)...)
}

// says checks exit code and terminal of a command.
func (s *session) says(code int, texts ...string) {
	s.t.Helper()
	if s.ended() != code {
		s.t.Errorf("exit code %d, not %d:\n%s", s.code, code, s.out)
	}
	for _, text := range texts {
		if !strings.Contains(s.out.String(), text) {
			s.t.Errorf("the terminal lacks %q:\n%s", text, s.out)
		}
	}
	s.tidy()
}

// clean checks that nothing lies beside sources and output.
func (p *project) clean() {
	p.t.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "docs" && e.Name() != "out" {
			p.t.Errorf("%s is left", e.Name())
		}
	}
}

// TestVerifyAlone: without a server the output is brought up to date and
// compared; a project that cannot be built is told, and so is wrong usage.
func TestVerifyAlone(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, with(small, "first.rst", "First\n=====\n\n.. only:: internal\n\n   For us.\n\n:doc:`nowhere`\n"))
			p.verify(append(way.arguments, "-t", "internal", "-A", "x=1")...).says(0, "equal to a clean build", "1 warning,")
			p.replace("first.rst", "For us.", "For us alone.")
			p.verify(append(way.arguments, "-t", "internal", "-A", "x=1")...).says(0, "equal to a clean build")
			if page, err := os.ReadFile(filepath.Join(p.output, "first.html")); err != nil || !strings.Contains(string(page), "For us alone.") {
				t.Errorf("the output is not up to date: %v", err)
			}
			p.clean()
			p.save("conf.py", "project = \n")
			p.verify(way.arguments...).says(1, "not verified", "conf.py")
			p.verify("x.rst").says(2)
			p.clean()
		})
	}
}

// TestVerifyServed: a server that runs for the output is asked, with the options
// that it has, and finds what somebody has done to a page.
func TestVerifyServed(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "first.rst", "First\n=====\n\n.. only:: internal\n\n   For us.\n\n:doc:`nowhere`\n"))
	s := p.start("-t", "internal")
	p.verify().says(0, "equal to a clean build", "1 warning,")

	s.settled()
	page := filepath.Join(p.output, "second.html")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page, []byte(strings.Replace(string(text), "Text of the second", "Text of a second", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	kept := p.verify("--keep")
	kept.says(1, "different from a clean build: 1 difference", "second.html: line ", "the clean build is in ")
	var status struct{ Verify verify.Status }
	_, body := s.get("__docserve/status")
	if err := json.Unmarshal([]byte(body), &status); err != nil || status.Verify.Running || status.Verify.Equal || status.Verify.Differences != 1 || status.Verify.When == nil {
		t.Errorf("status: %+v, %v", status, err)
	}
	_, where, _ := strings.Cut(kept.out.String(), "the clean build is in ")
	where = strings.TrimSpace(where)
	if _, err := os.Stat(filepath.Join(where, "second.html")); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(filepath.Dir(where)); err != nil {
		t.Fatal(err)
	}

	p.replace("first.rst", "For us.", "For all.")
	p.replace("second.rst", "Text of the", "The text of the")
	s.shows("second.html", "The text of the")
	p.verify().says(0, "equal to a clean build")

	s.end()
	p.clean()
	if _, err := os.Stat(filepath.Join(p.output, ".doctrees", ".docserve", "server.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file about the server is left: %v", err)
	}
	p.verify("-t", "internal").says(0, "equal to a clean build") // by itself again
}

// TestVerifyAfterKill: what a server that was killed has left misleads nobody.
func TestVerifyAfterKill(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	s.kill()
	s.noSurvivors()
	p.verify().says(0, "equal to a clean build")
}

// slow is a project whose clean build waits for a file of the story's.
func slow(p *project) {
	p.save("conf.py", small["conf.py"]+`
import os, time
def wait(app, docname):
    # a clean build has its doctrees elsewhere
    if 'docserve-verify-' in str(app.doctreedir):
        open(os.path.join(app.srcdir, '..', 'docs.waits'), 'w').close()
        while os.path.exists(os.path.join(app.srcdir, '..', 'docs.hold')):
            time.sleep(0.01)
def setup(app):
    app.connect('source-read', lambda app, docname, source: wait(app, docname))
`)
	if err := os.WriteFile(filepath.Join(p.dir, "docs.hold"), nil, 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// waits waits until the clean build does.
func (s *session) waits(p *project) {
	s.t.Helper()
	s.await("the clean build has begun", func() error {
		_, err := os.Stat(filepath.Join(p.dir, "docs.waits"))
		return err
	})
}

// release lets the clean build go on.
func (p *project) release() {
	p.t.Helper()
	if err := os.Remove(filepath.Join(p.dir, "docs.hold")); err != nil {
		p.t.Fatal(err)
	}
}

// TestSaveDuringVerify: a save makes it start over, and it says so.
func TestSaveDuringVerify(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	slow(p)
	s := p.start()
	s.settled()
	v := p.beginVerify()
	v.waits(p)
	if code, body := s.get("__docserve/status"); code != http.StatusOK || !strings.Contains(body, string(verify.Building)) {
		t.Errorf("the status does not tell what is being done: %d %s", code, body)
	}
	p.beginVerify().says(1, "running already")
	p.replace("second.rst", "Text of the", "The text of the")
	s.shows("second.html", "The text of the") // the save does not wait for it
	p.release()
	v.says(0, "equal to a clean build", "start over: 1 time")
	s.end()
}

// TestInterruptDuringVerify: nothing is left of it, in a server neither, and an
// interrupt is no success.
func TestInterruptDuringVerify(t *testing.T) {
	for _, served := range []bool{false, true} {
		t.Run(fmt.Sprintf("served %v", served), func(t *testing.T) {
			story(t)
			p := newProject(t, "9.0", small)
			slow(p)
			var s *session
			if served {
				s = p.start()
				s.settled()
			}
			v := p.beginVerify("--keep")
			v.waits(p)
			v.interrupt()
			v.says(1, "interrupted")
			v.noSurvivors()
			if served {
				s.await("the server has stopped it", func() error {
					if _, body := s.get("__docserve/verify"); !strings.Contains(body, "stopped") {
						return errors.New(body)
					}
					return nil
				})
				s.end()
			}
			p.release()
			if err := os.Remove(filepath.Join(p.dir, "docs.waits")); err != nil {
				t.Fatal(err)
			}
			p.clean()
		})
	}
}
