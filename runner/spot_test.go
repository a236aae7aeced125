package runner

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDifferAt(t *testing.T) {
	page := func(nav, main string) string {
		return `<body><nav id="n">` + nav + `</nav><div class="body" role="main"><section id="top"><h1>Top<a href="#top">¶</a></h1>` + main + `</section></div><footer>x</footer>`
	}
	for _, test := range []struct {
		name, old, fresh string
		want             *Spot
	}{
		{"a word", page("", "<p>one two</p><p>three</p>"), page("", "<p>one 2</p><p>three</p>"), &Spot{"top", "one 2"}},
		{"a new paragraph", page("", "<p>one</p>"), page("", `<p>one</p><p id="x&amp;y">a <em>b</em></p>`), &Spot{"top", "a"}},
		{"below an id", page("", `<p id="x&amp;y">a</p><p>b</p>`), page("", `<p id="x&amp;y">a</p><p>c &lt; d</p>`), &Spot{"x&y", "c < d"}},
		{"an attribute", page("", `<p class="a">x</p>`), page("", `<p class="b">x</p>`), &Spot{"top", "x"}},
		{"what is gone leaves what follows", page("", "<p>one</p><p>two</p>"), page("", "<p>one</p>"), &Spot{"top", "x"}},
		{"navigation is not the place", page("a", "<p>one</p>"), page("b", "<p>two</p>"), &Spot{"top", "two"}},
		{"only navigation", page("a", "<p>one</p>"), page("b", "<p>one</p>"), nil},
		{"lines", page("", "<p>one</p>"), page("", "<p>first\nsecond</p>"), &Spot{"top", "first"}},
		{"no tags at all", "a", "b", &Spot{"", "b"}},
		{"nothing", "a", "", nil},
		{"a tag that never ends", "a", "<p", &Spot{"", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := differAt([]byte(test.old), []byte(test.fresh))
			if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestDifferAtAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SampledFrom([]string{"<", ">", ` id="`, `"`, "a", "ü", "&lt;", `role="main"`, "<p>", "</p>", strings.Repeat("ü", 60)}))
		old, fresh := strings.Join(pieces.Draw(t, "old"), ""), strings.Join(pieces.Draw(t, "fresh"), "")
		spot := differAt([]byte(old), []byte(fresh))
		if spot != nil && (len(spot.Text) > maxSpot || !utf8.ValidString(spot.Text)) {
			t.Fatalf("the text is %q", spot.Text)
		}
	})
}
