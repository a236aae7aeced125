package stories

import (
	"net/url"
	"strings"
	"testing"
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
func openStatusPage(t *testing.T, s *session) *tab {
	t.Helper()
	b := openTab(t)
	b.open(s.url + "__docserve/")
	b.until(`document.getElementById("headline").textContent === "Up to date"`)
	return b
}

// nobody is a document that there is not, though its name is nearly right.
const nobody = "guide/tide"

// quiet checks that the page has asked nobody else for anything, and had nothing
// to complain of.
func (b *tab) quiet(s *session) {
	b.t.Helper()
	requests, complaints := b.heard()
	for _, address := range requests {
		if !strings.HasPrefix(address, s.url) && !strings.HasPrefix(address, "data:") {
			b.t.Errorf("asked for %s", address)
		}
	}
	for _, text := range complaints {
		if !strings.Contains(text, "404 (Not Found)") || !strings.HasSuffix(text, "doc="+url.QueryEscape(nobody)) { // which was asked for
			b.t.Error(text)
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
	b.until(buildRows + `.length === 2 && ` + buildRows + `[0].innerText.includes("first.rst")`)
	b.until(buildRows + `[0].querySelectorAll(".bar .part").length > 2`)
	b.click("#build-list > details > summary")
	b.until(buildRows + `[0].open && ` + buildRows + `[0].innerText.includes("first.html")`)

	// A warning appears, as a new one; filters find it; what is fixed is said.
	p.replace("second.rst", ":doc:`first`", ":doc:`nowhere`")
	b.until(`document.querySelector("#warning-list .remark.new")?.innerText.includes("nowhere")`)
	p.replace("first.rst", "Edited text", "Edited :ref:`nothing` text")
	b.until(`document.getElementById("warning-count").textContent === "2" && document.querySelectorAll("#warning-list h3").length === 2`)
	b.click("#filter-text")
	b.press("nowhere")
	b.until(`document.querySelectorAll("#warning-list .remark").length === 1 && document.getElementById("warning-shown").textContent.startsWith("1 of 2")`)
	b.get(`(document.getElementById("filter-text").select(), 0)`)
	b.press("\b")
	b.get(`(document.getElementById("filter-page").value = "first", document.getElementById("filters").dispatchEvent(new Event("input")), 0)`)
	b.until(`document.querySelector("#warning-list .remark").innerText.includes("nothing")`)
	b.get(`(document.getElementById("filter-page").value = "", document.getElementById("filters").dispatchEvent(new Event("input")), 0)`)
	p.replace("second.rst", ":doc:`nowhere`", ":doc:`first`")
	b.until(`document.querySelector("#warning-list .remark.fixed")?.innerText.includes("nowhere")`)

	walk(b)

	// The tabs of others are counted.
	b.another(s.url + "second.html")
	b.until(`document.getElementById("tabs").innerText.includes("second.html")`)

	b.click("#rebuild")
	b.until(buildRows + `[0].innerText.includes("asked for")`)
	b.click("#clear")
	b.until(`document.getElementById("confirm").open`)
	b.press("\x1b")
	b.until(`!document.getElementById("confirm").open`)
	b.click("#clear")
	b.click("#confirm .strong")
	b.until(buildRows + `[0].innerText.includes("the cache was cleared")`)
	b.click("#verify")
	b.until(`document.getElementById("verify-text").textContent.startsWith("Equal")`)
	s.settled()
	b.quiet(s)
}

// walk goes through the picture of dependencies, with mouse and keyboard.
func walk(b *tab) {
	b.t.Helper()
	const middle = `document.querySelector("#picture .middle")?.getAttribute("aria-label")`
	node := func(name string) string {
		return `[...document.querySelectorAll("#picture .node")].find((n) => n.node.name === "` + name + `")`
	}
	b.get(`(location.hash = "doc=guide%2Ftides", 0)`)
	b.until(middle + `?.startsWith("guide/tides,")`)
	b.until(node("guide/tides.csv") + ` && ` + node("shared/warning.rst") + ` && ` + node("guide/berths"))
	if where := b.get(node("guide/tides.csv") + `.getBoundingClientRect().right < document.querySelector("#picture .middle").getBoundingClientRect().left && ` +
		node("guide/berths") + `.getBoundingClientRect().left > document.querySelector("#picture .middle").getBoundingClientRect().right`); where != "true" {
		b.t.Error("what it depends on is not left, or what depends on it not right of it")
	}
	// By keyboard to the right, there, and back.
	b.get(`(document.querySelector("#picture .middle").focus(), 0)`)
	b.press("\u0303") // →
	b.until(`document.activeElement.node?.name === "guide/berths"`)
	b.press("\r")
	b.until(middle + `?.startsWith("guide/berths,") && document.activeElement.classList.contains("middle")`)
	b.press("\b")
	b.until(middle + `?.startsWith("guide/tides,")`)
	// By mouse to a file, and to the other document that includes it.
	b.get(`(` + node("shared/warning.rst") + `.dispatchEvent(new MouseEvent("click", { bubbles: true })), 0)`)
	b.until(middle + `?.startsWith("shared/warning.rst,") && ` + node("first"))
	b.until(`document.getElementById("graph-text").textContent.includes("first")`)
	b.get(`(` + node("first") + `.dispatchEvent(new MouseEvent("click", { bubbles: true })), 0)`)
	b.until(middle + `?.startsWith("first,")`)
	// A name that nobody has.
	b.get(`(document.getElementById("graph-name").value = "` + nobody + `", document.getElementById("graph-form").requestSubmit(), 0)`)
	b.until(`document.getElementById("graph-near").innerText.includes("guide/tides")`)
	b.get(`(document.querySelector("#graph-near a").click(), 0)`)
	b.until(middle + `?.startsWith("guide/tides,")`)
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
	b.get(`(location.hash = "doc=guide%2Ftides", scrollTo(0, 0), 0)`)
	b.until(`document.querySelector("#picture .middle")?.getAttribute("aria-label").startsWith("guide/tides,")`)
	b.until(buildRows + `.length === 4 && document.querySelector("#warning-list .remark.new")`)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer(scheme)
		b.resize(1100, 900)
		b.get(`(scrollTo(0, 0), 0)`)
		b.until(`innerWidth === 1100 && Number(document.getElementById("picture").dataset.width) > 900`)
		b.picture("status-page-"+scheme+".png", 0, 0, 1100, 1240)
		b.resize(360, 740)
		b.until(`innerWidth === 360 && Number(document.getElementById("picture").dataset.width) < 360`)
		if b.get(`document.documentElement.scrollWidth`) != "360" {
			t.Errorf("on a telephone it is %s px wide", b.get(`document.documentElement.scrollWidth`))
		}
		b.picture("status-page-narrow-"+scheme+".png", 0, 0, 360, 1500)
	}
	b.quiet(s)

	// docserve goes, and comes back at the same address.
	s.end()
	b.until(`document.getElementById("headline").textContent === "docserve does not answer"`)
}
