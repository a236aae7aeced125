package inquiry

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"docserve/graph"
	"docserve/internal/nearest"
)

// Query is what is asked.
type Query string

// The queries. The first three are about files that are named, and the last one
// about files that have changed; the others about all files, or those below the
// directories that are named.
const (
	Why     Query = "why"     // why documents were read and their pages written last
	Deps    Query = "deps"    // what a document is made from
	Rdeps   Query = "rdeps"   // which documents are made from a file
	Unused  Query = "unused"  // files that no document is made from
	Once    Query = "once"    // files that one document is made from
	Cycles  Query = "cycles"  // files that include each other
	Changed Query = "changed" // what changed files have to do with
)

// Queries are all of them.
var Queries = []Query{Why, Deps, Rdeps, Unused, Once, Changed, Cycles}

// needsFile reports whether a query is about files that must be named.
func (q Query) needsFile() bool { return q == Why || q == Deps || q == Rdeps }

// Question is a query with what it is about.
type Question struct {
	Query Query
	Files []string // as people name them; for Changed those whose content has changed
	Made  []string // for Changed: those that are new
	Gone  []string // for Changed: those that were removed
	Dir   string   // absolute: what names are relative to, beside the source directory; "" is nothing
	Depth int      // levels of trees; 0 is all
}

// The parameters of a request.
const (
	paramQuery = "query"
	paramFile  = "file"
	paramMade  = "created"
	paramGone  = "removed"
	paramDir   = "dir"
	paramDepth = "depth"
)

// Values returns the question as parameters of a request.
func (q Question) Values() url.Values {
	v := url.Values{paramQuery: {string(q.Query)}}
	for name, given := range map[string][]string{paramFile: q.Files, paramMade: q.Made, paramGone: q.Gone} {
		if len(given) > 0 {
			v[name] = given
		}
	}
	if q.Dir != "" {
		v.Set(paramDir, q.Dir)
	}
	if q.Depth != 0 {
		v.Set(paramDepth, strconv.Itoa(q.Depth))
	}
	return v
}

// Parse reads what Values has written. The error is a *Mistake.
func Parse(v url.Values) (Question, error) {
	q := Question{
		Query: Query(v.Get(paramQuery)), Files: v[paramFile], Made: v[paramMade], Gone: v[paramGone], Dir: v.Get(paramDir),
	}
	if text := v.Get(paramDepth); text != "" {
		depth, err := strconv.Atoi(text)
		if err != nil {
			return q, &Mistake{Message: fmt.Sprintf("depth: want a number, got %q", text)}
		}
		q.Depth = depth
	}
	return q, q.Check()
}

// Check says what is wrong with a question before anybody is asked. The error is
// a *Mistake.
func (q Question) Check() error {
	if !slices.Contains(Queries, q.Query) {
		var names []string
		for _, each := range Queries {
			names = append(names, string(each))
		}
		return &Mistake{
			Message: fmt.Sprintf("there is no query %q; there are %s", q.Query, strings.Join(names, ", ")),
			Near:    nearest.Names(string(q.Query), names, 1),
		}
	}
	if q.Query.needsFile() && len(q.Files) == 0 {
		return &Mistake{Message: fmt.Sprintf("%s needs the name of a file, or of a document", q.Query)}
	}
	if q.Depth < 0 {
		return &Mistake{Message: fmt.Sprintf("depth: want 0 or more, got %d", q.Depth)}
	}
	return nil
}

// changes returns the changes that Changed is about.
func (q Question) changes(resolve func(string) string) []graph.Change {
	var changes []graph.Change
	for _, each := range []struct {
		names []string
		op    graph.Op
	}{{q.Files, graph.Write}, {q.Made, graph.Create}, {q.Gone, graph.Remove}} {
		for _, name := range each.names {
			changes = append(changes, graph.Change{Path: resolve(name), Op: each.op})
		}
	}
	return changes
}
