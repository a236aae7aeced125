package runner

import (
	"reflect"
	"testing"
	"time"

	"docserve/graph"
	"docserve/runner/sphinx"
)

// TestKeptHistory: what is kept comes back, and reasons that are shared are kept
// once.
func TestKeptHistory(t *testing.T) {
	shared := because(Start, "was not known yet")
	own := changedFile(Content, graph.Why{Path: "/docs/a.txt", Name: "a.txt", Kind: graph.Include, Via: []string{"b"}})
	at := time.UnixMilli(1_700_000_000_123)
	pages := map[string]*page{
		"a": {history: History{Read: &Event{Reason: shared, Time: at}, Written: &Event{Reason: shared, Time: at, Same: true}}},
		"b": {history: History{Read: &Event{Reason: own, Time: at}, Written: &Event{Reason: shared, Time: at}, Checked: &Event{Reason: own, Time: at, Same: true}}},
		"c": {},
	}
	g := graph.New()
	if err := keepHistory(g, pages); err != nil {
		t.Fatal(err)
	}
	got := keptHistory(g)
	if len(got) != len(pages) {
		t.Errorf("%d histories, want %d", len(got), len(pages))
	}
	for doc, p := range pages {
		if !reflect.DeepEqual(got[doc], p.history) {
			t.Errorf("%s: %+v, want %+v", doc, got[doc], p.history)
		}
	}
	if got["a"].Read.Reason != got["b"].Written.Reason {
		t.Error("a reason that is shared was kept twice")
	}
}

func TestDamagedHistory(t *testing.T) {
	for _, text := range []string{`{`, `[]`, `{"reasons":[null],"pages":{"a":[{"r":1},{"r":2},{"r":-1}]}}`} {
		g := graph.New()
		g.SetExtra(historyKey, []byte(text))
		if got := keptHistory(g)["a"]; got != (History{}) {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// TestReasons: the first reason counts, but that the text has changed is a better
// one, and that a page must be written is better than that it may.
func TestReasons(t *testing.T) {
	start, navigation, output := because(Start, "s"), because(Navigation, "n"), because(Output, "o")
	content := because(Content, "c")
	for _, test := range []struct {
		name        string
		mark        func(*Runner, *page)
		read, write *Reason
	}{
		{"read", func(r *Runner, p *page) { r.markRead(p, start) }, start, start},
		{"the first counts", func(r *Runner, p *page) { r.markRead(p, start); r.markRead(p, navigation) }, start, start},
		{"content is better", func(r *Runner, p *page) { r.markRead(p, start); r.markRead(p, content) }, content, content},
		{"content stays", func(r *Runner, p *page) { r.markRead(p, content); r.markWrite(p, output) }, content, content},
		{"must is better", func(r *Runner, p *page) { r.markCheck(p, everyAspect, navigation); r.markWrite(p, output) }, nil, output},
		{"must stays", func(r *Runner, p *page) { r.markWrite(p, output); r.markCheck(p, everyAspect, navigation) }, nil, output},
		{"doubt is nothing", func(r *Runner, p *page) { r.doubt(p, start); r.markCheck(p, everyAspect, navigation) }, nil, navigation},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, p := New(Options{}), &page{doc: "a", signature: &sphinx.Signature{}}
			test.mark(r, p)
			if p.whyRead != test.read || p.whyWrite != test.write {
				t.Errorf("read because %+v, written because %+v", p.whyRead, p.whyWrite)
			}
		})
	}
}
