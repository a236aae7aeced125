package stories

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"docserve/internal/testenv"
)

// explosive is a conf.py whose directive raises when its argument says so.
const explosive = `project = 'story'

from docutils import nodes
from docutils.parsers.rst import Directive

class Bomb(Directive):
    required_arguments = 1
    def run(self):
        if self.arguments[0] == 'lit':
            raise RuntimeError('it went off')
        return [nodes.paragraph(text='a bomb, not lit')]

def setup(app):
    app.add_directive('bomb', Bomb)
`

// sessions is how each bad file is met: while docserve runs, with and without
// fork, and by an older Sphinx.
var sessions = []struct {
	name      string
	python    string
	arguments []string
}{
	{"9.0", "9.0", nil},
	{"7.4 without fork", "7.4", []string{"--no-fork"}},
}

// TestBadFiles has one site go through everything that can be wrong with a
// source. The rest of the site is served all the while, and each thing that is
// put right is right at once.
func TestBadFiles(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, with(small, "conf.py", explosive, "index.rst", "Root\n====\n\n.. toctree::\n   :glob:\n\n   *\n"))
			s := p.start(way.arguments...)
			s.settled()
			first := p.path("first.rst")
			good := small["first.rst"]

			// Markup that Sphinx warns about: the page is shown, and the warning too.
			p.save("first.rst", good+"\n.. nonsense::\n")
			s.diagnosed(first, 6, `Unknown directive type "nonsense"`)
			s.printed(`docs/first.rst:6: error: Unknown directive type "nonsense"`)
			p.save("first.rst", good)
			s.printed("docs/first.rst:6: fixed: Unknown directive type")
			s.mended()

			// A directive that raises: the last good page stays, marked.
			p.save("first.rst", good+"\n.. bomb:: lit\n")
			s.diagnosed(first, 6, "it went off")
			s.printed("docs/first.rst:6: critical: RuntimeError: it went off (raised at " + p.path("conf.py") + ":10)")
			s.stopped("first.html", http.StatusOK, "it went off")
			s.shows("first.html", "Text of the first page.")
			p.replace("second.rst", "Text of the second page.", "Edited meanwhile.")
			s.shows("second.html", "Edited meanwhile.")
			p.save("first.rst", good+"\n.. bomb:: dud\n")
			s.shows("first.html", "a bomb, not lit")
			s.mended()

			// Bytes that are no UTF-8: newer versions of Sphinx stop, older ones warn.
			p.save("first.rst", "First\n=====\n\ncaf\xe9 and more\n")
			s.await("the encoding is complained about", func() error {
				for _, d := range s.look().Diagnostics {
					if d.Path == first && (d.Line == 4 || way.python != "9.0") && strings.Contains(strings.ToLower(d.Message), "decod") {
						return nil
					}
				}
				return fmt.Errorf("said: %v", s.look().Diagnostics)
			})
			p.save("first.rst", "First\n=====\n\ncafé and more\n")
			s.shows("first.html", "café and more")
			s.mended()
			p.equalsClean()
			s.tidy()
			s.end()
		})
	}
}

// TestBadFileAtTheStart: a site in which one document cannot be read from the
// beginning is served but for that document.
func TestBadFileAtTheStart(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "conf.py", explosive, "first.rst", "First\n=====\n\n.. bomb:: lit\n"))
	s := p.start()
	s.shows("second.html", "Text of the second page.")
	s.diagnosed(p.path("first.rst"), 4, "it went off")
	s.stopped("first.html", http.StatusServiceUnavailable, "it went off")
	s.await("it is called broken", func() error {
		if status := s.look(); !status.Failed || len(status.Broken) != 1 || status.Broken[0] != "first" {
			return fmt.Errorf("failed %v, broken %v", status.Failed, status.Broken)
		}
		return nil
	})
	p.save("first.rst", small["first.rst"])
	s.shows("first.html", "Text of the first page.")
	s.mended()
	p.equalsClean()
	s.end()
}

// TestRootGone: without its root document there is no site for Sphinx. The pages
// that are there stay.
func TestRootGone(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, small)
			s := p.start(way.arguments...)
			s.settled()
			p.remove("index.rst")
			s.diagnosed(p.path("index.rst"), 0, "root document")
			s.printed("docs/index.rst: critical: ")
			s.stopped("first.html", http.StatusOK, "root document")
			s.shows("first.html", "Text of the first page.")
			p.replace("first.rst", "Text of the first page.", "Edited without a root.")
			if !s.look().Failed {
				t.Error("the status does not say that it failed")
			}
			p.save("index.rst", small["index.rst"])
			s.shows("first.html", "Edited without a root.")
			s.shows("index.html", "Root")
			s.mended()
			p.equalsClean()
			s.end()
		})
	}
	t.Run("from the start", func(t *testing.T) {
		story(t)
		p := newProject(t, "9.0", with(small, "index.rst", ""))
		p.remove("index.rst")
		s := p.start()
		s.diagnosed(p.path("index.rst"), 0, "root document")
		s.stopped("first.html", http.StatusServiceUnavailable, "root document")
		p.save("index.rst", small["index.rst"])
		s.shows("index.html", "Root")
		s.mended()
		p.equalsClean()
		s.end()
	})
}

// TestOddFiles has a site meet what is called like a document and is none.
func TestOddFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither symbolic links for everybody nor named pipes in directories")
	}
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, with(small, "index.rst", "Root\n====\n\n.. toctree::\n   :glob:\n\n   *\n   o*/*\n", "other/page.rst", "Other\n=====\n"))
			s := p.start(way.arguments...)
			s.settled()

			// A directory called like a document, with one in it, and then a file.
			p.save("odd.rst/inner.rst", "Inner\n=====\n\nInside a directory.\n")
			s.shows("odd.rst/inner.html", "Inside a directory.")
			s.mended()
			p.equalsClean()
			p.remove("odd.rst")
			p.save("odd.rst", "Odd\n===\n\nNow it is a file.\n")
			s.shows("odd.html", "Now it is a file.")
			s.mended()
			p.remove("odd.rst")

			// A symbolic link to nothing, which becomes one to something.
			p.link("elsewhere/target.txt", "link.rst")
			s.await("the broken link is complained about", func() error {
				for _, d := range s.look().Diagnostics {
					if strings.Contains(d.String(), "link.rst") && strings.Contains(strings.ToLower(d.Message), "readable") {
						return nil
					}
				}
				return fmt.Errorf("said: %v", s.look().Diagnostics)
			})
			p.save("elsewhere/target.txt", "Linked\n======\n\nBehind a link.\n")
			s.shows("link.html", "Behind a link.")
			p.replace("elsewhere/target.txt", "Behind a link.", "Behind a link, edited.")
			s.shows("link.html", "Behind a link, edited.")
			s.mended()
			p.remove("link.rst")

			// Two links that point at each other.
			p.link("yang.rst", "yin.rst")
			p.link("yin.rst", "yang.rst")
			p.save("trigger.rst", "Trigger\n=======\n")
			s.await("the loop is complained about", func() error {
				for _, d := range s.look().Diagnostics {
					if strings.Contains(d.String(), "yin.rst") {
						return nil
					}
				}
				return fmt.Errorf("said: %v", s.look().Diagnostics)
			})
			p.remove("yin.rst")
			p.remove("yang.rst")

			// A named pipe: opening it would wait for ever.
			p.pipe("pipe.rst")
			p.save("new.rst", "New\n===\n") // links and pipes are noticed with the next real document
			s.diagnosed(p.path("pipe.rst"), 0, "not a regular file")
			p.replace("first.rst", "Text of the first page.", "Edited beside a pipe.")
			s.shows("first.html", "Edited beside a pipe.")
			p.remove("pipe.rst")
			p.save("newer.rst", "Newer\n=====\n")
			s.await("the pipe is forgotten", func() error {
				if status := s.look(); len(status.Diagnostics) > 0 {
					return fmt.Errorf("said: %v", status.Diagnostics)
				}
				return nil
			})
			s.mended()
			p.equalsClean()
			s.end()
		})
	}
}

// TestDirectoryLoop: Sphinx follows links to directories as deep as the system
// lets it. docserve does the same, and stays alive.
func TestDirectoryLoop(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no symbolic links for everybody")
	}
	story(t)
	p := newProject(t, "9.0", map[string]string{"conf.py": small["conf.py"], "index.rst": "Root\n====\n"})
	p.link(".", "loop")
	s := p.start()
	s.shows("index.html", "Root")
	s.settled()
	p.save("index.rst", "Root\n====\n\nEdited in a loop.\n")
	s.shows("index.html", "Edited in a loop.")
	s.settled()
	p.remove("loop")
	p.save("index.rst", "Root\n====\n\n.. toctree::\n\n   new\n")
	p.save("new.rst", "New\n===\n") // what watching the loop would tell comes with the next document
	s.await("the loop is gone", func() error {
		if n := s.look().Documents; n != 2 {
			return fmt.Errorf("%d documents", n)
		}
		return nil
	})
	s.mended()
	p.equalsClean()
	s.end()
}

// TestUnreadable: a file that may not be read is named, and read when it may.
func TestUnreadable(t *testing.T) {
	prefix := mortal(t)
	story(t)
	p := newProject(t, "9.0", small)
	p.prefix = prefix
	s := p.start()
	s.settled()
	if err := os.Chmod(p.path("first.rst"), 0); err != nil {
		t.Fatal(err)
	}
	p.replace("second.rst", "Text of", "Edited text of")
	s.shows("second.html", "Edited text of")
	s.await("the file is complained about", func() error {
		for _, d := range s.look().Diagnostics {
			if strings.Contains(d.String(), "first") {
				return nil
			}
		}
		return fmt.Errorf("said: %v", s.look().Diagnostics)
	})
	if err := os.Chmod(p.path("first.rst"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.shows("first.html", "Text of the first page.")
	s.mended()
	p.equalsClean()
	s.end()
}

// TestUnreadableImage: so is an image, and the page is shown without it.
func TestUnreadableImage(t *testing.T) {
	prefix := mortal(t)
	story(t)
	p := newProject(t, "9.0", small)
	p.prefix = prefix
	if err := os.Chmod(p.path("dot.svg"), 0); err != nil {
		t.Fatal(err)
	}
	s := p.start()
	s.shows("second.html", "Text of the second page.")
	s.await("the image is complained about", func() error {
		for _, d := range s.look().Diagnostics {
			if strings.Contains(d.String(), "dot.svg") {
				return nil
			}
		}
		return fmt.Errorf("said: %v", s.look().Diagnostics)
	})
	if err := os.Chmod(p.path("dot.svg"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.shows("_images/dot.svg", "width='9'")
	s.mended()
	s.end()
}

// TestSourceGone: the source directory goes away, by a name or for good, and
// comes back.
func TestSourceGone(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, small)
			s := p.start(way.arguments...)
			s.settled()
			aside := filepath.Join(p.dir, "aside")
			if err := os.Rename(p.source, aside); err != nil {
				t.Fatal(err)
			}
			s.gone(p)
			if err := os.Rename(aside, p.source); err != nil {
				t.Fatal(err)
			}
			s.shows("first.html", "Text of the first page.")
			s.back()
			p.replace("first.rst", "Text of the first page.", "Edited after the return.")
			s.shows("first.html", "Edited after the return.")
			s.mended()

			if err := os.RemoveAll(p.source); err != nil {
				t.Fatal(err)
			}
			s.gone(p)
			p.write(with(small, "first.rst", "First\n=====\n\nWritten anew.\n"))
			s.shows("first.html", "Written anew.")
			s.back()
			s.mended()
			p.equalsClean()
			s.end()
		})
	}
}

// gone waits until the lack of the source directory is reported.
func (s *session) gone(p *project) {
	s.t.Helper()
	s.await("the lack of sources is reported", func() error {
		status := s.look()
		for _, d := range status.Diagnostics {
			if status.Failed && strings.Contains(d.String(), p.source) {
				return nil
			}
		}
		return fmt.Errorf("failed %v: %v", status.Failed, status.Diagnostics)
	})
	s.tidy()
}

// back waits until nothing is wrong any more.
func (s *session) back() {
	s.t.Helper()
	s.await("all is well again", func() error {
		if status := s.look(); !status.Settled || status.Failed || len(status.Diagnostics) > 0 {
			return fmt.Errorf("settled %v, failed %v: %v", status.Settled, status.Failed, status.Diagnostics)
		}
		return nil
	})
}

// link makes a symbolic link among the sources.
func (p *project) link(target, name string) {
	p.t.Helper()
	if err := os.Symlink(filepath.FromSlash(target), p.path(name)); err != nil {
		p.t.Fatal(err)
	}
}

// pipe makes a named pipe among the sources.
func (p *project) pipe(name string) {
	p.t.Helper()
	if output, err := exec.Command("mkfifo", p.path(name)).CombinedOutput(); err != nil {
		p.t.Fatalf("mkfifo: %v\n%s", err, output)
	}
}

// mortal returns what must stand before a command for file permissions to bind
// it: nothing for ordinary people, and for root something that gives up the
// right to ignore them.
func mortal(t *testing.T) []string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("permissions work differently on Windows")
	}
	if os.Getuid() != 0 {
		return nil
	}
	path, err := exec.LookPath("setpriv")
	if err != nil {
		testenv.Missing(t, "permissions do not bind root, and there is no setpriv to make them: %v", err)
	}
	prefix := []string{path, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--"}
	file := filepath.Join(t.TempDir(), "locked")
	if err := os.WriteFile(file, nil, 0); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := exec.Command(prefix[0], append(prefix[1:], "cat", file)...).Run(); !errors.As(err, &exit) {
		testenv.Missing(t, "permissions do not bind root even without its privileges (%v)", err)
	}
	return prefix
}
