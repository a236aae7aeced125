package differential

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// edit is one kind of thing that a writer does. It always does something: where
// what it looks for is not there, it adds it.
type edit struct {
	name   string
	weight int // how often it is drawn, compared with others
	do     func(p *project, d dice)
}

// grammar is every kind of edit.
var grammar = slices.Concat(textEdits, blockEdits(), treeEdits, fileEdits, codeEdits, siteEdits)

// drawEdit draws a kind by its weight.
func drawEdit(d dice, from []edit) edit {
	total := 0
	for _, e := range from {
		total += e.weight
	}
	n := d.IntN(total)
	for _, e := range from {
		if n -= e.weight; n < 0 {
			return e
		}
	}
	return from[0]
}

// textEdits change what is written in a document.
var textEdits = []edit{
	{"body", 6, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(`(?m)^((?:Text|Paragraph|Some|Words|More|End) [^\n]*)$`), func(g []string) string {
			return g[1] + " " + pick(d, words)
		}, p.addParagraph)
	}},
	{"paragraph added", 3, (*project).addParagraph},
	{"paragraph with a reference added", 6, func(p *project, d dice) {
		p.insert(d, pick(d, p.docs()), "Some reference: "+p.reference(d)+" "+p.reference(d)+"\n")
	}},
	{"reference removed", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(" :[a-z:]+:`[^`\n]*`"), func([]string) string { return "" }, p.addParagraph)
	}},
	{"lines moved", 3, func(p *project, d dice) {
		name := pick(d, p.docs(".rst"))
		p.insert(d, name, "One more.\n\nAnd one more.\n")
	}},
	{"title", 6, func(p *project, d dice) {
		name := pick(d, p.docs(".rst"))
		if at := heading.FindStringSubmatchIndex(p.files[name]); at != nil {
			text := p.files[name]
			p.files[name] = text[:at[0]] + underlined(title(d), "=") + text[at[1]:]
			return
		}
		p.files[name] = underlined(title(d), "=") + "\n" + p.files[name]
	}},
	{"section renamed", 4, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".rst"), regexp.MustCompile(`(?m)^([^\s.:|=~\-][^\n]*)\n(-+|~+)\n`), func(g []string) string {
			return underlined(title(d), g[2])
		}, p.addSection)
	}},
	{"section added", 4, (*project).addSection},
	{"section added at the end", 2, func(p *project, d dice) {
		name := pick(d, p.docs(".rst"))
		p.files[name] += "\n.. _" + pick(d, labels) + ":\n\n" + underlined(title(d), "-") + "\nText.\n"
	}},
	{"section removed", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".rst"), regexp.MustCompile(`(?m)^([^\s.:|=~\-][^\n]*)\n(-+|~+)\n`), func([]string) string { return "" }, p.addSection)
	}},
	{"Markdown heading", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".md"), hashed, func(g []string) string { return g[1] + " " + title(d) }, p.addMarkdown)
	}},
	{"Markdown section added", 2, func(p *project, d dice) { p.appendMarkdown(d, "## "+title(d)+"\n\nText.\n") }},
	{"Markdown target", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".md"), regexp.MustCompile(`(?m)^\(([a-z-]+)\)=$`), func([]string) string {
			return "(" + pick(d, labels) + ")="
		}, p.addMarkdown)
	}},
	{"Markdown reference", 3, func(p *project, d dice) {
		forms := []string{"[](second.md)", "[](#md-a)", "[x](#lab-b)", "{ref}`lab-c`", "[](/intro.rst)", "[y](first.md#part-of-first)", "{term}`blade`", "<project:#lab-a>", "{doc}`/basics`"}
		p.appendMarkdown(d, "Text "+pick(d, forms)+" "+pick(d, forms)+"\n")
	}},
	{"options of the page", 3, func(p *project, d dice) {
		name := pick(d, p.docs(".rst"))
		if rest, ok := strings.CutPrefix(p.files[name], ":tocdepth: 1\n\n"); ok {
			p.files[name] = rest
			return
		}
		p.files[name] = ":tocdepth: 1\n\n" + p.files[name]
	}},
	{"orphan", 3, func(p *project, d dice) {
		name := pick(d, p.docs(".rst"))
		if rest, ok := strings.CutPrefix(p.files[name], ":orphan:\n\n"); ok {
			p.files[name] = rest
			return
		}
		p.files[name] = ":orphan:\n\n" + p.files[name]
	}},
}

// replaceOr replaces a match, or does something else if there is none.
func (p *project) replaceOr(d dice, names []string, re *regexp.Regexp, with func([]string) string, or func(dice)) {
	if p.replace(d, names, re, with) == "" {
		or(d)
	}
}

func (p *project) addParagraph(d dice) { p.insert(d, pick(d, p.docs()), p.sentence(d)+"\n") }

func (p *project) addSection(d dice) {
	p.insert(d, pick(d, p.docs(".rst")), underlined(title(d), "-")+"\n"+p.sentence(d)+"\n")
}

func (p *project) addMarkdown(d dice) {
	name := "markdown/" + p.fresh("more") + ".md"
	p.files[name] = "(" + pick(d, labels) + ")=\n# " + title(d) + "\n\nText. {ref}`lab-a`\n"
}

func (p *project) appendMarkdown(d dice, text string) {
	if len(p.docs(".md")) == 0 {
		p.addMarkdown(d)
	}
	name := pick(d, p.docs(".md"))
	p.files[name] = strings.TrimRight(p.files[name], "\n") + "\n\n" + text
}

// blockEdits are four edits for each kind of block.
func blockEdits() []edit {
	var edits []edit
	for _, k := range kinds {
		whole := blockOf(k.start)
		add := func(p *project, d dice) { p.insert(d, pick(d, p.docs()), k.block(d)) }
		edits = append(edits,
			edit{k.name + " added", 2, add},
			edit{k.name + " removed", 1, func(p *project, d dice) {
				p.replaceOr(d, p.docs(), whole, func([]string) string { return "" }, func(d dice) { add(p, d) })
			}},
			edit{k.name + " moved", 1, func(p *project, d dice) {
				moved := ""
				if p.replace(d, p.docs(), whole, func(g []string) string { moved = g[0]; return "" }) == "" {
					moved = k.block(d)
				}
				p.insert(d, pick(d, p.docs()), moved)
			}})
		if k.names != nil {
			name := regexp.MustCompile(`(?m)^(` + k.start + `)[^\n(:\]]*`)
			edits = append(edits, edit{k.name + " renamed", 2, func(p *project, d dice) {
				p.replaceOr(d, p.docs(), name, func(g []string) string { return g[1] + pick(d, k.names) }, func(d dice) { add(p, d) })
			}})
		}
	}
	return edits
}

// entry is a document in a toctree.
var (
	toctree = regexp.MustCompile(`(?m)^\.\. toctree::\n(?:   :[^\n]*\n)*\n((?:   [^\n]+\n)+)`)
	entry   = regexp.MustCompile(`(?m)^   (/?[\pL\d_][\pL\d_/\-]*)$`)
	caption = regexp.MustCompile(`(?m)^   :caption: [^\n]*$`)
)

// treeEdits change the navigation.
var treeEdits = []edit{
	{"order of a toctree", 6, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".rst"), toctree, func(g []string) string {
			lines := strings.SplitAfter(strings.TrimSuffix(g[1], "\n"), "\n")
			lines[len(lines)-1] += "\n"
			d.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			return strings.TrimSuffix(g[0], g[1]) + strings.Join(lines, "")
		}, p.addToctree)
	}},
	{"caption", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".rst"), caption, func([]string) string { return "   :caption: " + title(d) }, p.addToctree)
	}},
	{"toctree entry removed", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".rst"), regexp.MustCompile(entry.String()+`\n`), func([]string) string { return "" }, p.addToctree)
	}},
	{"toctree entry added", 5, func(p *project, d dice) { p.addEntry(d, docname(pick(d, p.movable()))) }},
	{"toctree entry without a page", 2, func(p *project, d dice) { p.addEntry(d, "nowhere/"+p.fresh("absent")) }},
	{"toctree entry with a title", 2, func(p *project, d dice) {
		p.addEntry(d, title(d)+" </"+docname(pick(d, p.movable()))+">")
	}},
	{"toctree entry moved", 4, func(p *project, d dice) {
		moved := ""
		from := p.replace(d, p.docs(".rst"), regexp.MustCompile(entry.String()+`\n`), func(g []string) string { moved = g[1]; return "" })
		if from == "" {
			p.addToctree(d)
			return
		}
		if !strings.HasPrefix(moved, "/") {
			moved = path.Join("/", path.Dir(from), moved)
		}
		p.addEntry(d, strings.TrimPrefix(moved, "/"))
	}},
	{"numbers of chapters", 5, func(p *project, d dice) {
		p.toggleOption(d, ":numbered:", regexp.MustCompile(`(?m)^   :numbered:\n`))
	}},
	{"depth of a toctree", 3, func(p *project, d dice) {
		p.replaceOr(d, p.docs(".rst"), regexp.MustCompile(`(?m)^   :maxdepth: \d\n`), func([]string) string {
			return fmt.Sprintf("   :maxdepth: %d\n", 1+d.IntN(3))
		}, p.addToctree)
	}},
	{"hidden toctree", 2, func(p *project, d dice) {
		p.toggleOption(d, ":hidden:", regexp.MustCompile(`(?m)^   :hidden:\n`))
	}},
	{"titles only", 2, func(p *project, d dice) {
		p.toggleOption(d, ":titlesonly:", regexp.MustCompile(`(?m)^   :titlesonly:\n`))
	}},
	{"reversed toctree", 2, func(p *project, d dice) {
		p.toggleOption(d, ":reversed:", regexp.MustCompile(`(?m)^   :reversed:\n`))
	}},
	{"toctree added", 2, (*project).addToctree},
	{"toctree removed", 1, func(p *project, d dice) {
		p.replaceOr(d, p.movableRST(), toctree, func([]string) string { return "" }, p.addToctree)
	}},
}

func (p *project) movableRST() []string {
	return slices.DeleteFunc(p.docs(".rst"), stays)
}

func (p *project) addToctree(d dice) {
	options := pick(d, []string{"", "   :caption: " + title(d) + "\n", "   :hidden:\n", "   :glob:\n", "   :maxdepth: 1\n"})
	entries := "   /" + docname(pick(d, p.movable())) + "\n"
	if strings.Contains(options, "glob") {
		entries = "   /" + pick(d, []string{"many", "guide", "chapters"}) + "/*\n"
	}
	p.insert(d, pick(d, p.docs(".rst")), ".. toctree::\n"+options+"\n"+entries)
}

// addEntry puts a line into a toctree, at any place of it.
func (p *project) addEntry(d dice, line string) {
	if !strings.Contains(line, " ") {
		line = "/" + line
	}
	p.replaceOr(d, p.docs(".rst"), toctree, func(g []string) string {
		lines := strings.SplitAfter(g[1], "\n")
		at := d.IntN(len(lines))
		return strings.TrimSuffix(g[0], g[1]) + strings.Join(slices.Insert(lines, at, "   "+line+"\n"), "")
	}, p.addToctree)
}

// toggleOption removes an option from a toctree, or adds it to one.
func (p *project) toggleOption(d dice, option string, re *regexp.Regexp) {
	if d.IntN(2) == 0 && p.replace(d, p.docs(".rst"), re, func([]string) string { return "" }) != "" {
		return
	}
	p.replaceOr(d, p.docs(".rst"), regexp.MustCompile(`(?m)^\.\. toctree::\n`), func(g []string) string {
		return g[0] + "   " + option + "\n"
	}, p.addToctree)
}

// snapshot returns all files as they are.
func (p *project) snapshot() map[string]string { return maps.Clone(p.files) }
