package inplace

import (
	"maps"
	"testing"

	"docserve/internal/testenv"
)

// TestFormulasThatWait changes formulas while MathJax waits for what it needs to
// set others. It takes one list at a time: asked for a second one meanwhile, it
// would show the commands that it waits for as unknown.
func TestFormulasThatWait(t *testing.T) {
	p := newProject(t, testenv.Extensions(t), extended)
	p.show("index.html")
	p.Until(typeset)
	p.Run(`window.held = []; document.head.appendChild = function (node) {
		if (/\/tex\/extensions\//.test(node.src)) held.push(node); else Node.prototype.appendChild.call(this, node);
		return node;
	}`)
	p.replace("index.rst", "c = d", `c = \cancel{d}`)
	p.Until(`held.length === 1`)
	p.replace("index.rst", "a + b", `a + \cancel{b}`, "Words.", "New :math:`x`, and :math:`\\cancel{y}`.")
	p.Until(`document.querySelectorAll(".math").length === 4`)
	p.replace("index.rst", `\cancel{d}`, `\cancel{e}`, "New", "Newer")
	p.Until(`document.querySelector("[role=main]").textContent.includes("Newer")`)
	p.Run(`delete document.head.appendChild; held.forEach((node) => document.head.append(node))`)
	p.Until(typeset)
	p.Want(formulas, "x y a+b c=e")
	p.Want(`document.querySelectorAll("menclose").length`, "3")
	p.Want(`window.mark`, "kept")
	p.quiet()
}

// TestFormulasBeforeMathJax brings a formula in before MathJax sets those of the
// page. It sets that one too, and would set it again when asked to.
func TestFormulasBeforeMathJax(t *testing.T) {
	texts := maps.Clone(extended)
	texts["conf.py"] += "mathjax_config_path = 'held.js'\n"
	texts["held.js"] = `window.MathJax = { startup: { async pageReady() {
		await new Promise((go) => { window.release = go });
		await MathJax.startup.defaultPageReady();
	} } };
`
	p := newProject(t, testenv.Extensions(t), texts)
	p.show("index.html")
	p.Until(`window.release`)
	p.replace("index.rst", "Words.", "New :math:`x`.", "c = d", "c = e")
	p.Until(`document.querySelectorAll(".math").length === 3`)
	p.Run(`release()`)
	p.Until(formulas + ` === "x a+b c=e"`)
	p.replace("index.rst", "New", "Newer :math:`y`")
	p.Until(formulas + ` === "y x a+b c=e"`)
	p.Want(typeset, "true")
	p.Want(`window.mark`, "kept")
	p.quiet()
}

// TestNumberedFormulas: MathJax, where it numbers formulas, goes on counting, so
// that only the loaded page has the right numbers.
func TestNumberedFormulas(t *testing.T) {
	texts := maps.Clone(extended)
	texts["conf.py"] += "mathjax3_config = {'tex': {'tags': 'ams'}}\n"
	texts["index.rst"] = "Start\n=====\n\nWords.\n\n.. math::\n   :no-wrap:\n\n   \\begin{equation}\\label{one} a \\end{equation}\n\n.. math::\n   :no-wrap:\n\n   \\begin{equation} b = \\ref{one} \\end{equation}\n"
	p := newProject(t, testenv.Extensions(t), texts)
	p.show("index.html")
	p.Until(formulas + ` === "(1)a (2)b=1"`)
	p.replace("index.rst", "Words.", "Other words.")
	p.Until(`document.querySelector("[role=main]").textContent.includes("Other words.")`)
	p.Want(`window.mark`, "kept")
	p.replace("index.rst", "} a", "} a + c")
	p.Until(formulas + ` === "(1)a+c (2)b=1"`)
	p.quiet()
}
