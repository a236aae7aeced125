package inquiry

import (
	"path/filepath"
	"strings"

	"docserve/graph"
	"docserve/runner"
)

// names finds out which file is meant by a name.
type names struct {
	view  runner.View
	dir   string          // absolute; "" for none
	files map[string]bool // those that are there; nil until somebody asks
}

// there reports whether a file is known, or lies among the sources.
func (n *names) there(path string) bool {
	return n.view.Graph.Knows(path) || n.watched()[path]
}

// watched returns the files that lie among the sources.
func (n *names) watched() map[string]bool {
	if n.files == nil {
		n.files = map[string]bool{}
		for _, file := range n.view.Files() {
			n.files[file] = true
		}
	}
	return n.files
}

// file returns the file that is meant: one relative to the directory, or to the
// source directory, or the source of a document, or what a page of the site is
// made from.
func (n *names) file(name string) (string, error) {
	for _, path := range n.paths(name) {
		if n.there(path) {
			return path, nil
		}
	}
	slashed := strings.Trim(filepath.ToSlash(name), "/")
	if document, ok := n.view.Graph.Document(slashed); ok {
		return document.Source, nil
	}
	for _, doc := range n.view.Graph.Documents() {
		if page, ok := n.view.Page(doc); ok && (page.Path == slashed || page.Path == slashed+"/index.html") {
			document, _ := n.view.Graph.Document(doc)
			return document.Source, nil
		}
	}
	return "", unknown("document or file", name, n.all())
}

// paths returns the files that a name may be about, the likeliest first.
func (n *names) paths(name string) []string {
	if filepath.IsAbs(name) {
		return []string{graph.Path(name)}
	}
	var paths []string
	for _, dir := range []string{n.dir, n.view.Graph.Project().SourceDir} {
		if dir != "" {
			paths = append(paths, graph.Path(filepath.Join(filepath.FromSlash(dir), name)))
		}
	}
	return paths
}

// all returns the names of everything that can be named.
func (n *names) all() []string {
	g := n.view.Graph
	all := g.Documents()
	for _, path := range g.Files() {
		all = append(all, g.Display(path))
	}
	for path := range n.watched() {
		all = append(all, g.Display(path))
	}
	return all
}

// below returns a function that reports whether a path is one of those that are
// named, or below one of them. Without names everything is.
func (n *names) below(given []string) (func(path string) bool, error) {
	if len(given) == 0 {
		return func(string) bool { return true }, nil
	}
	known := n.watched()
	for _, path := range n.view.Graph.Files() {
		known[path] = true
	}
	var roots []string
	for _, name := range given {
		root := ""
		for _, path := range n.paths(name) {
			if covers(path, known) {
				root = path
				break
			}
		}
		if root == "" {
			return nil, unknown("file or directory", name, n.all())
		}
		roots = append(roots, root)
	}
	return func(path string) bool {
		for _, root := range roots {
			if within(path, root) {
				return true
			}
		}
		return false
	}, nil
}

func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func covers(root string, paths map[string]bool) bool {
	for path := range paths {
		if within(path, root) {
			return true
		}
	}
	return false
}
