package demo

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"docserve/internal/config"
	"docserve/internal/proc"
	"docserve/internal/serve"
	"docserve/internal/testenv"
	"docserve/runner"
	"docserve/runner/sphinx"
)

func write(t *testing.T, dir string) (created bool) {
	t.Helper()
	created, err := Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestWriteLeavesAloneWhatIsThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "project")
	if !write(t, dir) {
		t.Fatal("nothing was written")
	}
	names, err := contents()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, configuration) {
		if !exists(filepath.Join(dir, name)) {
			t.Errorf("%s is not there", name)
		}
	}
	if !slices.Contains(names, Edit) || !slices.Contains(names, "_static/harbour.css") {
		t.Errorf("the project has only %v", names)
	}
	first := filepath.Join(dir, Edit)
	if err := os.WriteFile(first, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "changes.rst")); err != nil {
		t.Fatal(err)
	}
	if write(t, dir) || exists(filepath.Join(dir, "changes.rst")) {
		t.Error("a page that was removed came back")
	}
	// Without its configuration it counts as unfinished.
	if err := os.Remove(filepath.Join(dir, configuration)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "guide.rst"+unfinished), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if !write(t, dir) || !exists(filepath.Join(dir, "changes.rst")) {
		t.Error("an unfinished project was not finished")
	}
	if data, err := os.ReadFile(first); err != nil || string(data) != "mine" {
		t.Errorf("an edited page was overwritten: %q, %v", data, err)
	}
}

func TestWriteRefusesOtherPeoplesDirectories(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir); !errors.Is(err, ErrOccupied) || !strings.Contains(err.Error(), "thesis.tex") {
		t.Errorf("error %v", err)
	}
	file := filepath.Join(dir, "thesis.tex")
	if _, err := Write(file); err == nil {
		t.Error("no error for a file")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
	if !write(t, filepath.Join(t.TempDir())) {
		t.Error("an empty directory was not used")
	}
}

func TestSphinxHasNothingToSayAboutIt(t *testing.T) {
	for _, name := range testenv.Names() {
		t.Run(name, func(t *testing.T) {
			python, dir := testenv.Python(t, name), t.TempDir()
			write(t, dir)
			out := filepath.Join(dir, "_build")
			result, err := proc.Run(t.Context(), proc.Spec{Argv: []string{python, "-m", "sphinx", "-q", "-n", "-W", "--keep-going", dir, out}})
			if err != nil {
				t.Fatal(err)
			}
			if result.ExitCode != 0 || len(result.Output) > 0 {
				t.Errorf("%s: %s", result.Exit, result.Output)
			}
			for _, page := range []string{"index", "guide", "reference", "changes"} {
				if !exists(filepath.Join(out, page+".html")) {
					t.Errorf("there is no page %s", page)
				}
			}
		})
	}
}

// TestGenerated: the files that the project's rules make are among those that are
// written, so that a plain Sphinx needs no docserve.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	write(t, dir)
	c, err := config.Load(config.Candidates(dir, dir), dir, config.Known{})
	if err != nil {
		t.Fatal(err)
	}
	build := filepath.Join(dir, "_build")
	options := serve.Options{
		Runner:     runner.Options{Sphinx: sphinx.Options{Source: dir, Config: dir, Output: build, Doctrees: filepath.Join(build, "doctrees")}},
		Generation: serve.Generation{Config: c},
	}
	result, wrong, err := serve.Generate(t.Context(), options, serve.GenerateOptions{Check: true})
	if err != nil || len(wrong) > 0 || len(result.Changes) > 0 || result.Made == 0 {
		t.Errorf("%+v, %v, %v", result, wrong, err)
	}
}
