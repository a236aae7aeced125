package generate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"docserve/internal/config"
	"docserve/internal/digest"
)

// rig is a project in a directory of its own, with its generator.
type rig struct {
	*testing.T
	dir     string
	options Options
	g       *Generator
	kind    *upper
}

// upper is a kind for tests: each line "name: text" of an input becomes an output
// called name, on which the documents depend of which the text has the names, as
// "@name". "<file" takes over the lines of another one, "!text" is an error.
type upper struct {
	version string
	mu      sync.Mutex // guards made
	made    []string   // inputs that were made, by base name
	hold    chan struct{}
	held    string // the input that waits for hold, by base name; "" is each
}

func (u *upper) Signature() string { return "upper " + u.version }

func (u *upper) Pattern() string { return "gen/{ref}.txt" }

func (u *upper) Make(ctx context.Context, job Job) (Made, error) {
	u.mu.Lock()
	u.made = append(u.made, filepath.Base(job.Input))
	hold := u.hold
	if u.held != "" && u.held != filepath.Base(job.Input) {
		hold = nil
	}
	u.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return Made{}, ctx.Err()
		}
	}
	var made Made
	err := u.lines(job, job.Input, &made)
	return made, err
}

func (u *upper) lines(job Job, path string, made *Made) error {
	text, err := job.Read(path)
	if err != nil {
		made.Diagnostics = append(made.Diagnostics, Diagnostic{Path: job.Input, Line: 1, Severity: Error, Message: "no " + filepath.Base(path), Hint: "there are " + strings.Join(job.List(filepath.Dir(path)), ", ")})
		return nil
	}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if file, ok := strings.CutPrefix(line, "<"); ok {
			if err := u.lines(job, filepath.Join(filepath.Dir(path), file), made); err != nil {
				return err
			}
			continue
		}
		if message, ok := strings.CutPrefix(line, "!"); ok {
			made.Diagnostics = append(made.Diagnostics, Diagnostic{Path: path, Line: i + 1, Severity: Error, Message: message})
			continue
		}
		name, body, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		out, err := job.Output(map[string]string{"ref": name})
		if err != nil {
			return err
		}
		var documents []string
		for _, word := range strings.Fields(body) {
			if name, ok := strings.CutPrefix(word, "@"); ok {
				documents = append(documents, filepath.Join(filepath.Dir(path), name))
			}
		}
		made.Files = append(made.Files, File{
			Documents: documents, Path: out, Data: []byte("begin\n" + strings.ToUpper(body) + "\nend\n"), Lines: []Origin{{}, {path, i + 1}, {path, i + 1}},
		})
	}
	return nil
}

func (u *upper) take() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	made := u.made
	u.made = nil
	slices.Sort(made)
	return made
}

// uppers knows that kind.
var uppers = config.Known{Kinds: func(string, config.Structured) []string { return []string{"upper"} }}

// newRig makes a project of files, with the configuration given.
func newRig(t *testing.T, configuration string, files map[string]string) *rig {
	r := &rig{T: t, dir: t.TempDir(), kind: &upper{version: "1"}}
	if dir, err := filepath.EvalSymlinks(r.dir); err == nil {
		r.dir = dir
	}
	r.options = Options{Source: r.path("source"), State: r.path("state"), Closed: []string{r.path("out"), r.path("state")}}
	r.options.Kind = func(string, KindOptions) (Kind, error) { return r.kind, nil }
	for name, text := range files {
		r.write(name, text)
	}
	r.configure(configuration)
	r.start()
	return r
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r *rig) configure(text string) {
	r.Helper()
	c, _, err := config.Parse(r.path("docserve.toml"), []byte(text), uppers)
	if err != nil {
		r.Fatal(err)
	}
	r.options.Config = c
}

// start begins a session; what it finds to do is to be done by run.
func (r *rig) start() {
	r.Helper()
	var err error
	if r.g, err = New(r.options); err == nil {
		err = r.g.Open(r.Context())
	}
	if err != nil {
		r.Fatal(err)
	}
}

// save keeps what the next session is to know.
func (r *rig) save() {
	r.Helper()
	if err := r.g.Save(); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) write(name, text string) {
	r.Helper()
	path := r.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.Fatal(err)
	}
	// At once: a job that runs just now must not find half of it.
	temp := path + "~"
	err := os.WriteFile(temp, []byte(text), 0o644)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) read(name string) string {
	text, err := os.ReadFile(r.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return "(none)"
	}
	if err != nil {
		r.Fatal(err)
	}
	return string(text)
}

// run tells the generator which files have changed, and returns the outputs that
// have, each as +name, -name or ~name.
func (r *rig) run(names ...string) string {
	r.Helper()
	changed := map[string]digest.Digest{}
	for _, name := range names {
		d, err := digest.File(r.path(name))
		if err != nil {
			r.Fatal(err)
		}
		changed[r.path(name)] = d
	}
	result, err := r.g.Run(r.Context(), changed)
	if err != nil {
		r.Fatal(err)
	}
	return r.changes(result)
}

func (r *rig) changes(result Result) string {
	var list []string
	for _, c := range result.Changes {
		name, _ := relative(r.dir, c.Path)
		switch {
		case c.Before.IsZero():
			name = "+" + name
		case c.After.IsZero():
			name = "-" + name
		default:
			name = "~" + name
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// edit writes a file and runs.
func (r *rig) edit(name, text string) string {
	r.Helper()
	r.write(name, text)
	return r.run(name)
}

// remove removes a file and runs.
func (r *rig) remove(name string) string {
	r.Helper()
	if err := os.Remove(r.path(name)); err != nil {
		r.Fatal(err)
	}
	return r.run(name)
}

// notes gives what is wrong, one a line.
func (r *rig) notes() string {
	var lines []string
	for _, d := range r.g.Diagnostics() {
		name := d.Path
		if within(name, r.dir) {
			name, _ = relative(r.dir, d.Path)
		}
		line := fmt.Sprintf("%s:%d: %s", name, d.Line, d.Message)
		if d.Hint != "" {
			line += " | " + d.Hint
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// tree gives all files of a directory with their contents.
func (r *rig) tree(dir string) map[string]string {
	files := map[string]string{}
	err := filepath.WalkDir(r.path(dir), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, _ := relative(r.path(dir), path)
			files[name] = string(text)
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return files
}

// noted checks that the notes say something, among other things.
func (r *rig) noted(want string) {
	r.Helper()
	if notes := r.notes(); !strings.Contains(notes, want) {
		r.Errorf("%q is not in\n%s", want, notes)
	}
}

func (r *rig) want(what, got, want string) {
	r.Helper()
	if got != want {
		r.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}
