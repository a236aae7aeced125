package client_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"docserve/livereload"
)

// in is an expression for an element of the client's own tree.
func in(selector string) string {
	return `document.querySelector("docserve-indicator").shadowRoot.querySelector("` + selector + `")`
}

func problem(severity, path string, line int, message string) map[string]any {
	return map[string]any{
		"severity": severity, "path": path, "line": line, "message": message,
		"edit":    "vscode://file/docs/" + path + ":1",
		"excerpt": map[string]any{"first": line - 1, "lines": []string{"before", "the line", "", "after"}},
	}
}

// at gives a problem a column, as those of rules have.
func at(column int, problem map[string]any) map[string]any {
	problem["column"] = column
	return problem
}

var (
	oneError = report{tally: livereload.Tally{Errors: 1, Key: "one"}, problems: []map[string]any{problem("error", "guide.rst", 12, "<b>Unknown</b> directive type \"nonsense\".")}}
	warned   = report{
		tally:    livereload.Tally{Warnings: 2, Key: "two"},
		problems: []map[string]any{problem("warning", "guide.rst", 3, "Title underline too short."), at(9, problem("warning", "a.yaml", 4, "this is no YAML"))},
		others:   []map[string]any{{"page": "other.html", "warnings": 1}, {"page": "", "errors": 2}},
	}
)

func TestOverlayTells(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	s.blame("index.html", livereload.Fresh, warned)
	b := s.open("/")
	b.Until(in(".pill b") + `.textContent === "2 warnings"`)
	b.Want(in(".panel")+`.hidden && `+in(".card")+`.hidden`, "true")
	b.Run(in(".pill") + `.click()`)
	b.Until(in(".panel ol"))
	b.Want(in("h2")+`.textContent`, "2 warnings")
	b.Want(`[...`+in(".panel")+`.querySelectorAll(".place")].map((e) => e.textContent).join("|")`, "guide.rst:3|a.yaml:4:9")
	b.Want(in("a.place")+`.href`, "vscode://file/docs/guide.rst:1")
	b.Want(in("mark")+`.dataset.line + " " + `+in("mark")+`.textContent`, "3 the line")
	b.Want(`[...`+in(".others")+`.querySelectorAll("li")].map((e) => e.textContent).join("|")`, "other.html1 warning|the whole site2 errors")
	b.Want(in(".others a")+`.href`, "http://"+s.addr+"/other.html")
	b.Want(in(".panel")+`.getAttribute("role")`, "dialog")
	b.Want(in(".pill")+`.getAttribute("aria-expanded")`, "true")

	// Messages are text, whatever is in them.
	s.blame("index.html", livereload.Failed, oneError)
	b.Until(in(".message") + `.textContent.startsWith("<b>Unknown</b>")`)
	b.Want(in(".live")+`.textContent`, "Failed, 1 error")
	b.Want(in(".card")+`.hidden`, "true") // the panel tells it already
	// It goes when there is nothing to tell.
	s.blame("index.html", livereload.Fresh, report{})
	b.Until(in(".panel") + `.hidden`)
	b.Want(in(".pill")+`.getAttribute("aria-expanded")`, "false")
	b.Want(`window.mark`, "not reloaded")
}

// All of it can be done without a mouse, and the page's focus comes back.
func TestOverlayByKeyboard(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	s.blame("index.html", livereload.Fresh, warned)
	b := s.open("/")
	b.Until(in(".pill b") + `.textContent === "2 warnings"`)
	b.Run(`field.focus({preventScroll: true}); ` + in(".pill") + `.click()`)
	b.Until(`document.querySelector("docserve-indicator").shadowRoot.activeElement === ` + in(".panel"))
	b.Press(kb.Tab)
	b.Want(`document.querySelector("docserve-indicator").shadowRoot.activeElement === `+in(".panel .x"), "true")
	for range 12 { // the lines, links and the switch follow, and at last the indicator
		b.Press(kb.Tab)
		if b.Get(`document.querySelector("docserve-indicator").shadowRoot.activeElement?.type`) == "checkbox" {
			break
		}
	}
	b.Press(kb.Escape)
	b.Until(in(".panel") + `.hidden`)
	b.Want(`document.activeElement.id`, "field")
	b.Run(in(".pill") + `.focus({preventScroll: true})`)
	b.Press(kb.Enter)
	b.Until(`!` + in(".panel") + `.hidden && document.querySelector("docserve-indicator").shadowRoot.activeElement === ` + in(".panel"))
	b.Press(kb.Escape)
	b.Want(in(".panel")+`.hidden && document.querySelector("docserve-indicator").shadowRoot.activeElement === `+in(".pill"), "true")
}

// Only an edit of just now says by itself that the page is broken, without
// covering what is read, and once for each set of problems.
func TestCard(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	b := s.open("/")
	b.Run(`field.focus({preventScroll: true})`)
	b.Want(in(".card")+`.hidden`, "true")
	s.blame("index.html", livereload.Failed, oneError)
	b.Until(`!` + in(".card") + `.hidden`)
	b.Want(in(".card .text")+`.textContent`, oneError.problems[0]["message"].(string))
	b.Want(in(".card .go")+`.textContent`, "guide.rst:12")
	b.Want(`document.activeElement.id`, "field")
	b.Want(in(".card")+`.getBoundingClientRect().height < innerHeight / 5`, "true")
	b.Run(in(".card .x") + `.click()`)
	b.Want(in(".card")+`.hidden`, "true")

	// The same again is not said again, also after a reload; another one is.
	s.blame("index.html", livereload.Building, oneError)
	s.blame("index.html", livereload.Failed, oneError)
	b.Run(`location.reload()`)
	b.Until(in(".pill b") + `?.textContent === "1 error" && window.mark === undefined`)
	b.Want(in(".card")+`.hidden`, "true")
	another := oneError
	another.tally.Key = "another"
	s.blame("index.html", livereload.Failed, another)
	b.Until(`!` + in(".card") + `.hidden`)
	s.blame("index.html", livereload.Fresh, report{})
	b.Until(in(".card") + `.hidden`)
}

// Who had the panel open finds it open, when an edit loads the page anew.
func TestPanelOutlivesReload(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	s.blame("index.html", livereload.Fresh, warned)
	b := s.open("/")
	b.Until(in(".pill b") + `.textContent === "2 warnings"`)
	b.Run(in(".pill") + `.click()`)
	b.Until(in(".panel ol"))
	s.Push("index.html", page("text", `<script src="/_static/translations.js"></script>`))
	b.Until(`window.mark === undefined && ` + in(".panel ol"))
	b.Want(in(".panel")+`.hidden`, "false")
	b.Want(`document.activeElement === document.body`, "true")
}

func TestStandInTellsProblems(t *testing.T) {
	s := newSite(t).withStatic()
	s.set("index.html", webFile("failed", "guide.rst:12: critical: short"), true)
	s.mu.Lock()
	s.wrong["index.html"] = oneError
	s.mu.Unlock()
	b := s.tab()
	b.navigate("/")
	b.Until(`document.getElementById("docserve-detail").textContent.startsWith("guide.rst:12: <b>Unknown</b>")`)
}

// A theme that is dark makes the client dark, whatever the system is.
func TestOverlayTakesTheScheme(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	b := s.open("/")
	ink := func() string { return b.Get(`getComputedStyle(` + in(".box") + `).color`) }
	b.Run(`document.body.dataset.theme = "light"`)
	b.Until(`document.querySelector("docserve-indicator").dataset.scheme === "light"`)
	light := ink()
	b.Run(`document.body.dataset.theme = "dark"`)
	b.Until(`document.querySelector("docserve-indicator").dataset.scheme === "dark"`)
	if dark := ink(); dark == light || !strings.HasPrefix(dark, "rgb") {
		t.Errorf("dark is %s, light %s", dark, light)
	}
}
