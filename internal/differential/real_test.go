package differential

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv"
)

// realVar names the projects, separated by commas, whose own documentation is
// edited.
const realVar = "DOCSERVE_DIFFERENTIAL_REAL"

// real is a project whose documentation is edited.
type real struct {
	name, version string
	docs          string // directory of the documentation in the source distribution
	suffix        string
	env           string // environment that its documentation is built with
	every         int    // edits between two comparisons
}

var reals = []real{
	{name: "sphinx", version: "8.2.3", docs: "doc", suffix: ".rst", env: "8.2", every: 8},
	{name: "django", version: "5.2.1", docs: "docs", suffix: ".txt", env: "9.0", every: 12},
}

// offline is added to conf.py: no inventories are fetched.
const offline = "\n\nintersphinx_mapping = {}\n"

// realPatience is how long such a site may take to settle, on a busy machine.
const realPatience = 10 * time.Minute

// edits of real documentation: those that people make who write it.
var written = []edit{
	{"body", 4, (*project).addParagraph},
	{"section renamed", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(`(?m)^([^\s.:|=~\-][^\n]*)\n(-{4,})\n`), func(g []string) string {
			return underlined(title(d), "-")
		}, p.addParagraph)
	}},
	{"title", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(`\A((?:\.\. _[^\n]*\n\n)?)(?:=+\n)?([^\s.:|=~\-][^\n]*)\n=+\n`), func(g []string) string {
			return g[1] + underlined(title(d), "=")
		}, p.addParagraph)
	}},
	{"label renamed", 2, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(`(?m)^\.\. _([a-z-]+):$`), func(g []string) string { return ".. _" + g[1] + "-renamed:" }, p.addParagraph)
	}},
	{"label added", 1, func(p *project, d dice) { p.insert(d, pick(d, p.docs()), ".. _"+pick(d, labels)+":\n\nA target.\n") }},
	{"object renamed", 2, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(`(?m)^\.\. (class|function|setting|confval|option|event)::? (\w+)`), func(g []string) string {
			return ".. " + g[1] + ":: " + g[2] + "x"
		}, p.addParagraph)
	}},
	{"index entry added", 1, func(p *project, d dice) { p.insert(d, pick(d, p.docs()), ".. index:: single: "+title(d)+"\n") }},
	{"order of a toctree", 2, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), toctree, func(g []string) string {
			lines := strings.SplitAfter(g[1], "\n")
			lines = lines[:len(lines)-1]
			d.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			return strings.TrimSuffix(g[0], g[1]) + strings.Join(lines, "")
		}, p.addParagraph)
	}},
	{"page added with its entry", 2, func(p *project, d dice) {
		name := path.Join(path.Dir(pick(d, p.movable())), p.fresh("new"))
		p.files[name+p.suffix] = p.newPage(d)
		p.replaceOr(d, p.docs(), toctree, func(g []string) string { return g[0] + "   /" + name + "\n" }, p.addParagraph)
	}},
	{"page removed", 1, func(p *project, d dice) { delete(p.files, pick(d, p.movable())) }},
	{"checkout there and back", 1, func(p *project, d dice) {
		before := p.snapshot()
		for range 6 {
			p.addParagraph(d)
		}
		p.save()
		p.files = before
	}},
}

// TestRealProjects edits the documentation of Sphinx and of Django, first a
// word and a title, then at random.
func TestRealProjects(t *testing.T) {
	chosen := strings.Split(os.Getenv(realVar), ",")
	if chosen[0] == "" {
		t.Skipf("the projects to edit are named by %s", realVar)
	}
	for _, r := range reals {
		if !slices.Contains(chosen, r.name) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			seed := testenv.Number(t, seedVar, int(time.Now().UnixNano()%1_000_000))
			s, err := r.open(t)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			err = r.edits(s, rand.New(rand.NewPCG(uint64(seed), 0)))
			for _, step := range s.out.Steps {
				t.Log(step)
			}
			for _, line := range append(s.out.Files, s.out.Warnings...) {
				t.Errorf("seed %d: %s", seed, line)
			}
			if err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			t.Logf("%d edits, %d comparisons, pages written %d, changed %d, %s", s.out.Edits, s.out.Comparisons, s.out.Tally.Written, s.out.Tally.Differ, time.Since(began).Round(time.Second))
		})
	}
}

// open starts a session on a copy of the project.
func (r real) open(t *testing.T) (*sequence, error) {
	env := open(t, r.env)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, os.DirFS(testenv.Source(t, env.python, r.name, r.version))); err != nil {
		return nil, err
	}
	source := filepath.Join(dir, r.docs)
	conf, err := os.OpenFile(filepath.Join(source, "conf.py"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	_, err = conf.WriteString(offline)
	if err := errors.Join(err, conf.Close()); err != nil {
		return nil, err
	}
	s := &sequence{env: env, out: &outcome{}, builder: "html", project: &project{dir: source, suffix: r.suffix}}
	if s.project.files, err = texts(source, r.suffix); err != nil {
		return nil, err
	}
	s.project.disk = maps.Clone(s.project.files)
	if err := s.start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := s.session.Stop(); err != nil {
			t.Error(err)
		}
	})
	s.session.Patience = realPatience
	return s, nil
}

// texts reads all documents below a directory.
func texts(dir, suffix string) (map[string]string, error) {
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != suffix || strings.HasPrefix(name, "_") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		found[name] = string(data)
		return err
	})
	return found, err
}

// edits makes them, and compares now and then.
func (r real) edits(s *sequence, d dice) error {
	waits := []wait{untilSettled, untilVisible, aMoment, notAtAll}
	scripted := []string{"body", "title", "section renamed", "label renamed"}
	for i := range length {
		e := pick(d, written)
		if i < len(scripted) {
			e = written[slices.IndexFunc(written, func(e edit) bool { return e.name == scripted[i] })]
		}
		s.slot = i
		s.look(d)
		if err := s.make(e, d, pick(d, waits)); err != nil {
			return err
		}
		if i%r.every == 0 || i == length-1 {
			if err := s.compare(); err != nil || s.out.failed() {
				return err
			}
		}
	}
	if len(s.out.Steps) == 0 {
		return fmt.Errorf("nothing was edited")
	}
	return nil
}
