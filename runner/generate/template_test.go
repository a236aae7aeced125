package generate

import (
	"strings"
	"testing"
)

// render applies a template to one file of data, and returns the output, or what
// is wrong.
func render(t *testing.T, template, name, data string, more map[string]string) string {
	t.Helper()
	files := map[string]string{"t.j2": template, "data/" + name: data}
	for name, text := range more {
		files[name] = text
	}
	r := newRig(t, "[[rule]]\ninputs = 'data/*.*'\noutputs = 'gen/{stem}.out'\ntemplate = 't.j2'\n[rule.data]\nunits = 'units.csv'\n", files)
	r.write("units.csv", "name,unit\nspeed,m/s\n")
	r.start()
	r.run()
	if notes := r.notes(); notes != "" {
		return notes
	}
	return r.read("gen/" + strings.TrimSuffix(name, "."+name[strings.LastIndex(name, ".")+1:]) + ".out")
}

func TestTemplates(t *testing.T) {
	for _, test := range []struct{ name, template, file, data, want string }{
		{"yaml", "{{ data.a.b }} {{ data.c[1] }} {{ data.d }}\n", "x.yaml", "a: {b: one}\nc: [1, 2]\nd: 1.5\n", "one 2 1.5\n"},
		{"several documents", "{% for d in data %}\n{{ d.a }}\n{% endfor %}\n", "x.yml", "a: 1\n---\na: 2\n", "1\n2\n"},
		{"json", "{{ data.a + 1 }} {{ data.b }}", "x.json", `{"a": 3, "b": [true, null, 2.5]}`, "4 [True, , 2.5]"},
		{"toml", "{{ data.a.b }}", "x.toml", "[a]\nb = 'c'\n", "c"},
		{"csv", "{% for row in data %}\n{{ row.name }}={{ row.v }}\n{% endfor %}\n{{ header | join('+') }}", "x.csv", "name,v\nq,\"1,5\"\n", "q=1,5\nname+v"},
		{"tsv", "{{ data[0].v }}", "x.tsv", "name\tv\nq\t1\n", "1"},
		{"text", "{{ data | upper }}", "x.txt", "hi", "HI"},
		{"names", "{{ input.path }} {{ input.name }} {{ input.stem }} {{ input.ext }} {{ input.dir }} {{ inputs | length }} {{ units[0].unit }}", "x.txt", "", "data/x.txt x.txt x txt . 1 m/s"},
		{"include", "a {% include 'inc.j2' %} c", "x.txt", "b", "a [b] c"},
		{"default", "{{ nope | default('-') }}{% if data.q is defined %}!{% endif %}", "x.yaml", "a: 1", "-"},
		{"heading", "{{ 'A  title' | heading }}\n{{ '標題' | heading(2) }}\n{{ 'x' | heading('#') }}\n", "x.txt", "", "A title\n=======\n標題\n----\nx\n#\n"},
		{"indent", ".. note::\n\n   {{ data | indent }}\n{{ data | indent(2, first=true) }}", "x.txt", "a\n\n b\n", ".. note::\n\n   a\n\n    b\n  a\n\n   b"},
		{"escape", "{{ data | escape }}", "x.txt", "a*b `c` |d| e_ \\\n- x\n1. y\n.. z\nend::\n----\n:f: g\n  * q\nfine: - yes", "a\\*b \\`c\\` \\|d\\| e\\_ \\\\\n\\- x\n\\1. y\n\\.. z\nend:\\:\n\\----\n\\:f: g\n  \\* q\nfine: - yes"},
		{"role", "{{ 'a`b' | role('py:func') }}", "x.txt", "", ":py:func:`a\\`b`"},
		{"table", "{{ data | table(columns=['n', 'v'], widths=[1, 2], title='T') }}\n", "x.yaml", "- {n: 1, v: \"a\\nb\"}\n- {n: 2, v: }\n",
			".. list-table:: T\n   :header-rows: 1\n   :widths: 1 2\n\n   * - n\n     - v\n\n   * - 1\n     - a\n       b\n\n   * - 2\n     -\n"},
		{"table with gaps", "{{ data | table(columns=['n', 'v'], missing='') }}", "x.yaml", "- {n: 1}\n- {n: 2, v: b}\n",
			".. list-table::\n   :header-rows: 1\n\n   * - n\n     - v\n\n   * - 1\n     -\n\n   * - 2\n     - b"},
		{"table with a text for gaps", "{{ data | table(columns='n v', header=['N', 'V'], missing='none') }}", "x.yaml", "[{n: 1}]",
			".. list-table::\n   :header-rows: 1\n\n   * - N\n     - V\n\n   * - 1\n     - none"},
		{"table of lists", "{{ data | table }}", "x.json", `[["a", "b"], ["c", "d"]]`, ".. list-table::\n\n   * - a\n     - b\n\n   * - c\n     - d"},

		{"undefined", "a\n{{ dta.x }}\n", "x.yaml", "x: 1", `t.j2:2: undefined name "dta" | did you mean data?`},
		{"undefined attribute", "\n\n{% for x in data.xs %}{% endfor %}", "x.yaml", "x: 1", `t.j2:3: data.xs is undefined: there is no "xs"`},
		{"undefined for a filter", "{{ data.rows | table }}", "x.yaml", "x: 1", `t.j2:1: data.rows is undefined: there is no "rows"`},
		{"unclosed", "a\n{{ data", "x.yaml", "x: 1", "t.j2:2: "},
		{"undefined in an include", "{% include 'bad.j2' %}", "x.txt", "", `bad.j2:2: undefined name "nope" | there are data, header, input, inputs, units`},
		{"no include", "{% include 'none.j2' %}", "x.txt", "", "t.j2:1: there is no template none.j2"},
		{"filter", "{{ data | hading }}", "x.txt", "", "t.j2:1: filter 'hading' not found"},
		{"argument", "{{ 'x' | heading(9) }}", "x.txt", "", "t.j2:1: invalid call to filter 'heading': failed to validate argument 'level': 9 is neither a level from 1 to 6 nor a character of punctuation"},
		{"lacking column", "\n{{ data | table(columns=['n', 'v']) }}", "x.yaml", "- {n: 1, v: a}\n- {n: 2}\n", `t.j2:2: invalid call to filter 'table': row 2 has no "v"; missing='' leaves such cells empty`},
		{"misspelt column", "{{ data | table(columns=['nmae']) }}", "x.csv", "name,v\na,b\n", `t.j2:1: invalid call to filter 'table': row 1 has no "nmae"; did you mean "name"?`},
		{"bad yaml", "", "x.yaml", "a: 1\nb: [\n", "data/x.yaml:2: "},
		{"twice in yaml", "", "x.yaml", "a: 1\na: 2\n", "data/x.yaml:2: "},
		{"bad json", "", "x.json", "{\n  \"a\": 1,\n}", "data/x.json:3: invalid character '}' looking for beginning of object key string"},
		{"bad toml", "", "x.toml", "a = 1\nb = \n", "data/x.toml:2: "},
		{"bad csv", "", "x.csv", "a,b\n1\n", "data/x.csv:2: wrong number of fields"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := render(t, test.template, test.file, test.data, map[string]string{"inc.j2": "[{{ data }}]", "bad.j2": "\n{{ nope }}"})
			if got != test.want && !(strings.HasSuffix(test.want, ": ") && strings.HasPrefix(got, test.want)) {
				t.Errorf("\n got %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestTemplateFiles: a template depends on those that it includes, on its data, and
// on those that were missing.
func TestTemplateFiles(t *testing.T) {
	r := newRig(t, "[[rule]]\ninputs = 'a.txt'\noutputs = 'gen/{stem}.out'\ntemplate = 't/t.j2'\n", map[string]string{"a.txt": "x", "t/t.j2": "{% include 'i.j2' %}", "i.j2": "top {{ data }}"})
	r.want("first", r.run(), "+gen/a.out")
	r.want("beside it comes first", r.edit("t/i.j2", "beside {{ data }}"), "~gen/a.out")
	r.want("content", r.read("gen/a.out"), "beside x")
	r.want("gone again", r.remove("t/i.j2"), "~gen/a.out")
	r.want("and all", r.remove("i.j2"), "")
	r.want("note", r.notes(), "t/t.j2:1: there is no template i.j2")
	r.want("kept", r.read("gen/a.out"), "top x")
}
