package client_test

import (
	"testing"
	"time"
)

// A status page that nobody looks at has no connection: a browser has six.
func TestHiddenStatusPageIsQuiet(t *testing.T) {
	s := newSite(t).withStatic()
	s.stop()
	listening := s.listeners()
	s.start()
	b := s.tab()
	b.navigate("/__docserve/")
	b.Until(`document.getElementById("headline").textContent === "Up to date"`)
	listening(1)
	show := func(how string) {
		b.Run(`Object.defineProperty(document, "visibilityState", {value: "` + how + `", configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`)
	}
	show("hidden")
	listening(0)
	show("visible")
	listening(1)
}

// While nothing can be built, nothing is said to be up to date, and all of it fits
// a telephone.
func TestStatusPageOfWhatCannotBeBuilt(t *testing.T) {
	s := newSite(t)
	s.status = map[string]any{
		"phase": "failed", "failed": true, "documents": 4,
		"builds": []any{map[string]any{
			"start": time.Unix(0, 0), "total": time.Second, "failed": true, "changed": []string{"conf.py"}, "pages": []string{"a b/50%#1?.html"},
		}},
	}
	b := s.tab()
	b.Resize(390, 700, 1)
	b.navigate("/__docserve/")
	b.Until(`document.querySelector("#build-list > details")`)
	b.Want(`document.getElementById("headline").textContent`, "Cannot be built")
	b.Want(`document.getElementById("now-text").textContent.includes("up to date")`, "false")
	const row = `document.querySelector("#build-list summary")`
	b.Want(`Math.abs(`+row+`.querySelector(".when").getBoundingClientRect().top - `+row+`.querySelector(".figure").getBoundingClientRect().top) < 4`, "true")
	b.Want(`document.querySelector("#build-list li a").getAttribute("href")`, "../a%20b/50%25%231%3F.html")
}

// A button that is refused says why: only another run of docserve is a reason to
// load the page again.
func TestStatusPageSaysWhyItIsRefused(t *testing.T) {
	s := newSite(t)
	b := s.tab()
	b.navigate("/__docserve/")
	b.Until(`document.getElementById("headline").textContent === "Up to date"`)
	for reason, want := range map[string]string{
		"the Origin header names another site": "docserve does not do this for you: the Origin header names another site.",
		"the token is not of this run":         "docserve was started anew: load this page again.",
	} {
		b.Run(`window.fetch = async () => new Response("docserve does not do this for you: ` + reason + `.\n", {status: 403}); document.getElementById("rebuild").click()`)
		b.Until(`document.getElementById("notice").textContent === "` + want + `"`)
	}
}
