package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

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

// index returns the entry that explains the difference of two search indexes:
// when they are equal but for words that were explained in pages, it is that of
// these pages.
func (k *explained) index(got, want, path string) (*Entry, error) {
	var indexes [2]map[string]any
	for i, dir := range []string{got, want} {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		if indexes[i], err = parseIndex(data); err != nil {
			return nil, nil // no index; it was compared by its bytes
		}
		for _, word := range k.words {
			forget(indexes[i]["terms"], word)
		}
	}
	if reflect.DeepEqual(indexes[0], indexes[1]) {
		return k.why, nil
	}
	return nil, nil
}

// forget removes a word and its stem, which is a beginning of it.
func forget(terms any, word string) {
	all, ok := terms.(map[string]any)
	if !ok {
		return
	}
	for n := min(3, len(word)); n <= len(word) && n > 0; n++ {
		delete(all, word[:n])
	}
}
