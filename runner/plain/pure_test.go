package plain

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"docserve/internal/digest"
	"docserve/runner"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// site is the place of Sphinx in the tables below.
const site = "/env/lib/python3.11/site-packages/sphinx/"

func TestExplain(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf.py")
	for _, path := range []string{conf, filepath.Join(dir, "part.txt")} {
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const versions = "Versions\n========\n\n* Python version:   3.11.7 (CPython)\n\nLast Messages\n=============\n\nNone.\n\nTraceback\n=========\n\n"
	const bye = "\n\nThe full traceback has been saved in:\n/tmp/sphinx-err-x.log\n\nTo report this error to the developers, please open an issue.\n"
	for _, tt := range []struct {
		name, text string
		warnings   string
		want       runner.Diagnostic
	}{
		{
			"an exception in conf.py, 5.3",
			"\nConfiguration error:\nThere is a programmable error in your configuration file:\n\nTraceback (most recent call last):\n" +
				"  File \"" + site + "config.py\", line 350, in eval_config_file\n    exec(code, namespace)\n  File \"" + conf + "\", line 3, in <module>\n    import nosuch\n" +
				"ModuleNotFoundError: No module named 'nosuch'\n\n",
			"\n", runner.Diagnostic{Path: conf, Line: 3, Message: "ModuleNotFoundError: No module named 'nosuch'", Category: "ModuleNotFoundError"},
		},
		{
			"the same, 9.0",
			"\nConfiguration error!\n\n" + versions + "      File \"" + site + "config.py\", line 612, in eval_config_file\n        raise ConfigError(msg)\n" +
				"    sphinx.errors.ConfigError: There is a programmable error in your configuration file:\n    \n    Traceback (most recent call last):\n" +
				"      File \"" + conf + "\", line 3, in <module>\n        import nosuch\n    ModuleNotFoundError: No module named 'nosuch'\n" + bye,
			"\n", runner.Diagnostic{Path: conf, Line: 3, Message: "ModuleNotFoundError: No module named 'nosuch'", Category: "ModuleNotFoundError"},
		},
		{
			"no such extension, after a warning, 5.3",
			"WARNING: html_static_path entry 'x' does not exist\n\nExtension error:\nCould not import extension nosuch.ext (exception: No module named 'nosuch')\n",
			"WARNING: html_static_path entry 'x' does not exist\n\n",
			runner.Diagnostic{Message: "Extension error: Could not import extension nosuch.ext (exception: No module named 'nosuch')"},
		},
		{
			"no such extension, 9.0",
			"\nExtension error!\n\n" + versions + "      File \"" + site + "registry.py\", line 546, in load_extension\n        raise ExtensionError(\n" +
				"    sphinx.errors.ExtensionError: Could not import extension nosuch.ext (exception: No module named 'nosuch')\n" + bye,
			"\n", runner.Diagnostic{Message: "Could not import extension nosuch.ext (exception: No module named 'nosuch')", Category: "ExtensionError"},
		},
		{
			"syntax of conf.py, 5.3",
			"\nConfiguration error:\nThere is a syntax error in your configuration file: invalid syntax (conf.py, line 7)\n\n",
			"\n", runner.Diagnostic{Path: conf, Line: 7, Message: "Configuration error: There is a syntax error in your configuration file: invalid syntax (conf.py, line 7)"},
		},
		{
			"a warning that counts as an error, 5.3",
			"\nWarning, treated as error:\npart.txt:1:Inline emphasis start-string without end-string.\n",
			"\n", runner.Diagnostic{Path: filepath.Join(dir, "part.txt"), Line: 1, Message: "warning, treated as error: Inline emphasis start-string without end-string."},
		},
		{
			"an exception of an extension, 5.3",
			"\nException occurred:\n  File \"" + conf + "\", line 9, in run\n    1 / 0\nZeroDivisionError: division by zero\n" +
				"The full traceback has been saved in /tmp/sphinx-err-x.log, if you want to report the issue to the developers.\nPlease also report this.\n",
			"\n", runner.Diagnostic{Path: conf, Line: 9, Message: "ZeroDivisionError: division by zero", Category: "ZeroDivisionError"},
		},
		{
			"sphinx-build's own words",
			"\nEncoding error:\n'utf-8' codec can't decode byte 0xff\n",
			"\n", runner.Diagnostic{Message: "Encoding error: 'utf-8' codec can't decode byte 0xff"},
		},
	} {
		warnings, words := split(tt.text)
		tt.want.Severity = runner.Critical
		if got := explain(words, dir); got != tt.want || warnings != tt.warnings {
			t.Errorf("%s:\n got %+v\nwant %+v\nwarnings %q", tt.name, got, tt.want, warnings)
		}
	}
	text := "/p/a.rst:3: WARNING: Unexpected error: see below\n/p/b.rst:1: ERROR: Unknown directive.\n\n.. x::\n"
	if warnings, words := split(text); warnings != text || words != "" {
		t.Errorf("split %q and %q", warnings, words)
	}
}

func TestTranscript(t *testing.T) {
	heard := newTranscript()
	hear := func(text string) {
		for line := range strings.Lines(text) {
			heard.hear(strings.TrimRight(line, "\n"))
		}
	}
	hear("Running Sphinx v9.0.4\nWARNING: early\nbuilding [mo]: targets for 0 po files that are out of date\nwriting output... \n" +
		"updating environment: [new config] 3 added, 1 changed, 0 removed\nreading sources... [ 25%] index\nreading sources... [ 50%] guide/one\n")
	if p, doc, _ := heard.now(); p != (runner.Progress{Phase: runner.Reading, Done: 2, Total: 4}) || doc != "guide/one" || heard.writing {
		t.Errorf("progress %+v, document %q", p, doc)
	}
	hear("reading sources... [100%] three .. two\n\n/p/one.rst:3: WARNING: odd\nlooking for now-outdated files... none found\npickling environment... done\n" +
		"checking consistency... /p/two.rst: WARNING: document isn't included in any toctree\ndone\npreparing documents... done\nwriting output... [ 50%] index\n" +
		"/p/index.rst:1: WARNING: undefined label: 'x'\n")
	if p, doc, last := heard.now(); p.Phase != runner.Writing || doc != "index" || !heard.checked || !heard.written["index"] || !strings.Contains(last, "undefined") {
		t.Errorf("progress %+v, document %q, last %q, written %v", p, doc, last, heard.written)
	}
	got := heard.warnings("WARNING: early\n/p/one.rst:3: WARNING: odd\nand more of it\n/p/two.rst: WARNING: document isn't included in any toctree\n" +
		"/p/index.rst:1: WARNING: undefined label: 'x'\n/p/unseen.rst:1: WARNING: was not printed\n")
	for phase, want := range map[runner.Phase][]string{
		runner.Starting: {"early"}, runner.Reading: {"odd\nand more of it", "was not printed"},
		runner.Finishing: {"document isn't included in any toctree"}, runner.Writing: {"undefined label: 'x'"},
	} {
		var messages []string
		for _, w := range got[phase] {
			messages = append(messages, w.Message)
		}
		if !slices.Equal(messages, want) {
			t.Errorf("%s: got %q, want %q", phase, messages, want)
		}
	}
}

// known is what an environment may say.
func known(dir string) *facts {
	path := func(name string) string { return filepath.Join(dir, name) }
	f := &facts{
		Root: "index", Suffixes: []string{".rst"}, PageSuffix: ".html",
		Docs:   map[string][2]string{"index": {path("index.rst"), "5"}, "one": {path("one.rst"), "5"}},
		Deps:   map[string][]string{"one": {path("part.txt"), path("code.py")}, "index": {path("part.txt")}},
		Static: []string{path("_static")}, Templates: []string{path("_templates")}, Locales: []string{path("locale")},
		Modules: []string{path("ext.py"), path("code.py")},
		Shaping: []sphinx.Input{{Path: path("refs.bib")}}, Generating: []sphinx.Input{{Path: path("api"), Endings: []string{".py"}}},
	}
	f.index()
	return f
}

func TestPlan(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf.py")
	if err := os.WriteFile(conf, []byte("project = 'x'\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	j := judge{facts: known(dir), source: dir, config: conf, notes: []runner.Diagnostic{{Doc: "one", Message: "image file not readable: pic.png"}}}
	for _, tt := range []struct {
		name string
		op   watch.Op
		want plan
	}{
		{"one.rst", watch.Write, plan{build: true, again: []string{"one"}}},
		{"one.rst", watch.Remove, plan{build: true, again: []string{"one"}}},
		{"part.txt", watch.Write, plan{build: true, again: []string{"index", "one"}}},
		{"code.py", watch.Write, plan{build: true, again: []string{"one"}}},
		{"ext.py", watch.Write, plan{build: true, fresh: true, reason: "ext.py changed"}},
		{"conf.py", watch.Write, plan{build: true, all: true, reason: "conf.py changed"}},
		{"_static/deep/a.css", watch.Create, plan{build: true, all: true}},
		{"_templates/layout.html", watch.Remove, plan{build: true, all: true}},
		{"locale/de/LC_MESSAGES/one.po", watch.Write, plan{build: true}},
		{"locale/de/LC_MESSAGES/one.mo", watch.Write, plan{}}, // Sphinx writes it
		{"refs.bib", watch.Write, plan{build: true, fresh: true}},
		{"api/deep/x.py", watch.Write, plan{build: true}},
		{"api/readme", watch.Write, plan{}},
		{"new.rst", watch.Create, plan{build: true}},
		{"excluded.rst", watch.Write, plan{}},
		{"notes.txt", watch.Write, plan{}},
		{"pic.png", watch.Create, plan{build: true, again: []string{"one"}}},
		{"pic.png", watch.Write, plan{}},
	} {
		if tt.want.build {
			tt.want.changed = []string{tt.name}
		}
		change := []watch.Change{{Path: filepath.Join(dir, filepath.FromSlash(tt.name)), Op: tt.op}}
		if got := j.plan(change); !reflect.DeepEqual(normal(got), normal(tt.want)) {
			t.Errorf("%s %s:\n got %+v\nwant %+v", tt.op, tt.name, got, tt.want)
		}
		for _, anxious := range []judge{{facts: j.facts, source: dir, config: conf, failed: true}, {source: dir, config: conf}} {
			if !anxious.plan(change).build {
				t.Errorf("%s %s is no other try", tt.op, tt.name)
			}
		}
	}
	if err := os.WriteFile(conf, []byte("def setup(app):\n    pass\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := j.plan([]watch.Change{{Path: conf}}); !got.fresh {
		t.Errorf("a conf.py that is an extension: %+v", got)
	}
}

func normal(p plan) plan {
	if len(p.again) == 0 {
		p.again = nil
	}
	return p
}

// TestOwnDoing: what a build itself writes among the sources asks for no other.
func TestOwnDoing(t *testing.T) {
	dir := t.TempDir()
	made, gone := filepath.Join(dir, "one.rst"), filepath.Join(dir, "index.rst")
	if err := os.WriteFile(made, []byte("Made\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f := known(dir)
	f.noteGenerated(map[string]digest.Digest{filepath.Join(dir, "one.rst"): {}})
	read := func(at time.Time) { f.Docs["one"] = [2]string{made, strconv.FormatInt(at.UnixMicro(), 10)} }
	created := watch.Change{Path: made, Op: watch.Create, Digest: digest.Of([]byte("Made\n"))}
	for _, tt := range []struct {
		what   string
		at     time.Time
		change watch.Change
		meant  bool
	}{
		{"made, and read since", time.Now().Add(time.Hour), created, false},
		{"made after it was looked for", time.Now().Add(-time.Hour), created, true},
		{"saved by somebody", time.Now().Add(time.Hour), watch.Change{Path: made, Op: watch.Write, Digest: created.Digest}, true},
		{"removed when the build was over", time.Now(), watch.Change{Path: gone, Op: watch.Remove}, false},
		{"made and gone again", time.Now(), watch.Change{Path: gone, Op: watch.Create, Digest: created.Digest}, false},
	} {
		read(tt.at)
		if got := f.meant([]watch.Change{tt.change}); len(got) == 1 != tt.meant {
			t.Errorf("%s: %v", tt.what, got)
		}
	}
}

func TestReadAt(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC)
	for _, stamp := range []string{"1772600767.089", "1772600767089000"} {
		if got := readAt(stamp); got.Sub(at).Abs() > time.Microsecond {
			t.Errorf("%s is %v, not %v", stamp, got.UTC(), at)
		}
	}
	if got := readAt("never"); !got.IsZero() {
		t.Errorf("never is %v", got)
	}
}

func TestPages(t *testing.T) {
	f := known("/p")
	for _, tt := range [][3]string{
		{"html", "guide/index", "guide/index.html"}, {"dirhtml", "guide/index", "guide/index.html"}, {"dirhtml", "index", "index.html"},
		{"dirhtml", "guide/one", "guide/one/index.html"}, {"singlehtml", "guide/one", "index.html"}, {"revealjs", "one", "one.html"},
	} {
		if got := f.page(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s, %s: %s", tt[0], tt[1], got)
		}
	}
}

func TestDiffer(t *testing.T) {
	of := func(text string, time int64) file { return file{int64(len(text)), time, digest.Of([]byte(text))} }
	before := map[string]file{
		"a.html": of("a", 1), "b.html": of("b", 1), "c.html": of("c", 1), "_static/x.css": of("x", 1), "_static/x.js": of("x", 1),
		"searchindex.js": of("s", 1), "_images/p.png": of("p", 1), "_sources/a.rst.txt": of("a", 1),
	}
	after := map[string]file{
		"a.html": of("a", 1), "b.html": of("b", 2), "c.html": of("C", 2), "d.html": of("d", 2), "_static/x.css": of("X", 2), "_static/x.js": of("x", 2),
		"searchindex.js": of("S", 2), "_images/p.png": of("P", 2), "_images/q.png": of("q", 2), "_static/frame.html": of("f", 2),
	}
	want := outcome{written: 3, pages: []string{"c.html", "d.html"}, styles: []string{"_static/x.css"}, images: []string{"_images/p.png"}}
	if got := differ(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	after["_static/x.js"] = of("other", 3)
	if !differ(before, after).scripts {
		t.Error("a changed script asks for no reload")
	}
}

func TestArguments(t *testing.T) {
	o := Options{Options: runner.Options{Sphinx: sphinx.Options{
		Source: "/s", Config: "/c", Output: "/o", Doctrees: "/d", Builder: "singlehtml", Tags: []string{"t1"}, Defines: []string{"a=b"},
		HTMLDefines: []string{"x=y"}, Nitpicky: true, Verbosity: 2,
	}, Strict: true, Jobs: 3, Traceback: true}, KeepGoing: true, ExceptionOnWarning: true}
	got := strings.Join(o.arguments(plan{all: true, fresh: true}, "/w"), " ")
	if want := "-b singlehtml -d /d -w /w -c /c -t t1 -D a=b -A x=y -v -v -j 3 -n -W --keep-going --exception-on-warning -T -N -a -E /s /o"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	o = Options{Options: runner.Options{Sphinx: sphinx.Options{Source: "/s", Output: "/o", Doctrees: "/d", Builder: "html"}, Filenames: []string{"/s/a.rst"}}, Terminal: os.Stdin}
	got = strings.Join(o.arguments(plan{all: true}, "/w"), " ")
	if want := "-b html -d /d -w /w -C -P /s /o /s/a.rst"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestNotes: what is kept and what goes when a build has read some documents.
func TestNotes(t *testing.T) {
	note := func(doc, text string) runner.Diagnostic { return runner.Diagnostic{Doc: doc, Message: text} }
	n := newNotes()
	every := map[runner.Phase]bool{runner.Starting: true, runner.Reading: true, runner.Finishing: true, runner.Writing: true}
	f := known("/p")
	n.take(news{facts: f, read: map[string]bool{"index": true, "one": true}, steps: every, given: map[runner.Phase][]runner.Diagnostic{
		runner.Starting: {note("", "start")}, runner.Reading: {note("one", "read"), note("index", "read")},
		runner.Finishing: {note("one", "alone")}, runner.Writing: {note("one", "written"), note("index", "written")},
	}})
	check := func(what string, want ...string) {
		t.Helper()
		var got []string
		for _, d := range n.list() {
			got = append(got, strings.TrimSpace(d.Doc+" "+d.Message))
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	if len(n.Docs["one"][runner.Reading]) != 1 || len(n.Docs["index"][runner.Writing]) != 1 || len(n.Site[runner.Finishing]) != 1 {
		t.Errorf("got %+v", n)
	}
	n.take(news{facts: f, read: map[string]bool{"one": true}, written: map[string]bool{"index": true}, steps: every})
	check("one was read, and the page of index written", "index read")
	n.take(news{facts: f, steps: map[runner.Phase]bool{runner.Starting: true}, given: map[runner.Phase][]runner.Diagnostic{runner.Reading: {note("one", "of a build that failed")}}})
	check("a build that failed", "index read", "one of a build that failed")
	delete(f.Docs, "index")
	n.take(news{facts: f, read: map[string]bool{"one": true}, steps: every})
	check("index is gone")
}
