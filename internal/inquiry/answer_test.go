package inquiry

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"docserve/graph"
	"docserve/runner"
)

var update = flag.Bool("update", false, "write testdata/answers.txt anew")

// told is the project of small, some time after its first build: somebody has
// edited inc/steps.txt, and then the title of guide/install.
func told() engine {
	at := func(second int) time.Time { return time.Date(2026, 1, 2, 15, 4, second, 0, time.Local) }
	first := &runner.Reason{Cause: runner.Start, Text: "was not known yet"}
	steps := func(via ...string) *runner.Reason {
		why := graph.Why{Path: "/docs/inc/steps.txt", Name: "inc/steps.txt", Kind: graph.Include, Via: via}
		return &runner.Reason{Cause: runner.Content, Text: why.String(), Change: &why}
	}
	own := graph.Why{Path: "/docs/guide/install.rst", Name: "guide/install.rst"}
	edited := &runner.Reason{Cause: runner.Content, Text: "was changed", Change: &own}
	conf := graph.Why{Path: "/docs/conf.py", Name: "conf.py", Kind: graph.Config}
	names := &runner.Reason{Cause: runner.Names, Text: "refers to names that have changed", From: []string{"guide/install"}}
	e := small(map[string]runner.History{
		"index": {
			Read:    &runner.Event{Reason: steps("guide/part"), Time: at(1)},
			Written: &runner.Event{Reason: names, Time: at(6)},
			Checked: &runner.Event{Reason: &runner.Reason{Cause: runner.Navigation, Text: "shows a toctree that has changed", From: []string{"guide/install"}}, Time: at(7), Same: true},
		},
		"guide/part": {
			Read:    &runner.Event{Reason: steps(), Time: at(0)},
			Written: &runner.Event{Reason: steps(), Time: at(0), Same: true},
		},
		"guide/install": {
			Read:    &runner.Event{Reason: edited, Time: at(5)},
			Written: &runner.Event{Reason: &runner.Reason{Cause: runner.Configuration, Text: conf.String() + ": 'html_theme' changed", Change: &conf}, Time: at(9)},
		},
		"turn/one": {Read: &runner.Event{Reason: first, Time: at(0)}, Written: &runner.Event{Reason: first, Time: at(0)}},
	})
	for _, d := range [][2]string{{"turn/one", "turn/two"}, {"turn/two", "turn/one"}} {
		e.Graph.SetDocument(graph.Document{Name: d[0], Source: "/docs/" + d[0] + ".rst", Digest: some,
			Deps: []graph.Dep{{Path: "/docs/" + d[1] + ".rst", Kind: graph.Include, Digest: some}}})
	}
	e.View.Files = func() []string {
		return []string{
			"/docs/index.rst", "/docs/guide/part.rst", "/docs/inc/steps.txt", "/docs/inc/old.txt", "/docs/logo.png", "/docs/pictures/old.png",
			"/docs/Makefile", "/docs/conf.py", "/docs/_static/site.css",
		}
	}
	return e
}

// questions are those whose answers are in testdata.
var questions = []struct {
	words string
	Question
}{
	{"deps index", Question{Query: Deps, Files: []string{"index"}}},
	{"deps index --depth 1", Question{Query: Deps, Files: []string{"index.rst"}, Depth: 1}},
	{"deps install.rst inc/steps.txt (in guide)", Question{Query: Deps, Files: []string{"install.rst", "inc/steps.txt"}, Dir: "/docs/guide"}},
	{"deps turn/one", Question{Query: Deps, Files: []string{"turn/one"}}},
	{"rdeps inc/steps.txt", Question{Query: Rdeps, Files: []string{"inc/steps.txt"}}},
	{"rdeps ../src/tool.py", Question{Query: Rdeps, Files: []string{"../src/tool.py"}}},
	{"rdeps conf.py _static/site.css inc/old.txt", Question{Query: Rdeps, Files: []string{"conf.py", "_static/site.css", "inc/old.txt"}}},
	{"unused", Question{Query: Unused}},
	{"unused pictures", Question{Query: Unused, Files: []string{"pictures"}}},
	{"unused guide", Question{Query: Unused, Files: []string{"guide"}}},
	{"once", Question{Query: Once}},
	{"changed", Question{Query: Changed, Files: []string{"inc/steps.txt", "guide/install.rst", "_templates/page.html", "notes~"}, Made: []string{"new.rst", "turn/one.rst"}, Gone: []string{"turn/two.rst"}}},
	{"changed notes~", Question{Query: Changed, Files: []string{"notes~"}}},
	{"cycles", Question{Query: Cycles}},
	{"cycles guide", Question{Query: Cycles, Files: []string{"guide"}}},
	{"why index", Question{Query: Why, Files: []string{"index"}}},
	{"why guide/part.html guide/install turn/one turn/two", Question{Query: Why, Files: []string{"guide/part.html", "guide/install", "turn/one", "turn/two"}}},
	{"why conf.py", Question{Query: Why, Files: []string{"conf.py"}}},
	{"why logo.png", Question{Query: Why, Files: []string{"logo.png"}}},
}

// TestAnswers compares what people, and Graphviz, are told with testdata.
func TestAnswers(t *testing.T) {
	var b strings.Builder
	for _, q := range questions {
		a, err := Ask(t.Context(), told(), q.Question)
		if err != nil {
			t.Fatalf("%s: %v", q.words, err)
		}
		b.WriteString("$ docserve graph " + q.words + "\n")
		if text := a.Text(); text != "" {
			b.WriteString(text)
		} else {
			b.WriteString("(" + a.Nothing() + ")\n")
		}
		b.WriteString("\n" + a.Dot() + "\n")
	}
	const name = "testdata/answers.txt"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the answers are not those of %s (go test -update writes them):\n%s", name, got)
	}
}

// TestAnswersTravel: an answer comes through JSON as it is, and so does a question
// through the parameters of a request.
func TestAnswersTravel(t *testing.T) {
	for _, q := range questions {
		back, err := Parse(q.Values())
		if err != nil || !reflect.DeepEqual(back, q.Question) {
			t.Errorf("%s: %+v became %+v, %v", q.words, q.Question, back, err)
		}
		a, err := Ask(t.Context(), told(), q.Question)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var got Answer
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got.Text() != a.Text() || got.Dot() != a.Dot() || got.Query != a.Query || got.Source != "/docs" {
			t.Errorf("%s: %s became\n%s", q.words, text, got.Text())
		}
	}
	for _, text := range []string{`{"query":"deps","result":{}}`, `{"query":"x","result":[]}`, `[]`} {
		if err := json.Unmarshal([]byte(text), &Answer{}); err == nil {
			t.Errorf("%s was taken for an answer", text)
		}
	}
}

// TestDrawn has Graphviz draw all answers.
func TestDrawn(t *testing.T) {
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("there is no Graphviz here")
	}
	for _, q := range questions {
		a, err := Ask(t.Context(), told(), q.Question)
		if err != nil {
			t.Fatal(err)
		}
		command := exec.Command(dot, "-Tsvg")
		command.Stdin = strings.NewReader(a.Dot())
		if picture, err := command.CombinedOutput(); err != nil || !strings.Contains(string(picture), "</svg>") {
			t.Errorf("%s: %v\n%s", q.words, err, picture)
		}
	}
}

// TestMistakes: a wrong question is told from one that has no answer yet, and
// names what may have been meant.
func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		q    Question
		want string
	}{
		{Question{Query: "rdep", Files: []string{"x"}}, `there is no query "rdep"; there are why, deps, rdeps, unused, once, changed, cycles; did you mean rdeps?`},
		{Question{Query: Deps}, "deps needs the name of a file, or of a document"},
		{Question{Query: Deps, Files: []string{"guide/instal"}}, `there is no document or file "guide/instal"; did you mean guide/install`},
		{Question{Query: Rdeps, Files: []string{"steps.txt"}}, `did you mean inc/steps.txt`},
		{Question{Query: Why, Files: []string{"qqqqq"}}, `there is no document or file "qqqqq"`},
		{Question{Query: Unused, Files: []string{"picture"}}, `there is no file or directory "picture"; did you mean pictures/old.png?`},
		{Question{Query: Deps, Files: []string{"index"}, Depth: -1}, "depth: want 0 or more, got -1"},
	} {
		_, err := Ask(t.Context(), told(), test.q)
		var mistake *Mistake
		if !errors.As(err, &mistake) || !strings.HasPrefix(err.Error(), test.want) && !strings.Contains(err.Error(), "; "+test.want) {
			t.Errorf("%+v: %v, want %s", test.q, err, test.want)
		}
	}
	if _, err := Parse(map[string][]string{"query": {"deps"}, "file": {"x"}, "depth": {"many"}}); err == nil {
		t.Error("a depth that is no number was taken")
	}
}

// TestNothingRead: before a project was opened, there is not even a source
// directory.
func TestNothingRead(t *testing.T) {
	e := engine{runner.View{
		Graph: graph.New(), Partial: true,
		Page:  func(string) (runner.Page, bool) { return runner.Page{}, false },
		Files: func() []string { return nil },
	}}
	for _, q := range []Question{{Query: Changed, Files: []string{"x"}}, {Query: Unused}, {Query: Cycles}, {Query: Once}} {
		a, err := Ask(t.Context(), e, q)
		if err != nil || a.Text() != "" || len(a.Notes) != 1 {
			t.Errorf("%s: %+v, %v", q.Query, a, err)
		}
	}
	if _, err := Ask(t.Context(), e, Question{Query: Why, Files: []string{"index"}}); err == nil {
		t.Error("something is known of a document")
	}
}

// TestSplit: many changed files are asked about in several requests, and none of
// them is lost.
func TestSplit(t *testing.T) {
	q := Question{Query: Changed, Dir: "/docs"}
	all := map[string]bool{}
	for i := range 500 {
		name := strings.Repeat("x", 100) + string(rune('a'+i%26)) + strings.Repeat("y", i/26)
		all[name] = true
		switch i % 3 {
		case 0:
			q.Files = append(q.Files, name)
		case 1:
			q.Made = append(q.Made, name)
		default:
			q.Gone = append(q.Gone, name)
		}
	}
	parts := q.split(4000)
	for _, part := range parts {
		if n := len(part.Values().Encode()); n > 4000 || part.Dir != q.Dir {
			t.Errorf("a part of %d bytes", n)
		}
		for _, name := range append(append(append([]string{}, part.Files...), part.Made...), part.Gone...) {
			if !all[name] {
				t.Errorf("%s twice", name)
			}
			delete(all, name)
		}
	}
	if len(all) > 0 || len(parts) < 2 {
		t.Errorf("%d parts, %d names lost", len(parts), len(all))
	}
	if one := (Question{Query: Changed, Files: []string{strings.Repeat("x", 9000)}}).split(4000); len(one) != 1 {
		t.Errorf("one name became %d parts", len(one))
	}
}

func TestMerge(t *testing.T) {
	why := graph.Why{Name: "a.txt"}
	a := Affected{Documents: []Reached{{"b", "b.rst", why}}, Others: []string{"x"}}
	a.Merge(Affected{Documents: []Reached{{"a", "a.rst", why}, {"b", "b.rst", graph.Why{Name: "other"}}}, Everything: []graph.Why{why}, Others: []string{"y"}})
	want := Affected{Documents: []Reached{{"a", "a.rst", why}, {"b", "b.rst", why}}, Everything: []graph.Why{why}, Others: []string{"x", "y"}}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("%+v", a)
	}
}

func TestOutdated(t *testing.T) {
	var a Answer
	a.Outdated(time.Now(), nil)
	if a.Notes != nil {
		t.Errorf("%q", a.Notes)
	}
	a.Outdated(time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local), []string{"a", "b", "c", "d", "e"})
	if len(a.Notes) != 1 || !strings.HasSuffix(a.Notes[0], "at 2026-01-02 03:04:05, these files have changed: a, b, c and 2 more") {
		t.Errorf("%q", a.Notes)
	}
}

// TestGitChanges asks a real git.
func TestGitChanges(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(top, "docs")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	run := func(args ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-C", top, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(source, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err = GitChanges(t.Context(), source, "")
	if err == nil || !strings.Contains(err.Error(), "not a git repository") || !strings.Contains(err.Error(), "docserve graph changed FILE…") {
		t.Errorf("without a repository: %v", err)
	}
	write("docs/a.rst", "a\n")
	write("docs/gone.rst", "gone\n")
	write("src/mit umlaut ü.py", "x\n")
	write(".gitignore", "_build\n")
	run("init", "-q")
	if _, err = GitChanges(t.Context(), source, ""); err == nil {
		t.Error("no error before the first commit")
	}
	run("add", "-A")
	run("commit", "-q", "-m", "first")
	run("tag", "first")
	if q, err := GitChanges(t.Context(), source, ""); err != nil || len(q.Files)+len(q.Made)+len(q.Gone) > 0 {
		t.Errorf("nothing has changed: %+v, %v", q, err)
	}
	write("docs/a.rst", "b\n")
	run("commit", "-q", "-a", "-m", "second")
	write("src/mit umlaut ü.py", "y\n")
	write("docs/new.rst", "new\n")
	write("docs/staged.rst", "staged\n")
	write("docs/_build/made.html", "made\n")
	run("add", "docs/staged.rst")
	if err := os.Remove(filepath.Join(source, "gone.rst")); err != nil {
		t.Fatal(err)
	}
	abs := func(names ...string) (all []string) {
		for _, name := range names {
			all = append(all, filepath.Join(top, filepath.FromSlash(name)))
		}
		return all
	}
	for revision, files := range map[string][]string{"": abs("src/mit umlaut ü.py"), "first": abs("docs/a.rst", "src/mit umlaut ü.py")} {
		q, err := GitChanges(t.Context(), source, revision)
		want := Question{Query: Changed, Files: files, Made: abs("docs/staged.rst", "docs/new.rst"), Gone: abs("docs/gone.rst")}
		if err != nil || !reflect.DeepEqual(q, want) {
			t.Errorf("since %q: %+v, %v", revision, q, err)
		}
	}
	for _, revision := range []string{"nothing", "--output=x", "first:docs"} {
		if _, err := GitChanges(t.Context(), source, revision); err == nil {
			t.Errorf("%s was taken for a revision", revision)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := GitChanges(ended, source, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.rst", "sub/b.txt", "_build/c.html", "d~"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Files(dir, func(path string) string {
		if strings.HasSuffix(path, "_build") || strings.HasSuffix(path, "~") {
			return "a rule"
		}
		return ""
	})
	want := []string{filepath.Join(dir, "a.rst"), filepath.Join(dir, "sub", "b.txt")}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Files(filepath.Join(dir, "nowhere"), func(string) string { return "" }); err == nil {
		t.Error("no error for a directory that is not there")
	}
}
