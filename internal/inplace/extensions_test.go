package inplace

import (
	"fmt"
	"testing"

	"docserve/internal/testenv"
)

// extended typesets with MathJax itself, which sphinx-mathjax-offline puts beside
// the pages; of its builds with that which is Sphinx's choice.
var extended = map[string]string{
	"conf.py": "project = 'extended'\nexclude_patterns = ['_build']\n" +
		"extensions = ['sphinx_copybutton', 'sphinx_design', 'sphinx_tabs.tabs', 'sphinx-mathjax-offline']\n" +
		"def setup(app): app.config.mathjax_path = 'mathjax/tex-mml-chtml.js'\n",
	"index.rst": `Start
=====

Words.

.. code-block:: python

   first = 1

Inline :math:` + "`a + b`" + `.

.. math::

   c = d

.. tab-set::

   .. tab-item:: Water

      Cold.

   .. tab-item:: Steam

      Hot.

.. tab-set::

   .. tab-item:: Linux
      :sync: linux

      penguin

   .. tab-item:: Windows
      :sync: windows

      pane

.. tab-set::

   .. tab-item:: Linux
      :sync: linux

      apt

   .. tab-item:: Windows
      :sync: windows

      winget

.. tabs::

   .. tab:: Apples

      red

   .. tab:: Pears

      green

.. dropdown:: More

   Details.

End.
`,
}

// typeset is whether MathJax has set all formulas, once, and formulas is what it has
// set, which it says in MathML beside the glyphs.
const (
	typeset  = `[...document.querySelectorAll(".math")].every((e) => e.querySelectorAll("mjx-container").length === 1)`
	formulas = `[...document.querySelectorAll("mjx-assistive-mml")].map((e) => e.textContent).join(" ")`
)

// open is the panel of tabs that shows a text.
func open(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(".sd-tab-content, .sphinx-tabs-panel")].find((e) => e.textContent.trim() === %q)?.getClientRects().length > 0`, text)
}

// TestFiftyEditsOfBlocks saves a page with extensions' blocks fifty times; blocks
// come, change and go. What the extensions' scripts have set up works, for old
// blocks and new ones, each once, and the reader's choice is kept.
func TestFiftyEditsOfBlocks(t *testing.T) {
	p := newProject(t, testenv.Extensions(t), extended)
	p.show("index.html")
	p.Until(`document.querySelectorAll(".copybtn").length === 1 && document.querySelectorAll("mjx-container").length === 2`)
	p.Run(`document.execCommand = () => { window.copied = document.activeElement.value || getSelection().toString(); return true }`)
	p.Run(`[...document.querySelectorAll(".sd-tab-label")].find((e) => e.textContent.trim() === "Steam").click()`)
	p.Run(`[...document.querySelectorAll(".sphinx-tabs-tab")].find((e) => e.textContent.trim() === "Pears").click()`)
	p.Run(`document.querySelector("details").open = true`)
	for i := range 50 {
		mark := fmt.Sprintf("Words%s.", after(i-1))
		block, edit := "", []string{}
		switch i % 10 {
		case 0:
			block = fmt.Sprintf(".. code-block:: python\n\n   edit = %d\n\n", i)
		case 1:
			// What is not part of MathJax at first is fetched when a formula needs it.
			block = fmt.Sprintf(".. math::\n\n   x_{%d} = %s{y}\n\n", i, []string{`\cancel`, `\ce`, `\bbox`, `\bra`, `\boldsymbol`}[i/10])
		case 2:
			block = fmt.Sprintf(".. tab-set::\n\n   .. tab-item:: New %d\n\n      fresh %d\n\n   .. tab-item:: Other %d\n\n      second %d\n\n", i, i, i, i)
		case 3:
			edit = []string{"   first = 1\n", fmt.Sprintf("   first = 1\n   line = %d\n", i)}
		case 4:
			edit = []string{"a + b", fmt.Sprintf("a + b + %d", i)}
		case 5:
			block = fmt.Sprintf(".. tabs::\n\n   .. tab:: One %d\n\n      first of %d\n\n   .. tab:: Two %d\n\n      second of %d\n\n", i, i, i, i)
		case 6:
			block = fmt.Sprintf(".. dropdown:: Drop %d\n\n   Dropped.\n\n.. note::\n\n   Noted.\n\n", i)
		}
		p.replace("index.rst", append(edit, mark, block+fmt.Sprintf("Words%s.", after(i)))...)
		p.Until(fmt.Sprintf(`document.querySelector("[role=main]").textContent.includes("Words%s.")`, after(i)))
	}
	p.Want(`window.mark`, "kept")

	// Each block has what it needs, once.
	p.Want(`[...document.querySelectorAll("div.highlight")].every((e) => e.querySelectorAll(".copybtn").length === 1)`, "true")
	p.Want(`new Set([...document.querySelectorAll("div.highlight pre")].map((e) => e.id)).size === document.querySelectorAll("div.highlight pre").length`, "true")
	p.Until(typeset)
	p.Want(formulas, "x1=y x11=y x21=y x31=⟨y| x41=y a+b+44+34+24+14+4 c=d")

	// The reader's choices.
	p.Want(open("Hot."), "true")
	p.Want(open("green"), "true")
	p.Want(`[...document.querySelectorAll("details")].find((e) => e.textContent.includes("Details.")).open`, "true")

	// New ones work, and old ones still do.
	for _, text := range []string{"edit = 40", "first = 1"} {
		p.Run(fmt.Sprintf(`[...document.querySelectorAll("div.highlight")].find((e) => e.textContent.includes(%q)).querySelector(".copybtn").click()`, text))
		p.Until(fmt.Sprintf(`window.copied?.includes(%q)`, text))
	}
	p.Want(open("fresh 42"), "true")
	p.Run(`[...document.querySelectorAll(".sd-tab-label")].find((e) => e.textContent.trim() === "Other 42").click()`)
	p.Until(open("second 42") + ` && !(` + open("fresh 42") + `)`)
	p.Run(`[...document.querySelectorAll(".sphinx-tabs-tab")].find((e) => e.textContent.trim() === "Two 45").click()`)
	p.Until(open("second of 45") + ` && !(` + open("first of 45") + `)`)
	p.Run(`[...document.querySelectorAll(".sd-tab-label")].filter((e) => e.textContent.trim() === "Windows")[0].click()`)
	p.Until(open("pane") + ` && ` + open("winget"))
	p.quiet()
}
