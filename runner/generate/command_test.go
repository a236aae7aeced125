package generate

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// needShell leaves out tests whose commands are those of Unix.
func needShell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands of this test are those of Unix")
	}
}

func TestCommand(t *testing.T) {
	needShell(t)
	r := newRig(t, `
[[rule]]
inputs = "data/*.txt"
outputs = "gen/{stem}.up"
command = ["tr", "a-z", "A-Z"]
[[rule]]
name = "sh"
inputs = "data/*.txt"
outputs = ["gen/{stem}.up", "gen/{stem}.n"]
command = "tr a-z A-Z < {input} > {output}; echo $WHO {stem} > {outdir}/{stem}.n"
shell = true
env = { WHO = "me" }
`, map[string]string{"data/a b.txt": "it's"})
	r.run()
	r.noted("data/a b.txt:0: the command of the rule for data/*.txt has not written a b.up")
	r.want("output", r.read("gen/a b.up"), "IT'S")
	r.want("other", r.read("gen/a b.n"), "me a b\n")
	if left := r.tree("state/commands"); len(left) > 0 {
		t.Error(left)
	}
}

func TestCommandForAll(t *testing.T) {
	needShell(t)
	r := newRig(t, `
[[rule]]
inputs = "data/*.txt"
exclude = "data/not.txt"
outputs = "gen/"
command = 'mkdir {outdir}/sub; for f in {inputs}; do cp "$f" {outdir}/sub/$(basename "$f").copy; echo "out: dep.inc $f" >> {outdir}/deps.d; done; cat dep.inc > {outdir}/dep'
shell = true
depfile = "{outdir}/deps.d"
`, map[string]string{"data/a.txt": "1", "data/b.txt": "2", "data/not.txt": "3", "dep.inc": ""})
	r.want("first", r.run(), "+gen/dep +gen/sub/a.txt.copy +gen/sub/b.txt.copy")
	r.want("dependency", r.edit("dep.inc", "x"), "~gen/dep")
	r.want("input gone", r.remove("data/a.txt"), "-gen/sub/a.txt.copy")
	r.want("notes", r.notes(), "")
}

func TestRestat(t *testing.T) {
	needShell(t)
	r := newRig(t, `
[[rule]]
inputs = "a.txt"
outputs = "gen/a.out"
command = "test -e {output} && echo again >> runs || { echo once > {output}; }"
shell = true
restat = true
`, map[string]string{"a.txt": "1"})
	r.want("first", r.run(), "+gen/a.out")
	r.want("left alone", r.edit("a.txt", "2"), "")
	r.want("it ran", r.read("runs"), "again\n")
	r.want("notes", r.notes(), "")
}

func TestCommandFails(t *testing.T) {
	needShell(t)
	r := newRig(t, `
[[rule]]
inputs = "a.txt"
outputs = "a.out"
command = "grep -q bad {input} && { echo this is wrong; exit 3; }; cp {input} {output}"
shell = true
[[rule]]
name = "none"
inputs = "b.txt"
outputs = "b.out"
command = ["docserve-no-such-program"]
[[rule]]
name = "sleeper"
inputs = "c.txt"
outputs = "c.out"
command = ["sleep", "600"]
`, map[string]string{"a.txt": "good", "b.txt": "", "c.txt": ""})
	r.options.Timeout = 300 * time.Millisecond
	r.start()
	r.want("first", r.run(), "+a.out")
	r.noted("b.txt:0: the command of none has failed: start docserve-no-such-program: ")
	r.noted("c.txt:0: the command of sleeper has failed: it has printed nothing for 300ms, and was ended")
	r.want("failed", r.edit("a.txt", "bad"), "")
	r.noted("a.txt:0: the command of the rule for a.txt has failed: exit status 3 | this is wrong")
	r.want("kept", r.read("a.out"), "good")
	r.want("mended", r.edit("a.txt", "fine"), "~a.out")
}

func TestDepfile(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a.o: a.c a.h\n", "a.c|a.h"},
		{"a.o b.o : a.c \\\n  dir/b.h \\\n c\\ d.h\n\na.h:\n", "a.c|dir/b.h|c d.h"},
		{"C:\\x.o: C:\\a.c e$$f \\#g\r\n", `C:\a.c|e$f|#g`},
		{`["a", "b c"]`, "a|b c"},
		{`{"out": ["a"], "other": ["b"]}`, "b|a"},
		{"", ""}, {"# nothing\n", ""},
	} {
		names, err := parseDepfile([]byte(test.text))
		if got := strings.Join(names, "|"); got != test.want || err != nil {
			t.Errorf("%q: got %q, %v; want %q", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"no colon", "{", "[1]", `{"a": "b"}`} {
		if names, err := parseDepfile([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, names)
		}
	}
}

func TestLines(t *testing.T) {
	lines := []Origin{{}, {"/p/a", 3}, {"/p/a", 4}, {"/p/a", 4}, {"/p/b", 9}, {"/p/b", 10}, {}, {"/p/a", 1}}
	packed := packLines(lines, filepath.Base)
	for i, want := range lines {
		name, line := findLine(packed, i+1)
		wantName := ""
		if want.Path != "" {
			wantName = filepath.Base(want.Path)
		}
		if name != wantName || name != "" && line != want.Line {
			t.Errorf("line %d: got %s:%d, want %s:%d in %q", i+1, name, line, wantName, want.Line, packed)
		}
	}
	if name, _ := findLine("", 3); name != "" {
		t.Error(name)
	}
}

func TestOverlap(t *testing.T) {
	for _, test := range []struct {
		outputs, inputs string
		want            bool
	}{
		{"gen/{stem}.json", "gen/*.json", true}, {"gen/{stem}.json", "gen/*.yaml", false}, {"gen/{stem}.json", "**/*.json", true},
		{"a/{stem}.txt", "b/**", false}, {"out/", "out/x.txt", true}, {"out/", "other/*", false}, {"x.txt", "x.txt", true}, {"x.txt", "y.txt", false},
		{"{dir}/{name}", "anything", true},
	} {
		if got := overlap(test.outputs, test.inputs); got != test.want {
			t.Errorf("overlap(%q, %q) = %v", test.outputs, test.inputs, got)
		}
	}
}

func TestVariables(t *testing.T) {
	g := newGlobs("/p", []string{"data/**/*.tar.gz", "../other/x.y", "./*.z"})
	for _, test := range []struct{ file, want string }{
		{"/p/data/a/b/c.tar.gz", "c.tar|c.tar.gz|gz|a/b"}, {"/other/x.y", "x|x.y|y|."}, {"/p/q.z", "q|q.z|z|."},
	} {
		v := variables(g, filepath.FromSlash(test.file))
		if got := strings.Join([]string{v["stem"], v["name"], v["ext"], v["dir"]}, "|"); got != test.want {
			t.Errorf("%s: got %s, want %s", test.file, got, test.want)
		}
	}
	if got := g.bases(); !slices.Equal(got, []string{"/p/data", "/other/x.y", "/p"}) && os.PathSeparator == '/' {
		t.Error(got)
	}
}
