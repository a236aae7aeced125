package serve

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"docserve/internal/editor"
	"docserve/livereload"
	"docserve/runner"
)

// wrong is an engine that knows nothing but what is wrong.
type wrong struct {
	Engine
	all map[string][]runner.Diagnostic
}

func (w wrong) Current(path string) (runner.Entry, bool) {
	return runner.Entry{Problems: w.all[path]}, true
}

func (w wrong) Problems() map[string][]runner.Diagnostic { return w.all }

func TestProblems(t *testing.T) {
	source := t.TempDir()
	file := filepath.Join(source, "guide", "a.rst")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("1\n2\n3\n4\n5\n6\n7\n8\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	template, err := editor.Parse("vscode")
	if err != nil {
		t.Fatal(err)
	}
	p := problems{source: source, editor: template, guessed: true, engine: wrong{all: map[string][]runner.Diagnostic{
		"guide/a.html": {
			{Severity: runner.Info, Message: "nobody needs to know"},
			{Severity: runner.Warning, Path: file, Line: 5, Message: "w", Category: "ref.ref"},
			{Severity: runner.Error, Path: file, Line: 99, Message: "the file was cut meanwhile"},
			{Severity: runner.Critical, Path: filepath.Join(source, "gone.py"), Line: 1, Message: "c"},
			{Severity: runner.Warning, Path: "docstring of x", Line: 1, Message: "no file"},
			{Severity: runner.Warning, Path: file, Line: 5, Column: 7, Message: "of a rule", Category: runner.RuleCategory},
		},
		"b.html": {{Severity: runner.Warning, Message: "w"}},
		"c.html": {{Severity: runner.Error, Message: "e"}, {Severity: runner.Warning, Message: "w"}},
		"d.html": {{Severity: runner.Info, Message: "i"}},
		// A rule's mistake is one of the page that it makes, and of the site.
		"": {{Severity: runner.Warning, Message: "of the site"}, {Severity: runner.Error, Path: file, Line: 99, Message: "the file was cut meanwhile"}},
	}}}
	report := p.Problems("guide/a.html", true).(Report)
	var seen []string
	for _, problem := range report.Problems {
		seen = append(seen, problem.Message)
	}
	if want := []string{"c", "the file was cut meanwhile", "w", "no file", "of a rule"}; !reflect.DeepEqual(seen, want) {
		t.Errorf("told are %q, want %q", seen, want)
	}
	w := report.Problems[2]
	if w.Path != "guide/a.rst" || w.Excerpt == nil || w.Excerpt.First != 2 || len(w.Excerpt.Lines) != 7 || w.Edit != template.URL(filepath.ToSlash(file), "guide/a.rst", 5, 0) {
		t.Errorf("the warning is %+v", w)
	}
	if r := report.Problems[4]; r.Line != 5 || r.Column != 7 || r.Excerpt == nil || r.Edit != template.URL(filepath.ToSlash(file), "guide/a.rst", 5, 7) {
		t.Errorf("the warning with a column is %+v", r)
	}
	for _, i := range []int{0, 1, 3} {
		if bare := report.Problems[i]; bare.Excerpt != nil || bare.Edit != "" {
			t.Errorf("of what is not there %+v is shown", bare)
		}
	}
	if want := []Elsewhere{{"c.html", 1, 1}, {"", 0, 1}, {"b.html", 0, 1}}; !reflect.DeepEqual(report.Others, want) {
		t.Errorf("elsewhere is %v, want %v", report.Others, want)
	}
	if report.Tally.Errors != 2 || report.Tally.Warnings != 3 {
		t.Errorf("counted are %+v", report.Tally)
	}

	// On another machine, only an editor that was asked for.
	if far := p.Problems("guide/a.html", false).(Report); far.Problems[2].Edit != "" || far.Problems[2].Excerpt == nil {
		t.Errorf("another machine is told %+v", far.Problems[2])
	}
	p.guessed = false
	if far := p.Problems("guide/a.html", false).(Report); far.Problems[2].Edit == "" {
		t.Error("the editor that was asked for is not linked")
	}
	// A page that nobody has named is told nothing of files.
	if other := p.Problems("../../etc/passwd", true).(Report); len(other.Problems) != 0 {
		t.Errorf("told %+v", other)
	}
}

func TestTally(t *testing.T) {
	d := runner.Diagnostic{Severity: runner.Warning, Path: "/a", Line: 1, Message: "m"}
	one, again := tally([]runner.Diagnostic{d}), tally([]runner.Diagnostic{d})
	if one != again || one.Warnings != 1 || one.Key == "" {
		t.Errorf("%+v and %+v", one, again)
	}
	d.Line = 2
	if moved := tally([]runner.Diagnostic{d}); moved.Key == one.Key {
		t.Error("another place has the same key")
	}
	column := d
	if column.Column = 3; tally([]runner.Diagnostic{column}).Key == tally([]runner.Diagnostic{d}).Key {
		t.Error("another column has the same key")
	}
	if none := tally([]runner.Diagnostic{{Severity: runner.Info, Message: "i"}}); none != (livereload.Tally{}) {
		t.Errorf("nothing is %+v", none)
	}
}
