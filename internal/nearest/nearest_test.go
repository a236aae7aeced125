package nearest_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"docserve/internal/nearest"
)

func TestNames(t *testing.T) {
	names := []string{"guide/install", "guide/index", "index", "api/core", "_inc/steps.txt", "guide/install"}
	for _, test := range []struct {
		typed string
		want  []string
	}{
		{"guide/instal", []string{"guide/install", "guide/index"}},
		{"guide/isntall", []string{"guide/install", "guide/index"}},
		{"install", []string{"guide/install"}}, // a path that ends in it
		{"guide", []string{"guide/index", "guide/install"}},
		{"steps.txt", []string{"_inc/steps.txt"}},
		{"something/else/altogether", nil},
		{"x", nil},
		{"", nil},
	} {
		if got := nearest.Names(test.typed, names, 2); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.typed, got, test.want)
		}
	}
}

// TestDistance: it is the same in both directions, none only between equals, and
// never more than the longer of the two.
func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ab/]{0,8}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := nearest.Distance(a, b)
		if d != nearest.Distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) {
			t.Fatalf("from %q to %q: %d, back %d", a, b, d, nearest.Distance(b, a))
		}
	})
	for _, pair := range [][2]string{{"prot", "port"}, {"pout", "pot"}, {"pot", "pout"}, {"pat", "pot"}} {
		if d := nearest.Distance(pair[0], pair[1]); d != 1 {
			t.Errorf("from %q to %q: %d", pair[0], pair[1], d)
		}
	}
}
