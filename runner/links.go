package runner

import (
	"os"
	"path"
	"regexp"
	"slices"
)

// href finds the targets of links within the site: no scheme, no query, no
// fragment alone. It need not be exact: what it finds is only an order.
var href = regexp.MustCompile(`\shref="([^"#?:]+)`)

// follow notes which pages the open ones link to: they are likely to be looked
// at next, so that they are written before the rest.
func (r *Runner) follow() {
	r.linked = map[*page]bool{}
	for from := range r.open {
		entry, ok := r.table.get(from)
		if !ok || entry.File == "" {
			continue
		}
		text, err := os.ReadFile(entry.File)
		if err != nil {
			continue
		}
		for _, match := range href.FindAllSubmatch(text, -1) {
			if p := r.byPath[path.Join(path.Dir(from), string(match[1]))]; p != nil {
				r.linked[p] = true
			}
		}
	}
}

// nearest puts the pages that open ones link to first.
func (r *Runner) nearest(pages []*page) {
	if len(r.linked) == 0 || len(pages) < 2 {
		return
	}
	slices.SortStableFunc(pages, func(a, b *page) int {
		switch x, y := r.linked[a], r.linked[b]; {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
}
