package inquiry

import (
	"docserve/runner"
)

// Explanation says why a document was read, and its page written, last.
type Explanation struct {
	Doc     string       `json:"doc"`
	Name    string       `json:"name"` // of its source
	Path    string       `json:"path"` // site path of its page
	State   runner.State `json:"state"`
	Failure string       `json:"failure,omitempty"` // why it cannot be built
	runner.History
	Origins []Origin `json:"origins,omitempty"` // documents that it was because of, directly or not
}

// Origin is why a document was read because of which others were.
type Origin struct {
	Doc  string        `json:"doc"`
	Read *runner.Event `json:"read,omitempty"`
}

// explanations answers Why: of a document all; of another file what was done last
// because of it.
func explanations(n *names, q Question) ([]Explanation, error) {
	found := []Explanation{}
	for _, name := range q.Files {
		file, err := n.file(name)
		if err != nil {
			return nil, err
		}
		if doc := n.view.Graph.DocumentAt(file); doc != "" {
			page, _ := n.view.Page(doc)
			found = append(found, n.explain(doc, page))
			continue
		}
		for _, doc := range n.view.Graph.Documents() {
			page, _ := n.view.Page(doc)
			page.Read, page.Written, page.Checked = of(page.Read, file), of(page.Written, file), of(page.Checked, file)
			if page.History != (runner.History{}) {
				found = append(found, n.explain(doc, page))
			}
		}
	}
	return found, nil
}

// of returns what was done if that was because a file was changed, else nil.
func of(e *runner.Event, file string) *runner.Event {
	if e == nil || e.Change == nil || e.Change.Path != file {
		return nil
	}
	return e
}

// explain says what is known of one document.
func (n *names) explain(doc string, page runner.Page) Explanation {
	document, _ := n.view.Graph.Document(doc)
	e := Explanation{
		Doc: doc, Name: n.view.Graph.Display(document.Source), Path: page.Path, State: page.State, Failure: page.Failure, History: page.History,
	}
	seen := map[string]bool{doc: true}
	e.follow(n, page.Read, seen)
	e.follow(n, page.Written, seen)
	e.follow(n, page.Checked, seen)
	return e
}

// fewOrigins is how far an explanation goes back: enough for every chain that
// somebody reads.
const fewOrigins = 20

// follow adds the documents that an event was because of.
func (e *Explanation) follow(n *names, event *runner.Event, seen map[string]bool) {
	if event == nil {
		return
	}
	for _, doc := range event.From {
		if seen[doc] || len(e.Origins) == fewOrigins {
			continue
		}
		seen[doc] = true
		page, _ := n.view.Page(doc)
		e.Origins = append(e.Origins, Origin{doc, page.Read})
		e.follow(n, page.Read, seen)
	}
}
