package kinds

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"docserve/runner/generate"
)

// body returns an output without its head.
func body(t *testing.T, m made, name string) string {
	t.Helper()
	text, ok := m.files[name]
	if !ok {
		t.Fatalf("%s is not made, only %v", name, slices.Sorted(maps.Keys(m.files)))
	}
	_, text, _ = strings.Cut(text, "\n\n")
	return text
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("it is\n%s\nand not\n%s", got, want)
	}
}

func TestInheritance(t *testing.T) {
	p := write(t, map[string]string{
		"includes/extracts-base.yaml": "ref: _base\nstyle: loud\npre: pre {{a}} {{b}} {{c}}\npost: post\nreplacement: {a: 1, b: 2, c: 3}\n",
		"includes/deep/extracts-middle.yaml": `
ref: _middle
source: {file: extracts-base, ref: _base}
replacement: {b: two}
post: [only the child's]
---
ref: leaf
inherit: {ref: _middle}
post: # nothing
replacement: {c: three}
---
inherit: {ref: leaf} # has its ref
edition: none
---
ref: rest
inherit: {file: includes/extracts-base.yaml, ref: _base}
`,
	})
	p.opts.Editions = []string{"web"}
	m := p.make("extracts", "includes/deep/extracts-middle.yaml")
	equal(t, said(m.diagnostics), `extracts-middle.yaml:5:7: error: post must be text, and is a list`)
	equal(t, body(t, m, "includes/deep/extracts/leaf.rst"), ".. rst-class:: loud\n\n   pre 1 two three\n")
	equal(t, body(t, m, "includes/deep/extracts/rest.rst"), ".. rst-class:: loud\n\n   pre 1 2 3\n\n   post\n")
	if len(m.files) != 2 {
		t.Errorf("it makes %v", slices.Sorted(maps.Keys(m.files)))
	}
	// All that it has read, and all that it has missed, decides what is made.
	want := []string{
		"includes/deep/extracts-middle.yaml", "includes/extracts-base", "includes/extracts-base.yaml",
		"includes/includes/extracts-base.yaml", "includes/includes/extracts-base.yaml.yaml", "includes/extracts-base.yaml",
		"templates/extracts.yaml", "templates/extracts.rst.j2", "templates/action.rst.j2",
	}
	for _, name := range want {
		if !slices.Contains(m.read, name) {
			t.Errorf("%s was not read, only %q", name, m.read)
		}
	}
}

func TestEditions(t *testing.T) {
	text := "ref: a\nedition: [web, print]\ncontent: both\n---\nref: b\nedition: print\ncontent: print\n---\nref: b\nedition: web\ncontent: web\n---\nref: c\ninherit: {ref: b}\nedition:\n"
	for _, c := range []struct {
		edition string
		want    map[string]string
	}{
		{"web", map[string]string{"a": "both\n", "b": "web\n", "c": "web\n"}},
		{"print", map[string]string{"a": "both\n", "b": "print\n", "c": "print\n"}},
		{"other", map[string]string{"c": "print\n"}},
	} {
		p := write(t, map[string]string{"includes/extracts-x.yaml": text})
		p.opts.Editions = []string{c.edition}
		m := p.good("extracts", "includes/extracts-x.yaml")
		if len(m.files) != len(c.want) {
			t.Errorf("%s: it makes %v", c.edition, m.files)
		}
		for ref, want := range c.want {
			equal(t, body(t, m, "includes/extracts/"+ref+".rst"), want)
		}
	}
}

// TestEditionOfSteps has a file that pages include in every edition, though in some
// there is nothing in it.
func TestEditionOfSteps(t *testing.T) {
	p := write(t, map[string]string{
		"includes/steps-x.yaml":        "title: a\nedition: web\n",
		"includes/steps-abstract.yaml": "ref: _a\ntitle: a\n",
		"includes/steps-none.yaml":     "# nothing yet\n",
	})
	p.opts.Editions = []string{"print"}
	if m := p.good("steps", "includes/steps-x.yaml"); strings.Contains(m.files["includes/steps/x.rst"], "step-number:`") || len(m.files) != 1 {
		t.Errorf("it makes %v", m.files)
	}
	for _, name := range []string{"abstract", "none"} {
		if m := p.good("steps", "includes/steps-"+name+".yaml"); len(m.files) != 0 {
			t.Errorf("it makes %v", m.files)
		}
	}
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ content, replacement, want string }{
		{"{{a}}", "a: x", "x"},
		{"{{ a }} and {{a}}{{b}}", "a: x, b: '-{{c}}-', c: y", "x and x-y-"},
		{"- {{a}} z", "a: \"x\\ny\"", "- x\ny z"},
		{"  {{a}} z", "a: \"x\\n\\ny\\n\"", "  x\n\n  y z"},
		{"{{n}} {{v}} {{t}}", "n: 10, v: 1.10, t: true", "10 1.10 true"},
		{"{{a}}{{b}}.", "a: , b: ''", "."},
		{"{{'{{a}}'}} {{\"a\"}} ${{ a b }} {{ a|b }} {{}}", "a: x", "{{a}} a ${{ a b }} {{ a|b }} {{}}"},
		{"{{version}} {{over}}", "over: mine", "7 mine"},
		{"{{ref}}", "", "r"},
	} {
		p := write(t, map[string]string{
			"includes/extracts-x.yaml": "ref: r\ncontent: |2\n  " + strings.ReplaceAll(c.content, "\n", "\n  ") + "\nreplacement: {" + c.replacement + "}\n",
		})
		p.opts.Replacements = map[string]string{"version": "{{major}}", "major": "7", "over": "theirs"}
		m := p.good("extracts", "includes/extracts-x.yaml")
		equal(t, body(t, m, "includes/extracts/r.rst"), c.want+"\n")
	}
}

// TestOrigins follows each line of an output to its source.
func TestOrigins(t *testing.T) {
	p := write(t, map[string]string{
		"includes/extracts-base.yaml": "ref: _base\npre: |\n\n  one\n\n  two {{t}}\n  {{whole}}\npost: >\n  folded\n  line\n\n  other\n  line\n",
		"includes/extracts-x.yaml":    "# first\nref: r\ninherit: {file: extracts-base, ref: _base}\ntitle: Title\nlanguage: sh\ncode: |\n  a\n\n    b\nreplacement:\n  t: three\n  whole: |\n    four\n    five\ncontent: \"six\\nseven\"\n",
	})
	m := p.good("extracts", "includes/extracts-x.yaml")
	var got []string
	for i, l := range strings.Split(strings.TrimSuffix(m.files["includes/extracts/r.rst"], "\n"), "\n") {
		o := m.lines["includes/extracts/r.rst"][i]
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(o.Path), "extracts-"), ".yaml")+strings.Repeat(" ", 4)[len(strconv.Itoa(o.Line)):]+strconv.Itoa(o.Line)+"|"+l)
	}
	equal(t, strings.Join(got, "\n"), `x   2|.. Made by docserve from includes/extracts-x.yaml. Edit that file instead.
x   2|
x   4|Title
x   4|~~~~~
x   4|
base   4|one
base   5|
base   6|two three
x  13|four
x  14|five
x  14|
x   7|.. code-block:: sh
x   7|
x   7|   a
x   8|
x   9|     b
x   9|
x  15|six
x  15|seven
x  15|
base   9|folded line
base  12|other line`)
}

// TestPrivate has text with the characters that are used as marks.
func TestPrivate(t *testing.T) {
	p := write(t, map[string]string{"includes/extracts-x.yaml": "ref: r\ncontent: \"icon \U00100001 here\"\n"})
	m := p.good("extracts", "includes/extracts-x.yaml")
	equal(t, body(t, m, "includes/extracts/r.rst"), "icon \U00100001 here\n")
	if o := m.lines["includes/extracts/r.rst"][2]; o.Line != 1 || filepath.Base(o.Path) != "extracts-x.yaml" {
		t.Errorf("it comes from %v", o)
	}
}

// TestAnchors has what YAML itself has to say things once.
func TestAnchors(t *testing.T) {
	p := write(t, map[string]string{"includes/steps-x.yaml": `title: &a Open it
content: *a
---
- title: &b Shut it
  action: &act {language: sh, code: shut}
- title: again
  action:
    <<: *act
    post: *b
`})
	m := p.good("steps", "includes/steps-x.yaml")
	text := m.files["includes/steps/x.rst"]
	for _, want := range []string{"\nOpen it\n", "   shut\n\nShut it\n", "`3`"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
}

// TestOwn has a project with a kind of its own, with another template for one of
// docserve's, and with mistakes in them.
func TestOwn(t *testing.T) {
	p := write(t, map[string]string{
		"templates/recipe.yaml":         "about: Recipes.\nper: document\noutput: \"recipes/{ref}-{form}.rst\"\nforms: {long: recipe, short: recipe-short, list: recipe-list}\nfields: {name: line, parts: list of part, hot: flag, extra: any}\nrequire: [name]\ntypes:\n  part: {fields: {what: name, much: int}, require: [what], defaults: {much: 1}}\ntokens: {dish: \"*{{ ref|upper }}*\"}\n",
		"templates/recipe.rst.j2":       "{{ doc.name|heading(1) }}\n{% for part in doc.parts %}\n{{ loop.index }}. {{ part.much }} {{ part.what }}\n{% endfor %}\n\n{{ doc.extra.deep[0] }}\n",
		"templates/recipe-short.rst.j2": "{{ doc.name|plain|upper }}{% if doc.hot %} (hot){% endif %}\n",
		"templates/recipe-list.rst.j2":  "{{ [[doc.name, doc.extra.deep[0]|string|role('code')]]|table(header=['What', 'How much']) }}\n\n{{ doc.extra.raw|escape }}\n",
		"templates/action.rst.j2":       "ACTION {{ it.content }}\n",
		"includes/recipe-x.yaml":        "ref: pie\nname: A {{dish}}\nhot: yes\nparts:\n- what: apple\n  much: 3\n- {what: flour}\nextra: {deep: [1.5], raw: \"- *a*\\n.. b\"}\n",
		"includes/extracts-x.yaml":      "ref: a\ncontent: x\n",
	})
	m := p.good("recipe", "includes/recipe-x.yaml")
	equal(t, body(t, m, "recipes/pie-long.rst"), "A *PIE*\n=======\n1. 3 apple\n2. 1 flour\n\n1.5\n")
	equal(t, body(t, m, "recipes/pie-short.rst"), "A *PIE* (hot)\n")
	equal(t, body(t, m, "recipes/pie-list.rst"), ".. list-table::\n   :header-rows: 1\n\n   * - What\n     - How much\n\n   * - A *PIE*\n     - :code:`1.5`\n\n\\- \\*a\\*\n\\.. b\n")
	equal(t, body(t, p.good("extracts", "includes/extracts-x.yaml"), "includes/extracts/a.rst"), "ACTION x\n")

	k, err := New("extracts", p.opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ template, want string }{
		{"{% if %}", "action.rst.j2:0:0: error"},
		{"\n{{ it.contnt }}", "action.rst.j2:2:0: error"},
		{"\n\n{{ nobody }}", "action.rst.j2:3:0: error"},
		{"{{ it|render('action') }}", "action.rst.j2:1:0: error"},
		{"{{ it|render('nothing') }}", "action.rst.j2:1:0: error"},
		{"{{ [1, 2]|random }}", "action.rst.j2:1:0: error"},
		{"better {{ it.content }}", ""},
	} {
		p.put("templates/action.rst.j2", c.template)
		m := p.makeWith(k, "includes/extracts-x.yaml")
		if got := said(m.diagnostics); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: it says %q, not %q", c.template, got, c.want)
		} else {
			t.Log(got)
		}
	}
	p.put("templates/extracts.yaml", "per: document\noutput: x\nfeilds: {}\n")
	equal(t, said(p.makeWith(k, "includes/extracts-x.yaml").diagnostics), `extracts.yaml:3:1: error: a schema has no "feilds"; did you mean fields?`)
	if got := Names(p.opts); !slices.Contains(got, "recipe") || !slices.Contains(got, "steps") {
		t.Errorf("the kinds are %v", got)
	}
	if _, err := New("recipy", p.opts); err == nil || err.Error() != `there is no kind "recipy"; did you mean recipe?` {
		t.Errorf("the error is %v", err)
	}
}

// TestBuiltin has schemas without mistakes, each with its templates.
func TestBuiltin(t *testing.T) {
	p := write(t, nil)
	for _, name := range Names(p.opts) {
		k, err := New(name, p.opts)
		if err != nil {
			t.Fatal(err)
		}
		s, problems, err := k.schema(os.ReadFile)
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %s", name, err, said(problems))
			continue
		}
		set, err := k.set(s, os.ReadFile)
		if err != nil {
			t.Fatal(err)
		}
		for template := range set.sources {
			if _, err := set.get(template); err != nil {
				t.Errorf("%s: %v", template, err)
			}
		}
		if k.Pattern() == "" || s.about == "" {
			t.Errorf("%s has no pattern, or nothing about it", name)
		}
	}
}

// TestSignature changes with all that is no file.
func TestSignature(t *testing.T) {
	seen := map[string]generate.KindOptions{}
	for _, o := range []generate.KindOptions{
		{}, {Editions: []string{"a"}}, {Replacements: map[string]string{"a": "b"}}, {Replacements: map[string]string{"a": "c"}},
	} {
		k, err := New("steps", o)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[k.Signature()]; ok {
			t.Errorf("%v and %v have the same", o, other)
		}
		seen[k.Signature()] = o
	}
}

// TestRefused hands back that an output may not be where the pattern has it.
func TestRefused(t *testing.T) {
	p := write(t, map[string]string{"includes/extracts-x.yaml": "ref: a\ncontent: x\n"})
	k, err := New("extracts", p.opts)
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("not there")
	job := p.job(k, "includes/extracts-x.yaml", nil)
	job.Output = func(map[string]string) (string, error) { return "", refused }
	if _, err := k.Make(t.Context(), job); !errors.Is(err, refused) {
		t.Errorf("the error is %v", err)
	}
}

// TestPages lists the pages that something is added to.
func TestPages(t *testing.T) {
	p := write(t, map[string]string{"includes/extracts-x.yaml": "ref: a\ncontent: x\nappend: [/guide/one.rst, two, ../three.txt]\n---\nref: b\ncontent: y\nprepend: two\nappend: two\n"})
	m := p.good("extracts", "includes/extracts-x.yaml")
	equal(t, strings.Join(strings.Fields(m.files["includes/extracts/x.pages.json"]), ""),
		`{"guide/one":{"append":["/includes/extracts/a.rst"]},"three":{"append":["/includes/extracts/a.rst"]},"two":{"prepend":["/includes/extracts/b.rst"],"append":["/includes/extracts/a.rst","/includes/extracts/b.rst"]}}`)
	p.put("includes/extracts-x.yaml", "ref: a\ncontent: x\n")
	if m := p.good("extracts", "includes/extracts-x.yaml"); len(m.files) != 1 {
		t.Errorf("it makes %v", m.files)
	}
}

var _ generate.Kind = (*Kind)(nil)

// TestHeadings are underlined as far as they go, or further.
func TestHeadings(t *testing.T) {
	p := write(t, map[string]string{"includes/extracts-x.yaml": "ref: a\ntitle: \"A\u3000旗 \U0001F6A9\"\nlevel: '='\n---\nref: b\ntitle: {text: I, level: 6}\n---\nref: c\ntitle: {text: I, character: '-'}\nlevel: 1\n"})
	m := p.good("extracts", "includes/extracts-x.yaml")
	equal(t, body(t, m, "includes/extracts/a.rst"), "A\u3000旗 \U0001F6A9\n========\n")
	equal(t, body(t, m, "includes/extracts/b.rst"), "I\n'''\n")
	equal(t, body(t, m, "includes/extracts/c.rst"), "I\n===\n")
}
