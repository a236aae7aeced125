package python_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"docserve/internal/python"
	"docserve/internal/testenv"
)

// env returns a lookup for variables, of which only the given ones are set.
func env(pairs ...string) func(string) string {
	return func(key string) string {
		if i := slices.Index(pairs, key); i >= 0 {
			return pairs[i+1]
		}
		return ""
	}
}

func TestFindWithRealInterpreters(t *testing.T) {
	for _, name := range testenv.Names() {
		t.Run(name, func(t *testing.T) {
			path := testenv.Python(t, name)
			home := filepath.Dir(filepath.Dir(path))
			for variable, value := range map[string]string{"VIRTUAL_ENV": home, "CONDA_PREFIX": home, "PATH": filepath.Dir(path)} {
				if variable == "CONDA_PREFIX" && runtime.GOOS == "windows" {
					continue // has its interpreter elsewhere
				}
				got, err := python.Find(t.Context(), python.Options{SourceDir: t.TempDir(), Env: env(variable, value)})
				if err != nil {
					t.Fatal(err)
				}
				if filepath.Dir(got.Path) != filepath.Dir(path) || !strings.HasPrefix(got.Sphinx, name+".") ||
					!strings.HasPrefix(got.Version, "3.") || got.Why == "" {
					t.Errorf("%s: %+v", variable, got)
				}
			}
		})
	}
}

// A directory called sphinx in the current directory is not Sphinx.
func TestFindIsNotFooledByTheCurrentDirectory(t *testing.T) {
	bare := filepath.Join(t.TempDir(), "bare")
	sphinx := testenv.Python(t, "7.4")
	if err := python.MakeBare(t.Context(), sphinx, bare); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("sphinx", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("sphinx/__init__.py", []byte("__version__ = '9.9.9'\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var failure *python.NotFoundError
	_, err := python.Find(t.Context(), python.Options{Env: env("VIRTUAL_ENV", bare)})
	if !errors.As(err, &failure) || len(failure.Tried) != 1 || !strings.HasSuffix(failure.Tried[0].Fate, " without Sphinx") {
		t.Errorf("with a directory called sphinx: %v", err)
	}
	if got, err := python.Find(t.Context(), python.Options{Explicit: sphinx}); err != nil || got.Sphinx == "9.9.9" {
		t.Errorf("with both: %+v, %v", got, err)
	}
}

func TestMissing(t *testing.T) {
	for _, name := range testenv.Names() {
		t.Run(name, func(t *testing.T) {
			path, dir := testenv.Python(t, name), t.TempDir()
			for file, text := range map[string]string{
				"conf.py": `
import sys
extensions = ['sphinx.ext.autodoc', "myst_parser", 'sphinx_copybutton', 'ours', 'theirs'] + ['sphinx_design']
extensions += ['sphinxcontrib.bibtex']
if tags.has('x'):
    extensions.append('ours_too')
    extensions.extend(['sphinx_tabs.tabs'])
html_theme = 'sphinx_material'
raise SystemExit('conf.py must not be run')
`,
				"ours.py":              "",
				"ext/ours_too/init.py": "",
			} {
				write(t, filepath.Join(dir, file), text)
			}
			got, err := python.Missing(t.Context(), path, dir)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"sphinx_copybutton", "sphinx_design", "sphinx_material", "sphinx_tabs.tabs", "sphinxcontrib.bibtex", "theirs"}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			for _, theme := range []string{"alabaster", "furo", "sphinx_rtd_theme", "classic"} {
				write(t, filepath.Join(dir, "conf.py"), "html_theme = '"+theme+"'\n")
				if got, err := python.Missing(t.Context(), path, dir); err != nil || len(got) != 0 {
					t.Errorf("%s: %q, %v", theme, got, err)
				}
			}
			write(t, filepath.Join(dir, "conf.py"), "extensions = [\n")
			if _, err := python.Missing(t.Context(), path, dir); err == nil || !strings.Contains(err.Error(), "SyntaxError") {
				t.Errorf("with a syntax error: %v", err)
			}
		})
	}
}

func TestAdvise(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bare", "bin", "python")
	if runtime.GOOS == "windows" {
		path = filepath.Join(dir, "bare", "Scripts", "python.exe")
	}
	made := testenv.Python(t, "7.4")
	if err := python.MakeBare(t.Context(), made, filepath.Join(dir, "bare")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	write(t, filepath.Join(dir, "docs/conf.py"), "extensions = ['sphinx_copybutton', 'theirs', 'sphinx_design']\n")
	pip := "PYTHON -m ensurepip\n  PYTHON -m pip install "
	for _, c := range []struct{ message, want string }{
		{"Could not import extension sphinx_copybutton (exception: No module named 'sphinx_copybutton')",
			"sphinx_copybutton is not installed in PYTHON. To install it:\n  " + pip + "sphinx-copybutton sphinx-design"},
		{"no theme named 'furo' found",
			"furo is not installed in PYTHON. To install it:\n  " + pip + "furo sphinx-copybutton sphinx-design"},
		{"No module named 'theirs'",
			"PYTHON cannot import theirs. If that is a file of this project, conf.py must add its directory to sys.path; " +
				"if it is a published package, it is most likely called theirs. To install that:\n  " + pip + "theirs sphinx-copybutton sphinx-design"},
		{"invalid syntax (conf.py, line 3)", ""},
	} {
		got := python.Advise(t.Context(), path, filepath.Join(dir, "docs"), c.message)
		if want := strings.ReplaceAll(c.want, "PYTHON", path); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	got := python.Advise(t.Context(), filepath.Join(dir, "absent"), dir, "No module named 'x'")
	if !strings.Contains(got, "there is no such program") {
		t.Errorf("without the interpreter: %q", got)
	}
	// An environment that docserve has made is not the user's to change.
	got = python.Advise(t.Context(), made, filepath.Join(dir, "docs"), "No module named 'sphinx_design'")
	home := filepath.Join(dir, "docs", ".venv")
	if !strings.Contains(got, made+" -m venv "+home+"\n") || !strings.HasSuffix(got, " -m pip install sphinx sphinx-design sphinx-copybutton") {
		t.Errorf("for docserve's own environment: %q", got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEnsure makes the environment of the demonstration in the user's own cache,
// where the demonstration finds it again.
func TestEnsure(t *testing.T) {
	var said []string
	got, err := python.Ensure(t.Context(), python.EnsureOptions{Say: func(text string) { said = append(said, text) }})
	if err != nil {
		testenv.Missing(t, "docserve's own Python environment: %v", err)
	}
	if got.Sphinx == "" || !strings.HasPrefix(got.Why, "docserve's own environment") {
		t.Errorf("%+v, said %q", got, said)
	}
	if found, err := python.Find(t.Context(), python.Options{Explicit: got.Path}); err != nil || found.Sphinx != got.Sphinx {
		t.Errorf("found %+v, %v", found, err)
	}
}
