package differential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"docserve/internal/config"
	"docserve/internal/serve"
	"docserve/internal/testenv"
	"docserve/internal/testenv/session"
	"docserve/runner"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// In a project with rules (testdata/structured, added to the other) there is one
// more thing to be equal: what is generated among the sources, and what is said
// about it, is that of generating all from nothing in a copy of the sources.

// TestRandomEditsStructured makes sequences in a project with rules, through the
// real watcher and what generates.
func TestRandomEditsStructured(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the project has a command for a shell")
	}
	set(t, "rapid.checks", strconv.Itoa(testenv.Number(t, sequencesVar, structuredInTests)))
	chooseSeed(t)
	names := versions()
	if os.Getenv(sequencesVar) == "" {
		names = names[len(names)-1:]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			env := open(t, name)
			env.ruled, env.watched = true, true
			check(t, env)
		})
	}
}

// serveOptions are those with which docserve would serve or generate the project.
func serveOptions(opts runner.Options) (serve.Options, error) {
	dir := opts.Sphinx.Source
	candidates := []string{filepath.Join(dir, "docserve.toml")}
	load := func() (config.Config, error) {
		return config.Load(candidates, dir, config.Known{Kinds: serve.Kinds})
	}
	c, err := load()
	return serve.Options{Runner: opts, Generation: serve.Generation{Config: c, Candidates: candidates, Load: load}}, err
}

// stage starts a session in which files are generated.
func (s *sequence) stage(opts runner.Options) (*session.Session, error) {
	o, err := serveOptions(opts)
	if err != nil {
		return nil, err
	}
	return session.StartStaged(opts, func(watcher *watch.Watcher, needed func() []string) (session.Stage, runner.Generated, error) {
		stage, err := serve.NewStage(o, watcher, needed)
		if err != nil {
			return nil, nil, err
		}
		return stage, inProject{serve.Generated(stage), s.project.dir}, nil
	})
}

// inProject knows the files that Sphinx names relative to its own directory, which
// is docserve's too when it is no test.
type inProject struct {
	runner.Generated
	dir string
}

func (p inProject) Origin(path string, line int) (string, int, bool) {
	if name := asSphinx(path); name != path {
		path = filepath.Join(p.dir, name)
	}
	return p.Generated.Origin(path, line)
}

// asSphinx gives a path the form that Sphinx has given it, which docserve has taken
// for one relative to the directory of the tests.
func asSphinx(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if name, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(name) {
		return name
	}
	return path
}

// compareGenerated compares what is generated with generating it from nothing. A
// mistake in a source leaves its outputs as they were, and others are made from
// these; then what is said must be said here too, and all is compared when the
// mistake is mended.
func (s *sequence) compareGenerated(status runner.Status) error {
	for _, all := range []bool{false, true} { // what must be mended
		wrong, err := s.generatedAsAnew(status)
		if err != nil || !wrong || s.out.failed() {
			return err
		}
		s.say("%d with mistakes", s.slot)
		s.project.mend(all)
		if status, err = s.settle(); err != nil {
			return err
		}
		if err = s.compareSite(status); err != nil || s.out.failed() {
			return err
		}
	}
	wrong, err := s.generatedAsAnew(status)
	if err == nil && wrong && !s.out.failed() {
		err = fmt.Errorf("mistakes stay: %v", problems(status.Diagnostics))
	}
	return err
}

// generatedAsAnew compares, and reports whether there are mistakes.
func (s *sequence) generatedAsAnew(status runner.Status) (wrong bool, err error) {
	dir, err := os.MkdirTemp("", "docserve-anew-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return false, err
	}
	if err := session.Write(dir, s.project.files); err != nil {
		return false, err
	}
	output := filepath.Join(dir, "_build", "html")
	opts, err := serveOptions(runner.Options{Sphinx: sphinx.Options{
		Source: dir, Config: dir, Output: output, Doctrees: filepath.Join(output, ".doctrees"),
	}})
	if err != nil {
		return false, err
	}
	_, said, err := serve.Generate(context.Background(), opts, serve.GenerateOptions{})
	if err != nil {
		return false, err
	}
	want, got := within(problems(said), dir), within(problems(status.Diagnostics), s.project.dir)
	for _, line := range want {
		if !slices.Contains(got, line) {
			s.out.Warnings = append(s.out.Warnings, "generating from nothing says: "+line)
		}
	}
	if wrong = slices.ContainsFunc(said, func(d runner.Diagnostic) bool { return d.Severity == runner.Error }); wrong {
		return wrong, nil
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			s.out.Warnings = append(s.out.Warnings, "generating from nothing does not say: "+line)
		}
	}
	return false, s.sameFiles(dir)
}

// sameFiles compares the files that are no sources.
func (s *sequence) sameFiles(dir string) error {
	want, err := s.project.others(dir)
	if err != nil {
		return err
	}
	got, err := s.project.others(s.project.dir)
	if err != nil {
		return err
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(append(sortedKeys(want), sortedKeys(got)...)))) {
		now, there := got[name]
		anew, made := want[name]
		switch {
		case !there:
			s.out.Files = append(s.out.Files, "not generated: "+name)
		case !made:
			s.out.Files = append(s.out.Files, "not generated from nothing: "+name)
		case now != anew:
			s.out.Files = append(s.out.Files, fmt.Sprintf("%s is\n%s\nand from nothing\n%s", name, now, anew))
		}
	}
	return nil
}

// others returns the files below a directory that were not written by edits, nor by
// Sphinx and its extensions.
func (p *project) others(dir string) (map[string]string, error) {
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "_build" || entry.Name() == "__pycache__"):
			return fs.SkipDir
		case entry.IsDir() || name == emitted || filepath.Ext(name) == ".mo":
			return nil
		}
		if _, own := p.files[name]; own {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		found[name] = string(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look at what is generated: %w", err)
	}
	return found, nil
}

// problems returns what is wrong with rules, and with what they are applied to.
func problems(all []runner.Diagnostic) []string {
	var lines []string
	for _, d := range all {
		if d.Category == runner.RuleCategory {
			lines = append(lines, d.String()+" | "+d.Hint)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// within names files as seen from a directory.
func within(lines []string, dir string) []string {
	var short []string
	for _, line := range lines {
		short = append(short, strings.ReplaceAll(line, dir, ""))
	}
	return short
}
