// Package nearest finds the names that were most probably meant by one that
// does not exist.
//
// It owns the measure of how far two words are apart, and the judgement of what
// is too far. It refuses to know what the names are of.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// Names returns the names that were most probably meant by typed, the nearest
// first, at most n of them.
func Names(typed string, names []string, n int) []string {
	type candidate struct {
		name string
		d    int
	}
	var found []candidate
	limit := len(typed)/2 + 1 // further away than that, it is a guess
	for _, name := range names {
		if d := measure(typed, name, limit); d < limit {
			found = append(found, candidate{name, d})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.d, b.d), strings.Compare(a.name, b.name)) })
	found = slices.CompactFunc(found, func(a, b candidate) bool { return a.name == b.name })
	out := make([]string, 0, n)
	for _, c := range found[:min(n, len(found))] {
		out = append(out, c.name)
	}
	return out
}

// Name returns the nearest of them, or "".
func Name(typed string, names []string) string {
	for _, name := range Names(typed, names, 1) {
		return name
	}
	return ""
}

// measure returns the distance between a name that was typed and one that is
// there; limit or more says only that they are too far apart. A name that goes on
// from what was typed, and a path that ends in it, are near.
func measure(typed, name string, limit int) int {
	if len(typed) > 2 && (strings.HasPrefix(name, typed) || strings.HasSuffix(name, "/"+typed)) {
		return min(1, limit)
	}
	if d := len(name) - len(typed); d >= limit || -d >= limit {
		return limit
	}
	return Distance(typed, name)
}

// Distance counts the insertions, deletions, replacements and swaps of
// neighbours that make b of a.
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
