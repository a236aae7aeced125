package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// The large project has 5,000 structured documents in 500 files: extracts, which
// make a file each, and inherit two levels deep, and steps, which make one together.
const (
	largeFiles     = 250 // of each kind
	largeDocuments = 10  // in each file
	largeOutputs   = largeFiles*largeDocuments + largeFiles
)

const largeRules = structuredRule + `
[[rule]]
kind = "steps"
inputs = "includes/steps-*.yaml"
`

// large writes the project.
func large(root string) error {
	random := rand.New(rand.NewPCG(structuredSeed, 1))
	texts := map[string]string{
		"conf.py": structuredConf, "index.rst": "Large\n=====\n", "docserve.toml": largeRules,
		"includes/extracts-base.yaml": "ref: _base\ncontent: |\n  " + prose(random, 20) + " {{what}}:\n\n  - " + prose(random, 5) + ",\n  - {{what}}.\n" +
			"---\nref: _derived\ninherit: {file: extracts-base.yaml, ref: _base}\n",
	}
	for i := range largeFiles {
		extracts, steps := "", ""
		for k := range largeDocuments {
			extracts += fmt.Sprintf("ref: text-%d-%d\ninherit: {file: extracts-base.yaml, ref: _derived}\nreplacement: {what: %s}\n---\n", i, k, prose(random, 2))
			steps += fmt.Sprintf("title: %s\nref: step-%d\nlevel: 4\ncontent: |\n  %s\n  %s\naction:\n  language: sh\n  code: |\n    press --button %d\n---\n",
				prose(random, 4), k, prose(random, 9), prose(random, 9), k)
		}
		texts[fmt.Sprintf("includes/extracts-%03d.yaml", i)] = extracts
		texts[fmt.Sprintf("includes/steps-%03d.yaml", i)] = steps
	}
	if err := writeTexts(root, texts); err != nil {
		return fmt.Errorf("write the large project: %w", err)
	}
	return nil
}

// generateLarge runs docserve generate on the large project from nothing, and then
// with nothing to do.
func (w *workspace) generateLarge(ctx context.Context, taken *structured) error {
	source, out := filepath.Join(w.dir, "large"), w.out("large")
	if err := large(source); err != nil {
		return err
	}
	if err := pause(ctx, 3*time.Second); err != nil { // nobody edits a file and runs a command at once
		return err
	}
	for range w.saves {
		for _, dir := range []string{out, filepath.Join(source, "includes", "extracts"), filepath.Join(source, "includes", "steps")} {
			if err := os.RemoveAll(dir); err != nil {
				return fmt.Errorf("begin from nothing: %w", err)
			}
		}
		took, err := w.generate(ctx, source, out, "wrote ", largeOutputs)
		if err != nil {
			return err
		}
		taken.everything = append(taken.everything, took)
		if took, err = w.generate(ctx, source, out, "nothing to change", 1); err != nil {
			return err
		}
		taken.nothing = append(taken.nothing, took)
	}
	return nil
}

// generate runs docserve generate, which must print a text so many times.
func (w *workspace) generate(ctx context.Context, source, out, want string, times int) (time.Duration, error) {
	p, err := start([]string{w.docserve, "generate", source, out}, w.env.active(), w.dir, w.logName("generate"))
	if err != nil {
		return 0, err
	}
	took, err := p.wait(ctx)
	if err != nil {
		return took, err
	}
	if n, err := p.count(want); err != nil || n != times {
		return took, fmt.Errorf("docserve generate says %q %d times, not %d (%w)%s", want, n, times, orNone(err), p.tail())
	}
	return took, nil
}
