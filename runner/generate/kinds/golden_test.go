package kinds

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"docserve/runner/generate"
)

var update = flag.Bool("update", false, "write testdata/golden anew")

// samples are the files of testdata/project of each kind.
var samples = map[string][]string{
	"steps":    {"moor", "shared-base"},
	"extracts": {"tide"},
	"option":   {"tide"},
	"release":  {"download"},
	"toc":      {"manual"},
	"apiargs":  {"tide-at"},
	"examples": {"logbook"},
	"glossary": {"harbour"},
	"tables":   {"berths"},
}

// sample is the project of testdata.
func sample(t testing.TB) *project {
	t.Helper()
	dir, err := filepath.Abs("testdata/project")
	if err != nil {
		t.Fatal(err)
	}
	return &project{t: t, dir: dir, opts: generate.KindOptions{
		Project: dir, Source: filepath.Join(dir, "source"), Editions: []string{"full"},
		Replacements: map[string]string{"version": "2.0", "branch": "v2"},
	}}
}

// sampleOutputs makes all outputs of testdata/project.
func sampleOutputs(t testing.TB) map[string]made {
	t.Helper()
	p := sample(t)
	all := map[string]made{}
	for kind, names := range samples {
		for _, name := range names {
			input := "source/includes/" + kind + "-" + name + ".yaml"
			all[input] = p.good(kind, input)
		}
	}
	return all
}

// TestGolden compares what is made of testdata/project with testdata/golden. It is
// written anew by go test -run TestGolden -update, and then read by a person.
func TestGolden(t *testing.T) {
	got := map[string]string{}
	for _, m := range sampleOutputs(t) {
		maps.Copy(got, m.files)
	}
	if *update {
		if err := os.RemoveAll("testdata/golden"); err != nil {
			t.Fatal(err)
		}
		for name, text := range got {
			full := filepath.Join("testdata/golden", filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[string]string{}
	root := os.DirFS("testdata/golden")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		want[path.Clean(name)] = strings.ReplaceAll(string(data), "\r\n", "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != want[name] {
			t.Errorf("%s is\n%s\nand not\n%s", name, got[name], want[name])
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is not made", name)
		}
	}
}
