package loops

import (
	"path/filepath"
	"testing"
	"time"

	"docserve/internal/digest"
	"docserve/runner/sphinx"
)

// task is work that a test makes up.
type task struct {
	op, doc string
	ended   time.Time
}

func (t *task) What() (op, step, doc string) { return t.op, "", t.doc }
func (t *task) Ended() time.Time             { return t.ended }

// TestOrigin: a change is a build's if the build said so before, and had not ended.
func TestOrigin(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	ms := func(n int) time.Time { return at.Add(time.Duration(n) * time.Millisecond) }
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	said := func(b *Breaker, t *task, from int, file string) {
		a := sphinx.Act{At: ms(from).UnixNano(), Program: "sh"}
		if file != "" {
			a.Path = path(file)
		}
		b.Note(t, a)
	}
	b := New()
	read := &task{op: "read", doc: "one", ended: ms(500)}
	said(b, read, 100, "gen.txt")
	said(b, &task{op: "finish"}, 700, "made")
	said(b, &task{op: "write", doc: "one", ended: ms(1200)}, 1100, "")
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
	by := func(op, doc string, certain bool) Origin { return Origin{&act{work: &task{op: op, doc: doc}}, certain} }
	content := func(text string) digest.Digest { return digest.Of([]byte(text)) }
	b := New()
	for _, doc := range []string{"a", "b", "c", "d", "e"} {
		if v, _ := b.Count("log", by("read", doc, true), content(doc)); v != React {
			t.Errorf("a file that all documents write: %d", v)
		}
	}
	once := by("read", "x", true)
	for range 5 {
		if v, _ := b.Count("gen", once, content("1")); v != React {
			t.Errorf("several writes of one task: %d", v)
		}
	}
	if v, fresh := b.Count("gen", by("read", "x", true), content("1")); v != React || fresh {
		t.Errorf("the same content: %d, fresh %t", v, fresh)
	}
	if v, _ := b.Count("gen", by("rehearse", "", true), content("2")); v != React {
		t.Errorf("another task: %d", v)
	}
	if v, fresh := b.Count("gen", by("read", "x", true), content("3")); v != Ignore || !fresh {
		t.Errorf("the third time: %d", v)
	}
	b.Elsewhere()
	if v, _ := b.Count("gen", by("read", "x", true), content("4")); v != React {
		t.Errorf("after a save: %d", v)
	}
}

// TestProofs: what a program may have done is waited for before it is a loop.
func TestProofs(t *testing.T) {
	b := New()
	next := func(idled bool) Verdict {
		b.idled = idled
		v, _ := b.Count("gen", Origin{act: &act{work: &task{op: "read", doc: "x"}}}, digest.Digest{})
		return v
	}
	for i, step := range []struct {
		idled bool
		want  Verdict
	}{{false, React}, {false, React}, {false, Wait}, {true, React}, {false, Wait}, {false, Wait}, {true, React}, {false, Wait}, {true, Ignore}} {
		if got := next(step.idled); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}

// TestMuted: what others do to such a file is never passed over, and remembered.
func TestMuted(t *testing.T) {
	b := New()
	certain, doubtful := Origin{&act{work: &task{}}, true}, Origin{act: &act{work: &task{}}}
	b.loops["sure"], b.loops["unsure"] = &Loop{Origin: certain}, &Loop{Origin: doubtful}
	for _, test := range []struct {
		path string
		by   Origin
		want bool
	}{
		{"other", certain, false}, {"sure", certain, true}, {"sure", doubtful, false}, {"sure", Origin{}, false},
		{"unsure", certain, true}, {"unsure", doubtful, true}, {"unsure", Origin{}, false},
	} {
		if got := b.Muted(test.path, test.by); got != test.want {
			t.Errorf("%s: %t", test.path, got)
		}
	}
	if !b.loops["sure"].Freed || !b.loops["unsure"].Freed {
		t.Error("somebody else's changes were not noted")
	}
}

// TestIgnoring: the option that is advised names the file and nothing else.
func TestIgnoring(t *testing.T) {
	dirs := []string{filepath.FromSlash("/p/docs"), filepath.FromSlash("/p")}
	for path, want := range map[string]string{
		"/p/docs/gen/x.txt":   "--ignore '/gen/x.txt'",
		"/p/docs/a[1]*?.txt":  `--ignore '/a\[1]\*\?.txt'`,
		"/p/docs/it's.txt":    `--ignore '/it'\''s.txt'`,
		"/p/src/made.py":      "--ignore '/src/made.py'",
		"/elsewhere/made.txt": `--re-ignore '^/elsewhere/made\.txt$'`,
	} {
		if got := ignoring(filepath.FromSlash(path), dirs); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
