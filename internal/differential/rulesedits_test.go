package differential

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// structured are the edits of what rules are applied to, and of the rules.
var structured = slices.Concat(documentEdits, sourceEdits, ruleEdits)

// documentEdits change documents of structured files.
var documentEdits = []edit{
	{"text of a document", 8, func(p *project, d dice) {
		p.replaceOr(d, p.yaml(), bodyLine, func(g []string) string { return g[1] + g[2] + " " + pick(d, words[:8]) }, p.addDocument)
	}},
	{"reference in a document", 5, func(p *project, d dice) {
		p.replaceOr(d, p.yaml("steps", "extracts"), regexp.MustCompile(`(?m)^  (?:Text|Some) [^\n]*$`), func(g []string) string {
			return g[0] + " " + p.reference(d)
		}, p.addDocument)
	}},
	{"step added", 4, (*project).addStep},
	{"step removed", 3, func(p *project, d dice) {
		p.onDocument(d, []string{"steps"}, func(string, string) []string { return nil })
	}},
	{"step moved", 4, func(p *project, d dice) {
		moved := ""
		p.onDocument(d, []string{"steps"}, func(_, part string) []string { moved = part; return nil })
		if names := p.yaml("steps"); moved != "" && len(names) > 0 {
			name := pick(d, names)
			parts := p.parts(name)
			p.setParts(name, slices.Insert(parts, d.IntN(len(parts)+1), moved))
		}
	}},
	{"extract added", 4, (*project).addDocument},
	{"ref removed", 4, func(p *project, d dice) {
		p.onDocument(d, []string{"extracts"}, func(string, string) []string { return nil })
	}},
	{"ref renamed", 4, func(p *project, d dice) {
		p.onDocument(d, []string{"extracts", "steps"}, func(_, part string) []string {
			if strings.HasPrefix(refOf(part), "_") {
				return []string{renamed(part, "_"+p.fresh("base"))}
			}
			return []string{renamed(part, pick(d, refs))}
		})
	}},
	{"ref renamed with its inheritors", 4, func(p *project, d dice) {
		old, ref, in := "", p.fresh("_base"), ""
		p.onDocument(d, []string{"extracts", "steps"}, func(name, part string) []string {
			old, in = refOf(part), path.Base(name)
			if !strings.HasPrefix(old, "_") {
				ref = p.fresh("own")
			}
			return []string{renamed(part, ref)}
		})
		p.follow(in, old, in, ref)
	}},
	{"ref renamed, inheritors later", 3, func(p *project, d dice) {
		old, ref, in := "", p.fresh("_late"), ""
		p.onDocument(d, []string{"extracts", "steps"}, func(name, part string) []string {
			old, in = refOf(part), path.Base(name)
			return []string{renamed(part, ref)}
		})
		p.save()
		p.follow(in, old, in, ref)
	}},
	{"base document", 6, func(p *project, d dice) {
		p.replaceOr(d, p.having(p.yaml(), regexp.MustCompile(`(?m)^ref: _`)), bodyLine, func(g []string) string {
			return g[1] + g[2] + " " + pick(d, words[:8])
		}, p.addDocument)
	}},
	{"replacement", 6, func(p *project, d dice) {
		p.replaceOr(d, p.yaml(), valueLine, func(g []string) string { return "  " + g[1] + ": " + pick(d, words[:8]) }, p.addDocument)
	}},
	{"page that gets an extract", 3, func(p *project, d dice) {
		p.onDocument(d, []string{"extracts"}, func(_, part string) []string {
			if strings.Contains(part, "\nappend: ") {
				return []string{regexp.MustCompile(`(?m)^append: [^\n]*\n`).ReplaceAllString(part, "")}
			}
			page := docname(pick(d, p.docs(".rst")))
			return []string{strings.TrimSuffix(part, "\n") + "\nappend: /" + page + "\n"}
		})
	}},
	{"two files swap their refs", 4, (*project).swap},
	{"remark in a structured file", 4, func(p *project, d dice) {
		name := pick(d, p.yaml())
		p.files[name] = "# " + title(d) + "\n" + p.files[name]
	}},
	{"broken YAML, repaired at once", 3, func(p *project, d dice) {
		name := pick(d, p.yaml())
		text := p.files[name]
		p.files[name] = text + damage
		p.save()
		p.files[name] = text
		if d.IntN(2) == 0 {
			p.replace(d, []string{name}, bodyLine, func(g []string) string { return g[0] + " Repaired." })
		}
	}},
	{"broken YAML, repaired later", 3, func(p *project, d dice) {
		name := pick(d, p.yaml())
		p.files[name] += damage
		p.repairs = append(p.repairs, func() {
			for _, name := range p.yaml() {
				p.files[name] = strings.ReplaceAll(p.files[name], damage, "")
			}
		})
	}},
	{"page and what it includes", 5, func(p *project, d dice) {
		p.replace(d, p.yaml(), bodyLine, func(g []string) string { return g[0] + " " + pick(d, words[:8]) })
		pages := p.having(p.docs(".rst"), regexp.MustCompile(`include:: /inc/`))
		if len(pages) == 0 {
			pages = p.docs(".rst")
		}
		p.insert(d, pick(d, pages), p.sentence(d)+"\n")
	}},
	{"include of a generated file", 4, (*project).include},
}

// sourceEdits change files that rules are applied to.
var sourceEdits = []edit{
	{"structured file saved unchanged", 2, func(p *project, d dice) { p.touched = append(p.touched, pick(d, p.yaml())) }},
	{"structured file added", 3, func(p *project, d dice) {
		name := "inc/extracts-" + p.fresh("new") + ".yaml"
		p.setParts(name, []string{p.document(d, pick(d, refs)), p.document(d, p.fresh("new"))})
	}},
	{"steps file added with its page", 3, func(p *project, d dice) {
		name := "inc/steps-" + p.fresh("new") + ".yaml"
		p.setParts(name, []string{p.document(d, "one"), fmt.Sprintf("ref: two\ntitle: %s\ncontent: Some text.\n", pick(d, words[:8]))})
		p.files[name] = inheritLine.ReplaceAllString(p.files[name], "title: Alone") // extracts are no steps
		page := p.addPage(d, "structured")
		p.files[page] += "\nPart\n----\n\n.. include:: " + output(name) + "\n"
	}},
	{"structured file removed", 2, func(p *project, d dice) {
		if names := p.yaml("steps", "extracts"); len(names) > 3 {
			delete(p.files, pick(d, names))
			return
		}
		p.addDocument(d)
	}},
	{"structured file renamed", 4, (*project).renameFile},
	{"structured file emptied, then written", 3, func(p *project, d dice) {
		name := pick(d, p.yaml())
		text := p.files[name]
		p.files[name] = ""
		p.save()
		p.files[name] = text
	}},
	{"structured file removed and back", 3, func(p *project, d dice) {
		name := pick(d, p.yaml())
		text := p.files[name]
		delete(p.files, name)
		p.save()
		p.files[name] = text
	}},
	{"data of a page", 6, func(p *project, d dice) {
		p.replaceOr(d, p.below("data/ports"), portLine, func(g []string) string {
			if g[1] == "label" {
				return "label: " + pick(d, append([]string{"lab-port", "lab-quay"}, labels...))
			}
			return g[1] + ": " + pick(d, words[:8]) + " " + pick(d, words[:8])
		}, p.addPort)
	}},
	{"data of a page added", 4, (*project).addPort},
	{"data of a page removed", 3, func(p *project, d dice) {
		if names := p.below("data/ports"); len(names) > 0 {
			delete(p.files, pick(d, names))
		}
	}},
	{"data of a page renamed", 3, func(p *project, d dice) {
		if names := p.below("data/ports"); len(names) > 0 {
			p.rename(pick(d, names), "data/ports/"+p.fresh("port")+".yaml")
		}
	}},
	{"shared data", 3, func(p *project, d dice) {
		p.files["data/units.csv"] = fmt.Sprintf("name,size\nmetre,%d\n%s,2\n", d.IntN(9), pick(d, words[:8]))
	}},
	{"input of a command", 4, func(p *project, d dice) {
		p.files["data/notes/"+pick(d, []string{"one", "two", "three"})+".txt"] = title(d) + "\n"
	}},
	{"input of a command removed", 2, func(p *project, d dice) {
		if names := p.below("data/notes"); len(names) > 0 {
			delete(p.files, pick(d, names))
		}
	}},
	{"file that a command reads", 3, func(p *project, d dice) { p.files["data/tail.inc"] = "The end: " + title(d) + ".\n" }},
	{"declared dependency", 5, func(p *project, d dice) {
		name := "data/quotes/" + pick(d, []string{"one", "two", "three"}) + ".txt"
		if _, ok := p.files[name]; ok && d.IntN(3) == 0 {
			delete(p.files, name)
			return
		}
		p.files[name] = title(d) + "\n"
	}},
	{"generated file removed by hand", 5, (*project).removeOutput},
	{"structured checkout there", 2, func(p *project, d dice) { p.several(d) }},
	{"structured checkout there and back", 5, func(p *project, d dice) {
		before := p.snapshot()
		p.several(d)
		p.save()
		p.files = before
	}},
}

// addPort adds the data of a page.
func (p *project) addPort(d dice) {
	p.files["data/ports/"+p.fresh("port")+".yaml"] = fmt.Sprintf("title: %s\nlabel: %s\ntext: Text. :ref:`%s`\n", pick(d, words[:8]), pick(d, labels), pick(d, labels))
}

// several makes a few edits at once.
func (p *project) several(d dice) {
	save := p.save
	p.save = func() {}
	for range 3 + d.IntN(5) {
		pick(d, severalOf).do(p, d)
	}
	p.save = save
}

// severalOf are edits of one step.
var severalOf []edit

func init() { severalOf = slices.Concat(documentEdits[:9], sourceEdits[:5], ruleEdits[:4]) }

// toggled returns an edit that writes one text for another in a file, and back.
func toggled(name string, weight int, file, text, other string) edit {
	return edit{name, weight, func(p *project, _ dice) {
		if strings.Contains(p.files[file], other) {
			p.files[file] = strings.Replace(p.files[file], other, text, 1)
			return
		}
		p.files[file] = strings.Replace(p.files[file], text, other, 1)
	}}
}

// ruleEdits change templates and the configuration.
var ruleEdits = []edit{
	{"template of a rule", 3, func(p *project, d dice) {
		p.files["rules/port.j2"] = strings.TrimRight(p.files["rules/port.j2"], "\n") + "\n\n" + p.sentence(d) + "\n"
	}},
	toggled("template of all", 2, "rules/all.j2", "- :ref:", "* Port :ref:"),
	toggled("template of notes", 2, "rules/notes.j2", "Note {{", "Some note {{"),
	toggled("replacement of the project", 3, "docserve.toml", `boat = "Petrel"`, `boat = "Heron"`),
	toggled("version of the project", 2, "docserve.toml", `version = "2.0"`, `version = "2.1"`),
	toggled("outputs of pages", 3, "docserve.toml", `outputs = "ports/{stem}.rst"`, `outputs = "ports/p-{stem}.rst"`),
	toggled("outputs of extracts", 3, "docserve.toml", `inputs = "inc/extracts-*.yaml"`, "inputs = \"inc/extracts-*.yaml\"\noutputs = \"inc/extracts/x-{ref}.rst\""),
	toggled("inputs", 2, "docserve.toml", `inputs = "data/ports/*.yaml"`, `inputs = "data/ports/[a-f]*.yaml"`),
	toggled("inputs excluded", 2, "docserve.toml", `inputs = "data/notes/*.txt"`, "inputs = \"data/notes/*.txt\"\nexclude = \"data/notes/two.txt\""),
	toggled("declared files", 2, "docserve.toml", `files = "data/quotes/*.txt"`, `files = ["data/quotes/*.txt", "data/units.csv"]`),
	{"remark in the configuration", 3, func(p *project, d dice) {
		p.files["docserve.toml"] = "# " + title(d) + "\n" + p.files["docserve.toml"]
	}},
	{"rule removed", 4, func(p *project, d dice) { p.removeRule(d) }},
	{"rule removed and back", 4, func(p *project, d dice) {
		text := p.files["docserve.toml"]
		p.removeRule(d)
		p.save()
		p.files["docserve.toml"] = text
	}},
	{"order of rules", 2, func(p *project, d dice) {
		moved := ""
		if p.replace(d, []string{"docserve.toml"}, listedRule, func(g []string) string { moved = g[0]; return "" }) != "" {
			p.files["docserve.toml"] = strings.TrimRight(p.files["docserve.toml"], "\n") + "\n\n" + moved
		}
	}},
	{"configuration of the beginning", 4, func(p *project, _ dice) { p.firstRules() }},
	{"configuration of rules broken, then repaired", 3, func(p *project, _ dice) {
		text := p.files["docserve.toml"]
		p.files["docserve.toml"] = strings.Replace(text, "[[rule]]\n", "[[rule]]\nknid = \"x\"\n", 1)
		p.save()
		p.files["docserve.toml"] = text
	}},
	{"outputs that are all one, repaired later", 2, func(p *project, _ dice) {
		text, other := "[[rule]]\nname = \"extracts\"\n", "[[rule]]\noutputs = \"inc/extracts/{stem}.rst\"\nname = \"extracts\"\n"
		if strings.Contains(p.files["docserve.toml"], "x-{ref}") {
			return
		}
		p.files["docserve.toml"] = strings.Replace(p.files["docserve.toml"], text, other, 1)
		p.repairs = append(p.repairs, func() { p.files["docserve.toml"] = strings.ReplaceAll(p.files["docserve.toml"], other, text) })
	}},
	{"template broken, repaired later", 2, func(p *project, _ dice) {
		const broken = "{{ nothing }}\n"
		p.files["rules/all.j2"] += broken
		p.repairs = append(p.repairs, func() { p.files["rules/all.j2"] = strings.ReplaceAll(p.files["rules/all.j2"], broken, "") })
	}},
}

// removeRule removes a rule, or brings all back if few are left.
func (p *project) removeRule(d dice) {
	if len(listedRule.FindAllString(p.files["docserve.toml"], -1)) < 6 {
		p.firstRules()
		return
	}
	p.replace(d, []string{"docserve.toml"}, listedRule, func([]string) string { return "" })
}

// firstRules brings back the rules and templates of the beginning.
func (p *project) firstRules() {
	again, err := load(p.dir, true)
	if err != nil {
		panic(err)
	}
	for _, name := range sortedKeys(again.files) {
		if name == "docserve.toml" || path.Dir(name) == "rules" {
			p.files[name] = again.files[name]
		}
	}
}
