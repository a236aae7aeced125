package client_test

import (
	"testing"

	"docserve/livereload"
	"docserve/web"
)

func TestUpdateInPlace(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	b.Run(`more.open = true; field.focus({preventScroll: true}); field.value = "typed"; document.body.offsetHeight; scrollTo(0, 900)`)
	b.Until(`scrollY === 900`)
	b.Run(`document.addEventListener("docserve:updated", (e) => { window.seen = e.detail.kind })`)
	for _, text := range []string{"after", "after that", "after all"} {
		s.Push("index.html", page(text, ""))
		b.Until(`document.querySelector("#text").textContent === "` + text + `"`)
	}
	b.Want(`window.mark`, "not reloaded")
	b.Want(`window.seen`, "update")
	b.Want(`document.title`, "after all — sample")
	b.Want(`scrollY`, "900")
	b.Want(`document.activeElement.id`, "field")
	b.Want(`field.value`, "typed")
	b.Want(`more.open`, "true")
	b.Want(`searchbox.style.display`, "block")
	b.Want(`document.querySelectorAll("docserve-indicator").length`, "1")
	b.Want(`document.querySelectorAll("script[data-page]").length`, "1")
}

// Edits that change the number of elements go other ways than edits of text.
func TestUpdateShapes(t *testing.T) {
	list := func(items string) string { return "<ul id=list>" + items + "</ul>" }
	shapes := []struct{ name, from, to string }{
		{"insert", list("<li>a<li>c"), list("<li>a<li>b<li>c")},
		{"append", list("<li>a"), list("<li>a<li>b")},
		{"remove", list("<li>a<li>b<li>c"), list("<li>a<li>c")},
		{"replace by another element", list("<li>a") + "<p>x</p>", list("<li>a") + "<pre>x</pre>"},
		{"attributes", "<p class=a title=t>x</p>", "<p class=b lang=en>x</p>"},
		{"many", list("<li>1<li>2<li>3<li>4<li>5<li>6"), list("<li>0<li>1x<li>2x<li>3x<li>4x<li>5x<li>6x<li>7")},
		{"comments", "<p>x<!-- one --></p>", "<p>x<!-- two -->y</p>"},
		{"everything", list("<li>a"), "<h2>new</h2><table><tr><td>1</table>"},
	}
	for _, shape := range shapes {
		for _, touched := range []bool{false, true} {
			name := shape.name
			if touched {
				name += ", after scripts changed the document"
			}
			t.Run(name, func(t *testing.T) {
				s := newSite(t).withStatic()
				s.Write("index.html", page(shape.from, ""))
				b := s.open("/")
				if touched {
					b.Run(`document.querySelectorAll("#top ul, #top > p").forEach((e) => e.append(document.createElement("mark")))`)
				}
				s.Push("index.html", page(shape.to, `<meta name="marker" content="new" />`))
				b.Until(`document.querySelector("meta[name=marker]")`)
				b.Want(`window.mark`, "not reloaded")
				b.Run(`window.clean = (root) => { root = root.cloneNode(true); root.querySelectorAll("mark").forEach((m) => m.remove()); return root.outerHTML }`)
				b.Until(`(window.expected ??= fetch("/").then((r) => r.text()).then((text) => {
					window.should = clean(new DOMParser().parseFromString(text, "text/html").getElementById("top")) }), window.should)`)
				b.Want(`clean(document.getElementById("top")) === should || clean(document.getElementById("top"))`, "true")
			})
		}
	}
}

// A tab in view asks for its page as soon as it hears that the page is being
// made, and has it when it is told that it is there.
func TestAskedForAhead(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	const text = `document.querySelector("#text").textContent`
	building := livereload.Message{Kind: livereload.Status, Page: "index.html", State: livereload.Building}
	fetched := s.count("index.html")
	open := s.shut()
	s.Hub.Publish(building)
	s.await("index.html", fetched+1)
	s.Write("index.html", page("after", ""))
	open()
	b.Until(text + ` === "after"`)
	s.Push("index.html", page("after", "")) // no news any more
	s.Push("index.html", page("after that", ""))
	b.Until(text + ` === "after that"`)
	if got := s.count("index.html"); got != fetched+2 {
		t.Errorf("the page was fetched %d times, want 2", got-fetched)
	}

	// Nobody sees this tab; it does not keep docserve busy.
	b.Run(`Object.defineProperty(document, "hidden", { value: true })`)
	s.Hub.Publish(building)
	s.Push("index.html", page("after all", ""))
	b.Until(text + ` === "after all"`)
	if got := s.count("index.html"); got != fetched+3 {
		t.Errorf("the hidden tab fetched its page %d times, want once", got-fetched-2)
	}
	b.Want(`window.mark`, "not reloaded")
}

// Nothing is written into the document before the page changes: Chromium would draw
// a frame for it, and the change would have to wait for the next one.
func TestNoFrameBeforeTheChange(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	const text = `document.querySelector("#text").textContent`
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, State: livereload.Fresh, Note: "settled"})
	b.Until(`document.querySelector("docserve-indicator").shadowRoot.querySelector(".note").textContent === "settled"`)
	b.Run(`{
		window.setTimeout = () => 1; // a slow machine must not see that it is being built
		window.early = [];
		const note = (records) => ` + text + ` === "before" && early.push(...records.map((r) => r.type + " of " + r.target.nodeName));
		for (const root of [document, document.querySelector("docserve-indicator").shadowRoot]) {
			new MutationObserver(note).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
		}
	}`)
	fetched := s.count("index.html")
	open := s.shut()
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, Page: "index.html", State: livereload.Building, Note: "reading"})
	s.await("index.html", fetched+1)
	s.Write("index.html", page("after", ""))
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, Page: "index.html", State: livereload.Fresh})
	open()
	b.Until(text + ` === "after"`)
	b.Want(`early.join()`, "")
}

// What was asked for ahead and came as it was, since it was held back for too
// long, is asked for again when it is there.
func TestAskedForTooEarly(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	fetched := s.count("index.html")
	open := s.shut()
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, Page: "index.html", State: livereload.Building})
	s.await("index.html", fetched+1)
	b.Run(`document.addEventListener("docserve:updated", () => window.updates = (window.updates || 0) + 1)`)
	open()
	s.Push("index.html", page("after", ""))
	b.Until(`document.querySelector("#text").textContent === "after"`)
	b.Want(`window.mark`, "not reloaded")
	b.Want(`window.updates`, "1")
}

func TestOtherTabsAreLeftAlone(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("one", ""))
	s.Write("other.html", page("two", ""))
	b, other := s.open("/"), s.open("/other.html")
	b.Until(`document.querySelector("docserve-indicator")`)
	s.Write("other.html", page("two, changed on disk", ""))
	fetched := s.count("other.html")
	s.Push("index.html", page("edited", ""))
	b.Until(`document.querySelector("#text").textContent === "edited"`)
	other.Want(`document.querySelector("#text").textContent`, "two")
	other.Want(`window.mark`, "not reloaded")
	if again := s.count("other.html"); again != fetched {
		t.Errorf("the other tab fetched its page %d times", again-fetched)
	}
}

// copyButton stands for the scripts that themes and extensions bring along: it
// changes code blocks, and knows nothing of updates in place.
const copyButton = `document.querySelectorAll("div.highlight").forEach((e) => {
	const button = e.appendChild(document.createElement("button"));
	button.addEventListener("click", () => { window.copied = e.querySelector("pre").textContent });
}); document.body.append(document.createElement("aside")); window.ran = true;`

func code(text string) string { return `<div class="highlight"><pre>` + text + `</pre></div>` }

// Where scripts of others run, an update in place is for what they cannot have
// to do with.
func TestForeignScripts(t *testing.T) {
	for _, test := range []struct {
		name, from, to string
		reload         bool
	}{
		{"text", "<p>one</p>", "<p>two</p>", false},
		{"text beside what the script changed", "<p>one</p>" + code("x"), "<p>two</p>" + code("x"), false},
		{"a new paragraph", "<p>one</p>", `<p>one</p><p>two <a class="reference internal" href="x.html"><span class="std std-ref">x</span></a></p>`, false},
		{"a paragraph less", "<p>one</p><p>two</p>", "<p>two</p>", false},
		{"code that the script decorated", code("x"), code("y"), false},
		{"a new code block", "<p>one</p>", "<p>one</p>" + code("x"), true},
		{"a code block less", "<p>one</p>" + code("x"), "<p>one</p>", true},
		{"an element that means something", "<p>one</p>", `<p>one</p><p class="tabs">x</p>`, true},
		{"a new section", "<p>one</p>", `<p>one</p><section id="s"><h2>S</h2></section>`, true},
		{"a new entry in a table of contents", "<nav><ul><li>a</li></ul></nav>", "<nav><ul><li>a</li><li>b</li></ul></nav>", true},
		{"an event handler", "<p>one</p>", `<p>one</p><p onclick="f()">x</p>`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t).withStatic()
			s.Write("_static/decorate.js", copyButton)
			s.Write("_static/theme.css", `#scroller { height: 80px; overflow: auto } #scroller > div { height: 400px }`)
			with := func(t string) string {
				return page(`x</p><div id="scroller"><div></div></div>`+t+`<p>`, `<script defer src="/_static/decorate.js"></script>`)
			}
			s.Write("index.html", with(test.from))
			b := s.open("/")
			const seen = `Math.round(p25.getBoundingClientRect().top)`
			b.Run(`scroller.scrollTop = 50; scrollTo(0, 700)`)
			b.Until(seen + " > 0 && " + seen + " < innerHeight && scrollY === 700")
			top := b.Get(seen)
			s.Push("index.html", replace(with(test.to), "<head>", `<head><meta name="marker">`))
			b.Until(`document.readyState === "complete" && document.querySelector("meta[name=marker]")`)
			b.Want(`window.mark === undefined`, map[bool]string{true: "true", false: "false"}[test.reload])
			b.Want(`ran`, "true")
			b.Until(seen + " === " + top)
			b.Until(`document.getElementById("scroller").scrollTop === 50`)
			b.Want(`document.querySelectorAll("div.highlight").length === document.querySelectorAll("div.highlight button").length`, "true")
		})
	}
}

// What a script has rebuilt, only a reload can update.
func TestRebuiltByForeignScript(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("_static/math.js", `document.querySelectorAll("span.math").forEach((e) => { e.innerHTML = "<b>typeset</b>" })`)
	head := `<script defer src="/_static/math.js"></script>`
	s.Write("index.html", page(`<span class="math">x</span>`, head))
	b := s.open("/")
	b.Until(`document.querySelector("span.math b")`)
	s.Push("index.html", page(`<span class="math">y</span>`, head+"<!-- new -->"))
	b.Until(`window.mark === undefined && document.querySelector("span.math b")`)
}

func TestChangedScriptReloads(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	s.Push("index.html", page("after", `<script src="/_static/translations.js"></script>`))
	b.Until(`window.mark === undefined && document.querySelector("#text").textContent === "after"`)
}

func TestStyleIsSwapped(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("_static/basic.css", "h1 { border-top: 1px solid }")
	s.Write("_static/theme.css", `@import url("basic.css"); h1 { color: rgb(1, 2, 3) }`)
	s.Write("index.html", page("text", ""))
	b := s.open("/")
	style := func(property string) string {
		return `getComputedStyle(document.querySelector("h1")).` + property
	}
	b.Until(style("borderTopWidth") + ` === "1px"`)
	b.Run(`window.bare = false; new MutationObserver(() => { bare ||= ` + style("borderTopWidth") + ` === "0px" }).observe(document.head, {childList: true})`)

	s.Write("_static/theme.css", `@import url("basic.css"); h1 { color: rgb(4, 5, 6) }`)
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: []string{"_static/theme.css"}})
	b.Until(style("color") + ` === "rgb(4, 5, 6)"`)

	s.Write("_static/basic.css", "h1 { border-top: 3px solid }")
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: []string{"_static/basic.css"}})
	b.Until(style("borderTopWidth") + ` === "3px"`)
	b.Want(`window.mark`, "not reloaded")
	b.Want(`window.bare`, "false")
	b.Want(`document.querySelectorAll("link[rel=stylesheet]").length`, "1")
}

// Sphinx puts a checksum behind a style sheet's name, so that a changed sheet
// changes every page.
func TestChecksumOfStyleSheet(t *testing.T) {
	s := newSite(t).withStatic()
	text := page("text", "")
	s.Write("index.html", text)
	b := s.open("/")
	s.Write("_static/theme.css", "h1 { color: rgb(7, 8, 9) }")
	s.Push("index.html", replace(text, "theme.css?v=1", "theme.css?v=2"))
	b.Until(`getComputedStyle(document.querySelector("h1")).color === "rgb(7, 8, 9)"`)
	b.Want(`window.mark`, "not reloaded")
}

func TestImageIsRefreshed(t *testing.T) {
	s := newSite(t).withStatic()
	svg := func(width string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" width="` + width + `" height="10"></svg>`
	}
	s.Write("_images/a b.svg", svg("10"))
	s.Write("index.html", page(`<img id="one" src="_images/a%20b.svg"><img id="two" srcset="_images/a%20b.svg 1x, _images/x.svg 9x">`, ""))
	b := s.open("/")
	b.Until(`one.naturalWidth === 10 && two.naturalWidth === 10`)
	s.Write("_images/a b.svg", svg("20"))
	s.Hub.Publish(livereload.Message{Kind: livereload.Image, Paths: []string{"_images/a b.svg"}})
	b.Until(`one.naturalWidth === 20 && two.naturalWidth === 20`)
	b.Want(`window.mark`, "not reloaded")
}

func TestReconnect(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	s.stop()
	b.Until(`document.querySelector("docserve-indicator").dataset.state === "disconnected"`)
	s.Write("index.html", page("written while docserve was away", ""))
	s.token = "second-run"
	s.start()
	b.Until(`document.querySelector("#text").textContent.startsWith("written")`)
	b.Until(`document.querySelector("docserve-indicator").dataset.state === "fresh"`)
	b.Want(`window.mark`, "not reloaded")
	s.Push("index.html", page("and on", ""))
	b.Until(`document.querySelector("#text").textContent === "and on"`)
	b.Want(`window.mark`, "not reloaded")
}

func TestSaveBetweenGetAndHello(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	s.Write("index.html", page("after", "")) // nobody is told, but for the next hello
	b.Run(`dispatchEvent(new PageTransitionEvent("pagehide")); dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))`)
	b.Until(`document.querySelector("#text").textContent === "after"`)
}

func TestBackForwardCache(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	s.Write("other.html", page("other", ""))
	b := s.open("/")
	b.navigate("/other.html")
	s.Write("index.html", page("after", ""))
	b.Run(`history.back()`)
	b.Until(`location.pathname === "/" && document.querySelector("#text").textContent === "after"`)
}

func TestIndicatorStates(t *testing.T) {
	s := newSite(t).withStatic()
	s.set("index.html", web.File{State: "provisional", Note: "reading 120 of 3125"}, false)
	s.Write("index.html", page("text", ""))
	b := s.open("/")
	indicator := `document.querySelector("docserve-indicator")`
	b.Until(indicator + `.dataset.state === "provisional"`)
	b.Until(indicator + `.shadowRoot.querySelector(".note").textContent === "reading 120 of 3125"`)
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, State: livereload.Building, Note: "reading 30 of 120", Done: 30, Total: 120})
	b.Until(indicator + `.dataset.state === "building"`)
	b.Want(indicator+`.shadowRoot.querySelector(".box").style.getPropertyValue("--done")`, "25%")
	s.Hub.Publish(livereload.Message{Kind: livereload.Status, State: livereload.Fresh})
	b.Until(indicator + `.dataset.state === "fresh"`)
	b.Want(`window.mark`, "not reloaded")
}

func TestWaitingPageReplacesItself(t *testing.T) {
	for _, socket := range []bool{true, false} {
		name := "with a socket"
		if !socket {
			name = "by polling"
		}
		t.Run(name, func(t *testing.T) {
			s := newSite(t).withStatic()
			if !socket {
				s.stop()
				s.deaf = true
				s.start()
			}
			s.set("index.html", web.File{Note: "reading 1 of 2"}, true)
			b := s.tab()
			b.navigate("/")
			b.Want(`document.title`, "Building index.html")
			b.Want(`document.getElementById("docserve-detail").textContent`, "reading 1 of 2")
			s.set("index.html", web.File{}, false)
			s.Push("index.html", page("here", ""))
			b.Until(`document.querySelector("#text")?.textContent === "here"`)
		})
	}
}

func TestMissingPageAppears(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("404.html", page("our own 404", ""))
	b := s.open("/guide/new.html")
	b.Want(`document.querySelector("#text").textContent`, "our own 404")
	s.Push("guide/new.html", page("here now", ""))
	b.Until(`document.querySelector("#text").textContent === "here now"`)
	s.Remove("guide/new.html")
	b.ready()
	s.Hub.Publish(livereload.Message{Kind: livereload.Update, Page: "guide/new.html"})
	b.Until(`document.querySelector("#text").textContent === "our own 404"`)
}
