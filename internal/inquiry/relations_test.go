package inquiry

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"docserve/graph"
	"docserve/internal/digest"
	"docserve/runner"
)

// engine has a small graph, and knows why its pages were made.
type engine struct{ runner.View }

func (e engine) Consult(_ context.Context, look func(runner.View)) error {
	look(e.View)
	return nil
}

// some is a content.
var some = digest.Of([]byte("text"))

// small returns the graph of a few documents, by their own names relative to
// /docs, and with the histories of their pages.
func small(histories map[string]runner.History) engine {
	g := graph.New()
	g.SetProject(graph.Project{
		SourceDir: "/docs", Suffixes: []string{".rst"},
		Loaded:    []graph.Input{{Path: "/docs/conf.py", Kind: graph.Config, Digest: some}},
		Templates: []string{"/docs/_templates"}, Static: []string{"/docs/_static"},
	})
	for _, d := range []struct {
		name string
		deps []graph.Dep
	}{
		{"index", []graph.Dep{{Path: "/docs/guide/part.rst", Kind: graph.Include, Digest: some}, {Path: "/docs/logo.png", Kind: graph.Image, Digest: some}}},
		{"guide/part", []graph.Dep{{Path: "/docs/inc/steps.txt", Kind: graph.Include, Digest: some}, {Path: "/docs/logo.png", Kind: graph.Image, Digest: some}}},
		{"guide/install", []graph.Dep{
			{Path: "/docs/inc/steps.txt", Kind: graph.Include, Digest: some}, {Path: "/docs/gone.csv", Kind: graph.Table},
			{Path: "/docs/inc/once.txt", Kind: graph.LiteralInclude, Digest: some}, {Path: "/src/tool.py", Kind: graph.LiteralInclude, Digest: some},
		}},
	} {
		g.SetDocument(graph.Document{Name: d.name, Source: "/docs/" + d.name + ".rst", Digest: some, Deps: d.deps})
	}
	return engine{runner.View{Graph: g, Page: func(doc string) (runner.Page, bool) {
		_, ok := g.Document(doc)
		return runner.Page{Path: doc + ".html", State: runner.Fresh, History: histories[doc]}, ok
	}}}
}

func TestRelated(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	why := &runner.Reason{Cause: runner.Content, Text: "includes inc/steps.txt", Change: &graph.Why{Path: "/docs/inc/steps.txt", Name: "inc/steps.txt", Kind: graph.Include}}
	e := small(map[string]runner.History{"guide/part": {Read: &runner.Event{Reason: why, Time: at}, Written: &runner.Event{Reason: why, Time: at, Same: true}}})
	got, err := Related(t.Context(), e, "guide/part")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	const reason = `"cause":"content","text":"includes inc/steps.txt","change":{"path":"/docs/inc/steps.txt","name":"inc/steps.txt","op":"write","kind":"include"},"time":"2026-01-02T03:04:05Z"`
	want := `{"doc":"guide/part","path":"guide/part.html",` +
		`"depends":[{"path":"/docs/inc/steps.txt","name":"inc/steps.txt","kind":"include"},{"path":"/docs/logo.png","name":"logo.png","kind":"image"}],` +
		`"dependents":[{"doc":"index","kind":"include"}],` +
		`"why":{"read":{` + reason + `},"written":{` + reason + `,"same":true}}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	index, err := Related(t.Context(), e, "index")
	if err != nil || index.Depends[0].Doc != "guide/part" || len(index.Dependents) != 0 {
		t.Errorf("index: %+v, %v", index, err)
	}
	install, err := Related(t.Context(), e, "guide/install")
	if err != nil || !slices.ContainsFunc(install.Depends, func(d Dependency) bool { return d.Name == "gone.csv" && d.Missing }) {
		t.Errorf("install: %+v, %v", install, err)
	}
}

func TestUnrelated(t *testing.T) {
	_, err := Related(t.Context(), small(nil), "guide/instal")
	var mistake *Mistake
	if !errors.As(err, &mistake) || !slices.Contains(mistake.Near, "guide/install") || !strings.Contains(mistake.Error(), "did you mean guide/install") {
		t.Errorf("%v", err)
	}
}
