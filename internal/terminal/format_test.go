package terminal

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"docserve/runner"

	"pgregory.net/rapid"
)

var noon = time.Date(2025, 11, 23, 14, 2, 7, 0, time.UTC)

const ms = time.Millisecond

func warning(path string, line int, message string) runner.Diagnostic {
	return runner.Diagnostic{Severity: runner.Warning, Path: path, Line: line, Message: message}
}

func TestBuildLine(t *testing.T) {
	w := warning("/p/a.rst", 1, "w")
	e := runner.Diagnostic{Severity: runner.Error, Message: "e"}
	tests := []struct {
		build runner.Build
		want  string
	}{
		{runner.Build{Changed: []string{"guide.rst"}, Written: 1, Differ: 1, Visible: 62 * ms, Total: 70 * ms, Read: 28 * ms, Write: 19 * ms, New: []runner.Diagnostic{w}},
			"14:02:07 guide.rst → 1 page, 62 ms (read 28 write 19), 1 new warning"},
		{runner.Build{Changed: []string{"a.rst", "b.rst", "c.rst", "d.rst"}, Differ: 12, Total: 2140 * ms, Read: 120 * ms, Write: 1900 * ms},
			"14:02:07 a.rst +3 → 12 pages, 2.1 s (read 120 ms write 1.9 s)"},
		{runner.Build{Changed: []string{"a.rst"}, Written: 1, Total: 12 * ms},
			"14:02:07 a.rst → no page changed, 12 ms"},
		{runner.Build{Changed: []string{"a.rst"}, Differ: 1, Total: 30 * ms, New: []runner.Diagnostic{w, w, e}, Fixed: []runner.Diagnostic{w}},
			"14:02:07 a.rst → 1 page, 30 ms, 1 new error, 2 new warnings, 1 fixed"},
		{runner.Build{Initial: true, Written: 622, Differ: 600, Total: 46100 * ms, Read: 20 * time.Second, Write: 18300 * ms, New: []runner.Diagnostic{w, w}},
			"14:02:07 first build → 622 pages, 46.1 s (read 20.0 s write 18.3 s), 2 warnings"},
		{runner.Build{Initial: true, Total: 900 * ms}, "14:02:07 first build → up to date, 900 ms"},
		{runner.Build{Initial: true, Failed: true, Total: 900 * ms, Reason: "no conf.py"}, "14:02:07 first build → failed, 900 ms, no conf.py"},
		{runner.Build{Changed: []string{"conf.py"}, Differ: 622, Visible: 310 * ms, Reason: "conf.py changed: html_title"},
			"14:02:07 conf.py → 622 pages, 310 ms, conf.py changed: html_title"},
		{runner.Build{Changed: []string{"a.rst"}, Failed: true, Total: 40 * ms, New: []runner.Diagnostic{e}}, "14:02:07 a.rst → failed, 40 ms, 1 new error"},
		{runner.Build{Changed: []string{"a.rst"}, Failed: true, Differ: 2, Total: 40 * ms}, "14:02:07 a.rst → failed, 2 pages, 40 ms"},
		{runner.Build{New: []runner.Diagnostic{w, w}}, "14:02:07 site → 2 new warnings"},
		{runner.Build{Fixed: []runner.Diagnostic{w}}, "14:02:07 site → 1 fixed"},
		{runner.Build{Changed: []string{"a\x1b]0;x\x07.rst"}, Differ: 1, Total: ms}, "14:02:07 a]0;x.rst → 1 page, 1 ms"},
	}
	for _, tt := range tests {
		if got := buildLine(tt.build, noon, false); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
	got := buildLine(runner.Build{Changed: []string{"a"}, Failed: true, Total: ms}, noon, true)
	if want := "\x1b[2m14:02:07\x1b[0m a → \x1b[31;1mfailed\x1b[0m, 1 ms"; got != want {
		t.Errorf("colored: got %q, want %q", got, want)
	}
}

func TestBuildLineKeepsItsForm(t *testing.T) {
	form := regexp.MustCompile(`^\d\d:\d\d:\d\d (\S+|\S+ \+\d+|first build|site) → ` +
		`(failed(, \d+ pages?)?|\d+ pages?|up to date|no page changed)` +
		`(, (<1 ms|\d+ ms|\d+\.\d s|\d+ min \d+ s|\d+ h \d+ min)( \(read [^()]+ write [^()]+\))?)?` +
		`(, \d+ (new )?errors?)?(, \d+ (new )?warnings?)?(, \d+ fixed)?$`)
	rapid.Check(t, func(t *rapid.T) {
		span := func(name string) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(3*time.Hour)).Draw(t, name))
		}
		severities := rapid.SliceOf(rapid.SampledFrom([]runner.Severity{runner.Warning, runner.Error, runner.Critical}))
		build := runner.Build{
			Changed: rapid.SliceOf(rapid.StringMatching(`[a-z]+\.rst`)).Draw(t, "changed"),
			Written: rapid.IntRange(0, 3).Draw(t, "written"), Differ: rapid.IntRange(0, 3).Draw(t, "differ"),
			Visible: span("visible"), Total: span("total") + 1, Read: span("read"), Write: span("write"),
			Initial: rapid.Bool().Draw(t, "initial"), Failed: rapid.Bool().Draw(t, "failed"),
		}
		for _, s := range severities.Draw(t, "new") {
			build.New = append(build.New, runner.Diagnostic{Severity: s})
		}
		build.Fixed = make([]runner.Diagnostic, rapid.IntRange(0, 3).Draw(t, "fixed"))
		if line := buildLine(build, noon, false); !form.MatchString(line) {
			t.Fatalf("unexpected form: %s", line)
		}
	})
}

func TestDuration(t *testing.T) {
	tests := map[time.Duration]string{
		0: "<1 ms", 499 * time.Microsecond: "<1 ms", 500 * time.Microsecond: "1 ms", 62400 * time.Microsecond: "62 ms",
		999*ms + 400*time.Microsecond: "999 ms", 999*ms + 600*time.Microsecond: "1.0 s", 2140 * ms: "2.1 s",
		59940 * ms: "59.9 s", 59960 * ms: "1 min 0 s", 266 * time.Second: "4 min 26 s", 3599700 * ms: "1 h 0 min", 95 * time.Minute: "1 h 35 min",
	}
	for d, want := range tests {
		if got := duration(d); got != want {
			t.Errorf("duration(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestDiagnosticLines(t *testing.T) {
	tests := []struct {
		diagnostic runner.Diagnostic
		workDir    string
		want       string
	}{
		{warning("/p/docs/a.rst", 12, "Title underline too short."), "/p", "docs/a.rst:12: warning: Title underline too short."},
		{warning("/p/docs/a.rst", 12, "m"), "/elsewhere/far/away", "/p/docs/a.rst:12: warning: m"},
		{warning("/project/a.rst", 1, "m"), "/project/docs", "../a.rst:1: warning: m"},
		{warning("/p/a.rst", 0, "m"), "/p", "a.rst: warning: m"},
		{runner.Diagnostic{Severity: runner.Error, Doc: "guide/a", Message: "m"}, "/p", "guide/a: error: m"},
		{runner.Diagnostic{Severity: runner.Critical, Message: "the worker died\nsignal: killed\n", Hint: "it is\nback"}, "/p",
			"critical: the worker died\n  signal: killed\n  hint: it is\n  back"},
		{runner.Diagnostic{Severity: runner.Warning, Path: "/p/a.rst", Line: 3, Message: "m", Category: "toc.excluded"}, "/p", "a.rst:3: warning: m [toc.excluded]"},
		{runner.Diagnostic{Severity: runner.Error, Path: "/p/a.yaml", Line: 3, Column: 14, Message: "m", Category: runner.RuleCategory}, "/p", "a.yaml:3:14: error: m"},
		{runner.Diagnostic{Severity: runner.Error, Path: "/p/a.yaml", Column: 14, Message: "m"}, "/p", "a.yaml: error: m"},
		{runner.Diagnostic{Severity: runner.Warning, Path: "/p/a.rst", Line: 3, Message: "m [ref.doc]", Category: "ref.doc"}, "/p", "a.rst:3: warning: m [ref.doc]"},
		{runner.Diagnostic{Message: "\x1b[31mred\x1b[0m \xff"}, "", "warning: [31mred[0m �"},
	}
	for _, tt := range tests {
		d := tt.diagnostic
		d.Path = filepath.FromSlash(d.Path)
		got := diagnosticLines(d, filepath.FromSlash(tt.workDir), false)
		if filepath.ToSlash(got) != tt.want && filepath.Separator == '/' {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
	if got, want := fixedLine(warning("/p/a.rst", 3, "two\nlines"), "/p", false), "a.rst:3: fixed: two"; got != want && filepath.Separator == '/' {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBanner(t *testing.T) {
	b := Banner{URL: "http://127.0.0.1:8000/", Source: "/p/docs", Output: "/p/docs/_build/html", Python: "/p/.venv/bin/python",
		PythonVersion: "3.13.5", SphinxVersion: "9.0.4", PythonWhy: "active virtual environment", Note: "port 8000 is taken"}
	want := `docserve: http://127.0.0.1:8000/
  docs → docs/_build/html
  Python 3.13.5, Sphinx 9.0.4: .venv/bin/python (active virtual environment)
  port 8000 is taken
  keys: r rebuild, o open in browser, w warnings, v verify, q quit`
	if got := strings.Join(b.lines(false, "/p", true), "\n"); got != want && filepath.Separator == '/' {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b = Banner{URL: "https://docs.example.com/x/", Local: "http://127.0.0.1:8000/", Network: []string{"http://10.0.0.5:8000/", "http://192.168.1.20:8000/"}, Open: true,
		Source: "/p/docs", Output: "/p/out"}
	want = `docserve: https://docs.example.com/x/
  on this machine: http://127.0.0.1:8000/
  in the network: http://10.0.0.5:8000/  http://192.168.1.20:8000/
  whoever reaches this machine can read the site: there is no password
  docs → out`
	if got := strings.Join(b.lines(false, "/p", false), "\n"); got != want && filepath.Separator == '/' {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	short := Banner{URL: "u", Source: "/s", Output: "/o"}
	if got := strings.Join(short.lines(false, "", false), "\n"); got != "docserve: u\n  /s → /o" {
		t.Errorf("got\n%s", got)
	}
}

func TestWarningText(t *testing.T) {
	got := warningText([]runner.Diagnostic{
		{Severity: runner.Warning, Path: "/p/a.rst", Line: 4, Message: "undefined label: 'x'", Category: "ref.ref"},
		{Severity: runner.Error, Path: "/p/a.rst", Line: 9, Message: "Unknown directive type \"x\".\n\n.. x::"},
		{Severity: runner.Warning, Path: "/p/b.rst", Message: "document isn't included in any toctree [toc.not_included]", Category: "toc.not_included"},
		{Severity: runner.Warning, Doc: "c", Message: "m"},
		{Severity: runner.Critical, Message: "m\n"},
	})
	want := `/p/a.rst:4: WARNING: undefined label: 'x' [ref.ref]
/p/a.rst:9: ERROR: Unknown directive type "x".

.. x::
/p/b.rst: WARNING: document isn't included in any toctree [toc.not_included]
c: WARNING: m
CRITICAL: m
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
