package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/gorilla/websocket"

	"docserve/internal/testenv"
)

// TestSightings: marks are reported when they are in the page from the start,
// when a script puts them there, and after a reload; older ones are not.
//
// What the client took is told once for each update, also when it comes before a
// socket has told of it.
func TestSightings(t *testing.T) {
	testenv.Chromium(t)
	var loads atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			upgrader := websocket.Upgrader{}
			c, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer c.Close()
			_ = c.WriteJSON(map[string]string{"kind": "update"}) // the test waits for what comes of it
		}
		if r.URL.Path == "/" {
			fmt.Fprintf(w, `<title>t</title><p id=p>%s%d</p>`, markPrefix, 100*loads.Add(1))
		}
	}))
	defer site.Close()
	b, err := openBrowser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	if err := b.open(site.URL); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		script, want string
		made         bool
	}{
		{"", "100 ", false},
		// An older mark, for as long as a frame takes.
		{`p.textContent = "zqbench50"; requestAnimationFrame(() => requestAnimationFrame(() => { p.textContent = "zqbench150" }))`, "150 ", false},
		{`document.title = "zqbench160"`, "160 ", false},
		{`document.head.insertAdjacentHTML("beforeend", "<script data-hash=ab></script>")`, "160 ab", false},
		{`document.querySelector("script").dataset.hash = "cd"`, "160 cd", false},
		{`new WebSocket("ws://" + location.host + "/ws").onmessage = () => { p.textContent = "zqbench170"; document.dispatchEvent(new CustomEvent("docserve:updated", { detail: { kind: "update" } })) }`, "170 cd", true},
		{`p.textContent = "zqbench180"; document.dispatchEvent(new CustomEvent("docserve:updated", { detail: { kind: "style" } }))`, "180 cd", false},
		// The page was asked for before it was told of.
		{`p.textContent = "zqbench190"; document.dispatchEvent(new CustomEvent("docserve:updated", { detail: { kind: "update" } }))`, "190 cd", true},
		{`location.reload()`, "200 ", false},
	}
	for _, step := range steps {
		if step.script != "" {
			if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](step.script)); err != nil {
				t.Fatal(err)
			}
		}
		seen := <-b.seen
		if (seen.made > 0) != step.made {
			t.Errorf("after %q the client took %v", step.script, seen.made)
		}
		if seen.mark+" "+seen.hash != markPrefix+step.want {
			got := seen.mark + " " + seen.hash
			t.Fatalf("after %q saw %s, want %s%s", step.script, got, markPrefix, step.want)
		}
	}
	if version, err := b.version(); err != nil || version == "" {
		t.Errorf("the browser's version is %q, %v", version, err)
	}
}
