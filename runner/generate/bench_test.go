package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/config"
	"docserve/internal/digest"
)

// large is the project of the bounds: 5,000 documents in 500 files, each of which
// reads one of ten others.
func large(b *testing.B) Options {
	b.Helper()
	r := &rig{T: &testing.T{}, dir: b.TempDir(), kind: &upper{}}
	for i := range 10 {
		r.write(fmt.Sprintf("data/base%d.inc", i), "# nothing\n")
	}
	for i := range 500 {
		var text strings.Builder
		fmt.Fprintf(&text, "<base%d.inc\n", i%10)
		for k := range 10 {
			fmt.Fprintf(&text, "doc-%d-%d: %s\n", i, k, strings.Repeat("some words ", 30))
		}
		r.write(fmt.Sprintf("data/steps-%d.up", i), text.String())
	}
	c, _, err := config.Parse(r.path("docserve.toml"), []byte(upperRule), uppers)
	if err != nil {
		b.Fatal(err)
	}
	return Options{
		Config: c, Source: r.path("source"), State: r.path("state"),
		Kind: func(string, KindOptions) (Kind, error) { return r.kind, nil },
	}
}

// session opens a generator, runs it and saves.
func session(b *testing.B, o Options, want int) {
	g, err := New(o)
	if err == nil {
		err = g.Open(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	result, err := g.Run(b.Context(), nil)
	if err != nil || len(result.Changes) != want {
		b.Fatal(len(result.Changes), err)
	}
	if result.Made > 0 {
		err = g.Save()
	}
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkEverything(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		o := large(b)
		b.StartTimer()
		session(b, o, 5000)
	}
}

func BenchmarkNothing(b *testing.B) {
	o := large(b)
	session(b, o, 5000)
	for b.Loop() {
		session(b, o, 0)
	}
}

// BenchmarkSameBytes is an edit that changes no output: of a file that 50 others
// read, which make 500 outputs, and of a single one.
func BenchmarkSameBytes(b *testing.B) {
	for name, file := range map[string]string{"base": "data/base3.inc", "one": "data/steps-77.up"} {
		b.Run(name, func(b *testing.B) {
			o := large(b)
			g, err := New(o)
			if err == nil {
				err = g.Open(b.Context())
			}
			if err == nil {
				_, err = g.Run(b.Context(), nil)
			}
			if err != nil {
				b.Fatal(err)
			}
			path := filepath.Join(o.Config.Dir, filepath.FromSlash(file))
			text, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				remark := append(fmt.Appendf(nil, "# %d\n", n), text...)
				if err := os.WriteFile(path, remark, 0o666); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				result, err := g.Run(b.Context(), map[string]digest.Digest{path: digest.Of(remark)})
				if err != nil || len(result.Changes) > 0 || result.Made == 0 {
					b.Fatal(result, err)
				}
			}
		})
	}
}
