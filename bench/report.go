package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// row is a line of the table.
type row struct {
	what    string
	ours    string
	theirs  string
	ratio   float64 // or a figure of its own; 0 when there is none
	unit    string  // of ratio: "×" or a unit
	bounded string  // name of the bound in the site's table
}

// report is the table, with what failed below it.
func report(results []*result, wanted []string) string {
	var b strings.Builder
	b.WriteString("| site | measured | docserve | compared with | ratio | bound |\n|---|---|---|---|---|---|\n")
	for _, r := range results {
		for _, line := range rows(r, wanted) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
				r.site.title, line.what, cmp.Or(line.ours, "–"), cmp.Or(line.theirs, "–"), figure(line), verdict(r.site, line))
		}
	}
	b.WriteString("\nTimes are medians, with least, most and how many in parentheses.\n")
	for _, r := range results {
		for _, failure := range r.failures {
			first, _, _ := strings.Cut(failure, "\n")
			fmt.Fprintf(&b, "\nNot measured on %s: %s\n", r.site.title, first)
		}
		if r.cold.differs != "" {
			fmt.Fprintf(&b, "\nOn %s the first page's article against the settled one's: %s\n", r.site.title, r.cold.differs)
		}
	}
	return b.String()
}

// rows are the lines of one site, for the wanted measures that gave something.
func rows(r *result, wanted []string) []row {
	lines := map[string][]row{
		"save": {
			compare("save → visible", r.save, r.autosave, "sphinx-autobuild", "save"),
			madeRow(r),
		},
		"coldsave": coldRows(r),
		"floor":    {share("save → changed bytes served", r.served, r.floor, "naive floor", "floor")},
		"cold":     startRows(r),
		"warm": {
			share("warm start → first page", r.warm.first, r.warm.load, "import Sphinx and load the environment", "warm"),
			{what: "warm start → settled", ours: spoken(r.warm.settled)},
		},
		"conf":       {confRow(r)},
		"memory":     memoryRows(r),
		"nofork":     {{what: "save → visible with --no-fork", ours: spoken(r.nofork)}},
		"subprocess": {share("save → visible with --engine=subprocess", r.subprocess, r.save, "with the worker", "")},
		"heading": {
			share("edit of the page's title → visible with final bytes", r.headings.final, r.headings.body, "edit of its text, likewise", "heading"),
			{what: "edit of the page's title → visible", ours: spoken(r.headings.visible)},
			{what: "edit of the page's title → settled", ours: spoken(r.headings.settled)},
		},
		"crash":      {share("save → visible, the worker having just been killed", r.crashed, r.usual, "usually", "crash")},
		"checkout":   checkoutRows(r),
		"structured": structuredRows(r.structured),
		"against":    {share("save → visible, in turn with another docserve", r.this, r.other, "the other", "against")},
	}
	var out []row
	for _, name := range measures {
		if slices.Contains(wanted, name) {
			out = append(out, slices.DeleteFunc(lines[name], func(l row) bool { return l.ours == "" })...)
		}
	}
	return out
}

// compare is a line that says how many times faster docserve is.
func compare(what string, ours, theirs samples, whose, bounded string) row {
	return row{
		what: what, ours: spoken(ours), theirs: labelled(whose, theirs),
		ratio: ratio(theirs.median(), ours.median()), unit: "×", bounded: bounded,
	}
}

// share is a line that says what docserve takes as a part of something.
func share(what string, ours, theirs samples, whose, bounded string) row {
	return row{
		what: what, ours: spoken(ours), theirs: labelled(whose, theirs),
		ratio: ratio(ours.median(), theirs.median()), unit: "of it", bounded: bounded,
	}
}

// madeRow is the client's part of a save.
func madeRow(r *result) row {
	line := row{what: "of that, websocket message → page changed in place", ours: spoken(r.made)}
	if len(r.made) > 0 {
		line.ratio, line.unit, line.bounded = milliseconds(r.made), "ms", "made"
	}
	return line
}

func coldRows(r *result) []row {
	line := compare("save → visible during a cold start", r.coldsave, r.autosave, "sphinx-autobuild, settled", "coldsave")
	if len(r.coldsave) == 0 {
		return []row{line}
	}
	worst := row{what: "the worst of these", ours: duration(slices.Max(r.coldsave))}
	return []row{line, worst}
}

func startRows(r *result) []row {
	if r.cold.settled == 0 {
		return nil
	}
	plain := samples{r.plain}
	first := compare("cold start → first page", r.cold.first, plain, "clean sphinx-build -j 2", "cold")
	if r.cold.differs == "" {
		first.ours += ", its article as settled"
	} else {
		first.ours += ", **its article not as settled**"
	}
	return []row{
		first,
		share("cold start → settled", samples{r.cold.settled}, plain, "clean sphinx-build -j 2", "settled"),
	}
}

func confRow(r *result) row {
	if r.conf.visible == 0 {
		return row{}
	}
	line := row{what: "edit of html_title → visible with final bytes", theirs: labelled("sphinx-build", samples{r.conf.plain})}
	if r.conf.final == 0 {
		line.ours = duration(r.conf.visible) + ", bytes not final within 20 s"
		return line
	}
	took := max(r.conf.visible, r.conf.final)
	line.ours = fmt.Sprintf("%s (visible %s, final %s)", duration(took), duration(r.conf.visible), duration(r.conf.final))
	line.ratio, line.unit, line.bounded = ratio(r.conf.plain, took), "×", "conf"
	return line
}

func memoryRows(r *result) []row {
	if r.idle.shared == 0 {
		return nil
	}
	theirs := ""
	if r.plainMem > 0 {
		theirs = "most of clean sphinx-build -j 2: " + megabytes(r.plainMem)
	}
	lines := []row{
		{what: "resident memory of docserve itself", ours: megabytes(r.idle.resident), ratio: mega(r.idle.resident), unit: "MB", bounded: "resident"},
		{what: "memory of all processes, settled", ours: megabytes(r.idle.shared), theirs: theirs, ratio: part(r.idle.shared, r.plainMem), unit: "of it", bounded: "memory"},
		{what: "processor time while idle", ours: fmt.Sprintf("%.2f %% of a core", r.idle.idle), ratio: r.idle.idle, unit: "%", bounded: "idle"},
	}
	if r.cold.most > 0 {
		lines = append(lines, row{what: "most memory during the cold start", ours: megabytes(r.cold.most), theirs: theirs, ratio: part(r.cold.most, r.plainMem), unit: "of it"})
	}
	return lines
}

func checkoutRows(r *result) []row {
	c := r.checkout
	if c.settled == 0 {
		return nil
	}
	return []row{
		share(fmt.Sprintf("checkout of %s → settled", counted(c.documents, "document")), samples{c.settled}, samples{c.plain}, "clean sphinx-build -j 2", "checkout"),
		{what: fmt.Sprintf("checkout, taken in %s → the open page visible", counted(c.batches, "batch")), ours: duration(c.visible)},
	}
}

// counted is a number of things, none of which has an irregular plural.
func counted(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "ch"):
		thing += "e"
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// spoken is "" for no samples, so that the line is left out.
func spoken(s samples) string {
	if len(s) == 0 {
		return ""
	}
	return s.String()
}

func labelled(whose string, s samples) string {
	if s.median() == 0 {
		return ""
	}
	return whose + ": " + s.String()
}

func mega(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func megabytes(bytes int64) string { return fmt.Sprintf("%.0f MB", mega(bytes)) }

func part(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// tooMany is the unit of what was done and need not have been.
const tooMany = "too many"

// absolute are the units of figures that are compared with nothing.
var absolute = []string{"MB", "%", "s", "ms", tooMany}

func figure(line row) string {
	if line.unit == "" || line.theirs == "" && !slices.Contains(absolute, line.unit) {
		return "–"
	}
	if line.ratio >= 10 || line.unit == tooMany {
		return fmt.Sprintf("%.0f %s", line.ratio, line.unit)
	}
	return fmt.Sprintf("%.2f %s", line.ratio, line.unit)
}

// verdict gives the bound, and says whether it is kept.
func verdict(s site, line row) string {
	limit, ok := s.bounds[line.bounded]
	if !ok || line.bounded == "" {
		return "–"
	}
	sign, kept := "≤", line.ratio <= limit.value
	if limit.least {
		sign, kept = "≥", line.ratio >= limit.value
	}
	text := fmt.Sprintf("%s %g", sign, limit.value)
	if !kept {
		text += ", **not kept**"
	}
	return text
}
