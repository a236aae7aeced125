package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// referenceText stands for the text of any cross-reference, resolved or not.
const referenceText = "§"

// articleText returns the text of a page's main part, in which each internal
// reference is replaced with one and the same sign: before all documents are
// read, Sphinx shows an unresolved reference by its target, afterwards by the
// title there. Navigation is left out for the same reason: toctrees in the text,
// and what themes put beside it.
func articleText(page []byte) (string, error) {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return "", fmt.Errorf("parse page: %w", err)
	}
	article := findArticle(root)
	if article == nil {
		return "", fmt.Errorf("parse page: no article in its %d bytes", len(page))
	}
	var text strings.Builder
	collectText(article, &text)
	return strings.Join(strings.Fields(text.String()), " "), nil
}

// findArticle finds what themes wrap the document in, the surest sign first.
func findArticle(root *html.Node) *html.Node {
	signs := []func(*html.Node) bool{
		func(n *html.Node) bool { return attribute(n, "role") == "main" },
		func(n *html.Node) bool { return n.Data == "article" },
		func(n *html.Node) bool { return n.Data == "main" },
		func(n *html.Node) bool { return hasClass(n, "body") },
		func(n *html.Node) bool { return n.Data == "section" }, // of the title: docutils' own
	}
	for _, sign := range signs {
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && sign(n) {
				return n
			}
		}
	}
	return nil
}

func collectText(n *html.Node, text *strings.Builder) {
	if n.Type == html.TextNode {
		text.WriteString(n.Data)
		return
	}
	if n.Type == html.ElementNode {
		switch {
		case n.Data == "script" || n.Data == "style" || hasClass(n, "headerlink"):
			return
		case n.Data == "nav" || attribute(n, "role") == "navigation" || hasClass(n, "toctree-wrapper"):
			return
		case hasClass(n, "xref") || hasClass(n, "reference") && hasClass(n, "internal"):
			text.WriteString(referenceText)
			return
		}
	}
	for child := range n.ChildNodes() {
		collectText(child, text)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}
