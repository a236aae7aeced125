package kinds

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/runner/generate"
)

// made is what Make has made, by paths relative to the project.
type made struct {
	files       map[string]string
	lines       map[string][]generate.Origin
	diagnostics []generate.Diagnostic
	read        []string // files that were asked for
}

// project is a directory with structured content.
type project struct {
	t    testing.TB
	dir  string
	opts generate.KindOptions
}

// write makes a project of files, by their paths.
func write(t testing.TB, files map[string]string) *project {
	t.Helper()
	p := &project{t: t, dir: t.TempDir()}
	p.opts.Project = p.dir
	for name, text := range files {
		p.put(name, text)
	}
	return p
}

func (p *project) put(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// job is what a rule would ask for.
func (p *project) job(k *Kind, input string, read *[]string) generate.Job {
	return generate.Job{
		Input: filepath.Join(p.dir, filepath.FromSlash(input)),
		Read: func(path string) ([]byte, error) {
			if rel, err := filepath.Rel(p.dir, path); err == nil && read != nil {
				*read = append(*read, filepath.ToSlash(rel))
			}
			return os.ReadFile(path)
		},
		List: func(dir string) []string {
			found, _ := os.ReadDir(dir)
			var names []string
			for _, e := range found {
				names = append(names, e.Name())
			}
			return names
		},
		Output: func(vars map[string]string) (string, error) {
			return filepath.Join(k.options.Source, expand(k.Pattern(), vars)), nil
		},
	}
}

func expand(pattern string, vars map[string]string) string {
	var pairs []string
	for name, value := range vars {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return filepath.FromSlash(strings.NewReplacer(pairs...).Replace(pattern))
}

// make makes the outputs of one input.
func (p *project) make(kind, input string) made {
	p.t.Helper()
	k, err := New(kind, p.opts)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.makeWith(k, input)
}

func (p *project) makeWith(k *Kind, input string) made {
	p.t.Helper()
	m := made{files: map[string]string{}, lines: map[string][]generate.Origin{}}
	result, err := k.Make(p.t.Context(), p.job(k, input, &m.read))
	if err != nil {
		p.t.Fatal(err)
	}
	m.diagnostics = result.Diagnostics
	for _, f := range result.Files {
		rel, err := filepath.Rel(p.dir, f.Path)
		if err != nil {
			p.t.Fatal(err)
		}
		m.files[filepath.ToSlash(rel)] = string(f.Data)
		m.lines[filepath.ToSlash(rel)] = f.Lines
		if got, want := len(f.Lines), strings.Count(string(f.Data), "\n"); got != want {
			p.t.Errorf("%s has %d lines, and the origins of %d", rel, want, got)
		}
	}
	return m
}

// good makes outputs, and fails if something was wrong.
func (p *project) good(kind, input string) made {
	p.t.Helper()
	m := p.make(kind, input)
	for _, d := range m.diagnostics {
		p.t.Errorf("%s:%d:%d: %s: %s (%s)", d.Path, d.Line, d.Column, d.Severity, d.Message, d.Hint)
	}
	return m
}
