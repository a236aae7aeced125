package client_test

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkUpdate measures, in a page of 100 kB, how long an update in place
// takes: from the message to the changed document, and of that the comparison and
// the change alone.
func BenchmarkUpdate(b *testing.B) {
	s := newSite(b).withStatic()
	var filler strings.Builder
	for i := range 250 {
		fmt.Fprintf(&filler, `<section id="s%d"><h2>Section %d<a class="headerlink" href="#s%d">¶</a></h2><p>%s</p><ul class="simple"><li><p>one</p></li></ul></section>`+"\n",
			i, i, i, strings.Repeat("some words of text ", 12))
	}
	s.Write("index.html", page("before"+filler.String(), ""))
	tab := s.open("/")
	tab.Run(`window.times = []; document.addEventListener("docserve:updated", (e) => {
		const fetches = performance.getEntriesByType("resource").filter((r) => r.initiatorType === "fetch");
		times.push([performance.now() - fetches.at(-1).startTime, e.detail.ms]); performance.clearResourceTimings() })`)
	done := 0
	for b.Loop() {
		done++
		s.Push("index.html", page(fmt.Sprint("edit ", done, filler.String()), ""))
		tab.Until(fmt.Sprint("times.length === ", done))
	}
	b.ReportMetric(0, "ns/op") // dominated by how often the test looks
	for i, name := range []string{"ms/message-to-document", "ms/compare-and-change"} {
		var median float64
		if _, err := fmt.Sscan(tab.Get(fmt.Sprintf("times.map((t) => t[%d]).sort((a, b) => a - b)[times.length >> 1]", i)), &median); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(median, name)
	}
}
