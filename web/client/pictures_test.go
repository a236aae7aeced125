package client_test

import (
	"os"
	"path/filepath"
	"testing"

	"docserve/internal/testenv/browser"
	"docserve/livereload"
)

// TestPictures takes the manual's pictures of the indicator and the overlay.
func TestPictures(t *testing.T) {
	dir := os.Getenv(browser.PicturesVar)
	if dir == "" {
		t.Skipf("skipped, %s names no directory", browser.PicturesVar)
	}
	s := newSite(t).withStatic()
	s.Write("_static/theme.css", `:root { color-scheme: light dark } body { max-width: 46em; margin: 2em auto; padding: 0 1em; font: 16px/1.6 Georgia, serif; background: light-dark(#fff, #131416); color: light-dark(#222, #ddd) } #searchbox, #field, details { display: none !important }`)
	s.Write("index.html", page("Kettles boil water. This page says how long that takes, and why it is worth waiting for.", ""))
	s.Write("other.html", page("other", ""))
	many := report{tally: livereload.Tally{Errors: 1, Warnings: 1, Key: "many"}, problems: []map[string]any{
		{"severity": "critical", "path": "guide/boiling.rst", "line": 14, "message": `Unknown directive type "figur".`, "edit": "vscode://file/x",
			"excerpt": map[string]any{"first": 11, "lines": []string{"Boiling", "-------", "", ".. figur:: kettle.svg", "   :alt: A kettle", "", "   It whistles."}}},
		{"severity": "warning", "path": "guide/boiling.rst", "line": 31, "message": "undefined label: 'altitude'", "category": "ref.ref", "edit": "vscode://file/x",
			"excerpt": map[string]any{"first": 28, "lines": []string{"Heat it to 100 °C.", "", "On a mountain less will do,", "see :ref:`altitude`.", "", "Then pour it."}}},
	}, others: []map[string]any{{"page": "guide/tea.html", "errors": 1}, {"page": "reference.html", "warnings": 3}}}
	b := s.open("/")
	for _, look := range []struct {
		name, scheme string
		width        int
	}{{"light", "light", 760}, {"dark", "dark", 760}, {"narrow", "light", 390}} {
		b.Prefer("prefers-color-scheme: " + look.scheme)
		b.Resize(look.width, 620, 2)
		take := func(name string, width, height int) {
			t.Helper()
			b.Run(`document.querySelector("docserve-indicator").shadowRoot.activeElement?.blur()`)
			if err := os.WriteFile(filepath.Join(dir, name+"-"+look.name+".png"), b.Picture(width, height), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		s.blame("index.html", livereload.Fresh, report{})
		s.Hub.Publish(livereload.Message{Kind: livereload.Status, State: livereload.Building, Note: "reading 120 of 312", Done: 120, Total: 312})
		b.Until(`document.querySelector("docserve-indicator").dataset.state === "building"`)
		take("indicator", 440, 90)
		many.tally.Key = look.name
		s.blame("index.html", livereload.Failed, many)
		b.Until(`!` + in(".card") + `.hidden`)
		if look.name == "light" {
			take("card", 440, 150)
		}
		b.Run(in(".pill") + `.click()`)
		b.Until(in(".panel ol"))
		take("overlay", 760, 620)
		b.Run(in(".panel .x") + `.click()`)
		s.edited("other.html", nil)
		s.blame("index.html", livereload.Fresh, report{})
		b.Until(`!` + in(".offer") + `.hidden && document.querySelector("docserve-indicator").dataset.state === "fresh"`)
		if look.name == "light" {
			take("offer", 440, 120)
		}
		b.Run(in(".offer .x") + `.click()`)
	}
}
