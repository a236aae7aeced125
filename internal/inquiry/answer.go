package inquiry

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"docserve/graph"
	"docserve/runner"
)

// Answer is what is known about a question.
type Answer struct {
	Query  Query    `json:"query"`
	Source string   `json:"source"`          // the source directory, absolute, with slashes
	Notes  []string `json:"notes,omitempty"` // what keeps the answer from being the whole truth
	Result any      `json:"result"`          // []Tree, []Use, Affected, [][]string or []Explanation, by the query
}

// Tree is the answer to Deps and Rdeps for one file.
type Tree struct {
	graph.Node
	Everywhere string `json:"everywhere,omitempty"` // for Rdeps: the kind in which everything depends on the file; "" when that is not so
}

// Use is one file of the answers to Unused and Once.
type Use struct {
	Path string `json:"path"`
	Name string `json:"name"`           // as people know it
	Doc  string `json:"doc,omitempty"`  // the document that is made from it
	Kind string `json:"kind,omitempty"` // in which way
}

// Affected is the answer to Changed.
type Affected struct {
	Documents  []Reached   `json:"documents"`            // that are made from a changed file, by name
	Everything []graph.Why `json:"everything,omitempty"` // files that concern every document, or every page
	Listed     []graph.Why `json:"listed,omitempty"`     // documents that came or went
	Others     []string    `json:"others,omitempty"`     // files that mean nothing to the documentation
}

// Reached is a document that is made from a changed file.
type Reached struct {
	Doc  string    `json:"doc"`
	Name string    `json:"name"` // of its source
	Why  graph.Why `json:"why"`
}

// UnmarshalJSON reads an answer with the type of result that belongs to its query.
func (a *Answer) UnmarshalJSON(data []byte) error {
	var raw struct {
		Query  Query           `json:"query"`
		Source string          `json:"source"`
		Notes  []string        `json:"notes"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	a.Query, a.Source, a.Notes = raw.Query, raw.Source, raw.Notes
	var err error
	switch raw.Query {
	case Deps, Rdeps:
		a.Result, err = decode[[]Tree](raw.Result)
	case Unused, Once:
		a.Result, err = decode[[]Use](raw.Result)
	case Changed:
		a.Result, err = decode[Affected](raw.Result)
	case Cycles:
		a.Result, err = decode[[][]string](raw.Result)
	case Why:
		a.Result, err = decode[[]Explanation](raw.Result)
	default:
		err = fmt.Errorf("decode an answer: no query %q", raw.Query)
	}
	return err
}

func decode[T any](data []byte) (any, error) {
	var value T
	err := json.Unmarshal(data, &value)
	return value, err
}

// answer answers a question that was checked.
func answer(v runner.View, q Question) (Answer, error) {
	a := Answer{Query: q.Query, Source: v.Graph.Project().SourceDir}
	if v.Partial {
		a.Notes = append(a.Notes, "not all documents have been read yet")
	}
	n := &names{view: v, dir: q.Dir}
	var err error
	switch q.Query {
	case Deps, Rdeps:
		a.Result, err = trees(n, q)
	case Unused:
		a.Result, err = unused(n, q)
	case Once:
		a.Result, err = once(n, q)
	case Changed:
		a.Result = affected(n, q)
	case Cycles:
		a.Result, err = cycles(n, q)
	case Why:
		a.Result, err = explanations(n, q)
	}
	return a, err
}

func trees(n *names, q Question) ([]Tree, error) {
	found := make([]Tree, 0, len(q.Files))
	for _, name := range q.Files {
		file, err := n.file(name)
		if err != nil {
			return nil, err
		}
		if q.Query == Deps {
			found = append(found, Tree{Node: n.view.Graph.DependencyTree(file, q.Depth)})
			continue
		}
		tree := Tree{Node: n.view.Graph.DependentTree(file, q.Depth)}
		if kind, ok := n.view.Graph.Everywhere(file); ok {
			tree.Everywhere = kind.String()
		}
		found = append(found, tree)
	}
	return found, nil
}

// makers are files that sphinx-quickstart puts beside the sources, for others
// than Sphinx.
var makers = []string{"Makefile", "make.bat"}

func unused(n *names, q Question) ([]Use, error) {
	wanted, err := n.below(q.Files)
	if err != nil {
		return nil, err
	}
	found := []Use{}
	for _, file := range n.view.Graph.Unused(n.view.Files()) {
		if wanted(file) && !slices.Contains(makers, path.Base(file)) {
			found = append(found, Use{Path: file, Name: n.view.Graph.Display(file)})
		}
	}
	return found, nil
}

func once(n *names, q Question) ([]Use, error) {
	wanted, err := n.below(q.Files)
	if err != nil {
		return nil, err
	}
	found := []Use{}
	for _, e := range n.view.Graph.Once() {
		if wanted(e.Path) {
			found = append(found, Use{Path: e.Path, Name: n.view.Graph.Display(e.Path), Doc: e.Doc, Kind: e.Kind.String()})
		}
	}
	return found, nil
}

func cycles(n *names, q Question) ([][]string, error) {
	wanted, err := n.below(q.Files)
	if err != nil {
		return nil, err
	}
	found := [][]string{}
	for _, cycle := range n.view.Graph.Cycles() {
		if slices.ContainsFunc(cycle, func(name string) bool {
			if !path.IsAbs(name) { // far from the sources it is
				name = path.Join(n.view.Graph.Project().SourceDir, name)
			}
			return wanted(name)
		}) {
			found = append(found, cycle)
		}
	}
	return found, nil
}

// affected needs no file to be known: what nobody knows has nothing to do with
// the documentation.
func affected(n *names, q Question) Affected {
	plan := n.view.Graph.Affected(q.changes(func(name string) string {
		paths := append(n.paths(name), graph.Path(name))
		for _, path := range paths {
			if n.view.Graph.Knows(path) {
				return path
			}
		}
		return paths[0]
	}))
	a := Affected{Documents: make([]Reached, len(plan.Read)), Listed: slices.DeleteFunc(plan.Discover, func(why graph.Why) bool {
		// What has been read since it came is among the documents.
		return why.Kind == graph.Source && why.Op == graph.Create && n.view.Graph.DocumentAt(why.Path) != ""
	})}
	for i, step := range plan.Read {
		document, _ := n.view.Graph.Document(step.Doc)
		first := append(slices.Clone(step.Why.Via), step.Doc)[0]
		step.Why.Through = n.view.Graph.Through(first, step.Why.Path)
		a.Documents[i] = Reached{step.Doc, n.view.Graph.Display(document.Source), step.Why}
	}
	for _, why := range slices.Concat(plan.Restart, plan.WriteAll, plan.Assets) {
		if why.Kind != graph.Module { // whose documents are named
			a.Everything = append(a.Everything, why)
		}
	}
	for _, path := range plan.Ignored {
		a.Others = append(a.Others, n.view.Graph.Display(path))
	}
	return a
}

// Merge adds the answer about further changed files to one about others.
func (a *Affected) Merge(b Affected) {
	known := map[string]bool{}
	for _, reached := range a.Documents {
		known[reached.Doc] = true
	}
	for _, reached := range b.Documents {
		if !known[reached.Doc] {
			a.Documents = append(a.Documents, reached)
		}
	}
	slices.SortFunc(a.Documents, func(x, y Reached) int { return strings.Compare(x.Doc, y.Doc) })
	a.Everything = append(a.Everything, b.Everything...)
	a.Listed = append(a.Listed, b.Listed...)
	a.Others = append(a.Others, b.Others...)
}

// fewChanged is how many files are named that have changed since.
const fewChanged = 3

// Outdated notes that an answer was found in what was left at some time, and which
// files have changed since.
func (a *Answer) Outdated(saved time.Time, changed []string) {
	if len(changed) == 0 {
		return
	}
	named := strings.Join(changed[:min(len(changed), fewChanged)], ", ")
	if more := len(changed) - fewChanged; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	a.Notes = append(a.Notes, fmt.Sprintf("no docserve is running, and since the last one was, at %s, these files have changed: %s", stamp(saved), named))
}
