package watch

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

const (
	composed   = "caf\u00e9.rst"
	decomposed = "cafe\u0301.rst"
)

// volume is a file system that takes some names for the same: those that fold
// makes equal.
type volume struct {
	fold  func(string) string
	store func(string) string // how a new name is stored
	names []string
}

func newVolume(fold, store func(string) string, names ...string) *volume {
	v := &volume{fold: fold, store: store}
	for _, n := range names {
		v.names = append(v.names, store(n))
	}
	return v
}

// node is a file of a volume.
type node struct{ name string }

func (n node) Name() string       { return n.name }
func (n node) Size() int64        { return 0 }
func (n node) Mode() fs.FileMode  { return 0o644 }
func (n node) ModTime() time.Time { return time.Time{} }
func (n node) IsDir() bool        { return false }
func (n node) Sys() any           { return nil }

func (v *volume) speller() *speller {
	s := newSpeller()
	s.lstat = func(path string) (fs.FileInfo, error) {
		for _, n := range v.names {
			if v.fold(n) == v.fold(filepath.Base(path)) {
				return node{n}, nil
			}
		}
		return nil, fs.ErrNotExist
	}
	s.list = func(string) ([]string, error) { return slices.Clone(v.names), nil }
	s.same = func(a, b fs.FileInfo) bool { return a.Name() == b.Name() }
	return s
}

func TestSpelling(t *testing.T) {
	exact := func(s string) string { return s }
	forms := norm.NFC.String
	both := func(s string) string { return norm.NFC.String(strings.ToUpper(s)) }
	linux := func(names ...string) *volume { return newVolume(exact, exact, names...) }
	windows := func(names ...string) *volume { return newVolume(strings.ToUpper, exact, names...) }
	apfs := func(names ...string) *volume { return newVolume(both, exact, names...) }
	apfsStrict := func(names ...string) *volume { return newVolume(forms, exact, names...) }
	hfs := func(names ...string) *volume { return newVolume(both, norm.NFD.String, names...) }
	tests := []struct {
		name   string
		volume *volume
		asked  string
		stored string // as the directory has it
		called string // by docserve, and by Sphinx
	}{
		{"Linux", linux("guide.rst"), "guide.rst", "guide.rst", "guide.rst"},
		{"Linux, another file", linux("guide.rst"), "Guide.rst", "Guide.rst", "Guide.rst"},
		{"Linux, two files", linux("guide.rst", "Guide.rst"), "Guide.rst", "Guide.rst", "Guide.rst"},
		{"Linux, decomposed", linux(decomposed), decomposed, decomposed, decomposed},
		{"Linux, composed and decomposed are two", linux(composed, decomposed), decomposed, decomposed, decomposed},
		{"Linux, not there", linux(), "Guide.rst", "Guide.rst", "Guide.rst"},
		{"Windows", windows("guide.rst"), "guide.rst", "guide.rst", "guide.rst"},
		{"Windows, another case", windows("guide.rst"), "GUIDE.RST", "guide.rst", "guide.rst"},
		{"Windows, capitals stored", windows("Guide.rst"), "guide.rst", "Guide.rst", "Guide.rst"},
		{"Windows, another alphabet", windows("Привет.rst"), "привет.rst", "Привет.rst", "Привет.rst"},
		{"Windows, decomposed stays", windows(decomposed), decomposed, decomposed, decomposed},
		{"Windows, no letters", windows("4913"), "4913", "4913", "4913"},
		{"macOS", apfs("Guide.rst"), "guide.rst", "Guide.rst", "Guide.rst"},
		{"macOS, composed", apfs(composed), decomposed, composed, composed},
		{"macOS, decomposed", apfs(decomposed), composed, decomposed, composed},
		{"macOS, decomposed in an event", apfs(decomposed), decomposed, decomposed, composed},
		{"macOS, both", apfs("CAFE\u0301.rst"), composed, "CAFE\u0301.rst", "CAF\u00c9.rst"},
		{"macOS that tells cases apart", apfsStrict(decomposed, "Guide.rst"), composed, decomposed, composed},
		{"macOS that tells cases apart, another file", apfsStrict("Guide.rst"), "guide.rst", "guide.rst", "guide.rst"},
		{"HFS+", hfs(composed), composed, decomposed, composed},
		{"HFS+, in an event", hfs(composed), decomposed, decomposed, composed},
		{"HFS+, Korean", hfs("\ud55c.rst"), "\ud55c.rst", norm.NFD.String("\ud55c.rst"), "\ud55c.rst"},
		{"HFS+, not there", hfs(), composed, composed, composed},
	}
	for _, test := range tests {
		s := test.volume.speller()
		stored := s.stored("/src", test.asked)
		if called := s.called("/src", stored); stored != test.stored || called != test.called {
			t.Errorf("%s: %+q is stored as %+q and called %+q, want %+q and %+q", test.name, test.asked, stored, called, test.stored, test.called)
		}
		if got := s.proper("/src", test.asked); got != (test.asked == test.called) {
			t.Errorf("%s: %+q is what it is called: %v", test.name, test.asked, got)
		}
	}
}

// What one file system or another takes for the same has the same key, and a key
// is that of itself.
func TestKey(t *testing.T) {
	for _, same := range [][]string{
		{"guide.rst", "Guide.rst", "GUIDE.RST"},
		{composed, decomposed, strings.ToUpper(composed), strings.ToUpper(decomposed)},
		{"привет", "ПРИВЕТ", "Привет"},
		{"Σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"4913"},
	} {
		for _, name := range same {
			if key(name) != key(same[0]) || key(key(name)) != key(name) {
				t.Errorf("key of %+q: %+q, that of %+q: %+q", name, key(name), same[0], key(same[0]))
			}
		}
	}
	if key("guide.rst") == key("guide.txt") || key(composed) == key("cafe.rst") {
		t.Error("different names have one key")
	}
}

// A file that was asked for in a spelling that its directory does not have, and
// one that is not there yet, are found by the events of the real name. (Links
// stand in for a file system that takes the names for the same.)
func TestAskedForInAnotherSpelling(t *testing.T) {
	onEachBackend(t, func(t *testing.T, start func(testing.TB, string) *rig) {
		dir := place(t, "a.rst")
		out := filepath.Join(filepath.Dir(dir), "out")
		fill(t, out, "intro.txt")
		asked := filepath.Join(out, "Intro.TXT")
		if err := os.Link(filepath.Join(out, "intro.txt"), asked); err != nil && !os.IsExist(err) {
			t.Skipf("no links here: %v", err)
		}
		r := start(t, dir)
		r.w.Add(asked)
		r.expect()
		fill(t, out, "intro.txt=two\n")
		r.expect("write ../out/Intro.TXT")
	})
}

// After a rename that changes nothing but the case, the old name leads to the
// file still, and yet it is gone.
func TestRenameThatChangesTheCase(t *testing.T) {
	dir := place(t, "Guide.rst")
	h := quietHost(nil)
	h.spell = func() *speller {
		s := newSpeller()
		s.list = func(dir string) ([]string, error) { // without the link that stands for the old name
			names, err := listNames(dir)
			if slices.Contains(names, "guide.rst") {
				names = slices.DeleteFunc(names, func(n string) bool { return n == "Guide.rst" })
			}
			return names, err
		}
		return s
	}
	r := muted(t, dir, h)
	if err := os.Link(r.path("Guide.rst"), r.path("guide.rst")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	r.w.queue.put(func(in *intake) { in.overflow = true })
	told := map[string]Op{}
	until(t, "both names are told", func() bool {
		reply := make(chan []Batch)
		r.ask <- reply
		for _, b := range <-reply {
			for _, c := range b.Changes {
				told[filepath.Base(c.Path)] = c.Op
			}
		}
		return len(told) > 1
	})
	if want := map[string]Op{"guide.rst": Create, "Guide.rst": Remove}; !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}
