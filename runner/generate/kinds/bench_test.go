package kinds

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
)

// large writes 500 files with 5,000 documents, of which those of each file inherit
// from a base in another one, two levels deep.
func large(t testing.TB) (*project, map[string][]string) {
	files := map[string]string{"includes/extracts-base.yaml": `ref: _base
content: |
  {{what}} is explained here, in a text of some length that has
  more than one line, and a list:

  - with {{what}},
  - and without.

  .. note::

     It depends on {{version}}.
---
ref: _derived
inherit: {file: extracts-base.yaml, ref: _base}
replacement: {version: the version}
`}
	inputs := map[string][]string{}
	for i := range 250 {
		extracts, steps := "", ""
		for j := range 10 {
			extracts += fmt.Sprintf("ref: text-%d-%d\ninherit: {file: extracts-base.yaml, ref: _derived}\nreplacement: {what: Thing %d}\n---\n", i, j, j)
			steps += fmt.Sprintf("title: Do the thing number %d\nref: step-%d\nlevel: 4\ncontent: |\n  Press the button, and wait for the\n  lamp to go out.\naction:\n  language: sh\n  code: |\n    press --button %d\n---\n", j, j, j)
		}
		for kind, text := range map[string]string{"extracts": extracts, "steps": steps} {
			name := fmt.Sprintf("includes/%s-%d.yaml", kind, i)
			files[name] = text
			inputs[kind] = append(inputs[kind], name)
		}
	}
	return write(t, files), inputs
}

// BenchmarkMake makes 5,000 documents in 500 files, as a rule would at its start:
// with nothing in memory.
func BenchmarkMake(b *testing.B) {
	p, inputs := large(b)
	for b.Loop() {
		outputs := 0
		for kind, names := range inputs {
			k, err := New(kind, p.opts)
			if err != nil {
				b.Fatal(err)
			}
			outputs += p.makeAll(b, k, names)
		}
		if outputs != 2500+250 {
			b.Fatalf("%d outputs", outputs)
		}
	}
}

// makeAll makes the outputs of inputs, on all cores, and returns their number.
func (p *project) makeAll(b *testing.B, k *Kind, names []string) int {
	var mu sync.Mutex // guards outputs
	outputs := 0
	work := make(chan string)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for name := range work {
				job := p.job(k, name, nil)
				job.Read = os.ReadFile
				made, err := k.Make(b.Context(), job)
				if err != nil || len(made.Diagnostics) > 0 {
					b.Errorf("%s: %v %v", name, err, made.Diagnostics)
				}
				mu.Lock()
				outputs += len(made.Files)
				mu.Unlock()
			}
		})
	}
	for _, name := range names {
		work <- name
	}
	close(work)
	wg.Wait()
	return outputs
}

// BenchmarkAgain makes one file of which all is known already.
func BenchmarkAgain(b *testing.B) {
	p, inputs := large(b)
	k, err := New("extracts", p.opts)
	if err != nil {
		b.Fatal(err)
	}
	job := p.job(k, inputs["extracts"][0], nil)
	for b.Loop() {
		if made, err := k.Make(b.Context(), job); err != nil || len(made.Files) != 10 {
			b.Fatal(err, made.Diagnostics)
		}
	}
}
