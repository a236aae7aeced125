package inplace

import (
	"fmt"
	"testing"

	"docserve/internal/testenv"
)

// typesetter plays MathJax, which is fetched from elsewhere, and complains when
// it is to typeset something twice.
const typesetter = `window.MathJax = {
	startup: {}, cleared: 0,
	typesetClear() { MathJax.cleared++ },
	async typesetPromise(list = [...document.querySelectorAll(".math")]) {
		for (const e of list) {
			if (!e.isConnected || e.querySelector("mjx-container")) console.error("typeset twice, or nowhere: " + e.outerHTML);
			const formula = document.createElement("mjx-container");
			formula.textContent = e.textContent.replace(/\\[()[\]]/g, "").trim();
			e.replaceChildren(formula);
		}
	},
};
addEventListener("DOMContentLoaded", () => MathJax.typesetPromise());
`

var extended = map[string]string{
	"conf.py": "project = 'extended'\nexclude_patterns = ['_build']\nhtml_static_path = ['_static']\nmathjax_path = 'es5/tex-mml-chtml.js'\n" +
		"extensions = ['sphinx_copybutton', 'sphinx_design', 'sphinx_tabs.tabs', 'sphinx.ext.mathjax']\n",
	"_static/es5/tex-mml-chtml.js": typesetter,
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
			block = fmt.Sprintf(".. math::\n\n   x_{%d} = y\n\n", i)
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
	p.Want(`[...document.querySelectorAll(".math")].every((e) => e.querySelectorAll("mjx-container").length === 1)`, "true")
	p.Want(`document.querySelectorAll("mjx-container").length`, "7")

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

// TestDiagramsAreLoadedAnew: what sets up a diagram cannot be asked to do so
// again, so that a new one loads the page, once, and text beside it does not.
func TestDiagramsAreLoadedAnew(t *testing.T) {
	p := newProject(t, testenv.Extensions(t), map[string]string{
		"conf.py": "project = 'drawn'\nextensions = ['sphinxcontrib.mermaid']\nexclude_patterns = ['_build']\nhtml_static_path = ['_static']\n" +
			"mermaid_use_local = 'mermaid.mjs'\nmermaid_include_elk = False\nd3_use_local = 'd3.js'\n",
		"_static/d3.js":       "",
		"_static/mermaid.mjs": "export default { initialize() {}, registerIconPacks() {}, async run({ nodes = [...document.querySelectorAll('.mermaid')] } = {}) { for (const e of nodes) { e.dataset.processed = true; e.innerHTML = '<svg></svg>' } } }\n",
		"index.rst":           "Start\n=====\n\nWords.\n\n.. mermaid::\n\n   graph LR; a-->b\n\n.. code-block:: python\n\n   x = 1\n",
	})
	p.show("index.html")
	p.Until(`document.querySelectorAll(".mermaid svg").length === 1`)
	p.replace("index.rst", "Words.", "Other words.\n\n.. code-block:: python\n\n   y = 1")
	p.Until(`document.body.textContent.includes("Other words.")`)
	if mark := p.Get(`window.mark`); mark != "kept" {
		t.Errorf("the page was loaded anew: %s", p.Said())
	}
	p.replace("index.rst", "a-->b", "a-->c")
	p.Until(`window.mark === undefined && document.querySelectorAll(".mermaid svg").length === 1`)
	p.quiet()
}
