// Package stories tells what people do with docserve, from edit to broken to
// recovered, and checks it on the program that they run: built, started with
// arguments, talked to through files, signals, its terminal and HTTP.
//
// It owns no code but tests. What a package promises by itself is tested there;
// here is what only holds when all of it works together. A story waits for
// conditions, and never for time.
package stories

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv/browser"
)

// patience is how long a story waits for what must come true: long enough for a
// machine that runs the tests of other packages at the same time.
const patience = 120 * time.Second

// binary is the program, built once for all stories.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "docserve-stories-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "docserve")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.Command("go", append([]string{"build", "-o", binary}, append(raceFlags, "docserve")...)...)
	if output, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build docserve: %v\n%s", err, output)
		return 1
	}
	return browser.Main(m)
}

// slots bounds how many stories run at once: each has three Python processes.
var slots = make(chan struct{}, max(2, runtime.NumCPU()))

// story has a test run beside others, as far as the machine can.
func story(t *testing.T) {
	t.Helper()
	t.Parallel()
	slots <- struct{}{}
	t.Cleanup(func() { <-slots })
}

// small is the project of most stories.
var small = map[string]string{
	"conf.py":   "project = 'story'\nexclude_patterns = ['_build']\n",
	"index.rst": "Root\n====\n\n.. toctree::\n\n   first\n   second\n",
	"first.rst": "First\n=====\n\nText of the first page.\n",
	"second.rst": "Second\n======\n\nText of the second page. See :doc:`first`.\n" +
		"\n.. image:: dot.svg\n",
	"dot.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\n",
}

// project is a directory with sources, in a directory of its own.
type project struct {
	t      *testing.T
	dir    string // all that a story makes is in here
	source string
	output string
	python string   // name of the environment
	prefix []string // what stands before docserve's command
}

// newProject writes texts into a new source directory; python names the
// environment to build it with.
func newProject(t *testing.T, python string, texts map[string]string) *project {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, dir: dir, source: filepath.Join(dir, "docs"), output: filepath.Join(dir, "out"), python: python}
	p.write(texts)
	return p
}

// path is the absolute path of a source.
func (p *project) path(name string) string { return filepath.Join(p.source, filepath.FromSlash(name)) }

// write makes or replaces sources.
func (p *project) write(texts map[string]string) {
	p.t.Helper()
	for name, text := range texts {
		if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o777); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(p.path(name), []byte(text), 0o666); err != nil {
			p.t.Fatal(err)
		}
	}
}

// save makes or replaces one source.
func (p *project) save(name, text string) {
	p.t.Helper()
	p.write(map[string]string{name: text})
}

// replace edits one source.
func (p *project) replace(name, from, to string) {
	p.t.Helper()
	text, err := os.ReadFile(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		p.t.Fatalf("%s does not contain %q", name, from)
	}
	p.save(name, strings.ReplaceAll(string(text), from, to))
}

// remove removes a source or a directory of them.
func (p *project) remove(name string) {
	p.t.Helper()
	if err := os.RemoveAll(p.path(name)); err != nil {
		p.t.Fatal(err)
	}
}

// with returns texts with some replaced or added.
func with(texts map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for name, text := range texts {
		all[name] = text
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}
