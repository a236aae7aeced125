package watch

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A trace is what a program did to the files of a project in one save, checkout
// or the like, with its times. Those in testdata were recorded by TestRecord, or
// written by hand where they say so. A line is a time in milliseconds, an
// operation, and one or two paths; "have" lines are what was there before.

// operation is one line of a trace.
type operation struct {
	at     time.Duration
	name   string
	path   string
	second string // for rename and link, the new name; for symlink, what it leads to
}

func (o operation) String() string {
	ms := strconv.FormatFloat(float64(o.at.Microseconds())/1000, 'f', 2, 64)
	return strings.TrimRight(fmt.Sprintf("%9s %-8s %s %s", ms, o.name, o.path, o.second), " ")
}

// operations are those that a trace may have.
var operations = []string{"create", "write", "truncate", "rename", "unlink", "link", "symlink", "mkdir", "rmdir", "attrib"}

// trace is a file of testdata.
type trace struct {
	have []string
	ops  []operation
}

func readTrace(t testing.TB, path string) trace {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	var tr trace
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
			continue
		case fields[0] == "have":
			tr.have = append(tr.have, fields[1:]...)
			continue
		}
		ms, err := strconv.ParseFloat(fields[0], 64)
		if err != nil || len(fields) < 3 || !slices.Contains(operations, fields[1]) {
			t.Fatalf("%s: bad line %q", path, lines.Text())
		}
		op := operation{at: time.Duration(ms * float64(time.Millisecond)), name: fields[1], path: fields[2]}
		if len(fields) > 3 {
			op.second = fields[3]
		}
		tr.ops = append(tr.ops, op)
	}
	return tr
}

// model is the file system that a trace is played on: files with their contents.
// Each write writes something new.
type model struct {
	files  map[string]string
	links  map[string]string
	writes int
}

func newModel(have []string) *model {
	m := &model{files: map[string]string{}, links: map[string]string{}}
	for _, path := range have {
		m.files[path] = "old"
	}
	return m
}

// apply does op, and returns the paths whose events would name them, and
// whether these say no more than that attributes changed.
func (m *model) apply(op operation) (paths []string, attrib bool) {
	switch op.name {
	case "create", "truncate":
		m.files[op.path] = ""
	case "write":
		m.writes++
		m.files[op.path] += fmt.Sprint(m.writes, " ")
	case "rename":
		text, isFile := m.files[op.path]
		target, isLink := m.links[op.path]
		m.drop(op.path)
		m.drop(op.second)
		switch {
		case isFile:
			m.files[op.second] = text
		case isLink:
			m.links[op.second] = target
		}
		return []string{op.path, op.second}, false
	case "link":
		m.files[op.second] = m.files[op.path]
		return []string{op.second}, false
	case "symlink":
		m.links[op.path] = op.second
	case "unlink":
		m.drop(op.path)
	case "attrib":
		return []string{op.path}, true
	case "mkdir", "rmdir":
		return nil, false
	}
	return []string{op.path}, false
}

func (m *model) drop(path string) {
	delete(m.files, path)
	delete(m.links, path)
}

// change returns what the changes of a trace come to, as a desk would say it.
func (tr trace) change(ignored func(path string) bool) string {
	before, after := newModel(tr.have), newModel(tr.have)
	for _, op := range tr.ops {
		after.apply(op)
	}
	short := ""
	paths := map[string]bool{}
	for path := range before.files {
		paths[path] = true
	}
	for path := range after.files {
		paths[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		old, was := before.files[path]
		text, is := after.files[path]
		switch {
		case ignored(path) || was && is && old == text:
		case !is:
			short += "remove " + path + ","
		case was:
			short += "write " + path + ","
		default:
			short += "create " + path + ","
		}
	}
	return short
}

// play plays tr on a desk, with its times multiplied, and returns the batches.
func (tr trace) play(ignored func(path string) bool, speed float64) []string {
	m := newModel(tr.have)
	known := map[string]string{}
	for path, text := range m.files {
		if !ignored(path) {
			known[path] = text
		}
	}
	d := newDesk(known)
	start := d.now
	for _, op := range tr.ops {
		if wait := start.Add(time.Duration(float64(op.at) * speed)).Sub(d.now); wait > 0 {
			d.run(wait)
		}
		paths, attrib := m.apply(op)
		_, d.git = m.files[".git/index.lock"]
		for _, path := range paths {
			if ignored(path) {
				continue
			}
			text, ok := m.files[path]
			switch {
			case !ok:
				d.remove(path)
			case attrib:
				d.core.touch(d.now, path, true)
			case op.name == "write" || op.name == "truncate":
				d.write(path, text)
			default:
				d.replace(path, text)
			}
		}
	}
	d.run(5 * time.Second)
	return d.taken
}

// traces returns the files of testdata.
func traces(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*.trace")
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no traces")
	}
	return files
}

// Whatever a program does to save, it is one batch, and what is in it is what
// has changed in the end: at the recorded speed, and on a machine that is much
// faster.
func TestTracesAreOneBatch(t *testing.T) {
	r, err := newRules(Options{})
	must(t, err)
	ignored := func(path string) bool {
		return strings.HasPrefix(path, ".git/") || r.why("/src/"+path, false) != ""
	}
	for _, file := range traces(t) {
		tr := readTrace(t, file)
		for _, speed := range []float64{1, 0.1, 0} {
			t.Run(fmt.Sprintf("%s/%v", strings.TrimSuffix(filepath.Base(file), ".trace"), speed), func(t *testing.T) {
				want := tr.change(ignored)
				if want == "" {
					t.Fatal("the trace changes nothing")
				}
				if got := tr.play(ignored, speed); !slices.Equal(got, []string{want}) {
					t.Errorf("batches: %d\n%.2000s\nwant one\n%.2000s", len(got), strings.Join(got, "\n"), want)
				}
			})
		}
	}
}

// The same operations on real files come to the same. (The long traces are those
// of git, of which one is enough.)
func TestTracesOnFiles(t *testing.T) {
	onEachBackend(t, func(t *testing.T, start func(testing.TB, string) *rig) {
		for _, file := range traces(t) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".trace"), func(t *testing.T) {
				t.Parallel()
				tr := readTrace(t, file)
				if len(tr.ops) > 1000 && !strings.Contains(file, "git-checkout") {
					return
				}
				dir := place(t, ".git/")
				for _, path := range tr.have {
					fill(t, dir, path+"=old")
				}
				r := start(t, dir)
				m := newModel(tr.have)
				for _, op := range tr.ops {
					m.apply(op)
					perform(t, dir, op, m.files[op.path])
				}
				ignored := func(path string) bool {
					return strings.HasPrefix(path, ".git/") || r.w.rules.why(r.path(path), false) != ""
				}
				want := strings.FieldsFunc(tr.change(ignored), func(c rune) bool { return c == ',' })
				r.expect(want...)
			})
		}
	})
}

// perform does op to the files below dir; text is what a file holds afterwards.
func perform(t testing.TB, dir string, op operation, text string) {
	t.Helper()
	path, second := filepath.Join(dir, filepath.FromSlash(op.path)), filepath.Join(dir, filepath.FromSlash(op.second))
	var err error
	switch op.name {
	case "create":
		err = os.WriteFile(path, nil, 0o644)
	case "write":
		var f *os.File
		if f, err = os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, err = f.WriteString(text)
			must(t, f.Close())
		}
	case "truncate":
		err = os.Truncate(path, 0)
	case "rename":
		err = os.Rename(path, second)
	case "unlink", "rmdir":
		err = os.Remove(path)
	case "link":
		err = os.Link(path, second)
	case "symlink":
		if err = os.Symlink(op.second, path); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	case "mkdir":
		err = os.Mkdir(path, 0o755)
	case "attrib":
		err = os.Chmod(path, 0o644)
	}
	must(t, err)
}
