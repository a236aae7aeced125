package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mixed has rules of each sort, which make things out of what others have made.
const mixed = `
[[rule]]
inputs = "source/made/*.txt"
outputs = "source/all.rst"
template = "all.j2"
[[rule]]
inputs = "data/*.up"
kind = "upper"
outputs = "source/made/{ref}.txt"
[[rule]]
inputs = "source/made/*.txt"
exclude = "source/made/c.txt"
outputs = "pages/{stem}.rst"
template = "page.j2"
data = { more = "more.yaml" }
`

// TestAnything: whatever is edited, removed and renamed, in whatever sessions, the
// outputs are those of generating all from nothing.
func TestAnything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "p")
		if err != nil {
			rt.Fatal(err)
		}
		r := &rig{T: t, dir: dir, kind: &upper{}}
		r.options = Options{Source: r.path("source"), State: r.path("state"), Jobs: 2}
		r.options.Kind = func(string, KindOptions) (Kind, error) { return r.kind, nil }
		r.write("all.j2", "all")
		r.write("page.j2", "page")
		r.write("more.yaml", "a: 1")
		r.configure(mixed)
		r.start()
		changed := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			anything(rt, r, changed)
			switch rapid.IntRange(0, 5).Draw(rt, "then") {
			case 0: // more before anybody looks
				continue
			case 1:
				if err := r.g.Save(); err != nil {
					rt.Fatal(err)
				}
				fallthrough
			case 2: // a new session, which finds out by itself
				clear(changed)
				r.start()
			}
			names := sortedKeys(changed)
			clear(changed)
			r.run(names...)
			agree(rt, r)
		}
	})
}

// anything changes one thing.
func anything(rt *rapid.T, r *rig, changed map[string]bool) {
	name := rapid.SampledFrom([]string{"data/a.up", "data/b.up", "data/c.inc", "all.j2", "page.j2", "more.yaml", "source/made/a.txt", "pages/b.rst"}).Draw(rt, "file")
	changed[name] = true
	output := strings.HasPrefix(name, "source") || strings.HasPrefix(name, "pages")
	if output || rapid.IntRange(0, 4).Draw(rt, "remove") == 0 {
		if err := os.Remove(r.path(name)); err != nil && !os.IsNotExist(err) {
			rt.Fatal(err)
		}
		return
	}
	text := ""
	switch filepath.Ext(name) {
	case ".up", ".inc":
		refs := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(rt, "refs")
		if name == "data/b.up" { // so that no two files make the same
			for i := range refs {
				refs[i] = "x" + refs[i]
			}
		}
		if strings.HasSuffix(name, ".inc") {
			for i := range refs {
				refs[i] = "y" + refs[i]
			}
		}
		for _, ref := range refs {
			text += fmt.Sprintf("%s: %s\n", ref, rapid.SampledFrom([]string{"p", "P", "q"}).Draw(rt, "body"))
		}
		if name == "data/a.up" && rapid.Bool().Draw(rt, "inherits") {
			text += "<c.inc\n"
		}
	case ".j2":
		text = rapid.SampledFrom([]string{"{{ inputs | length }}", "{% for i in inputs %}{{ i.stem }}{{ i.data }}{% endfor %}", "same"}).Draw(rt, "template")
	case ".yaml":
		text = rapid.SampledFrom([]string{"a: 1\n", "a: 2\n"}).Draw(rt, "data")
	}
	r.write(name, text)
}

// agree compares the outputs with those of a project with the same sources and no
// past. What could not be made stays as it was, and others are made from it, so when
// something is wrong only that is compared.
func agree(rt *rapid.T, r *rig) {
	fresh := &rig{T: r.T, dir: r.dir + "-fresh", kind: &upper{}}
	if err := os.RemoveAll(fresh.dir); err != nil {
		rt.Fatal(err)
	}
	for _, name := range []string{"data/a.up", "data/b.up", "data/c.inc", "all.j2", "page.j2", "more.yaml"} {
		if text := r.read(name); text != "(none)" {
			fresh.write(name, text)
		}
	}
	fresh.options = Options{Source: fresh.path("source"), State: fresh.path("state")}
	fresh.options.Kind = func(string, KindOptions) (Kind, error) { return fresh.kind, nil }
	fresh.configure(mixed)
	fresh.start()
	fresh.run()
	got, want := strings.ReplaceAll(r.notes(), r.dir, ""), strings.ReplaceAll(fresh.notes(), fresh.dir, "")
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(got, line) {
			rt.Errorf("%q is not among the notes\n%s", line, got)
		}
	}
	if want != "" {
		return
	}
	if got != "" {
		rt.Errorf("notes:\n%s", got)
	}
	for _, dir := range []string{"source", "pages"} {
		now, then := r.tree(dir), fresh.tree(dir)
		for _, name := range slices.Sorted(slices.Values(append(sortedKeys(now), sortedKeys(then)...))) {
			if now[name] != then[name] {
				rt.Errorf("%s/%s is %q, want %q", dir, name, now[name], then[name])
			}
		}
	}
}

// FuzzLines: what is packed is found again.
func FuzzLines(f *testing.F) {
	f.Add([]byte("\x01\x02\x01\x03\x02\x09"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var lines []Origin
		for i := 0; i+1 < len(data); i += 2 {
			if data[i] == 0 {
				lines = append(lines, Origin{})
				continue
			}
			lines = append(lines, Origin{fmt.Sprintf("/s %d", data[i]), int(data[i+1])})
		}
		packed := packLines(lines, func(path string) string { return path })
		for i, want := range lines {
			if name, line := findLine(packed, i+1); name != want.Path || name != "" && line != want.Line {
				t.Fatalf("line %d: %s:%d, want %v in %q", i+1, name, line, want, packed)
			}
		}
	})
}
