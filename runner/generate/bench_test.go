package generate

import (
	"fmt"
	"strings"
	"testing"

	"docserve/internal/config"
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
