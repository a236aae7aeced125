package stories

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/testenv/browser"
)

// harbour is a project with pages that share files, and with things to warn of.
var harbour = with(small,
	"index.rst", "Harbour\n=======\n\n.. toctree::\n\n   first\n   second\n   guide/berths\n   guide/tides\n",
	"first.rst", "First\n=====\n\nText of the first page.\n\n.. include:: shared/warning.rst\n",
	"guide/tides.rst", "Tides\n=====\n\n.. include:: ../shared/warning.rst\n\n.. csv-table::\n   :file: tides.csv\n\n.. literalinclude:: tide.py\n\n.. image:: ../dot.svg\n",
	"guide/berths.rst", "Berths\n======\n\nSee :doc:`tides`.\n\n.. include:: tides.rst\n\n.. figure:: ../dot.svg\n",
	"guide/tides.csv", "low,high\n1,4\n",
	"guide/tide.py", "def height():\n    return 4\n",
	"shared/warning.rst", "Mind the gap.\n",
	"conf.py", "project = 'Harbour'\nexclude_patterns = ['_build', 'shared']\n",
)

// openStatusPage opens the status page of a session and waits until it is live.
func openStatusPage(t *testing.T, s *session) *browser.Tab {
	t.Helper()
	b := browser.Open(t)
	b.Patience = patience
	b.Resize(1180, 900, 1) // wide enough for a document between what it is made from and what is made from it
	b.Navigate(s.url + "__docserve/")
	b.Until(`document.getElementById("headline").textContent === "Up to date"`)
	return b
}

// nobody is a document that there is not, though its name is nearly right.
const nobody = "guide/tide"

// quiet checks that the page has asked nobody else for anything, and had nothing
// to complain of.
func quiet(b *browser.Tab, s *session) {
	b.T.Helper()
	for _, address := range b.Requests() {
		if !strings.HasPrefix(address, s.url) && !strings.HasPrefix(address, "data:") {
			b.T.Errorf("asked for %s", address)
		}
	}
	for _, text := range b.Complaints() {
		if !strings.Contains(text, "404 (Not Found)") || !strings.HasSuffix(text, "doc="+url.QueryEscape(nobody)) { // which was asked for
			b.T.Error(text)
		}
	}
}

const buildRows = `[...document.querySelectorAll("#build-list > details")]`

// TestStatusPage: builds, warnings and what depends on what are seen without
// loading the page again, and its buttons work.
func TestStatusPage(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", harbour)
	s := p.start()
	s.settled()
	b := openStatusPage(t, s)

	// An edit is a build, with the reason and with where the time went.
	p.replace("first.rst", "Text of the first page.", "Edited text of the first page.")
	b.Until(buildRows + `.length === 2 && ` + buildRows + `[0].innerText.includes("first.rst")`)
	b.Until(buildRows + `[0].querySelectorAll(".bar .part").length > 2`)
	b.Click("#build-list > details > summary")
	b.Until(buildRows + `[0].open && ` + buildRows + `[0].innerText.includes("first.html")`)

	// A warning appears, as a new one; filters find it; what is fixed is said.
	p.replace("second.rst", ":doc:`first`", ":doc:`nowhere`")
	b.Until(`document.querySelector("#warning-list .remark.new")?.innerText.includes("nowhere")`)
	p.replace("first.rst", "Edited text", "Edited :ref:`nothing` text")
	b.Until(`document.getElementById("warning-count").textContent === "2" && document.querySelectorAll("#warning-list h3").length === 2`)
	b.Click("#filter-text")
	b.Press("nowhere")
	b.Until(`document.querySelectorAll("#warning-list .remark").length === 1 && document.getElementById("warning-shown").textContent.startsWith("1 of 2")`)
	b.Get(`(document.getElementById("filter-text").select(), 0)`)
	b.Press("\b")
	b.Get(`(document.getElementById("filter-page").value = "first", document.getElementById("filters").dispatchEvent(new Event("input")), 0)`)
	b.Until(`document.querySelector("#warning-list .remark").innerText.includes("nothing")`)
	b.Get(`(document.getElementById("filter-page").value = "", document.getElementById("filters").dispatchEvent(new Event("input")), 0)`)
	p.replace("second.rst", ":doc:`nowhere`", ":doc:`first`")
	b.Until(`document.querySelector("#warning-list .remark.fixed")?.innerText.includes("nowhere")`)

	walk(b)

	// The tabs of others are counted.
	browser.Open(t).Navigate(s.url + "second.html")
	b.Until(`document.getElementById("tabs").innerText.includes("second.html")`)

	b.Click("#rebuild")
	b.Until(buildRows + `[0].innerText.includes("asked for")`)
	b.Click("#clear")
	b.Until(`document.getElementById("confirm").open`)
	b.Press("\x1b")
	b.Until(`!document.getElementById("confirm").open`)
	b.Click("#clear")
	b.Click("#confirm .strong")
	b.Until(buildRows + `[0].innerText.includes("the cache was cleared")`)
	b.Click("#verify")
	b.Until(`document.getElementById("verify-text").textContent.startsWith("Equal")`)
	s.settled()
	quiet(b, s)
}

// walk goes through the picture of dependencies, with mouse and keyboard.
func walk(b *browser.Tab) {
	b.T.Helper()
	const middle = `document.querySelector("#picture .middle")?.getAttribute("aria-label")`
	node := func(name string) string {
		return `[...document.querySelectorAll("#picture .node")].find((n) => n.node.name === "` + name + `")`
	}
	b.Get(`(location.hash = "doc=guide%2Ftides", 0)`)
	b.Until(middle + `?.startsWith("guide/tides,")`)
	b.Until(node("guide/tides.csv") + ` && ` + node("shared/warning.rst") + ` && ` + node("guide/berths"))
	if where := b.Get(node("guide/tides.csv") + `.getBoundingClientRect().right < document.querySelector("#picture .middle").getBoundingClientRect().left && ` +
		node("guide/berths") + `.getBoundingClientRect().left > document.querySelector("#picture .middle").getBoundingClientRect().right`); where != "true" {
		b.T.Error("what it depends on is not left, or what depends on it not right of it")
	}
	// By keyboard to the right, there, and back.
	b.Get(`(document.querySelector("#picture .middle").focus(), 0)`)
	b.Press("\u0303") // →
	b.Until(`document.activeElement.node?.name === "guide/berths"`)
	b.Press("\r")
	b.Until(middle + `?.startsWith("guide/berths,") && document.activeElement.classList.contains("middle")`)
	b.Press("\b")
	b.Until(middle + `?.startsWith("guide/tides,")`)
	// By mouse to a file, and to the other document that includes it.
	b.Get(`(` + node("shared/warning.rst") + `.dispatchEvent(new MouseEvent("click", { bubbles: true })), 0)`)
	b.Until(middle + `?.startsWith("shared/warning.rst,") && ` + node("first"))
	b.Until(`document.getElementById("graph-text").textContent.includes("first")`)
	b.Get(`(` + node("first") + `.dispatchEvent(new MouseEvent("click", { bubbles: true })), 0)`)
	b.Until(middle + `?.startsWith("first,")`)
	// The file of a document, whose name could be that of any file, is the document.
	b.Get(`(document.getElementById("graph-name").value = "guide/berths.rst", document.getElementById("graph-form").requestSubmit(), 0)`)
	b.Until(middle + `?.startsWith("guide/berths,") && ` + node("guide/tides"))
	// A name that nobody has.
	b.Get(`(document.getElementById("graph-name").value = "` + nobody + `", document.getElementById("graph-form").requestSubmit(), 0)`)
	b.Until(`document.getElementById("graph-near").innerText.includes("guide/tides")`)
	b.Get(`(document.querySelector("#graph-near a").click(), 0)`)
	b.Until(middle + `?.startsWith("guide/tides,")`)
}

// TestStatusPageLooks: it fits a telephone, in the light and in the dark. Pictures
// of it are for the manual.
func TestStatusPageLooks(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", harbour)
	s := p.start()
	s.settled()
	b := openStatusPage(t, s)
	for i, text := range []string{"Text of the second page, edited.", "Text of the second page. :doc:`nowhere`"} {
		from := []string{"Text of the second page.", "Text of the second page, edited."}[i]
		p.replace("second.rst", from, text)
		s.settledAgain("/second.html", strings.Split(text, " :")[0])
	}
	p.replace("shared/warning.rst", "Mind the gap.", "Mind the gap, :ref:`always`.")
	s.settledAgain("/first.html", "Mind the gap, ")
	b.Get(`(location.hash = "doc=guide%2Ftides", scrollTo(0, 0), 0)`)
	b.Until(`document.querySelector("#picture .middle")?.getAttribute("aria-label").startsWith("guide/tides,")`)
	b.Until(buildRows + `.length === 4 && document.querySelector("#warning-list .remark.new")`)
	take := func(name string, width, height int) {
		t.Helper()
		dir := os.Getenv(browser.PicturesVar)
		if dir == "" {
			return
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), b.PictureOfPage(width, height), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		b.Prefer("prefers-color-scheme: " + scheme)
		b.Resize(1100, 900, 1)
		b.Get(`(scrollTo(0, 0), 0)`)
		b.Until(`innerWidth === 1100 && Number(document.getElementById("picture").dataset.width) > 900`)
		take("status-page-"+scheme, 1100, 1240)
		b.Resize(360, 740, 1)
		b.Until(`innerWidth === 360 && Number(document.getElementById("picture").dataset.width) < 360`)
		if b.Get(`document.documentElement.scrollWidth`) != "360" {
			t.Errorf("on a telephone it is %s px wide", b.Get(`document.documentElement.scrollWidth`))
		}
		take("status-page-narrow-"+scheme, 360, 1500)
	}
	quiet(b, s)

	// docserve goes, and comes back at the same address.
	s.end()
	b.Until(`document.getElementById("headline").textContent === "docserve does not answer"`)
}
