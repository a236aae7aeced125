package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/runner"
)

// ticker is a clock that is moved by hand.
type ticker struct{ now time.Time }

func (c *ticker) Now() time.Time          { return c.now }
func (c *ticker) advance(d time.Duration) { c.now = c.now.Add(d) }

// opened returns a Terminal that prints to the two builders, at noon.
func opened(t *testing.T, change func(*Options)) (term *Terminal, out, errs *strings.Builder, clock *ticker) {
	t.Helper()
	out, errs, clock = &strings.Builder{}, &strings.Builder{}, &ticker{noon}
	opts := Options{Out: out, Err: errs, WorkDir: "/p", Now: clock.Now}
	if change != nil {
		change(&opts)
	}
	term, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return term, out, errs, clock
}

func expect(t *testing.T, what string, got *strings.Builder, want string) {
	t.Helper()
	if got.String() != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
	got.Reset()
}

func TestOneLineABuild(t *testing.T) {
	term, out, errs, _ := opened(t, nil)
	w := warning("/p/guide.rst", 3, "short")
	build := runner.Build{Start: noon, Changed: []string{"guide.rst"}, Written: 1, Differ: 1, Visible: 62 * ms, Read: 28 * ms, Write: 19 * ms, New: []runner.Diagnostic{w}}
	term.Visible(build)
	const line = "14:02:07 guide.rst → 1 page, 62 ms (read 28 write 19), 1 new warning\n"
	expect(t, "visible", out, line)
	expect(t, "warnings", errs, "guide.rst:3: warning: short\n")

	term.Visible(build)
	build.Total = 80 * ms
	term.Built(build)
	expect(t, "the same again", out, "")
	expect(t, "its warnings", errs, "")

	// What was not visible yet is told at the end, and only that.
	build.Start = noon.Add(time.Second)
	build.New = nil
	term.Visible(build)
	expect(t, "visible", out, "14:02:07 guide.rst → 1 page, 62 ms (read 28 write 19)\n")
	build.Differ, build.Total, build.Fixed = 13, 2100*ms, []runner.Diagnostic{w}
	term.Built(build)
	expect(t, "built", out, "14:02:07 guide.rst → 13 pages, 2.1 s (read 28 ms write 19 ms), 1 fixed\nguide.rst:3: fixed: short\n")

	// Nobody looks: there is no visible.
	term.Built(runner.Build{Start: noon.Add(2 * time.Second), Changed: []string{"x.rst"}, Differ: 1, Total: 40 * ms})
	expect(t, "built alone", out, "14:02:07 x.rst → 1 page, 40 ms\n")
	if len(term.shown) != 0 {
		t.Errorf("remembers %v", term.shown)
	}
}

func TestVerboseTellsTheEnd(t *testing.T) {
	term, out, _, _ := opened(t, func(o *Options) { o.Verbose = 1 })
	build := runner.Build{Start: noon, Changed: []string{"a.rst"}, Differ: 1, Visible: 62 * ms}
	term.Visible(build)
	build.Total = 90 * ms
	term.Built(build)
	expect(t, "both", out, "14:02:07 a.rst → 1 page, 62 ms\n14:02:07 a.rst → 1 page, 90 ms\n")
}

func TestManyWarnings(t *testing.T) {
	build := runner.Build{Start: noon, Initial: true, Written: 2, Total: time.Second}
	var all strings.Builder
	for i := range 30 {
		build.New = append(build.New, warning("/p/a.rst", i+1, "w"))
		fmt.Fprintf(&all, "a.rst:%d: warning: w\n", i+1)
	}
	build.New = append(build.New, runner.Diagnostic{Severity: runner.Error, Path: "/p/b.rst", Line: 1, Message: "e"})
	given := fmt.Sprint(build.New)

	term, _, errs, _ := opened(t, nil)
	term.Built(build)
	lines := strings.Split(errs.String(), "\n")
	if len(lines) != 22 || lines[0] != "b.rst:1: error: e" || lines[20] != "  … and 11 more (-v shows all)" {
		t.Errorf("got\n%s", errs)
	}
	if fmt.Sprint(build.New) != given {
		t.Error("the runner's diagnostics were reordered")
	}

	term, out, errs, _ := opened(t, func(o *Options) { o.Verbose = 1 })
	term.Built(build)
	expect(t, "-v", errs, "b.rst:1: error: e\n"+all.String())
	out.Reset()
	term.Warnings()
	expect(t, "key", errs, all.String()+"b.rst:1: error: e\n")
	expect(t, "key", out, "14:02:07 1 error, 30 warnings\n")
	term.Built(runner.Build{Start: noon.Add(1), Fixed: build.New})
	out.Reset()
	term.Warnings()
	expect(t, "key", out, "14:02:07 no warnings\n")
}

func TestQuietAndSilent(t *testing.T) {
	events := func(term *Terminal) {
		term.Serving(Banner{URL: "http://x/", Source: "/p/docs", Output: "/p/out"})
		term.Progress(runner.Progress{Phase: runner.Reading, Done: 1, Total: 2})
		term.Visible(runner.Build{Start: noon, Changed: []string{"a"}, Differ: 1, Visible: ms})
		term.Built(runner.Build{Start: noon, Changed: []string{"a"}, Differ: 1, New: []runner.Diagnostic{warning("/p/a.rst", 1, "w")}})
		term.Built(runner.Build{Start: noon, Fixed: []runner.Diagnostic{warning("/p/a.rst", 1, "w")}})
		term.Diagnose(runner.Diagnostic{Severity: runner.Error, Message: "e"})
	}
	term, out, errs, _ := opened(t, func(o *Options) { o.Quiet = true })
	events(term)
	expect(t, "-q", out, "http://x/\n")
	expect(t, "-q", errs, "a.rst:1: warning: w\n14:02:07 error: e\n")
	for _, asJSON := range []bool{false, true} {
		term, out, errs, _ = opened(t, func(o *Options) { o.Silent, o.JSON = true, asJSON })
		events(term)
		expect(t, "-Q", out, "")
		expect(t, "-Q", errs, "")
	}
}

func TestBar(t *testing.T) {
	term, out, errs, clock := opened(t, func(o *Options) { o.Width = func() int { return 40 } })
	read := func(done int, after time.Duration) {
		clock.advance(after)
		term.Progress(runner.Progress{Phase: runner.Reading, Done: done, Total: 200})
	}
	term.Progress(runner.Progress{Phase: runner.Starting})
	expect(t, "starting", out, "\r\x1b[Kstarting …")
	read(0, 0)
	expect(t, "next phase", out, "\r\x1b[K░░░░░░░░░░░░░░░░ reading 0 of 200 (0 %)")
	term.Progress(runner.Progress{Phase: runner.Settled})
	expect(t, "settled", out, "\r\x1b[K")
	read(0, 0)
	read(10, 200*ms)
	expect(t, "short work", out, "")
	read(50, 100*ms)
	expect(t, "bar", out, "\r\x1b[K███░░░░░░░░░░░ reading 50 of 200 (25 %)")
	read(60, 90*ms)
	expect(t, "too soon", out, "")
	read(100, 10*ms)
	expect(t, "10 Hz", out, "\r\x1b[K██████░░░░░░░ reading 100 of 200 (50 %)")

	_, _ = io.WriteString(term.Writer(), "log\n")
	expect(t, "log", errs, "log\n")
	expect(t, "around the log", out, "\r\x1b[K\r\x1b[K██████░░░░░░░ reading 100 of 200 (50 %)")

	term.Progress(runner.Progress{Phase: runner.Settled})
	expect(t, "settled", out, "\r\x1b[K")
	term.Close()
	expect(t, "close", out, "")
}

func TestBarFits(t *testing.T) {
	for width := range 120 {
		for _, p := range []runner.Progress{{Phase: runner.Reading, Done: 3000, Total: 3125}, {Phase: runner.Starting}, {Phase: runner.Writing, Done: 9, Total: 3}} {
			m := meter{now: p}
			if n := len([]rune(m.bar(width, false))); width > 0 && n >= width && n > 0 {
				t.Errorf("%v takes %d of %d columns", p, n, width)
			}
		}
	}
}

func TestSparseProgress(t *testing.T) {
	term, out, _, clock := opened(t, nil)
	for done := range 201 { // 200 documents in 40 s
		term.Progress(runner.Progress{Phase: runner.Reading, Done: done, Total: 200})
		clock.advance(200 * ms)
	}
	term.Progress(runner.Progress{Phase: runner.Settled})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 10 || lines[0] != "14:02:11 reading 20 of 200 (10 %)" || lines[9] != "14:02:47 reading 200 of 200 (100 %)" {
		t.Errorf("got\n%s", out)
	}
	out.Reset()
	for done := range 6 { // slow ones, of many
		term.Progress(runner.Progress{Phase: runner.Writing, Done: done, Total: 1000})
		clock.advance(6 * time.Second)
	}
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines in half a minute:\n%s", n, out)
	}
	out.Reset()
	for done := range 101 { // over in a second
		term.Progress(runner.Progress{Phase: runner.Reading, Done: done, Total: 100})
		clock.advance(10 * ms)
	}
	expect(t, "short work", out, "")
}

func TestJSON(t *testing.T) {
	term, out, errs, clock := opened(t, func(o *Options) {
		o.JSON, o.Color, o.Width = true, true, func() int { return 80 }
	})
	term.Serving(Banner{URL: "http://x/", Source: "/p/docs", Output: "/p/out"})
	for done := range 100 {
		term.Progress(runner.Progress{Phase: runner.Reading, Done: done, Total: 100})
		clock.advance(10 * ms)
	}
	build := runner.Build{Start: noon, Changed: []string{"a.rst"}, Differ: 1, Visible: 62 * ms}
	term.Visible(build)
	term.Built(build)
	term.Diagnose(runner.Diagnostic{Severity: runner.Error, Message: "e\n\x1b"})
	term.Warnings()
	var kinds []string
	for line := range strings.Lines(out.String()) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if e.Time.IsZero() {
			t.Errorf("no time: %s", line)
		}
		kinds = append(kinds, e.Event)
		if e.Build != nil && (e.Build.Visible != 62*ms || e.Build.Changed[0] != "a.rst") {
			t.Errorf("build: %+v", e.Build)
		}
	}
	if got, want := strings.Join(kinds, " "), "serving progress progress visible built diagnostic"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	expect(t, "stderr", errs, "")
}

func TestWarningFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log", "warnings.txt")
	content := func(want string) {
		t.Helper()
		if text, err := os.ReadFile(path); err != nil || string(text) != want {
			t.Errorf("got %q, %v; want %q", text, err, want)
		}
	}
	term, _, _, _ := opened(t, func(o *Options) { o.WarningFile = path })
	content("")
	a, b := warning("/p/a.rst", 1, "a"), warning("/p/b.rst", 2, "b")
	term.Built(runner.Build{Start: noon, Initial: true, New: []runner.Diagnostic{b, a}})
	content("/p/a.rst:1: WARNING: a\n/p/b.rst:2: WARNING: b\n")
	term.Built(runner.Build{Start: noon, Fixed: []runner.Diagnostic{a}})
	content("/p/b.rst:2: WARNING: b\n")
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}

	if _, err := New(Options{WarningFile: filepath.Join(path, "x")}); err == nil {
		t.Error("a file below a file is accepted")
	}
	if _, err := New(Options{WarningFile: filepath.Dir(path)}); err == nil {
		t.Error("a directory is accepted")
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	term, _, _, _ = opened(t, func(o *Options) { o.WarningFile, o.Silent = path, true })
	term.Built(runner.Build{New: []runner.Diagnostic{a}})
	if _, err := os.Stat(path); err == nil {
		t.Error("-Q writes warnings")
	}
}

func TestStandard(t *testing.T) {
	yes := true
	none := func(string) string { return "" }
	if o := Standard(&yes, none); !o.Color {
		t.Error("--color is ignored")
	}
	if o := Standard(nil, func(name string) string { return map[string]string{"NO_COLOR": "1", "TERM": "dumb"}[name] }); o.Color || o.Width != nil {
		t.Error("NO_COLOR or TERM is ignored")
	}
}
