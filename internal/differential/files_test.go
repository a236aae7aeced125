package differential

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// directories are those of documents that edits may rename and remove.
func (p *project) directories() []string {
	var found []string
	for _, name := range p.movable() {
		if dir := path.Dir(name); dir != "." {
			found = append(found, dir)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// fileEdits add, remove and rename documents, and change what documents include.
var fileEdits = []edit{
	{"page added to a glob", 4, func(p *project, d dice) {
		p.files["many/"+p.fresh("m")+".rst"] = underlined(title(d), "=") + "\n" + p.sentence(d) + "\n"
	}},
	{"page added with its entry", 4, func(p *project, d dice) {
		name := p.addPage(d, path.Dir(pick(d, p.docs())))
		p.addEntry(d, docname(name))
	}},
	{"page added, entry later", 2, func(p *project, d dice) {
		name := p.addPage(d, path.Dir(pick(d, p.docs())))
		p.save()
		p.addEntry(d, docname(name))
	}},
	{"entry added, page later", 2, func(p *project, d dice) {
		name := path.Join(path.Dir(pick(d, p.docs())), p.fresh("page"))
		p.addEntry(d, name)
		p.save()
		p.files[name+".rst"] = p.newPage(d)
	}},
	{"page without an entry", 2, func(p *project, d dice) { p.addPage(d, path.Dir(pick(d, p.docs()))) }},
	{"page removed", 4, func(p *project, d dice) { p.removePage(d, false) }},
	{"page and entries removed", 4, func(p *project, d dice) { p.removePage(d, true) }},
	{"page renamed", 3, func(p *project, d dice) {
		old := pick(d, p.movable())
		p.rename(old, path.Join(path.Dir(old), p.fresh("renamed")+path.Ext(old)))
	}},
	{"page renamed with its entries", 3, func(p *project, d dice) {
		old := pick(d, p.movable())
		name := p.fresh("called")
		p.rename(old, path.Join(path.Dir(old), name+path.Ext(old)))
		p.renameEntries(path.Base(docname(old)), name)
	}},
	{"page moved to another directory", 2, func(p *project, d dice) {
		old := pick(d, p.movable())
		p.rename(old, path.Join(pick(d, append(p.directories(), "elsewhere")), p.fresh("moved")+path.Ext(old)))
	}},
	{"page becomes Markdown", 2, func(p *project, d dice) {
		old := pick(d, p.movableRST())
		delete(p.files, old)
		p.files[docname(old)+".md"] = "# " + title(d) + "\n\nText. {ref}`lab-a`\n"
	}},
	{"directory added", 2, func(p *project, d dice) {
		dir := p.fresh("part")
		p.files[dir+"/index.rst"] = underlined(title(d), "=") + "\n.. toctree::\n\n   page\n"
		p.files[dir+"/page.rst"] = p.newPage(d)
		p.addEntry(d, dir+"/index")
	}},
	{"directory removed", 1, func(p *project, d dice) {
		dirs := p.directories()
		if len(dirs) == 0 || len(p.docs()) < fewest+8 {
			p.addPage(d, p.fresh("new"))
			return
		}
		dir := pick(d, dirs)
		for _, name := range p.movable() {
			if path.Dir(name) == dir {
				delete(p.files, name)
			}
		}
	}},
	{"directory renamed", 2, func(p *project, d dice) {
		dirs := p.directories()
		if len(dirs) == 0 {
			p.addPage(d, p.fresh("new"))
			return
		}
		dir, name := pick(d, dirs), p.fresh("dir")
		for _, old := range p.movable() {
			if rest, ok := strings.CutPrefix(old, dir+"/"); ok {
				p.rename(old, name+"/"+rest)
			}
		}
		if d.IntN(2) == 0 {
			p.renameEntries(dir, name)
		}
	}},
	{"page with an unusual name", 2, func(p *project, d dice) {
		name := pick(d, []string{"ærø", "日本語", "with space", "dots.in.it", "UPPER", "naïve-name"}) + p.fresh("")
		p.files["many/"+name+".rst"] = p.newPage(d)
	}},
	{"page emptied", 2, func(p *project, d dice) { p.files[pick(d, p.movableRST())] = "" }},
	{"page saved in two steps", 3, func(p *project, d dice) {
		name := pick(d, p.movableRST())
		text := p.files[name]
		p.files[name] = ""
		p.save()
		p.files[name] = text
		p.insert(d, name, p.sentence(d)+"\n")
	}},
	{"page saved unchanged", 2, func(p *project, d dice) { p.touched = append(p.touched, pick(d, p.docs())) }},
	{"page saved and taken back", 3, func(p *project, d dice) {
		name := pick(d, p.docs())
		text := p.files[name]
		p.insert(d, name, underlined(title(d), "-")+"\nText.\n")
		p.save()
		p.files[name] = text
	}},
	{"checkout there", 2, func(p *project, d dice) {
		for range 4 + d.IntN(5) {
			p.simple(d)
		}
	}},
	{"checkout there and back", 4, func(p *project, d dice) {
		before := p.snapshot()
		for range 4 + d.IntN(5) {
			p.simple(d)
		}
		p.save()
		p.files = before
	}},
	{"checkout of the beginning", 1, func(p *project, d dice) {
		again, err := load(p.dir, p.ruled)
		if err != nil {
			panic(err)
		}
		conf := p.files["conf.py"]
		p.files = again.files
		p.files["conf.py"] = conf
		delete(p.files, emitted)
	}},
	{"included text", 4, func(p *project, d dice) {
		name := pick(d, []string{"inc/part.txt", "inc/nested.txt"})
		p.files[name] = strings.TrimRight(p.files[name], "\n") + "\n\n" + p.sentence(d) + "\n"
	}},
	{"target in included text", 2, func(p *project, d dice) {
		p.files["inc/part.txt"] = "Included. " + p.reference(d) + "\n\n.. _" + pick(d, labels) + ":\n\nTarget.\n"
	}},
	{"literally included file", 3, func(p *project, d dice) {
		p.files["inc/sample.py"] = fmt.Sprintf("def sample():\n    # start\n    return %d\n    # end\n", d.IntN(100))
	}},
	{"included file removed", 2, func(p *project, d dice) {
		name := pick(d, []string{"inc/sample.py", "inc/nested.txt", "inc/part.txt", "data/values.csv", "data/file.bin"})
		if _, ok := p.files[name]; ok {
			delete(p.files, name)
			p.save()
		}
		p.files[name] = "text\n# start\ntext " + pick(d, words) + "\n# end\n"
	}},
	{"table in a file", 3, func(p *project, d dice) {
		p.files["data/values.csv"] = fmt.Sprintf("name,value\n%s,%d\n", pick(d, words), d.IntN(100))
	}},
	{"download", 3, func(p *project, d dice) { p.files["data/file.bin"] = fmt.Sprintf("binary %d\n", d.IntN(1000)) }},
	{"picture changed", 3, func(p *project, d dice) {
		p.files[strings.TrimPrefix(pick(d, pictures), "/")] = fmt.Sprintf("<svg xmlns='http://www.w3.org/2000/svg' width='%d'/>\n", 1+d.IntN(90))
	}},
	{"picture removed", 2, func(p *project, d dice) {
		name := strings.TrimPrefix(pick(d, pictures), "/")
		if text, ok := p.files[name]; ok {
			delete(p.files, name)
			if d.IntN(2) == 0 {
				p.save()
				p.files[name] = text
			}
			return
		}
		p.files[name] = "<svg xmlns='http://www.w3.org/2000/svg' width='4'/>\n"
	}},
	{"emitting page", 4, func(p *project, d dice) {
		p.replaceOr(d, p.docs(), regexp.MustCompile(`(?m)^\.\. emit:: \w+$`), func([]string) string {
			return ".. emit:: " + p.fresh("word")
		}, p.addParagraph)
	}},
}

// simple are edits of one step, for those that consist of several.
var simple []edit

func init() { simple = slices.Concat(textEdits, treeEdits, fileEdits[:8]) }

// simple does one of them.
func (p *project) simple(d dice) {
	save := p.save
	p.save = func() {}
	pick(d, simple).do(p, d)
	p.save = save
}

func (p *project) newPage(d dice) string {
	text := underlined(title(d), "=") + "\n" + p.sentence(d) + "\n"
	if d.IntN(2) == 0 {
		text = ".. _" + pick(d, labels) + ":\n\n" + text
	}
	return text
}

func (p *project) addPage(d dice, dir string) string {
	name := path.Join(dir, p.fresh("page")+".rst")
	p.files[name] = p.newPage(d)
	return name
}

// removePage removes a page, and with it the lines of toctrees that name it.
func (p *project) removePage(d dice, entries bool) {
	if len(p.docs()) <= fewest {
		p.addPage(d, ".")
		return
	}
	name := pick(d, p.movable())
	delete(p.files, name)
	if entries {
		line := regexp.MustCompile(`(?m)^   (?:/|[a-z/]+/)?` + regexp.QuoteMeta(path.Base(docname(name))) + `\n`)
		for _, other := range p.docs() {
			p.files[other] = line.ReplaceAllString(p.files[other], "")
		}
	}
}

func (p *project) rename(old, name string) {
	p.files[name] = p.files[old]
	delete(p.files, old)
}

// renameEntries replaces a name in all toctrees and references to documents.
func (p *project) renameEntries(old, name string) {
	part := regexp.MustCompile(`(?m)(^   /?(?:[a-z]+/)*|:doc:.)` + regexp.QuoteMeta(old) + `\b`)
	for _, other := range p.docs() {
		p.files[other] = part.ReplaceAllString(p.files[other], "${1}"+name)
	}
}
