package main

import (
	"context"
	"fmt"
	"math/rand/v2"
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
// with nothing to do. Each time it is a project of its own: ext4 is slow to make
// files for half a minute after others were removed.
func (w *workspace) generateLarge(ctx context.Context, taken *structured) error {
	var sources []string
	for i := range w.saves {
		sources = append(sources, filepath.Join(w.dir, fmt.Sprintf("large%d", i)))
		if err := large(sources[i]); err != nil {
			return err
		}
	}
	if err := pause(ctx, 3*time.Second); err != nil { // nobody edits a file and runs a command at once
		return err
	}
	for i, source := range sources {
		out := w.out(fmt.Sprintf("large%d", i))
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
