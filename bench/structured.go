package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
)

// The structured site is made up: 600 documents, of which 50 include fragments that
// are generated from structured content. The content of all those fragments comes
// from one document, which 20 others inherit, which 180 others inherit.
const (
	structuredChapters = 23
	structuredArticles = 25  // in each chapter, which is a document itself
	middles            = 20  // documents that inherit the base
	leaves             = 180 // documents that inherit one of those
	leavesInFile       = 10
	includers          = 50 // articles that include what inherits, each of it once
	aparts             = 10 // documents that inherit nothing, each included in an article
)

// structuredSeed makes the site the same each time.
const structuredSeed = 7

// structuredBase is the file of the base, and structuredAnchor is in it alone.
const (
	structuredBase   = "includes/extracts-base.yaml"
	structuredAnchor = "This sentence is the one that all inherit."
)

const structuredConf = `project = "Structured"
author = "The authors"
html_theme = "alabaster"
exclude_patterns = ["_build", "includes"]
`

const structuredRule = `[[rule]]
kind = "extracts"
inputs = "includes/extracts-*.yaml"
`

// inheriting are the refs of all that inherits from the base.
func inheriting() []string {
	var refs []string
	for i := range middles {
		refs = append(refs, fmt.Sprintf("middle-%02d", i))
	}
	for i := range leaves {
		refs = append(refs, fmt.Sprintf("leaf-%03d", i))
	}
	return refs
}

// fragment is the name of what is generated for a ref.
func fragment(ref string) string { return "includes/extracts/" + ref + ".rst" }

// includer is the document that includes the n-th share of what inherits, and apart
// the one that includes what inherits nothing. Both are spread over the chapters.
func includer(n int) string { return structuredArticle(11*n + 5) }
func apart(n int) string    { return structuredArticle(11*n + 7) }

func structuredArticle(i int) string {
	return fmt.Sprintf("c%02d/a%02d", i/structuredArticles, i%structuredArticles)
}

// structured writes the site.
func (c corpora) structured(_ context.Context, dir string) error {
	random := rand.New(rand.NewPCG(structuredSeed, 0))
	texts := map[string]string{"conf.py": structuredConf, "docserve.toml": structuredRule, "about.rst": "About\n=====\n\n" + prose(random, 60) + "\n"}
	structuredContent(random, texts)
	included := map[string][]string{}
	refs := inheriting()
	for n := range includers {
		share := len(refs) / includers
		included[includer(n)] = refs[n*share : (n+1)*share]
	}
	for n := range aparts {
		included[apart(n)] = []string{fmt.Sprintf("apart-%02d", n)}
	}
	index := "Structured\n==========\n\n" + prose(random, 60) + "\n\n.. toctree::\n   :maxdepth: 2\n\n   about\n"
	addChapters(random, texts, index, structuredChapters, structuredArticles, func(chapter, article int) string {
		doc := structuredArticle(chapter*structuredArticles + article)
		return structuredText(random, doc == includer(includers/2), included[doc])
	})
	if err := writeTexts(filepath.Join(dir, "root"), texts); err != nil {
		return fmt.Errorf("write the structured site: %w", err)
	}
	return nil
}

// structuredText is an article, with what it includes in sections of its own.
func structuredText(random *rand.Rand, edited bool, refs []string) string {
	var b strings.Builder
	heading(&b, fmt.Sprintf("Article on %s", prose(random, 3)), '=')
	b.WriteString(prose(random, 60) + "\n")
	if edited {
		b.WriteString(numberedAnchor + "\n")
	}
	for range 4 {
		b.WriteByte('\n')
		heading(&b, prose(random, 4), '-')
		b.WriteString(prose(random, 120) + "\n")
	}
	for _, ref := range refs {
		b.WriteByte('\n')
		heading(&b, prose(random, 4), '-')
		b.WriteString(prose(random, 20) + "\n\n.. include:: /" + fragment(ref) + "\n")
	}
	return b.String()
}

// structuredContent writes the YAML files.
func structuredContent(random *rand.Rand, texts map[string]string) {
	var base, middle strings.Builder
	fmt.Fprintf(&base, "ref: _base\ncontent: |\n  %s\n\n  It is about {{what}}: %s.\n\n  - The first {{what}},\n  - and the rest.\n", structuredAnchor, prose(random, 40))
	for i := range aparts {
		fmt.Fprintf(&base, "---\nref: apart-%02d\ncontent: |\n  %s.\n", i, prose(random, 40))
	}
	texts[structuredBase] = base.String()
	for i, ref := range inheriting() {
		if i < middles {
			inheritor(&middle, random, ref, "extracts-base.yaml", "_base")
			continue
		}
		i -= middles
		var leaf strings.Builder
		inheritor(&leaf, random, ref, "extracts-middle.yaml", fmt.Sprintf("middle-%02d", i%middles))
		texts[fmt.Sprintf("includes/extracts-leaf-%02d.yaml", i/leavesInFile)] += leaf.String()
	}
	texts["includes/extracts-middle.yaml"] = middle.String()
}

func inheritor(b *strings.Builder, random *rand.Rand, ref, file, from string) {
	fmt.Fprintf(b, "ref: %s\ninherit: {file: %s, ref: %s}\nreplacement:\n  what: %s\n---\n", ref, file, from, prose(random, 2))
}
