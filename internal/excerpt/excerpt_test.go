package excerpt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAround(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.rst")
	if err := os.WriteFile(name, []byte("1\r\n2\n3\n\n5\n6"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		line, around int
		want         Excerpt
	}{
		{1, 1, Excerpt{1, []string{"1", "2"}}},
		{4, 1, Excerpt{3, []string{"3", "", "5"}}},
		{6, 2, Excerpt{4, []string{"", "5", "6"}}},
		{3, 0, Excerpt{3, []string{"3"}}},
	} {
		if got, err := Around(name, test.line, test.around); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%d ± %d: %v %v, want %v", test.line, test.around, got, err, test.want)
		}
	}
	for _, line := range []int{0, -1, 7, 100} {
		if got, err := Around(name, line, 3); !errors.Is(err, ErrNoLine) {
			t.Errorf("line %d: %v %v", line, got, err)
		}
	}
	if _, err := Around(filepath.Dir(name), 1, 1); err == nil {
		t.Error("a directory has an excerpt")
	}
	if _, err := Around(name+"x", 1, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAnyFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.rst")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.SampledFrom([]byte("ab\n\r\xc3\xbc\xff"))).Draw(t, "text")
		long := strings.Repeat("ü", rapid.IntRange(0, 300).Draw(t, "long"))
		if err := os.WriteFile(name, append(text, long...), 0o666); err != nil {
			t.Fatal(err)
		}
		line, around := rapid.IntRange(0, 9).Draw(t, "line"), rapid.IntRange(0, 4).Draw(t, "around")
		e, err := Around(name, line, around)
		if err != nil {
			return
		}
		if e.First > line || e.First+len(e.Lines) <= line || len(e.Lines) > 2*around+1 {
			t.Fatalf("%d ± %d: %v", line, around, e)
		}
		for _, shown := range e.Lines {
			if !utf8.ValidString(shown) || len(shown) > maxLine+8 || strings.ContainsAny(shown, "\n") {
				t.Fatalf("shows %q", shown)
			}
		}
	})
}
