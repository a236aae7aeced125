package runner

import (
	"path/filepath"
	"testing"
	"time"

	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

// TestOrigin: a change is a build's if the build said so before, and had not ended.
func TestOrigin(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	ms := func(n int) time.Time { return at.Add(time.Duration(n) * time.Millisecond) }
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	said := func(b *breaker, t *task, from int, file string) {
		a := sphinx.Act{At: ms(from).UnixNano(), Program: "sh"}
		if file != "" {
			a.Path = path(file)
		}
		b.note(t, a)
	}
	b := newBreaker()
	read := &task{op: "read", doc: "one", ended: ms(500)}
	said(&b, read, 100, "gen.txt")
	said(&b, &task{op: "finish"}, 700, "made")
	said(&b, &task{op: "write", doc: "one", ended: ms(1200)}, 1100, "")
	for _, test := range []struct {
		file    string
		when    int
		build   bool
		certain bool
	}{
		{"gen.txt", 50, false, false},  // before it was said
		{"gen.txt", 95, true, true},    // the times of files are behind
		{"gen.txt", 300, true, true},   // while it was at it
		{"gen.txt", 501, false, false}, // somebody after it
		{"other.txt", 300, false, false},
		{"made/deep/x.rst", 800, true, true}, // a directory that was moved there
		{"made/x.rst", 60_000, true, true},   // it is still under way
		{"made.rst", 800, false, false},
		{"other.txt", 1150, true, false}, // a program may have done it
		{"other.txt", 1201, false, false},
	} {
		by := b.origin(path(test.file), ms(test.when))
		if (by.act != nil) != test.build || by.certain != test.certain {
			t.Errorf("%s at %d ms: build %t, certain %t", test.file, test.when, by.act != nil, by.certain)
		}
	}
}

// TestCount: the same task, run again, changing the same file again is a loop; many
// tasks that change one file are none, nor is anything with a change from elsewhere
// in between.
func TestCount(t *testing.T) {
	by := func(op, doc string, certain bool) origin { return origin{&act{task: &task{op: op, doc: doc}}, certain} }
	content := func(text string) digest.Digest { return digest.Of([]byte(text)) }
	b := newBreaker()
	for _, doc := range []string{"a", "b", "c", "d", "e"} {
		if v, _ := b.count("log", by("read", doc, true), content(doc)); v != react {
			t.Errorf("a file that all documents write: %d", v)
		}
	}
	once := by("read", "x", true)
	for range 5 {
		if v, _ := b.count("gen", once, content("1")); v != react {
			t.Errorf("several writes of one task: %d", v)
		}
	}
	if v, fresh := b.count("gen", by("read", "x", true), content("1")); v != react || fresh {
		t.Errorf("the same content: %d, fresh %t", v, fresh)
	}
	if v, _ := b.count("gen", by("rehearse", "", true), content("2")); v != react {
		t.Errorf("another task: %d", v)
	}
	if v, fresh := b.count("gen", by("preview", "x", true), content("3")); v != ignore || !fresh {
		t.Errorf("the third time: %d", v)
	}
	b.elsewhere()
	if v, _ := b.count("gen", by("read", "x", true), content("4")); v != react {
		t.Errorf("after a save: %d", v)
	}
}

// TestProofs: what a program may have done is waited for before it is a loop.
func TestProofs(t *testing.T) {
	b := newBreaker()
	next := func(idled bool) verdict {
		b.idled = idled
		v, _ := b.count("gen", origin{act: &act{task: &task{op: "read", doc: "x"}}}, digest.Digest{})
		return v
	}
	for i, step := range []struct {
		idled bool
		want  verdict
	}{{false, react}, {false, react}, {false, wait}, {true, react}, {false, wait}, {false, wait}, {true, react}, {false, wait}, {true, ignore}} {
		if got := next(step.idled); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}

// TestMuted: what others do to such a file is never passed over, and remembered.
func TestMuted(t *testing.T) {
	b := newBreaker()
	certain, doubtful := origin{&act{task: &task{}}, true}, origin{act: &act{task: &task{}}}
	b.loops["sure"], b.loops["unsure"] = &loop{origin: certain}, &loop{origin: doubtful}
	for _, test := range []struct {
		path string
		by   origin
		want bool
	}{
		{"other", certain, false}, {"sure", certain, true}, {"sure", doubtful, false}, {"sure", origin{}, false},
		{"unsure", certain, true}, {"unsure", doubtful, true}, {"unsure", origin{}, false},
	} {
		if got := b.muted(test.path, test.by); got != test.want {
			t.Errorf("%s: %t", test.path, got)
		}
	}
	if !b.loops["sure"].freed || !b.loops["unsure"].freed {
		t.Error("somebody else's changes were not noted")
	}
}

// TestIgnoring: the option that is advised names the file and nothing else.
func TestIgnoring(t *testing.T) {
	r := New(Options{WorkDir: filepath.FromSlash("/p"), Sphinx: sphinx.Options{Source: filepath.FromSlash("/p/docs")}})
	for path, want := range map[string]string{
		"/p/docs/gen/x.txt":   "--ignore '/gen/x.txt'",
		"/p/docs/a[1]*?.txt":  `--ignore '/a\[1]\*\?.txt'`,
		"/p/docs/it's.txt":    `--ignore '/it'\''s.txt'`,
		"/p/src/made.py":      "--ignore '/src/made.py'",
		"/elsewhere/made.txt": `--re-ignore '^/elsewhere/made\.txt$'`,
	} {
		if got := r.ignoring(filepath.FromSlash(path)); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
