//go:build unix

package python

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The interpreters of these tests are shell scripts that answer what the test
// wants, whatever they are asked.

const (
	withSphinx = `{"version": "3.11.7", "sphinx": "9.0.4", "pip": true, "venv": true}`
	without    = `{"version": "3.11.7", "pip": true, "venv": true}`
)

func script(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func fake(t *testing.T, path, answer string) string {
	t.Helper()
	return script(t, path, "#!/bin/sh\necho 'docserve-probe "+answer+"'\n")
}

func venv(t *testing.T, dir, answer string) string {
	t.Helper()
	path := fake(t, filepath.Join(dir, "bin/python"), answer)
	if err := os.WriteFile(filepath.Join(dir, "pyvenv.cfg"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// world is a file system with a project and some directories of PATH.
type world struct {
	root, source string
	env          map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{root: root, source: filepath.Join(root, "project/docs/source"), env: map[string]string{}}
	for _, dir := range []string{w.source, w.at("bin"), w.at("project/.git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.env["PATH"] = w.at("bin")
	return w
}

func (w *world) at(path string) string { return filepath.Join(w.root, path) }

func (w *world) options() Options {
	return Options{SourceDir: w.source, Env: func(key string) string { return w.env[key] }}
}

func TestFindPrefers(t *testing.T) {
	for _, c := range []struct {
		name string
		lay  func(t *testing.T, w *world)
		want string // path under the root
		why  string
	}{
		{"python3 on PATH", func(t *testing.T, w *world) {
			fake(t, w.at("bin/python3"), withSphinx)
			fake(t, w.at("bin/python"), withSphinx)
		}, "bin/python3", "python3 on PATH"},
		{"python, when python3 has no Sphinx", func(t *testing.T, w *world) {
			fake(t, w.at("bin/python3"), without)
			fake(t, w.at("bin/python"), withSphinx)
		}, "bin/python", "python on PATH"},
		{"what runs sphinx-build", func(t *testing.T, w *world) {
			fake(t, w.at("bin/python3"), withSphinx)
			fake(t, w.at("tools/bin/python"), withSphinx)
			script(t, w.at("bin/sphinx-build"), "#!"+w.at("tools/bin/python")+"\nimport sys\n")
		}, "tools/bin/python", "runs the sphinx-build on PATH"},
		{"what runs sphinx-build, by name", func(t *testing.T, w *world) {
			fake(t, w.at("bin/python3.12"), withSphinx)
			script(t, w.at("bin/sphinx-build"), "#!/usr/bin/env python3.12\n")
		}, "bin/python3.12", "runs the sphinx-build on PATH"},
		{"what runs a linked sphinx-build", func(t *testing.T, w *world) {
			fake(t, w.at("tools/bin/python"), withSphinx)
			real := script(t, w.at("tools/bin/sphinx-build"), "#!"+w.at("tools/bin/python")+"\n")
			if err := os.Symlink(real, w.at("bin/sphinx-build")); err != nil {
				t.Fatal(err)
			}
		}, "tools/bin/python", "runs the sphinx-build on PATH"},
		{"what a version manager stands in for", func(t *testing.T, w *world) {
			w.env["PATH"] = w.at("manager/shims")
			fake(t, w.at("real/bin/python3.11"), withSphinx)
			script(t, w.at("real/bin/sphinx-build"), "#!"+w.at("real/bin/python3.11")+"\n")
			script(t, w.at("manager/shims/sphinx-build"), "#!/usr/bin/env bash\nexit 1\n")
			script(t, w.at("manager/bin/pyenv"), fmt.Sprintf("#!/bin/sh\n[ \"$1 $2\" = 'which sphinx-build' ] && echo %s\n", w.at("real/bin/sphinx-build")))
		}, "real/bin/python3.11", "runs the sphinx-build on PATH"},
		{"the real path behind a shim", func(t *testing.T, w *world) {
			w.env["PATH"] = w.at("manager/shims")
			real := w.at("real/bin/python3")
			fake(t, w.at("manager/shims/python3"), strings.Replace(withSphinx, "{", `{"executable": "`+real+`", `, 1))
		}, "real/bin/python3", "python3 on PATH"},
		{"venv above the sources", func(t *testing.T, w *world) {
			fake(t, w.at("bin/python3"), withSphinx)
			venv(t, w.at("project/venv"), withSphinx)
		}, "project/venv/bin/python", "venv above the sources"},
		{".venv beside the sources", func(t *testing.T, w *world) {
			venv(t, w.at("project/.venv"), withSphinx)
			venv(t, w.at("project/docs/venv"), withSphinx)
			venv(t, w.at("project/docs/.venv"), withSphinx)
		}, "project/docs/.venv/bin/python", ".venv beside the sources"},
		{"an active conda environment", func(t *testing.T, w *world) {
			venv(t, w.at("project/.venv"), withSphinx)
			fake(t, w.at("conda/bin/python"), withSphinx)
			w.env["CONDA_PREFIX"] = w.at("conda")
		}, "conda/bin/python", "active conda environment, CONDA_PREFIX"},
		{"an active virtual environment", func(t *testing.T, w *world) {
			venv(t, w.at("active"), withSphinx)
			fake(t, w.at("conda/bin/python"), withSphinx)
			w.env["CONDA_PREFIX"], w.env["VIRTUAL_ENV"] = w.at("conda"), w.at("active")
		}, "active/bin/python", "active virtual environment, VIRTUAL_ENV"},
		{"what has Sphinx over what is active", func(t *testing.T, w *world) {
			venv(t, w.at("active"), without)
			w.env["VIRTUAL_ENV"] = w.at("active")
			fake(t, w.at("bin/python3"), withSphinx)
		}, "bin/python3", "python3 on PATH"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.lay(t, w)
			got, err := Find(t.Context(), w.options())
			if err != nil {
				t.Fatal(err)
			}
			want := Interpreter{Path: w.at(c.want), Why: c.why, Version: "3.11.7", Sphinx: "9.0.4"}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestFindExplicit(t *testing.T) {
	w := newWorld(t)
	venv(t, w.at("active"), withSphinx)
	w.env["VIRTUAL_ENV"] = w.at("active")
	fake(t, w.at("bin/python3.9"), withSphinx)
	opts := w.options()
	for given, want := range map[string]string{
		"python3.9":            "bin/python3.9",
		w.at("bin/python3.9"):  "bin/python3.9",
		w.at("active"):         "active/bin/python",
		w.at("active") + "///": "active/bin/python",
	} {
		opts.Explicit = given
		if got, err := Find(t.Context(), opts); err != nil || got.Path != w.at(want) || got.Why != "given with --python" {
			t.Errorf("%s: %+v, %v", given, got, err)
		}
	}
	// One that does not work is an error, whatever else there is.
	fake(t, w.at("bin/bare"), without)
	for given, want := range map[string]string{
		"bare":          "Python 3.11.7 without Sphinx",
		"absent":        "there is no such program",
		w.at("project"): "there is no Python in it",
	} {
		opts.Explicit = given
		if _, err := Find(t.Context(), opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", given, err)
		}
	}
}

func TestNotFoundSaysWhatToDo(t *testing.T) {
	w := newWorld(t)
	venv(t, w.at("project/.venv"), without)
	fake(t, w.at("bin/python3"), `{"version": "3.8.10"}`)
	script(t, w.at("bin/python"), "#!/bin/sh\necho broken >&2\nexit 3\n")
	script(t, w.at("bin/sphinx-build"), "#!"+w.at("gone/python")+"\n")
	_, err := Find(t.Context(), w.options())
	var failure *NotFoundError
	if !errors.As(err, &failure) {
		t.Fatalf("error %v", err)
	}
	want := fmt.Sprintf(`find a Python with Sphinx: none of these has it
  %[1]s/project/.venv/bin/python (.venv above the sources): Python 3.11.7 without Sphinx
  %[1]s/gone/python (runs the sphinx-build on PATH): there is no such program
  %[1]s/bin/python3 (python3 on PATH): Python 3.8.10 is too old, docserve needs 3.9 or later
  %[1]s/bin/python (python on PATH): is not a working Python (exit status 3): broken
To install it:
  %[1]s/project/.venv/bin/python -m pip install sphinx`, w.root)
	if err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
}

func TestInstallCommands(t *testing.T) {
	w := newWorld(t)
	bin, home := w.at("bin/python3"), w.at("project/.venv")
	pip := "/bin/python -m pip install sphinx"
	for _, c := range []struct {
		name, answer string
		want         []string
	}{
		{"plain", `{"version": "3.11.7", "pip": true}`, []string{bin + " -m pip install sphinx"}},
		{"too old a Sphinx", `{"version": "3.11.7", "sphinx": "3.0", "pip": true}`, []string{bin + " -m pip install --upgrade sphinx"}},
		{"managed by the system", `{"version": "3.11.7", "pip": true, "managed": true, "venv": true}`,
			[]string{bin + " -m venv " + home, home + pip}},
		{"a virtual environment of one that is managed", `{"version": "3.11.7", "pip": true, "managed": true, "isolated": true}`,
			[]string{bin + " -m pip install sphinx"}},
		{"no pip in a virtual environment", `{"version": "3.11.7", "isolated": true, "venv": true}`,
			[]string{bin + " -m ensurepip", bin + " -m pip install sphinx"}},
		{"neither pip nor venv", `{"version": "3.11.7"}`,
			[]string{installVenv(), bin + " -m venv " + home, home + pip}},
		{"too old", `{"version": "3.6.15"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake(t, bin, c.answer)
			_, err := Find(t.Context(), w.options())
			var failure *NotFoundError
			if !errors.As(err, &failure) {
				t.Fatalf("error %v", err)
			}
			if got := strings.Join(failure.Install, "\n"); got != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(c.want, "\n"))
			}
		})
	}
	if _, err := Find(t.Context(), Options{SourceDir: w.source, Env: func(string) string { return "" }}); err == nil ||
		!strings.Contains(err.Error(), "there is no Python on PATH") {
		t.Errorf("without any: %v", err)
	}
}

func TestFindStopsWithItsContext(t *testing.T) {
	w := newWorld(t)
	script(t, w.at("bin/python3"), "#!/bin/sh\nsleep 1000\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, w.options()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSomebodyElsesEnvironmentIsLeftOut(t *testing.T) {
	w := newWorld(t)
	venv(t, w.at("project/.venv"), withSphinx)
	if os.Geteuid() != 0 {
		t.Skip("skipped: only root can give a directory away")
	}
	if err := os.Chown(w.at("project/.venv"), 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(t.Context(), w.options()); err == nil || !strings.Contains(err.Error(), "it belongs to another user") {
		t.Errorf("error %v", err)
	}
	if err := os.Chown(w.source, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(t.Context(), w.options()); err != nil {
		t.Errorf("it belongs to the owner of the sources: %v", err)
	}
}

// TestSearch: who was passed over is told also when somebody was found; what a
// broken one printed is apart.
func TestSearch(t *testing.T) {
	w := newWorld(t)
	fake(t, w.at("bin/python"), withSphinx)
	script(t, w.at("bin/python3"), "#!/bin/sh\necho a secret\nexit 3\n")
	w.env["VIRTUAL_ENV"] = w.at("none")
	found, passed, err := Search(t.Context(), w.options())
	want := []Attempt{
		{w.at("none"), "active virtual environment, VIRTUAL_ENV", "there is no Python in it", ""},
		{w.at("bin/python3"), "python3 on PATH", "is not a working Python (exit status 3)", "a secret"},
	}
	if err != nil || found.Path != w.at("bin/python") || !reflect.DeepEqual(passed, want) {
		t.Errorf("%+v, %+v, %v", found, passed, err)
	}
}
