package differential

import (
	"fmt"
	"regexp"
	"strings"
)

// codeEdits change modules that documents describe, and the project's extension.
var codeEdits = []edit{
	{"docstring", 5, func(p *project, d dice) {
		p.replace(d, []string{"shapes/base.py", "shapes/round.py", "tools.py"}, regexp.MustCompile(`"""[A-Z][^"\n]*"""`), func([]string) string {
			return `"""` + title(d) + `, see :py:func:` + "`" + pick(d, functions) + "`" + `."""`
		})
	}},
	{"docstring of a base class", 3, func(p *project, d dice) {
		p.replace(d, []string{"shapes/base.py"}, regexp.MustCompile(`"""[A-Z][^"\n]*"""`), func([]string) string { return `"""` + title(d) + `."""` })
	}},
	{"method added to a base class", 2, func(p *project, d dice) {
		p.files["shapes/base.py"] += fmt.Sprintf("\n    def %s(self):\n        \"\"\"%s.\"\"\"\n", p.fresh("method"), title(d))
	}},
	{"function added to a module", 2, func(p *project, d dice) {
		p.files["tools.py"] += fmt.Sprintf("\n\ndef %s(a, b=%d):\n    \"\"\"%s.\"\"\"\n", p.fresh("tool"), d.IntN(9), title(d))
	}},
	{"signature", 2, func(p *project, d dice) {
		p.replace(d, []string{"tools.py"}, regexp.MustCompile(`def cut\([^)]*\)`), func([]string) string {
			return fmt.Sprintf("def cut(x, y=%d)", d.IntN(90))
		})
	}},
	{"code without documentation", 2, func(p *project, d dice) { p.files["tools.py"] += fmt.Sprintf("\nVALUE = %d\n", d.IntN(90)) }},
	{"broken module, then its repair", 2, func(p *project, d dice) {
		text := p.files["tools.py"]
		p.files["tools.py"] = text + "\ndef broken(:\n"
		p.save()
		p.files["tools.py"] = text + "\n\ndef repaired():\n    \"\"\"Repaired.\"\"\"\n"
	}},
	{"text of the extension", 1, func(p *project, d dice) {
		p.replace(d, []string{"_ext/marks.py"}, regexp.MustCompile(`'Mark[^']*: '`), func([]string) string { return "'Mark " + pick(d, words) + ": '" })
	}},
	{"exception in a directive, repaired at once", 3, func(p *project, d dice) {
		name := pick(d, p.docs(".rst"))
		text := p.files[name]
		p.insert(d, name, ".. guard:: boom\n")
		p.save()
		p.files[name] = text
		p.insert(d, name, ".. guard:: safe\n\n"+p.sentence(d)+"\n")
	}},
	{"exception in a directive, repaired later", 2, func(p *project, d dice) {
		p.insert(d, pick(d, p.docs(".rst")), ".. guard:: boom\n")
		p.repairs = append(p.repairs, func() {
			for _, name := range p.docs() {
				p.files[name] = strings.ReplaceAll(p.files[name], ".. guard:: boom", ".. guard:: safe")
			}
		})
	}},
}

// setting returns an edit of conf.py that replaces a line by another of these.
func setting(name string, weight int, lines ...string) edit {
	variable, _, _ := strings.Cut(lines[0], " ")
	re := regexp.MustCompile(`(?m)^` + variable + ` = [^\n]*$`)
	return edit{"configuration: " + name, weight, func(p *project, d dice) {
		p.replace(d, []string{"conf.py"}, re, func([]string) string { return pick(d, lines) })
	}}
}

var values = regexp.MustCompile(`msgstr "[^"\n]*"`)

// siteEdits change what all pages share.
var siteEdits = []edit{
	{"linked style sheet", 3, func(p *project, d dice) {
		p.files["_static/linked.css"] = fmt.Sprintf("body { margin: %dpx }\n", d.IntN(100))
	}},
	{"loose style sheet", 2, func(p *project, d dice) {
		p.files["_static/loose.css"] = fmt.Sprintf("p { margin: %dpx }\n", d.IntN(100))
	}},
	{"static file added", 2, func(p *project, d dice) { p.files["_static/sub/"+p.fresh("s")+".txt"] = title(d) + "\n" }},
	{"static file removed", 2, func(p *project, d dice) {
		for name := range p.files {
			if strings.HasPrefix(name, "_static/sub/s") {
				delete(p.files, name)
			}
		}
	}},
	{"template", 3, func(p *project, d dice) {
		p.files["_templates/layout.html"] = "{% extends '!layout.html' %}\n{% block extrahead %}{{ super() }}<!-- " + pick(d, words) + " {{ pagename }} -->{% endblock %}\n"
	}},
	{"template removed", 2, func(p *project, d dice) { delete(p.files, "_templates/layout.html") }},
	{"template of the search page", 1, func(p *project, d dice) {
		p.files["_templates/search.html"] = "{% extends '!search.html' %}\n{% block extrahead %}{{ super() }}<!-- " + pick(d, words) + " -->{% endblock %}\n"
	}},
	{"unused template", 1, func(p *project, d dice) { p.files["_templates/note.html"] = title(d) + "\n" }},
	setting("title", 1, "html_title = 'One'", "html_title = 'Two'", "html_title = 'Three'"),
	setting("footer", 1, "html_show_sphinx = True", "html_show_sphinx = False"),
	setting("style sheets", 1, "html_css_files = []", "html_css_files = ['linked.css']", "html_css_files = ['linked.css', 'loose.css']"),
	setting("indices", 1, "html_domain_indices = True", "html_domain_indices = False"),
	setting("figures numbered", 1, "numfig = True", "numfig = False"),
	setting("depth of numbers", 1, "numfig_secnum_depth = 0", "numfig_secnum_depth = 1", "numfig_secnum_depth = 2"),
	setting("todos", 1, "todo_include_todos = True", "todo_include_todos = False"),
	setting("nitpicky", 1, "nitpicky = True", "nitpicky = False"),
	setting("level", 1, "level = 'public'", "level = 'private'"),
	setting("language", 1, "language = 'en'", "language = 'de'"),
	setting("excluded", 1, "exclude_patterns = ['_build', 'inc', '_ext', 'data', 'many/m1*']", "exclude_patterns = ['_build', 'inc', '_ext', 'data']", "exclude_patterns = ['_build', 'inc', '_ext', 'data', 'guide']"),
	{"configuration: a comment", 1, func(p *project, d dice) { p.files["conf.py"] += "# " + title(d) + "\n" }},
	{"configuration: broken, then repaired", 2, func(p *project, d dice) {
		text := p.files["conf.py"]
		p.files["conf.py"] = text + "\nthis is no Python\n"
		p.save()
		p.files["conf.py"] = text
	}},
	{"translation", 5, func(p *project, d dice) {
		p.replaceOr(d, p.catalogs(), values, func([]string) string { return `msgstr "` + title(d) + `"` }, p.addCatalog)
	}},
	{"catalog added", 3, (*project).addCatalog},
	{"catalog removed", 2, func(p *project, d dice) {
		if names := p.catalogs(); len(names) > 0 {
			delete(p.files, pick(d, names))
			return
		}
		p.addCatalog(d)
	}},
}

// catalogs returns the names of all .po files.
func (p *project) catalogs() []string {
	var names []string
	for _, name := range sortedKeys(p.files) {
		if strings.HasSuffix(name, ".po") {
			names = append(names, name)
		}
	}
	return names
}

// addCatalog translates the title of a document.
func (p *project) addCatalog(d dice) {
	name := pick(d, p.docs(".rst"))
	at := heading.FindStringSubmatch(p.files[name])
	if at == nil {
		return
	}
	p.files["locale/de/LC_MESSAGES/"+docname(name)+".po"] = fmt.Sprintf(
		"msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Language: de\\n\"\n\nmsgid %q\nmsgstr %q\n", at[1], title(d))
}
