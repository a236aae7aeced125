package inquiry

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"docserve/graph"
	"docserve/runner"
)

// Text returns the answer for people: lists with one file a line, trees, or a few
// sentences. It is empty when nothing was found.
func (a Answer) Text() string {
	var b strings.Builder
	switch result := a.Result.(type) {
	case []Tree:
		for i, tree := range result {
			if i > 0 {
				b.WriteByte('\n')
			}
			tree.text(&b, a.Query)
		}
	case []Use:
		writeUses(&b, result)
	case Affected:
		result.text(&b)
	case [][]string:
		for _, cycle := range result {
			b.WriteString(strings.Join(cycle, " → ") + "\n")
		}
	case []Explanation:
		for i, e := range result {
			if i > 0 {
				b.WriteByte('\n')
			}
			e.text(&b)
		}
	}
	return b.String()
}

// Nothing says of an answer whose text is empty what that means.
func (a Answer) Nothing() string {
	return map[Query]string{
		Unused: "every file is used", Once: "no file is used exactly once", Cycles: "no files include each other",
		Changed: "no document is made from a changed file", Why: "no page was last built because of that file",
	}[a.Query]
}

// text writes a tree.
func (t Tree) text(b *strings.Builder, q Query) {
	b.WriteString(t.Name + "\n")
	switch {
	case t.Everywhere == graph.Static.String():
		b.WriteString("it is copied as it is, and pages may name it by its content (static)\n")
	case t.Everywhere != "":
		fmt.Fprintf(b, "every page depends on it (%s)\n", t.Everywhere)
	case len(t.Below) == 0 && !t.More && q == Deps && t.Doc == "":
		b.WriteString("it is no document\n")
	case len(t.Below) == 0 && !t.More && q == Deps:
		b.WriteString("it is made from nothing else\n")
	case len(t.Below) == 0 && !t.More:
		b.WriteString("no document is made from it\n")
	}
	writeBelow(b, t.Node, "")
}

func writeBelow(b *strings.Builder, n graph.Node, indent string) {
	for i, below := range n.Below {
		branch, further := "├── ", "│   "
		if i == len(n.Below)-1 {
			branch, further = "└── ", "    "
		}
		fmt.Fprintf(b, "%s%s%s  (%s)", indent, branch, below.Name, below.Kind)
		if below.Missing {
			b.WriteString("  missing")
		}
		if below.Repeated {
			b.WriteString("  as above")
		}
		if below.More {
			b.WriteString("  …")
		}
		b.WriteByte('\n')
		writeBelow(b, below, indent+further)
	}
}

// writeUses writes one file a line, and in columns what is made from it.
func writeUses(b *strings.Builder, uses []Use) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, use := range uses {
		if use.Doc == "" {
			fmt.Fprintln(w, use.Name)
		} else {
			fmt.Fprintf(w, "%s\t%s\t%s\n", use.Name, use.Kind, use.Doc)
		}
	}
	w.Flush() // into memory
}

// text writes one document a line, and why.
func (a Affected) text(b *strings.Builder) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, why := range a.Everything {
		fmt.Fprintf(w, "every page\t%s\n", why)
	}
	for _, why := range a.Listed {
		if why.Kind == graph.Source {
			fmt.Fprintf(w, "%s\t%s\n", why.Name, fate(why.Op))
		} else {
			fmt.Fprintf(w, "list of documents\t%s\n", why)
		}
	}
	for _, reached := range a.Documents {
		text := reached.Why.String()
		if reached.Why.Kind == graph.Source {
			text = fate(reached.Why.Op)
		}
		fmt.Fprintf(w, "%s\t%s\n", reached.Name, text)
	}
	w.Flush() // into memory
}

// fate says what became of a file.
func fate(op graph.Op) string {
	return [...]string{graph.Write: "was changed", graph.Create: "is new", graph.Remove: "was removed"}[op]
}

// text writes what happened to a document, each edge a line, the cause before
// what it has caused.
func (e Explanation) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s → %s\n", e.Doc, e.Path)
	if e.Failure != "" {
		fmt.Fprintf(b, "  it cannot be built: %s\n", e.Failure)
	}
	if e.Read == nil && e.Written == nil && e.Checked == nil {
		b.WriteString("  nothing is known of when it was built\n")
	}
	var last *runner.Event
	for _, each := range []struct {
		done  string
		event *runner.Event
	}{{"read", e.Read}, {"written", e.Written}, {"checked", e.Checked}} {
		if each.event == nil {
			continue
		}
		fmt.Fprintf(b, "  %-8s %s  (%s)", each.done, stamp(each.event.Time), each.event.Cause)
		same := last != nil && sameReason(last.Reason, each.event.Reason)
		if same {
			b.WriteString(", for the same reason")
		}
		switch {
		case each.event == e.Checked:
			b.WriteString(", and left as it was")
		case each.event.Same:
			b.WriteString(", and came out as it was")
		}
		b.WriteByte('\n')
		if !same {
			e.edges(b, e.Doc, each.event.Reason, map[string]bool{})
		}
		last = each.event
	}
}

// edges writes the way to a document from what has caused that something was done
// to it.
func (e Explanation) edges(b *strings.Builder, doc string, why *runner.Reason, seen map[string]bool) {
	seen[doc] = true
	for _, origin := range e.Origins {
		if slices.Contains(why.From, origin.Doc) && !seen[origin.Doc] && origin.Read != nil {
			e.edges(b, origin.Doc, origin.Read.Reason, seen)
		}
	}
	line := func(format string, args ...any) { fmt.Fprintf(b, "    "+format+"\n", args...) }
	c := why.Change
	switch {
	case c == nil && len(why.From) > 0:
		line("%s %s (because of %s)", doc, why.Text, strings.Join(why.From, ", "))
		return
	case c == nil:
		line("%s %s", doc, why.Text)
		return
	}
	line("%s %s", c.Name, fate(c.Op))
	if c.Kind == graph.Source {
		return
	}
	chain := slices.Concat(c.Through, c.Via, []string{doc})
	line("%s %s", chain[0], graph.Why{Name: c.Name, Kind: c.Kind})
	for i, next := range chain[1:] {
		line("%s includes %s", next, chain[i])
	}
	if detail := strings.TrimPrefix(why.Text, c.String()); detail != why.Text && detail != "" {
		line("%s", strings.TrimPrefix(detail, ": "))
	}
}

// sameReason reports whether two reasons say the same: those that come from a
// server are never the same value.
func sameReason(a, b *runner.Reason) bool {
	return a == b || a.Cause == b.Cause && a.Text == b.Text
}

// stamp is a time as people read it, in their own zone.
func stamp(t time.Time) string { return t.Local().Format(time.DateTime) }
