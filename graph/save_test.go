package graph

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSaveLoad(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cache", "graph")
	g := sample()
	g.SetExtra("pages", []byte(`{"guide":1}`))
	for range 2 { // the second replaces the first
		if err := g.Save(name); err != nil {
			t.Fatal(err)
		}
	}
	back, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	back.check(t)
	equal(t, back, g)
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

// equal fails when two graphs do not know the same.
func equal(t rapid.TB, got, want *Graph) {
	t.Helper()
	if !reflect.DeepEqual(got.Documents(), want.Documents()) {
		t.Fatalf("documents %v, want %v", got.Documents(), want.Documents())
	}
	for _, doc := range want.Documents() {
		a, _ := got.Document(doc)
		b, _ := want.Document(doc)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("document %+v, want %+v", a, b)
		}
	}
	if !reflect.DeepEqual(got.recorded, want.recorded) || !reflect.DeepEqual(got.extra, want.extra) {
		t.Fatalf("recorded %v, extra %v, want %v, %v", got.recorded, got.extra, want.recorded, want.extra)
	}
	if a, b := got.Project(), want.Project(); !reflect.DeepEqual(a, b) {
		t.Fatalf("project %+v, want %+v", a, b)
	}
}

func TestLoadStartsOver(t *testing.T) {
	name := filepath.Join(t.TempDir(), "graph")
	if g, err := Load(name); !errors.Is(err, fs.ErrNotExist) || len(g.Documents()) != 0 {
		t.Errorf("without a file: %v", err)
	}
	if err := sample().Save(name); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(good), header, "docserve graph 9\n", 1)
	for want, data := range map[string]string{
		"another version": other,
		"too short":       string(good[:len(header)+5]),
		"wrong checksum":  string(good[:len(good)-1]),
		"version":         "",
	} {
		if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
		g, err := Load(name)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("Load: %v, want %q", err, want)
		}
		if g == nil || len(g.Documents()) != 0 {
			t.Errorf("%s: did not start over", want)
		}
	}
	if g, err := Load(t.TempDir()); err == nil || g == nil {
		t.Error("a directory must be a reason to start over")
	}
}

func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	occupied := filepath.Join(dir, "graph")
	if err := os.MkdirAll(filepath.Join(occupied, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := New().Save(occupied); err == nil {
		t.Error("saving over a directory must fail")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("a failed save left something behind: %v", entries)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := New().Save(filepath.Join(file, "graph")); err == nil {
		t.Error("saving below a file must fail")
	}
}

// Any single damage is noticed, and never a panic.
func TestLoadDamaged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "graph")
	if err := sample().Save(name); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		data := append([]byte(nil), good...)
		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			data[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		case 1:
			data = data[:at]
		case 2:
			data = append(data, data[at:]...)
		}
		if _, err := decode(data); err == nil {
			t.Fatal("the damage went unnoticed")
		}
	})
}

// Even a file with the right checksum may be nonsense, if a bug wrote it.
func TestDamagedImage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		im := wood().image()
		columns := []*[]int32{&im.Sources, &im.Counts, &im.Targets, &im.LinkCounts, &im.Links}
		at := rapid.IntRange(0, len(columns)+4).Draw(t, "column")
		switch {
		case at < len(columns):
			c := *columns[at]
			if rapid.Bool().Draw(t, "shorten") {
				*columns[at] = c[1:]
			} else {
				bad := rapid.SampledFrom([]int32{-1, 1000, 1 << 30, -1 << 31}).Draw(t, "value")
				c[rapid.IntRange(0, len(c)-1).Draw(t, "index")] = bad
			}
		case at == len(columns):
			im.Kinds[0] = byte(kinds)
		case at == len(columns)+1:
			im.Files = im.Files[:rapid.IntRange(0, len(im.Files)-1).Draw(t, "length")]
		case at == len(columns)+2:
			im.Digests = im.Digests[:len(im.Digests)-1]
		case at == len(columns)+3:
			im.Kinds[slices.Index(im.Kinds, byte(Source))] = byte(Other)
		default:
			im.Docs = im.Docs[1:]
		}
		if _, err := im.graph(); err == nil {
			t.Fatal("the nonsense was taken for a graph")
		}
	})
}
