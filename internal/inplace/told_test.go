package inplace

import (
	"strings"
	"testing"

	"docserve/internal/testenv"
)

// in is an expression for an element of the client's own tree.
func in(selector string) string {
	return `document.querySelector("docserve-indicator").shadowRoot.querySelector("` + selector + `")`
}

func told() map[string]string {
	return map[string]string{
		"conf.py":   "html_theme = 'alabaster'\nexclude_patterns = ['_build']\n",
		"index.rst": "Start\n=====\n\n.. toctree::\n\n   long\n\nWords.\n",
		"long.rst":  long(),
	}
}

// TestProblemsAreShown makes mistakes, and repairs them.
func TestProblemsAreShown(t *testing.T) {
	p := newProject(t, testenv.Python(t, "9.0"), told())
	p.show("index.html")
	p.replace("index.rst", "Words.", "Words, see :ref:`nowhere`.\n\n.. figur:: x.png")
	p.Until(in(".pill b") + `.textContent === "1 error, 1 warning"`)
	p.Want(in(".box")+`.className`, "box fresh warned erred")
	p.Want(in(".card")+`.hidden && `+in(".panel")+`.hidden`, "true")
	p.Run(in(".pill") + `.click()`)
	p.Until(in(".panel ol"))
	p.Want(`[...`+in(".panel")+`.querySelectorAll(".place")].map((e) => e.textContent).join(" ")`, "index.rst:10 index.rst:8")
	p.Want(in("mark")+`.textContent`, ".. figur:: x.png")

	// Elsewhere is counted, and named when it is looked at.
	p.replace("long.rst", "First words.", "First words, see :ref:`nowhere`.")
	p.replace("index.rst", "\n\n.. figur:: x.png", "")
	p.Until(in("h2") + `.textContent === "1 warning" && ` + in(".others a") + `?.textContent === "long.html"`)
	p.replace("index.rst", ", see :ref:`nowhere`", "")
	p.Until(in(".panel") + `.hidden && ` + in(".box") + `.className === "box fresh"`)

	// Without a configuration there is no site; the page is still the last good one.
	p.replace("conf.py", "html_theme", "nonsense()\nhtml_theme")
	p.Until(`!` + in(".card") + `.hidden`)
	p.Want(in(".card .text")+`.textContent.includes("nonsense")`, "true")
	p.Want(in(".card .go")+`.textContent`, "conf.py:1")
	p.Want(`document.body.textContent.includes("Words.")`, "true")
	p.replace("conf.py", "nonsense()\n", "")
	p.Until(in(".card") + `.hidden && ` + in(".box") + `.className === "box fresh"`)
	p.quiet()
}

// TestEditedPageIsOffered saves another page than that which is looked at.
func TestEditedPageIsOffered(t *testing.T) {
	p := newProject(t, testenv.Python(t, "9.0"), told())
	p.show("index.html")
	p.replace("long.rst", "Words 7-3 of", "Changed words 7-3 of")
	p.Until(`!` + in(".offer") + `.hidden`)
	p.Want(in(".offer span")+`.textContent`, "long.html changed")
	p.Run(in(".offer .go") + `.click()`)
	p.Until(`location.pathname === "/long.html" && document.readyState === "complete"`)
	inView := func(text string) string {
		return `(() => { const r = [...document.querySelectorAll("p")].find((e) => e.textContent.startsWith("` + text + `"))?.getBoundingClientRect(); return r && r.top >= 0 && r.bottom <= innerHeight })()`
	}
	p.Until(inView("Changed words 7-3"))

	// Who follows is taken to what is edited, on this page and back.
	p.Until(`document.querySelector("docserve-indicator")?.dataset.state === "fresh"`)
	p.Run(in("footer input") + `.click()`)
	p.replace("long.rst", "Words 1-1 of", "Changed words 1-1 of")
	p.Until(inView("Changed words 1-1"))
	p.replace("index.rst", "Words.", "Other words.")
	p.Until(`location.pathname === "/index.html"`)
	p.Until(in("footer input") + `.checked`)
	p.replace("long.rst", "Words 9-1 of", strings.Repeat("new ", 3)+"words 9-1 of")
	p.Until(`location.pathname === "/long.html"`)
	p.Until(inView("new new new words 9-1"))
	p.quiet()
}
