// Package compare tells whether two output directories of Sphinx are equal, byte
// for byte but for a short list of files whose bytes legitimately differ, each
// with its cause in Sphinx.
package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Difference is one file that is not the same in both directories.
type Difference struct {
	Path string // with slashes
	What string // "missing", "extra", or where the first different byte is
}

func (d Difference) String() string { return d.Path + ": " + d.What }

// skipped says which files are not part of the site.
func skipped(path string) bool {
	switch {
	case strings.HasPrefix(path, ".doctrees/"), strings.HasPrefix(path, ".docserve"):
		return true // caches, Sphinx's and our own
	case path == ".buildinfo.bak":
		return true // Sphinx keeps the previous one after a change of configuration; a clean build has none
	}
	return false
}

// Directories compares the site in got with the one in want, which a clean
// build has written.
func Directories(got, want string) ([]Difference, error) {
	a, err := list(got)
	if err != nil {
		return nil, err
	}
	b, err := list(want)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, path := range union(a, b) {
		switch {
		case !a[path]:
			out = append(out, Difference{path, "missing"})
		case !b[path]:
			out = append(out, Difference{path, "extra"})
		default:
			what, err := files(filepath.Join(got, filepath.FromSlash(path)), filepath.Join(want, filepath.FromSlash(path)))
			if err != nil {
				return nil, err
			}
			if what != "" {
				out = append(out, Difference{path, what})
			}
		}
	}
	return out, nil
}

func list(root string) (map[string]bool, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if entry.Type().IsRegular() && !skipped(relative) {
			found[relative] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", root, err)
	}
	return found, nil
}

func union(a, b map[string]bool) []string {
	var all []string
	for path := range a {
		all = append(all, path)
	}
	for path := range b {
		if !a[path] {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// files compares two files and says where they differ; "" means that they do not.
func files(got, want string) (string, error) {
	a, err := os.ReadFile(got)
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(want)
	if err != nil {
		return "", err
	}
	if bytes.Equal(a, b) {
		return "", nil
	}
	if filepath.Base(got) == "searchindex.js" {
		return searchIndexes(a, b), nil
	}
	return around(a, b), nil
}

// around shows the first place where two texts differ.
func around(a, b []byte) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	line := 1 + bytes.Count(a[:i], []byte("\n"))
	cut := func(t []byte) string {
		from, to := max(0, i-30), min(len(t), i+60)
		return string(t[min(from, len(t)):to])
	}
	return fmt.Sprintf("line %d: %q, clean %q", line, cut(a), cut(b))
}

// searchIndexes compares two search indexes as data. Sphinx leaves empty
// posting lists behind when an index is loaded and pruned (IndexBuilder.prune),
// and the order of keys follows that of sets.
func searchIndexes(a, b []byte) string {
	x, errX := parseIndex(a)
	y, errY := parseIndex(b)
	if errX != nil || errY != nil {
		return around(a, b)
	}
	var keys []string
	for key := range x {
		if !reflect.DeepEqual(x[key], y[key]) {
			keys = append(keys, key)
		}
	}
	for key := range y {
		if _, ok := x[key]; !ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	slices.Sort(keys)
	return fmt.Sprintf("search index differs in %s: %s", strings.Join(keys, ", "), firstDifference(x[keys[0]], y[keys[0]]))
}

func firstDifference(x, y any) string {
	a, okA := x.(map[string]any)
	b, okB := y.(map[string]any)
	if okA && okB {
		for key := range a {
			if !reflect.DeepEqual(a[key], b[key]) {
				return fmt.Sprintf("%q is %v, clean %v", key, a[key], b[key])
			}
		}
		for key := range b {
			if _, ok := a[key]; !ok {
				return fmt.Sprintf("%q is missing, clean %v", key, b[key])
			}
		}
	}
	return around([]byte(fmt.Sprint(x)), []byte(fmt.Sprint(y)))
}

func parseIndex(data []byte) (map[string]any, error) {
	text, ok := bytes.CutPrefix(bytes.TrimSpace(data), []byte("Search.setIndex("))
	if !ok {
		return nil, fmt.Errorf("parse search index: no setIndex")
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte(";")), []byte(")"))
	var index map[string]any
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("parse search index: %w", err)
	}
	for _, name := range []string{"terms", "titleterms"} {
		if terms, ok := index[name].(map[string]any); ok {
			for term, docs := range terms {
				if list, ok := docs.([]any); ok && len(list) == 0 {
					delete(terms, term)
				}
			}
		}
	}
	return index, nil
}
