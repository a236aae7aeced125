package inquiry

import (
	"docserve/graph"
	"docserve/runner"
)

// Relations is what one document has to do with others, for a page about it.
type Relations struct {
	Doc        string         `json:"doc"`
	Path       string         `json:"path"`       // site path of its page
	Depends    []Dependency   `json:"depends"`    // the files that it is made from, directly, without its own
	Dependents []Dependent    `json:"dependents"` // the documents that are made from it, directly
	Why        runner.History `json:"why"`
}

// Dependency is a file that a document is made from.
type Dependency struct {
	Path    string     `json:"path"` // absolute, with slashes
	Name    string     `json:"name"` // as people know it
	Kind    graph.Kind `json:"kind"`
	Doc     string     `json:"doc,omitempty"`     // the document of which it is the source
	Missing bool       `json:"missing,omitempty"` // there was no such file
}

// Dependent is a document that is made from another one.
type Dependent struct {
	Doc  string     `json:"doc"`
	Kind graph.Kind `json:"kind"`
}

// relate answers what the document called doc has to do with others.
func relate(v runner.View, doc string) (Relations, error) {
	document, ok := v.Graph.Document(doc)
	if !ok {
		return Relations{}, unknown("document", doc, v.Graph.Documents())
	}
	page, _ := v.Page(doc)
	r := Relations{Doc: doc, Path: page.Path, Why: page.History, Depends: []Dependency{}, Dependents: []Dependent{}}
	for _, dep := range document.Deps {
		r.Depends = append(r.Depends, Dependency{
			Path: dep.Path, Name: v.Graph.Display(dep.Path), Kind: dep.Kind, Doc: v.Graph.DocumentAt(dep.Path),
			Missing: dep.Digest.IsZero(),
		})
	}
	for _, edge := range v.Graph.Dependents(document.Source) {
		if edge.Doc != doc {
			r.Dependents = append(r.Dependents, Dependent{edge.Doc, edge.Kind})
		}
	}
	return r, nil
}
