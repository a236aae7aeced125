package stories

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refused checks that docserve did not start, and said why in a few lines.
func (s *session) refused(says ...string) {
	s.t.Helper()
	if code := s.ended(); code <= 0 {
		s.t.Errorf("the exit code is %d", code)
	}
	for _, text := range says {
		s.printed(text)
	}
	s.tidy()
	if lines := strings.Count(strings.TrimSpace(s.out.String()), "\n") + 1; lines > 4 {
		s.t.Errorf("it takes %d lines to say so:\n%s", lines, s.out)
	}
}

// TestRefusedOutput: output directories in which building could do harm, or
// cannot be done, are refused before anything is written.
func TestRefusedOutput(t *testing.T) {
	for _, c := range []struct {
		name   string
		output func(p *project) string
		says   string
	}{
		{"source directory", func(p *project) string { return p.source }, "source directory"},
		{"above the source directory", func(p *project) string { return p.dir }, "source directory"},
		{"foreign files", func(p *project) string {
			p.save("../precious/thesis.doc", "ten years of work")
			return filepath.Join(p.dir, "precious")
		}, "thesis.doc"},
		{"a file", func(p *project) string {
			p.save("../file", "text")
			return filepath.Join(p.dir, "file")
		}, "not a directory"},
		{"below a file", func(p *project) string {
			p.save("../file", "text")
			return filepath.Join(p.dir, "file", "out")
		}, "not a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t)
			p := newProject(t, "9.0", small)
			output := c.output(p)
			before := p.everything()
			s := p.launch("--port", "0", p.source, output)
			s.refused("refuse output directory", c.says)
			if after := p.everything(); !slices.Equal(before, after) {
				t.Errorf("files were %v, and are %v", before, after)
			}
		})
	}
	t.Run("not writable", func(t *testing.T) {
		prefix := mortal(t)
		story(t)
		p := newProject(t, "9.0", small)
		p.prefix = prefix
		locked := filepath.Join(p.dir, "locked")
		if err := os.Mkdir(locked, 0o555); err != nil {
			t.Fatal(err)
		}
		p.launch("--port", "0", p.source, filepath.Join(locked, "out")).refused("locked", "permission denied")
	})
}

// everything lists all files of a story.
func (p *project) everything() []string {
	p.t.Helper()
	var all []string
	err := filepath.WalkDir(p.dir, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

// TestOutputInside: an output directory among the sources is not watched, and
// not read.
func TestOutputInside(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	p.output = p.path("_build/html")
	s := p.start()
	s.shows("first.html", "Text of the first page.")
	s.settled()
	p.replace("first.rst", "Text of the first page.", "Edited beside the output.")
	s.settledAgain("first.html", "Edited beside the output.")
	if builds := s.settled().Builds; len(builds) != 2 {
		t.Errorf("%d builds for a start and an edit: %+v", len(builds), builds)
	}
	p.equalsClean()
	s.end()
}

// TestOutputGone: somebody says make clean while docserve runs.
func TestOutputGone(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	if err := os.RemoveAll(p.output); err != nil {
		t.Fatal(err)
	}
	s.shows("first.html", "Text of the first page.")
	p.replace("first.rst", "Text of the first page.", "Edited after make clean.")
	s.shows("first.html", "Edited after make clean.")
	s.shows("second.html", "Text of the second page.")
	s.shows("_static/basic.css", "div")
	s.mended()
	p.equalsClean()

	// With doctrees elsewhere, or files with a dot left, only the pages are gone.
	for _, name := range []string{"index.html", "first.html", "second.html", "_static", "_images", "searchindex.js"} {
		if err := os.RemoveAll(filepath.Join(p.output, name)); err != nil {
			t.Fatal(err)
		}
	}
	s.shows("_images/dot.svg", "svg")
	s.shows("second.html", "Text of the second page.")
	p.replace("first.rst", "Edited after make clean.", "Edited after rm.")
	s.shows("first.html", "Edited after rm.")
	s.mended()
	p.equalsClean()
	s.end()
}

// TestPortInUse: the default port may be replaced by another, one that was asked
// for may not.
func TestPortInUse(t *testing.T) {
	t.Run("asked for", func(t *testing.T) {
		story(t)
		p := newProject(t, "9.0", small)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		port := fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
		p.launch("--port", port, p.source, p.output).refused("port "+port, "in use")
	})
	t.Run("default", func(t *testing.T) {
		story(t)
		listener, err := net.Listen("tcp", "127.0.0.1:8000")
		if err == nil {
			defer listener.Close()
		} else {
			t.Logf("somebody else has the default port, which is as good: %v", err)
		}
		p := newProject(t, "9.0", small)
		s := p.launch(p.source, p.output)
		s.awaitAddress()
		if strings.Contains(s.url, ":8000/") {
			t.Errorf("the address is %s", s.url)
		}
		s.printed("port 8000 is taken")
		s.shows("index.html", "Root")
		s.end()
	})
}

// TestFilesOnly: what is not of the site is not served, whatever it is called.
func TestFilesOnly(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	for _, path := range []string{"../docs/conf.py", "..%2fdocs%2fconf.py", ".buildinfo", ".doctrees/environment.pickle", "%2e%2e/docs/conf.py"} {
		s.await(path+" is not served", func() error {
			if code, body := s.get(path); code == http.StatusOK || strings.Contains(body, "exclude_patterns") {
				return errors.New(body)
			}
			return nil
		})
	}
	s.end()
}

// TestPreviewBesideDoctrees: while the documents are read for the first time, pages
// are shown before that is over, wherever the doctrees are. Sphinx keeps them in the
// output directory, of which they are the hidden part.
func TestPreviewBesideDoctrees(t *testing.T) {
	story(t)
	texts := map[string]string{
		"conf.py":   "import time\n\n\ndef wait(app, docname, text):\n    if docname.startswith('slow'):\n        time.sleep(0.1)\n\n\ndef setup(app):\n    app.connect('source-read', wait)\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n   :glob:\n\n   slow*\n",
	}
	for i := range 60 {
		texts[fmt.Sprintf("slow%02d.rst", i)] = "Slow\n====\n"
	}
	s := newProject(t, "9.0", texts).start()
	s.await("the page", func() error {
		code, _ := s.get("/")
		if code == http.StatusNotFound {
			t.Fatal("docserve says that there is no such page")
		}
		if code != http.StatusOK {
			return fmt.Errorf("status %d", code)
		}
		return nil
	})
	if s.look().Settled {
		t.Error("everything was read before the page was shown")
	}
	s.settled()
}
