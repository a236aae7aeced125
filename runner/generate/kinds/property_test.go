package kinds

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"docserve/runner/generate"
)

// inMemory makes the outputs of one file, of texts by path.
func inMemory(ctx context.Context, k *Kind, files map[string]string, input string) (generate.Made, error) {
	return k.Make(ctx, generate.Job{
		Input: filepath.FromSlash(input),
		Read: func(path string) ([]byte, error) {
			text, ok := files[filepath.ToSlash(path)]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		},
		List: func(string) []string { return nil },
		Output: func(vars map[string]string) (string, error) {
			return filepath.FromSlash("/p/" + expand(k.Pattern(), vars)), nil
		},
	})
}

// every returns all of docserve's kinds.
func every(t testing.TB, o generate.KindOptions) []*Kind {
	var all []*Kind
	for _, name := range Names(o) {
		k, err := New(name, o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, k)
	}
	return all
}

// values draws YAML values, written in flow style.
func values(depth int) *rapid.Generator[string] {
	scalar := rapid.OneOf(
		rapid.SampledFrom([]string{
			"x", "", "true", "1", "7", "-1", "1.5", "~", "'{{a}}'", "'{{b}}'", "'{{ref}} {{x}}'", `"two\nlines"`, `"\ttab"`, "a", "b", "_c",
			`"| x\n  * y\n\n"`, "[]", "{}", "param", "f", "f.yaml", "extracts", "'../../x'", "' '", `"\U00100000"`, "&a y", "*a",
		}),
		rapid.StringMatching(`[a-z_{}:|>'\-]{0,8}`),
	)
	if depth == 0 {
		return scalar
	}
	inner := values(depth - 1)
	return rapid.OneOf(
		scalar,
		rapid.Map(rapid.SliceOfN(inner, 0, 3), func(items []string) string { return "[" + strings.Join(items, ", ") + "]" }),
		rapid.Map(rapid.SliceOfN(rapid.Map(rapid.SliceOfN(inner, 2, 2), func(pair []string) string {
			return pair[0] + ": " + pair[1]
		}), 0, 3), func(pairs []string) string { return "{" + strings.Join(pairs, ", ") + "}" }),
	)
}

// TestAnything makes outputs of whatever documents: nothing may fail but the
// content, everything must be as it was the second time, and each line must come
// from a line that there is.
func TestAnything(t *testing.T) {
	o := generate.KindOptions{Project: filepath.FromSlash("/p"), Replacements: map[string]string{"x": "{{y}}", "y": "z"}}
	all := every(t, o)
	fields := map[*Kind][]string{}
	for _, k := range all {
		s, problems, err := k.schema(os.ReadFile)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		fields[k] = append(s.known(), "no_field")
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(all).Draw(t, "kind")
		draw := func(label string) string {
			var b strings.Builder
			for range rapid.IntRange(0, 4).Draw(t, label) {
				for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields[k]), 0, 8, rapid.ID).Draw(t, "fields") {
					b.WriteString(name + ": " + values(3).Draw(t, name) + "\n")
				}
				b.WriteString("---\n")
			}
			return b.String()
		}
		files := map[string]string{"/p/includes/x.yaml": draw("documents"), "/p/includes/f.yaml": draw("base")}
		checkMade(t, k, o, files, "/p/includes/x.yaml")
	})
}

// TestText makes outputs of whatever text.
func TestText(t *testing.T) {
	o := generate.KindOptions{Project: filepath.FromSlash("/p")}
	all := every(t, o)
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(all).Draw(t, "kind")
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(ref: a\n|content: [|>][-+]?\n|  x\n|\n|- |\t|---\n|\.\.\.\n|\? |: |"|'|[\[\]{},&*!#%@]){0,20}`)).Draw(t, "text")
		checkMade(t, k, o, map[string]string{"/p/includes/x.yaml": text}, "/p/includes/x.yaml")
	})
}

type failer interface{ Fatalf(string, ...any) }

func checkMade(t failer, k *Kind, o generate.KindOptions, files map[string]string, input string) {
	made, err := inMemory(context.Background(), k, files, input)
	if err != nil {
		t.Fatalf("%v", err)
	}
	fresh, err := New(k.name, o)
	if err != nil {
		t.Fatalf("%v", err)
	}
	again, err := inMemory(context.Background(), fresh, files, input)
	if err != nil || !reflect.DeepEqual(made, again) {
		t.Fatalf("it makes\n%v\nand then, with error %v,\n%v", made, err, again)
	}
	for _, d := range made.Diagnostics {
		lines := strings.Count(files[filepath.ToSlash(d.Path)], "\n") + 1
		if d.Message == "" || d.Line > lines || d.Line < 0 || d.Column < 0 {
			t.Fatalf("a diagnostic that is nowhere: %+v", d)
		}
	}
	for _, f := range made.Files {
		if len(f.Lines) != strings.Count(string(f.Data), "\n") {
			t.Fatalf("%d origins of\n%s", len(f.Lines), f.Data)
		}
		for i, l := range f.Lines {
			text, ok := files[filepath.ToSlash(l.Path)]
			if !ok || l.Line < 1 || l.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("line %d comes from %v:\n%s", i+1, l, f.Data)
			}
		}
	}
}

// TestCancelled ends when it is told to.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k, err := New("extracts", generate.KindOptions{Project: filepath.FromSlash("/p")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inMemory(ctx, k, map[string]string{"/p/includes/x.yaml": "ref: a\ncontent: b\n"}, "/p/includes/x.yaml"); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// FuzzLoad reads whatever is said to be YAML.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"a: b\n", "- a\n- b: c\n", "a: |\n  b\n\n  c\n", "a: >-\n  b\n  c\n", "a: &x [1, {b: *x}]\n", "<<<<<<< \n", "a: 'b\n\n  c'\n---\n...\n",
		"? a\n: b\n", "<<: {a: b}\n", "!!str a: !b c\n", "a: \"\\u1234\\\n  b\"\n", "{{a}}: b", "%YAML 1.2\n---\na", "a:\n\tb", "\ufeffa: b", "a: b\r\nc: |\r\n  d\r\n",
	} {
		f.Add([]byte(text))
	}
	o := generate.KindOptions{Project: filepath.FromSlash("/p")}
	k, err := New("extracts", o)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkMade(t, k, o, map[string]string{"/p/includes/x.yaml": "ref: a\ncontent: b\n---\n" + string(data)}, "/p/includes/x.yaml")
		if len(data) > 0 {
			_ = load("x", data)
		}
	})
}
