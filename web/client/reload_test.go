package client_test

import "testing"

// What a reader has chosen outlives a reload. What nobody has touched is as the
// page has it now, also where the writer has just changed that.
func TestReloadKeepsOnlyWhatWasChosen(t *testing.T) {
	with := func(task, field, more, script string) string {
		return page(`text<input id="task" type="checkbox" disabled`+task+`><input id="mine" type="checkbox"><input id="term" value="`+field+`">`,
			`<script src="/_static/`+script+`"></script>`) + `<details id="fold"` + more + `><summary>s</summary>text</details>`
	}
	s := newSite(t).withStatic()
	s.Write("index.html", with("", "old", "", "a.js"))
	b := s.open("/")
	s.Push("index.html", replace(with("", "old", "", "a.js"), "inside", "within"))
	b.Until(`more.textContent.includes("within")`) // what the page was made from is known now, without luck
	b.Run(`mine.checked = true; more.open = true; field.value = "typed"`)
	s.Push("index.html", with(" checked", "new", " open", "b.js"))
	b.Until(`window.mark === undefined && document.readyState === "complete" && mine.checked`)
	b.Want(`more.open`, "true")
	b.Want(`field.value`, "typed")
	b.Want(`task.checked`, "true")
	b.Want(`term.value`, "new")
	b.Want(`fold.open`, "true")
}

// An update that could not be had is asked for again: nobody tells of it twice.
func TestUpdateIsAskedForAgain(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("before", ""))
	b := s.open("/")
	b.Run(`const real = fetch; window.failed = 0; window.fetch = async (url, how) => {
		if (how?.cache === "no-store" && !failed++) throw new TypeError("the network is away");
		return real(url, how);
	}`)
	s.Push("index.html", page("after", ""))
	b.Until(`failed`)
	b.Until(`document.querySelector("#text").textContent === "after"`)
	b.Want(`window.mark`, "not reloaded")
}

// The panel says why it is empty, and fills when docserve is back.
func TestPanelWithoutDocserve(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	b := s.open("/")
	s.stop()
	b.Until(`document.querySelector("docserve-indicator").dataset.state === "disconnected"`)
	b.Run(in(".pill") + `.click()`)
	b.Until(in("h2") + `.textContent === "docserve does not answer"`)
	s.start()
	b.Until(in("h2") + `.textContent === "Nothing is wrong with this page"`)
}

// Where a proxy keeps sockets out, the page still changes, and says why that takes
// longer.
func TestPageWithoutSocket(t *testing.T) {
	s := newSite(t).withStatic()
	s.stop()
	s.deaf = true
	s.start()
	s.Write("index.html", page("before", ""))
	b := s.tab()
	b.navigate("/")
	b.Until(`document.readyState === "complete"`)
	b.Run("window.mark = 'not reloaded'")
	s.Write("index.html", page("after", ""))
	b.Until(`document.querySelector("#text").textContent === "after"`)
	b.Want(`window.mark`, "not reloaded")
	b.Until(in(".pill") + `?.title.includes("No websocket")`)
}
