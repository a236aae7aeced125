// Package testenv gives tests what is not part of Go: Python environments with
// a certain Sphinx, and a browser.
//
// It owns the requirements of those environments. A test for which something is
// not there, and cannot be made, is skipped, and says what is missing; with
// DOCSERVE_TEST_REQUIRE=all it fails instead. No code outside of tests may use
// this package.
package testenv

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"docserve/internal/proc"
	"docserve/internal/python"
)

// Variables that change where tests find what they need.
const (
	requireVar  = "DOCSERVE_TEST_REQUIRE"  // "all": nothing may be skipped
	pythonVar   = "DOCSERVE_TEST_PYTHON"   // interpreter to make environments with, instead of those that are found
	chromiumVar = "DOCSERVE_TEST_CHROMIUM" // the browser, instead of the first on PATH
)

// The requirements NAME.txt are written by the command that they begin with,
// from NAME.in beside them.
//
//go:embed requirements/*.txt
var requirements embed.FS

// An environment is what is made from the requirements of the same name.
type environment struct {
	name     string
	versions python.Versions
	themes   []string
}

// themes are the values of html_theme that an environment has.
var themes = []string{
	"alabaster", "furo", "sphinx_rtd_theme", "pydata_sphinx_theme", "sphinx_book_theme", "python_docs_theme",
}

// environments are all of them, oldest Sphinx first. The preferred versions of
// Python are all that docserve supports, on a machine that has them all.
var environments = []environment{
	{"5.3", python.Versions{Preferred: [2]int{3, 9}, Newest: [2]int{3, 12}}, themes},
	{"6.2", python.Versions{Preferred: [2]int{3, 10}, Newest: [2]int{3, 12}}, themes},
	{"7.4", python.Versions{Preferred: [2]int{3, 12}}, themes},
	{"8.2", python.Versions{Oldest: [2]int{3, 11}, Preferred: [2]int{3, 11}}, themes},
	{"9.0", python.Versions{Oldest: [2]int{3, 11}}, themes},
	{"9.2", python.Versions{Oldest: [2]int{3, 13}, Preferred: [2]int{3, 13}}, themes},
}

// extensions is the environment of Extensions.
var extensions = environment{"extensions", python.Versions{Oldest: [2]int{3, 11}}, []string{"alabaster"}}

// made remembers what was asked for in this process. Packages that are tested at
// the same time share what is on disk, under a file lock.
var made struct {
	sync.Mutex // held while an environment is made, so that it is made once
	results    map[string]result
}

type result struct {
	interpreter python.Interpreter
	err         error
}

// Names returns the names of the environments for which there is a Python on this
// machine, oldest Sphinx first. A test of this package is skipped for each of the
// others, and says so.
var Names = sync.OnceValue(func() []string {
	var names []string
	for _, e := range environments {
		if e.possible() == nil {
			names = append(names, e.name)
		}
	}
	return names
})

// possible returns nil, or which interpreters were considered. One that is new
// or old enough for a certain Sphinx is not to be had from a package manager that
// has another, so that this is no failure, even with DOCSERVE_TEST_REQUIRE=all.
func (e environment) possible() error {
	return python.Environment{Versions: e.versions}.Possible(context.Background(), python.Options{Explicit: os.Getenv(pythonVar)})
}

// Themes returns the values of html_theme that work in the environment of that
// name.
func Themes(name string) []string {
	for _, e := range environments {
		if e.name == name {
			return slices.Clone(e.themes)
		}
	}
	return nil
}

// Python returns the path of an interpreter with the Sphinx of that name, such as
// "7.4" or "9.0", with Themes and with myst_parser. The first call on a machine
// makes it, which takes half a minute and the network.
func Python(t testing.TB, name string) string {
	t.Helper()
	for _, e := range environments {
		if e.name == name {
			return interpreterOf(t, e)
		}
	}
	t.Fatalf("there is no environment called %q, only %v", name, Names())
	return ""
}

// Extensions returns the path of an interpreter with all extensions that the
// manual's table is about. Making it takes a minute and the network.
func Extensions(t testing.TB) string {
	t.Helper()
	return interpreterOf(t, extensions)
}

func interpreterOf(t testing.TB, e environment) string {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	r, ok := made.results[e.name]
	if !ok {
		r.interpreter, r.err = e.make(t)
		if made.results == nil {
			made.results = map[string]result{}
		}
		made.results[e.name] = r
	}
	if none := (*python.NoBaseError)(nil); errors.As(r.err, &none) {
		t.Skipf("skipped, no Python for the environment %s: %v", e.name, none)
	}
	if r.err != nil {
		Missing(t, "Python environment %s: %v", e.name, r.err)
	}
	return r.interpreter.Path
}

func (e environment) make(t testing.TB) (python.Interpreter, error) {
	t.Helper()
	text, err := requirements.ReadFile("requirements/" + e.name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	wanted := python.Environment{
		Name: "test-" + e.name, Requirements: text, Versions: e.versions,
		Say: func(text string) { t.Log(text) },
	}
	return wanted.Make(t.Context(), python.Options{Explicit: os.Getenv(pythonVar)})
}

// browsers are the names under which Chromium and its kin are installed.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Chromium returns the path of a browser that chromedp can drive.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := chromium(os.Getenv(chromiumVar), os.Getenv("PATH"))
	if err != nil {
		Missing(t, "%v", err)
	}
	return path
}

func chromium(given, path string) (string, error) {
	if given != "" {
		if _, err := os.Stat(given); err != nil {
			return "", fmt.Errorf("find the browser named by %s: %w", chromiumVar, err)
		}
		return filepath.Abs(given)
	}
	for _, name := range browsers {
		if found := proc.Executable(name, path); found != "" {
			return found, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium on PATH (none of %s), nor in %s", strings.Join(browsers, ", "), chromiumVar)
}

// Number returns the number that an environment variable has, or another one if it
// is not set.
func Number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// Missing ends a test that lacks something: skipped, or, with
// DOCSERVE_TEST_REQUIRE=all, failed.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	if os.Getenv(requireVar) == "all" {
		t.Fatalf("missing, and %s=all: %s", requireVar, text)
	}
	t.Skip("skipped, missing: " + text)
}
