package stories

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfiguration: options and hooks stand in a file, hooks take effect when they
// are edited, and options are said to wait.
func TestConfiguration(t *testing.T) {
	story(t)
	const options = `
[options]
port = 0
define = ["project=from the file", "release=1"]
`
	p := newProject(t, "9.0", with(small, "../docserve.toml", options+`
[[before]]
command = "echo before >> ran.txt"
shell = true
`))
	s := p.launch("-D", "project=typed", p.source, p.output)
	s.awaitAddress()
	s.shows("index.html", "typed")
	s.settled()
	ran := func(what string) {
		t.Helper()
		s.await(what+" has run", func() error {
			text, err := os.ReadFile(filepath.Join(p.dir, "ran.txt"))
			if err == nil && !strings.Contains(string(text), what) {
				err = fmt.Errorf("%q", text)
			}
			return err
		})
	}
	ran("before")
	p.save("../docserve.toml", `
[options]
port = 1

[[after]]
command = ["sh", "-c", "echo $WORD >> ran.txt"]
env = { WORD = "afterwards" }
`)
	s.diagnosed(filepath.Join(p.dir, "docserve.toml"), 3, "take effect when docserve is started again")
	p.replace("first.rst", "Text of", "Words of")
	s.shows("first.html", "Words of")
	ran("afterwards")
	p.save("../docserve.toml", options)
	s.await("nothing is said any more", func() error {
		for _, d := range s.look().Diagnostics {
			if strings.HasPrefix(d.Message, "[options]") {
				return errors.New(d.String())
			}
		}
		return nil
	})
	s.settled()
	s.end()
}

// TestGenerate: the command makes, checks, refuses and says what it does.
func TestGenerate(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", ruled)
	run := func(code int, says string, arguments ...string) {
		t.Helper()
		s := p.command("generate", append(arguments, p.source, p.output)...)
		if got := s.ended(); got != code || !strings.Contains(s.out.String(), says) {
			t.Errorf("%v: exit code %d, want %d:\n%s", arguments, got, code, s.out)
		}
	}
	run(1, "would write docs/gen/alpha.rst\nwould write docs/inc/tides.txt\n", "--check")
	p.save("inc/tides.txt", "Mine.\n")
	run(1, "docs/inc/tides.txt: error: docserve has not written this file")
	run(0, "wrote docs/inc/tides.txt", "--adopt")
	run(0, "nothing to change", "--check")
	p.remove("data/alpha.yaml")
	run(1, "would remove docs/gen/alpha.rst", "--check")
	run(0, "removed docs/gen/alpha.rst")
	run(2, "--check changes nothing", "--check", "--adopt")
	p.replace("../docserve.toml", "[[depends]]", "[[dependds]]")
	run(2, "docserve.toml:14:3: unknown table \"dependds\"; did you mean depends?")
	p.replace("../docserve.toml", "[[dependds]]", "[[depends]]")

	p.save("data/alpha.yaml", "title: Alpha\ntext: Again.\n")
	server := p.start()
	server.shows("gen/alpha.html", "Again.")
	run(1, "generates by itself")
	run(0, "nothing to change", "--check")
	server.end()
}
