package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"docserve/internal/testenv"
)

// TestSightings: marks are reported when they are in the page from the start,
// when a script puts them there, and after a reload; older ones are not.
func TestSightings(t *testing.T) {
	testenv.Chromium(t)
	var loads atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	steps := []struct{ script, want string }{
		{"", "100 "},
		// An older mark, for as long as a frame takes.
		{`p.textContent = "zqbench50"; requestAnimationFrame(() => requestAnimationFrame(() => { p.textContent = "zqbench150" }))`, "150 "},
		{`document.title = "zqbench160"`, "160 "},
		{`document.head.insertAdjacentHTML("beforeend", "<script data-hash=ab></script>")`, "160 ab"},
		{`document.querySelector("script").dataset.hash = "cd"`, "160 cd"},
		{`location.reload()`, "200 "},
	}
	for _, step := range steps {
		if step.script != "" {
			if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](step.script)); err != nil {
				t.Fatal(err)
			}
		}
		if seen := <-b.seen; seen.mark+" "+seen.hash != markPrefix+step.want {
			got := seen.mark + " " + seen.hash
			t.Fatalf("after %q saw %s, want %s%s", step.script, got, markPrefix, step.want)
		}
	}
	if version, err := b.version(); err != nil || version == "" {
		t.Errorf("the browser's version is %q, %v", version, err)
	}
}
