package main

import "slices"

// site is one documentation project and the document of it that is edited.
type site struct {
	name   string
	title  string // for the table
	doc    string // docname of the edited document
	suffix string // of its source file
	anchor string // text at the end of a sentence in a paragraph of it; marks go behind
	bounds map[string]bound
	own    []string // measures that it takes, which no other site does; nil takes all others
}

// takes says whether a measure is taken on the site.
func (s site) takes(measure string) bool {
	if s.own != nil {
		return slices.Contains(s.own, measure)
	}
	return !slices.ContainsFunc(sites, func(other site) bool { return slices.Contains(other.own, measure) })
}

// page is the site path of the edited document's page.
func (s site) page() string { return s.doc + ".html" }

// bound is what a ratio, or a figure, has to keep to.
type bound struct {
	least bool // at least value, else at most
	value float64
}

func atLeast(value float64) bound { return bound{least: true, value: value} }
func atMost(value float64) bound  { return bound{value: value} }

// measures are the names that -only takes, in the order in which they appear
// in the table.
var measures = []string{"save", "coldsave", "floor", "cold", "warm", "conf", "memory", "nofork", "subprocess", "heading", "crash", "checkout", "structured", "against"}

// sites are all sites, smallest first. The bounds are those that the project
// has set itself; a measure without one is reported all the same.
var sites = []site{
	{
		name: "quickstart", title: "quickstart", doc: "index", suffix: ".rst",
		anchor: "documentation for details.",
		bounds: map[string]bound{"save": atLeast(30), "made": atMost(30), "coldsave": atLeast(7.5), "crash": atMost(2), "against": atMost(1.1)},
	},
	{
		name: "numbered", title: "numbered", doc: "c12/a19", suffix: ".rst",
		anchor: numberedAnchor,
		bounds: map[string]bound{"against": atMost(1.1)},
	},
	{
		name: "structured", title: "structured", doc: "c11/a05", suffix: ".rst",
		anchor: numberedAnchor, own: []string{"structured"},
		bounds: map[string]bound{
			"inherited": atMost(3), "surplus": atMost(0), "same": atMost(20), "generate": atMost(1), "nothing": atMost(50),
		},
	},
	{
		name: "sphinx", title: "Sphinx 8.2.3", doc: "usage/quickstart", suffix: ".rst",
		anchor: "man pages and much more.",
		bounds: map[string]bound{"save": atLeast(40), "made": atMost(30), "coldsave": atLeast(12.5), "crash": atMost(2), "against": atMost(1.1)},
	},
	{
		name: "django", title: "Django 5.2.1", doc: "intro/tutorial01", suffix: ".txt",
		anchor: "Let's learn by example.",
		bounds: map[string]bound{
			"save": atLeast(35), "made": atMost(30), "coldsave": atLeast(10), "floor": atMost(1), "settled": atMost(1.3),
			"heading": atMost(2), "crash": atMost(2), "checkout": atMost(1), "against": atMost(1.1),
		},
	},
	{
		name: "furo", title: "Django 5.2.1 with furo", doc: "intro/tutorial01", suffix: ".txt",
		anchor: "Let's learn by example.",
		bounds: map[string]bound{"save": atLeast(20), "made": atMost(30), "crash": atMost(2), "against": atMost(1.1)},
	},
	{
		name: "linux", title: "Linux 6.1", doc: "process/howto", suffix: ".rst",
		anchor: "but will help point you in the right direction for that.",
		bounds: map[string]bound{
			"save": atLeast(125), "made": atMost(30), "coldsave": atLeast(40), "floor": atMost(1), "settled": atMost(1.3),
			"cold": atLeast(180), "warm": atMost(2.5), "conf": atLeast(60),
			"resident": atMost(60), "idle": atMost(0.5), "memory": atMost(2.5),
			"against": atMost(1.1),
		},
	},
}

func names(all []site) []string {
	var out []string
	for _, s := range all {
		out = append(out, s.name)
	}
	return out
}
