package differential

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"docserve/internal/compare"
	"docserve/internal/testenv"
	"docserve/internal/testenv/clean"
)

// environment is a Python with a version of Sphinx, and its clean builder.
type environment struct {
	name    string
	python  string
	themes  []string
	builder *clean.Builder
	watched bool // sequences go through the real watcher
	ruled   bool // the project has rules, and the watcher is a real one

	verify sync.Once
	err    error // of the verification
}

// libraries are imported by the clean builder before its builds.
var libraries = append([]string{
	"myst_parser.sphinx_ext.main", "myst_parser.parsers.sphinx_", "bs4", "accessible_pygments",
}, "alabaster", "furo", "sphinx_rtd_theme", "pydata_sphinx_theme", "sphinx_book_theme", "python_docs_theme")

// open makes an environment ready.
func open(t *testing.T, name string) *environment {
	t.Helper()
	env := &environment{name: name, python: testenv.Python(t, name), themes: testenv.Themes(name)}
	dir := t.TempDir()
	if chosen := os.Getenv(themeVar); chosen != "" {
		env.themes = []string{chosen}
	}
	var err error
	if env.builder, err = clean.New(env.python, dir, libraries...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.builder.Close(); err != nil {
			t.Errorf("clean builder: %v", err)
		}
	})
	return env
}

// build makes a clean build. The first one that succeeds is made twice, in a
// fork and by a Python process of its own, which must agree: one that an
// exception broke off says so in other words, with the name of a log.
func (e *environment) build(source, builder string) (clean.Result, error) {
	project := clean.Project{Source: source, Builder: builder}
	result, err := e.builder.Build(project)
	if err != nil || result.Code != 0 {
		return result, err
	}
	e.verify.Do(func() { e.err = e.agree(project, result) })
	return result, e.err
}

// agree compares a build in a fork with one by sphinx-build.
func (e *environment) agree(project clean.Project, forked clean.Result) error {
	fresh, err := e.builder.Fresh(project)
	if err != nil {
		return err
	}
	if fresh.Code != forked.Code {
		return fmt.Errorf("sphinx-build ends with %d, its fork with %d:\n%s\n%s", fresh.Code, forked.Code, fresh.Log, forked.Log)
	}
	differences, err := compare.Directories(forked.Output, fresh.Output)
	if err != nil {
		return err
	}
	var told []string
	for _, d := range differences {
		told = append(told, d.String())
	}
	extra, missing := clean.Differ(clean.Bare(forked.Warnings), clean.Bare(fresh.Warnings))
	for _, w := range append(extra, missing...) {
		told = append(told, w.String())
	}
	if len(told) > 0 {
		return fmt.Errorf("clean builds differ in a fork:\n%s", strings.Join(told, "\n"))
	}
	return nil
}
