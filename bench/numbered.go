package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// The numbered site is made up: 1,000 documents in chapters, in which sections,
// figures, tables and listings have numbers, and refer to each other by them.
// Real projects of that size with numfig are hard to come by, and it is there
// that an edit can change most.
const (
	chapters = 25
	articles = 39 // in each chapter, which is a document itself
	parts    = 4  // sections in each article
)

// numberedSeed makes the site the same each time.
const numberedSeed = 4

// numberedAnchor is in the edited article alone.
const numberedAnchor = "This sentence is the one that gets edited."

const numberedConf = `project = "Numbered"
author = "The authors"
html_theme = "alabaster"
numfig = True
numfig_secnum_depth = 2
exclude_patterns = ["_build"]
`

const dot = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="15"/></svg>
`

// numbered writes the site.
func (c corpora) numbered(_ context.Context, dir string) error {
	root := filepath.Join(dir, "root")
	random := rand.New(rand.NewPCG(numberedSeed, 0))
	texts := map[string]string{"conf.py": numberedConf, "dot.svg": dot}
	index := "Numbered\n========\n\n" + prose(random, 60) + "\n\n.. toctree::\n   :numbered:\n   :maxdepth: 2\n\n"
	addChapters(random, texts, index, chapters, articles, func(chapter, article int) string {
		return numberedArticle(random, chapter, article)
	})
	if err := writeTexts(root, texts); err != nil {
		return fmt.Errorf("write the numbered site: %w", err)
	}
	return nil
}

// addChapters adds a root document that begins with index, which ends in a toctree,
// and below it chapters, each with so many articles.
func addChapters(random *rand.Rand, texts map[string]string, index string, chapters, articles int, text func(chapter, article int) string) {
	for chapter := range chapters {
		index += fmt.Sprintf("   c%02d/index\n", chapter)
		var list strings.Builder
		heading(&list, fmt.Sprintf("Chapter on %s", prose(random, 3)), '=')
		list.WriteString(prose(random, 40) + "\n\n.. toctree::\n\n")
		for article := range articles {
			fmt.Fprintf(&list, "   a%02d\n", article)
			texts[fmt.Sprintf("c%02d/a%02d.rst", chapter, article)] = text(chapter, article)
		}
		texts[fmt.Sprintf("c%02d/index.rst", chapter)] = list.String()
	}
	texts["index.rst"] = index
}

// writeTexts writes the files of a site that is made up, by their slash-separated
// names.
func writeTexts(root string, texts map[string]string) error {
	for name, text := range texts {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// numberedArticle has a figure, a table and a listing with numbers, and in each
// section references to those of others.
func numberedArticle(random *rand.Rand, chapter, article int) string {
	var b strings.Builder
	id := fmt.Sprintf("%d-%d", chapter, article)
	fmt.Fprintf(&b, ".. _section-%s:\n\n", id)
	heading(&b, fmt.Sprintf("Article on %s", prose(random, 3)), '=')
	b.WriteString(prose(random, 30) + "\n")
	if chapter == chapters/2 && article == articles/2 {
		b.WriteString(numberedAnchor + "\n")
	}
	fmt.Fprintf(&b, "\n.. figure:: /dot.svg\n   :name: figure-%s\n\n   A figure of %s\n", id, prose(random, 4))
	fmt.Fprintf(&b, "\n.. table:: A table of %s\n   :name: table-%s\n\n   ===== =====\n   one   two\n   ===== =====\n   %5d %5d\n   ===== =====\n",
		prose(random, 3), id, random.IntN(9999), random.IntN(9999))
	fmt.Fprintf(&b, "\n.. code-block:: python\n   :caption: A listing of %s\n   :name: listing-%s\n\n   value = %d\n   print(value)\n",
		prose(random, 3), id, random.IntN(9999))
	for range parts {
		b.WriteByte('\n')
		heading(&b, prose(random, 4), '-')
		b.WriteString(prose(random, 50))
		for _, kind := range []string{"figure", "table", "listing", "section"} {
			fmt.Fprintf(&b, " See :numref:`%s-%d-%d`.", kind, random.IntN(chapters), random.IntN(articles))
		}
		b.WriteString("\n\n" + prose(random, 60) + "\n")
	}
	return b.String()
}

func heading(b *strings.Builder, title string, line byte) {
	fmt.Fprintf(b, "%s\n%s\n\n", title, strings.Repeat(string(line), len(title)))
}

// prose is n words out of a vocabulary of some thousands, as English has it.
func prose(random *rand.Rand, n int) string {
	syllables := []string{"ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu"}
	words := make([]string, n)
	for i := range words {
		for range 2 + random.IntN(2) {
			words[i] += syllables[random.IntN(len(syllables))]
		}
	}
	return strings.Join(words, " ")
}
