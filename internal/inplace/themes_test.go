package inplace

import (
	"fmt"
	"strings"
	"testing"

	"docserve/internal/testenv"
)

var themes = []string{"alabaster", "furo", "sphinx_rtd_theme", "pydata_sphinx_theme", "sphinx_book_theme"}

// many are documents that make a long sidebar.
func many(theme string) map[string]string {
	texts := map[string]string{
		"conf.py":  fmt.Sprintf("project = 'drift'\nhtml_theme = %q\nexclude_patterns = ['_build']\nhtml_css_files = ['calm.css']\nhtml_static_path = ['_static']\n", theme),
		"long.rst": long(),
		// what moves by itself cannot be measured
		"_static/calm.css": "* { transition: none !important; animation: none !important; scroll-behavior: auto !important }\n",
	}
	var tree strings.Builder
	for i := range 60 {
		name := fmt.Sprintf("other%d", i)
		texts[name+".rst"] = fmt.Sprintf("Other %d\n========\n\nText.\n", i)
		fmt.Fprintf(&tree, "   %s\n", name)
	}
	texts["index.rst"] = "Start\n=====\n\n.. toctree::\n\n   long\n" + tree.String()
	return texts
}

// TestNothingMoves saves a page of each theme, above and below what is read. What
// is read stays where it is, to the pixel, and so do the scrolled sidebars.
func TestNothingMoves(t *testing.T) {
	for _, theme := range themes {
		t.Run(theme, func(t *testing.T) {
			p := newProject(t, testenv.Python(t, "9.0"), many(theme))
			p.show("long.html")
			p.Run(`window.inner = [...document.querySelectorAll("*")].filter((e) => e.scrollHeight > e.clientHeight + 40 && /auto|scroll/.test(getComputedStyle(e).overflowY) && e !== document.documentElement && e !== document.body)`)
			p.Run(`window.eye = [...document.querySelectorAll("p")].find((e) => e.textContent.startsWith("Words 6-2")); eye.scrollIntoView({block: "center", behavior: "instant"})`)
			p.Until(`scrollY > 500`)
			// once scripts have followed the scrolling
			p.drawn()
			p.Run(`inner.forEach((e) => e.scrollTo({top: 25, behavior: "instant"}))`)
			p.Until(`inner.every((e) => e.scrollTop === 25)`)
			t.Logf("%s inner scrollers", p.Get(`inner.length`))
			// The browser rounds where it scrolls to, and so do we.
			place := `[eye.isConnected, Math.abs(eye.getBoundingClientRect().top - top0) < 1, ...inner.map((e) => [e.isConnected, e.scrollTop])].join(" ")`
			p.Run(`getSelection().selectAllChildren(eye)`)
			p.Run(`window.top0 = eye.getBoundingClientRect().top`)
			before := p.Get(place)
			scrolled := p.Get(`scrollY`)
			for _, edit := range []struct{ name, from, to, seen string }{
				{"text below", "Words 8-3 of", "Changed 8-3 of", "Changed 8-3"},
				{"paragraph below", "Words 9-1 of", "New.\n\nWords 9-1 of", "New."},
				{"code below", "print(8)", "print('eight')", "eight"},
				{"block below", "Words 10-1 of", ".. code-block:: python\n\n   fresh = 1\n\nWords 10-1 of", "fresh"},
				{"text above", "Words 2-1 of", "Changed 2-1 of " + strings.Repeat("many more words ", 60), "Changed 2-1"},
				{"block above", "Words 3-1 of", ".. code-block:: python\n\n   above = 1\n   above = 2\n\nWords 3-1 of", "above = 2"},
				{"table above", "Words 1-1 of", ".. list-table::\n\n   * - Fresh cell\n     - x\n\nWords 1-1 of", "Fresh cell"},
				{"less above", "Words 2-3 of a paragraph that goes on for a while, so that it has some lines in any window.\n\n", "", "!Words 2-3"},
			} {
				p.replace("long.rst", edit.from, edit.to)
				text, gone := strings.CutPrefix(edit.seen, "!")
				p.Until(fmt.Sprintf(`document.querySelector("[role=main], main").textContent.includes(%q) === %t`, text, !gone))
				p.Until(`document.querySelector("docserve-indicator").dataset.state === "fresh"`)
				p.drawn()
				if mark := p.Get(`window.mark`); mark != "kept" {
					t.Fatalf("%s: the page was loaded anew: %s", edit.name, p.Said())
				}
				if after := p.Get(place); after != before {
					t.Errorf("%s: what is read, and scrolled sidebars, were %s and are %s", edit.name, before, after)
				}
				if strings.HasSuffix(edit.name, "below") {
					if after := p.Get(`scrollY`); after != scrolled {
						t.Errorf("%s: scrolled from %s to %s", edit.name, scrolled, after)
					}
				}
			}
			p.Want(`getSelection().toString() === eye.textContent`, "true")
			p.quiet()
		})
	}
}

// TestFiftyEdits saves a page of each theme fifty times, with edits of all kinds.
// What the reader has typed, selected, opened and chosen is what it was.
func TestFiftyEdits(t *testing.T) {
	for _, theme := range themes {
		t.Run(theme, func(t *testing.T) {
			texts := many(theme)
			texts["long.rst"] = strings.Replace(texts["long.rst"], "First words.", "First words.\n\n.. raw:: html\n\n   <details id=\"more\"><summary>More</summary>inside</details><input id=\"typed\"><video id=\"film\"></video>", 1)
			p := newProject(t, testenv.Python(t, "9.0"), texts)
			p.show("long.html")
			p.Run(`document.getElementById("more").open = true; typed.value = "typed";
				const search = [...document.querySelectorAll("input[name=q]")].find((e) => e.offsetParent) || document.querySelector("input[name=q]"); window.search = search; if (search) search.value = "words"`)
			p.Run(`typed.focus({preventScroll: true}); typed.setSelectionRange(1, 3)`)
			p.Run(`window.keep = [...document.querySelectorAll("p")].find((e) => e.textContent.startsWith("Words 7-2"))`)
			p.Run(`scrollTo({top: 900, behavior: "instant"})`)
			p.Until(`scrollY > 800`) // a browser that is still busy may correct it by a pixel
			for i := range 50 {
				from, to := fmt.Sprintf("Words %d-%d of", i%6, i%4), fmt.Sprintf("Words %d-%d of", i%6, i%4)
				switch i % 5 {
				case 0:
					to = fmt.Sprintf("Fresh paragraph %d.\n\n%s", i, to)
				case 1:
					to = fmt.Sprintf(".. code-block:: python\n\n   edit = %d\n\n%s", i, to)
				case 2:
					to = fmt.Sprintf("* item %d\n* item\n\n%s", i, to)
				case 3:
					to = fmt.Sprintf(".. note::\n\n   Mind %d.\n\n%s", i, to)
				}
				p.replace("long.rst", from, to, fmt.Sprintf("First words%s.", after(i-1)), fmt.Sprintf("First words%s.", after(i)))
				p.Until(fmt.Sprintf(`document.querySelector("[role=main], main").textContent.includes("First words%s.")`, after(i)))
			}
			p.Want(`window.mark`, "kept")
			p.Want(`document.activeElement.id + " " + typed.value + " " + typed.selectionStart + "-" + typed.selectionEnd`, "typed typed 1-3")
			p.Want(`document.getElementById("more").open`, "true")
			p.Want(`search ? search.isConnected + search.value : "truewords"`, "truewords")
			p.Want(`keep.isConnected`, "true")
			p.Want(`document.querySelectorAll("docserve-indicator").length`, "1")
			p.quiet()
		})
	}
}

func after(i int) string {
	if i < 0 {
		return ""
	}
	return fmt.Sprintf(" after %d", i)
}
