package watch

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"docserve/internal/digest"
)

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern string
		path    string // below the base; a directory when it ends in a slash
		want    bool
	}{
		{"*.tmp", "a.tmp", true},
		{"*.tmp", "deep/er/a.tmp", true},
		{"*.tmp", "a.tmpl", false},
		{"build", "build/", true},
		{"build", "deep/build", true},
		{"build/", "build", false},
		{"build/", "deep/build/", true},
		{"/build", "build/", true},
		{"/build", "deep/build/", false},
		{"a/b", "a/b", true},
		{"a/b", "x/a/b", false},
		{"a/*.rst", "a/x.rst", true},
		{"a/*.rst", "a/b/x.rst", false},
		{"**/gen", "x/y/gen/", true},
		{"**/gen", "gen/", true},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"gen/**", "gen/", false},
		{"gen/**", "gen/x/y", true},
		{"file[0-9].rst", "file7.rst", true},
		{"file[!0-9].rst", "file7.rst", false},
		{"file[!0-9].rst", "filex.rst", true},
		{"?.rst", "a.rst", true},
		{"?.rst", "ab.rst", false},
		{"{a,b}.rst", "a.rst", false},
		{"{a,b}.rst", "{a,b}.rst", true},
		{`\{a\}.rst`, "{a}.rst", true},
		{"a/x**.rst", "a/xy.rst", true},
		{"a/***/z", "a/b/c/z", false},
		{`\\{a,b}`, `\{a,b}`, true},
		{`\#a`, "#a", true},
		{"trailing  ", "trailing", true},
		{`kept\ `, "kept ", true},
		{"# comment", "# comment", false},
		{"", "a", false},
		{"/", "a", false},
	}
	for _, test := range tests {
		p, ok, err := parsePattern(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		base := filepath.FromSlash("/base")
		path, isDir := strings.CutSuffix(test.path, "/")
		got := ok && p.matches(filepath.Join(base, path), isDir, base)
		if got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.pattern, test.path, got, test.want)
		}
	}
	if _, _, err := parsePattern("[a"); err == nil {
		t.Error("no error for a bad pattern")
	}
	if _, err := New(Options{Ignore: []string{"ok", "[a"}}); err == nil {
		t.Error("no error for a bad --ignore")
	}
}

func TestExplain(t *testing.T) {
	work := filepath.Dir(place(t, "a.rst"))
	src := filepath.Join(work, "src")
	fill(t, work, ".git/HEAD", ".gitignore=/src/whole/\nsrc/single.rst\n*.log\napi/\n!src/deep/api/\n",
		"src/deep/.gitignore=local/\n", "src/whole/x.rst", "src/api/x.rst", "src/deep/api/x.rst", "src/deep/local/x.rst",
		"src/_build/x.html", "src/gen/x.rst", "src/venv/x.py", "src/tree/x.rst", "src/named/x.rst")
	w, err := New(Options{
		Roots: []string{src}, SourceDir: src, WorkDir: work, OutputDirs: []string{filepath.Join(src, "_build")},
		Ignore:   []string{"/gen/", "src/named", "*.bak", "!keep.bak", filepath.Join(src, "abs", "*"), "./src/dotted/x.rst"},
		ReIgnore: []*regexp.Regexp{regexp.MustCompile(`/tree/`), regexp.MustCompile(`\.aux$`)},
	})
	must(t, err)
	tests := []struct{ path, want string }{
		{"src/a.rst", ""},
		{"src/deep/new/file.rst", ""},
		{"src/_build/x.html", "output directory"},
		{"src/_build", "output directory"},
		{"src/gen/x.rst", "--ignore /gen/"},
		{"src/deep/gen/x.rst", ""},
		{"src/named/x.rst", "--ignore src/named"},
		{"src/x.bak", "--ignore *.bak"},
		{"src/keep.bak", ""},
		{"src/abs/x.rst", "--ignore"},
		{"src/dotted/x.rst", "--ignore ./src/dotted/x.rst"},
		{"src/tree/x.rst", "--re-ignore /tree/"},
		{"src/x.aux", "--re-ignore"},
		{"src/venv/x.py", "directories called venv"},
		{"src/sub/.git", "directories called .git"},
		{"src/sub/__pycache__/x.pyc", "__pycache__"},
		{"src/whole/x.rst", ".gitignore: /src/whole/"},
		{"src/single.rst", ""},
		{"src/x.log", ""},
		{"src/api/x.rst", ".gitignore: api/"},
		{"src/deep/api/x.rst", ""},
		{"src/deep/local/x.rst", ".gitignore: local/"},
		{"other/x.rst", "outside"},
	}
	for _, name := range []string{"4913", ".a.rst.swp", ".a.rst.swo", ".a.rst.swx", "a.rst~", ".#a.rst", "#a.rst#",
		"a.rst___jb_tmp___", "a.rst___jb_old___", ".a.rst.kate-swp", ".goutputstream-1A2B3C", ".~lock.a.odt#", ".DS_Store"} {
		tests = append(tests, struct{ path, want string }{"src/" + name, "temporary file"})
	}
	for _, test := range tests {
		got := w.Explain(filepath.Join(work, filepath.FromSlash(test.path)))
		if test.want == "" && got != "" || !strings.Contains(filepath.ToSlash(got), test.want) {
			t.Errorf("%s: %q, want %q", test.path, got, test.want)
		}
	}
}

func TestIgnored(t *testing.T) {
	dir := place(t, ".git/HEAD", ".gitignore=api/\nmodules/\nsingle.rst\n", "a.rst", "api/listed.rst", "api/other.rst", "api/sub/x.rst",
		"modules/x.rst", "single.rst", "venv/lib/x.py", "_build/x.html", "sub/_build/y.html")
	r := watchDir(t, dir, func(o *Options) {
		o.OutputDirs = []string{filepath.Join(dir, "_build"), filepath.Join(dir, "sub", "_build")}
		o.Ignore = []string{"*.bak"}
	})
	fill(t, dir, ".git/HEAD=two\n", "api/other.rst=two\n", "modules/x.rst=two\n", "venv/lib/x.py=two\n", "_build/x.html=two\n",
		"_build/new/y.html", "sub/_build/y.html=two\n", "x.bak", "node_modules/new/x.js", ".a.rst.swp")
	r.expect()
	fill(t, dir, "single.rst=two\n")
	r.expect("write single.rst")

	// A file that was named is watched, and so is the directory that holds it, if no
	// option says otherwise.
	r.w.Add(r.path("api/listed.rst"), r.path("venv/lib/x.py"), r.path("_build/x.html"), r.path("x.bak"), filepath.Join(filepath.Dir(dir), "out.bak"))
	r.expect()
	fill(t, dir, "api/listed.rst=two\n", "api/other.rst=three\n", "api/new.rst", "api/sub/x.rst=two\n", "venv/lib/x.py=three\n",
		"venv/lib/y.py", "_build/x.html=three\n", "x.bak=two\n", "../out.bak")
	r.expect("create api/new.rst", "write api/listed.rst", "write api/other.rst", "write venv/lib/x.py")

	r.write(".gitignore", "api/\n")
	r.expect("create modules/x.rst", "write .gitignore")
	r.write("modules/x.rst", "four\n")
	r.expect("write modules/x.rst")
}

func TestUnreadable(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("needs permissions that bind")
	}
	r := watchDir(t, place(t, "a.rst", "sub/b.rst"), nil)
	must(t, os.Chmod(r.path("a.rst"), 0))
	if got := r.batches(); len(got) != 1 || got[0].Changes[0].Digest != Unreadable {
		t.Errorf("batches: %v, want one with an unreadable file", got)
	}
	must(t, os.Chmod(r.path("a.rst"), 0o644))
	if got := r.batches(); len(got) != 1 || got[0].Changes[0].Digest != digest.Of([]byte("one\n")) {
		t.Errorf("batches: %v, want one with the readable file", got)
	}
	must(t, os.Chmod(r.path("sub"), 0))
	t.Cleanup(func() { must(t, os.Chmod(r.path("sub"), 0o755)) })
	r.batches() // whatever it says, it goes on
	must(t, os.Chmod(r.path("sub"), 0o755))
	r.write("sub/b.rst", "two\n")
	if got := r.batches(); len(got) == 0 {
		t.Error("nothing after the directory became readable again")
	}
}
