package kinds

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"docserve/runner/generate"
)

// compass returns the directory of the documentation of a real product, which is
// not in the repository because of its licence.
func compass(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("DOCSERVE_STRUCTURED_DATA")
	if dir == "" {
		dir = filepath.FromSlash("../../../../shared/data/structured")
	}
	dir, err := filepath.Abs(filepath.Join(dir, "docs-compass"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("skipped, no real structured content: %v (DOCSERVE_STRUCTURED_DATA names the directory)", err)
	}
	return dir
}

// structured finds the files of a kind, by paths relative to the project.
func structured(t testing.TB, dir, kind string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), "source", func(name string, _ fs.DirEntry, err error) error {
		if base := name[strings.LastIndex(name, "/")+1:]; strings.HasPrefix(base, kind+"-") && strings.HasSuffix(base, ".yaml") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestCompass makes all content of a real product.
func TestCompass(t *testing.T) {
	dir := compass(t)
	p := &project{t: t, dir: dir, opts: generate.KindOptions{Project: dir, Source: filepath.Join(dir, "source")}}
	outputs := map[string]string{}
	for _, kind := range []string{"steps", "extracts"} {
		k, err := New(kind, p.opts)
		if err != nil {
			t.Fatal(err)
		}
		files := structured(t, dir, kind)
		if len(files) == 0 {
			t.Fatalf("there are no %s in %s", kind, dir)
		}
		for _, name := range files {
			m := p.makeWith(k, name)
			for _, d := range m.diagnostics {
				t.Errorf("%s:%d:%d: %s", d.Path, d.Line, d.Column, d.Message)
			}
			documents := documentsOf(t, filepath.Join(dir, filepath.FromSlash(name)))
			if kind == "steps" {
				checkSteps(t, name, m, documents)
			} else {
				checkExtracts(t, name, m, documents)
			}
			for path, text := range m.files {
				if _, ok := outputs[path]; ok {
					t.Errorf("%s is made twice", path)
				}
				outputs[path] = text
				checkOrigins(t, path, text, m)
			}
		}
	}
	t.Logf("%d outputs", len(outputs))
	if out := os.Getenv("DOCSERVE_STRUCTURED_OUT"); out != "" { // to look at them
		for path, text := range outputs {
			full := filepath.Join(out, filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// documentsOf reads a file as anybody would.
func documentsOf(t *testing.T, path string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var documents []map[string]any
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var d map[string]any
		if decoder.Decode(&d) != nil {
			return documents
		}
		if d != nil {
			documents = append(documents, d)
		}
	}
}

var stepHeading = regexp.MustCompile("(?m)^:step-word:`Step` :step-number:`(\\d+)`\\\\ :step-word:`:` (.*)\n(.)+$")

// checkSteps compares the headings with the documents: their order, their numbers,
// their levels.
func checkSteps(t *testing.T, name string, m made, documents []map[string]any) {
	t.Helper()
	if len(m.files) != 1 {
		t.Fatalf("%s makes %d outputs", name, len(m.files))
	}
	for path, text := range m.files {
		wanted := filepath.ToSlash(filepath.Dir(name)) + "/steps/" + strings.TrimPrefix(strings.TrimSuffix(filepath.Base(name), ".yaml"), "steps-") + ".rst"
		if path != wanted {
			t.Errorf("%s makes %s, not %s", name, path, wanted)
		}
		found := stepHeading.FindAllStringSubmatch(text, -1)
		if len(found) != len(documents) {
			t.Fatalf("%s has %d steps, and %d documents:\n%s", path, len(found), len(documents), text)
		}
		number := 0
		for i, d := range documents {
			if n, ok := d["stepnum"].(uint64); ok {
				number = int(n)
			} else {
				number++
			}
			title := strings.TrimSpace(d["title"].(string))
			if found[i][2] != title || found[i][1] != strconv.Itoa(number) || found[i][3] != "`" { // all have level 4
				t.Errorf("%s: step %d is %q, for %v", path, i, found[i], d)
			}
			checkBody(t, path, text, d)
		}
	}
}

func checkExtracts(t *testing.T, name string, m made, documents []map[string]any) {
	t.Helper()
	concrete := 0
	for _, d := range documents {
		ref := d["ref"].(string)
		if strings.HasPrefix(ref, "_") {
			continue
		}
		concrete++
		path := filepath.ToSlash(filepath.Dir(name)) + "/extracts/" + ref + ".rst"
		text, ok := m.files[path]
		if !ok {
			t.Errorf("%s does not make %s", name, path)
		}
		checkBody(t, path, text, d)
		if strings.Contains(text, "{{") {
			t.Errorf("%s has a token left:\n%s", path, text)
		}
		if r, ok := d["replacement"].(map[string]any); ok && !strings.Contains(text, r["phrase"].(string)+" is not permitted") {
			t.Errorf("%s lacks its phrase:\n%s", path, text)
		}
	}
	if concrete != len(m.files) {
		t.Errorf("%s has %d documents and makes %d outputs", name, concrete, len(m.files))
	}
}

// checkBody finds the lines of a document's content in the output, in their order.
func checkBody(t *testing.T, path, text string, d map[string]any) {
	t.Helper()
	content, _ := d["content"].(string)
	rest := text
	for line := range strings.SplitSeq(content, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		_, after, found := strings.Cut(rest, "\n"+line+"\n")
		if !found {
			t.Errorf("%s lacks the line %q, or it is at the wrong place", path, line)
			return
		}
		rest = "\n" + after
	}
}

// checkOrigins compares each line that has an origin with the line of the source.
func checkOrigins(t *testing.T, path, text string, m made) {
	t.Helper()
	sources := map[string][]string{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		from := m.lines[path][i]
		if sources[from.Path] == nil {
			data, err := os.ReadFile(from.Path)
			if err != nil {
				t.Fatal(err)
			}
			sources[from.Path] = strings.Split(string(data), "\n")
		}
		if from.Line < 1 || from.Line > len(sources[from.Path]) {
			t.Errorf("%s:%d comes from line %d of %s", path, i+1, from.Line, from.Path)
			continue
		}
		if row := strings.TrimSpace(sources[from.Path][from.Line-1]); strings.HasPrefix(line, ":step-word:") && !strings.HasPrefix(row, "title: ") {
			t.Errorf("%s:%d: the heading is said to come from %q", path, i+1, row)
		} else if l := strings.TrimSpace(line); l != "" && l != row && elsewhere(sources, l) {
			t.Errorf("%s:%d: %q is said to come from %q", path, i+1, line, row)
		}
	}
}

// elsewhere reports whether exactly this line is in a source.
func elsewhere(sources map[string][]string, line string) bool {
	for _, rows := range sources {
		for _, row := range rows {
			if strings.TrimSpace(row) == line {
				return true
			}
		}
	}
	return false
}
