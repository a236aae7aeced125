package runner

import (
	"bytes"
	"html"
	"os"
	"strings"
)

// Spot is a place in a page, by what a browser finds it.
type Spot struct {
	ID   string `json:"id"`   // of the last element with one that begins before the place; "" for none
	Text string `json:"text"` // the text there; "" for none
}

// maxSpot is how much text names a place, in bytes: enough to be rare.
const maxSpot = 80

// spotOf compares a page with the one that takes its place, and returns where
// they differ first; nil when that cannot be said. It reads both files, and looks
// at nothing but bytes: somebody waits for the page.
func spotOf(before, now string) *Spot {
	old, err := os.ReadFile(before)
	if err != nil {
		return nil // there was none
	}
	fresh, err := os.ReadFile(now)
	if err != nil {
		return nil // putting it in place will say why
	}
	return differAt(old, fresh)
}

// differAt finds the first difference within the main part of two pages. What
// stands around it, as navigation, may differ for what was written elsewhere.
func differAt(old, fresh []byte) *Spot {
	a, b := old[mainAt(old):], fresh[mainAt(fresh):]
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(b) {
		return nil // there is no difference, or the end is gone
	}
	// The text that it is in; in a tag, that which follows the tag.
	start := bytes.LastIndexByte(b[:n], '>') + 1
	if tag := bytes.LastIndexByte(b[:n], '<'); tag >= start {
		start = tag
	}
	spot := &Spot{Text: textAt(b[start:])}
	if id := bytes.LastIndex(b[:start], []byte(` id="`)); id >= 0 {
		name, _, _ := bytes.Cut(b[id+len(` id="`):], []byte(`"`))
		spot.ID = html.UnescapeString(string(name))
	}
	return spot
}

// mainAt is where the main part of a page begins, as Sphinx's themes mark it.
func mainAt(page []byte) int {
	for _, mark := range []string{`role="main"`, `<main`, `<body`} {
		if at := bytes.Index(page, []byte(mark)); at >= 0 {
			return at
		}
	}
	return 0
}

// textAt returns the beginning of the first text that is more than space.
func textAt(b []byte) string {
	for len(b) > 0 {
		if b[0] == '<' {
			end := bytes.IndexByte(b, '>')
			if end < 0 {
				return ""
			}
			b = b[end+1:]
			continue
		}
		text, _, _ := bytes.Cut(b, []byte("<"))
		words := strings.TrimSpace(html.UnescapeString(string(text)))
		if words != "" {
			words, _, _ = strings.Cut(words, "\n")
			return strings.ToValidUTF8(words[:min(len(words), maxSpot)], "")
		}
		b = b[len(text):]
	}
	return ""
}
