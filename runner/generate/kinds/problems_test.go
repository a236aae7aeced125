package kinds

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"docserve/runner/generate"
)

// TestProblems makes one mistake after the other, and compares what is said with
// what should be: “file:line:column: severity: message | hint”.
func TestProblems(t *testing.T) {
	base := `ref: _base
content: |
  A {{what}}.
replacement: {other: x}
---
ref: concrete
content: text
`
	for _, c := range []struct{ name, kind, text, want string }{
		{"unknown ref", "extracts", "ref: a\ninherit:\n  ref: _bsae\n  file: extracts-base.yaml\n",
			`extracts-x.yaml:3:8: error: includes/extracts-base.yaml has no document "_bsae" | did you mean _base?`},
		{"missing file", "extracts", "ref: a\ninherit: {ref: _base, file: extract-base.yaml}\n",
			`extracts-x.yaml:2:29: error: there is no file "extract-base.yaml" | did you mean extracts-base.yaml?`},
		{"duplicate ref", "extracts", "ref: a\ncontent: x\n---\nref: a\ncontent: y\n",
			`extracts-x.yaml:4:1: error: there is a document "a" already, in line 1`},
		{"wrong type", "extracts", "ref: a\ncontent: [x, y]\n",
			`extracts-x.yaml:2:10: error: content must be text, and is a list`},
		{"wrong number", "steps", "title: a\nstepnum: first\n",
			`steps-x.yaml:2:10: error: stepnum must be a whole number, and is "first"`},
		{"wrong level", "steps", "title: a\nlevel: 7\n",
			"steps-x.yaml:2:8: error: level must be a whole number from 1 to 6 or one of = - ~ ` ^ ', and is \"7\""},
		{"wrong flag", "steps", "title: a\noptional: maybe\n",
			`steps-x.yaml:2:11: error: optional must be true or false, and is "maybe"`},
		{"wrong word", "apiargs", "name: a\narg_name: parm\n",
			`apiargs-x.yaml:2:11: error: arg_name cannot be "parm" | did you mean param?`},
		{"wrong in an action", "steps", "title: a\naction:\n- code: x\n  langauge: sh\n",
			`steps-x.yaml:4:3: warning: there is no field "langauge" | did you mean language?`},
		{"an action that is none", "steps", "title: a\naction: run it\n",
			`steps-x.yaml:2:9: error: action must be a mapping with code, content, copyable, heading, language, level, post, pre, and is text`},
		{"unknown field", "extracts", "ref: a\ncontent: x\nstlye: y\n",
			`extracts-x.yaml:3:1: warning: there is no field "stlye" | did you mean style?`},
		{"the same field twice", "steps", "title: a\nheading: b\n",
			`steps-x.yaml:2:1: error: heading and line 1 give the same field`},
		{"no YAML", "extracts", "ref: a\ncontent: note: this\n",
			`extracts-x.yaml:2:10: error: this is no YAML: mapping value is not allowed in this context | a value with “: ” in it, or a “:” at its end, must be in quotes`},
		{"a tab", "extracts", "ref: a\naction:\n\tcontent: x\n",
			`extracts-x.yaml:3:1: error: this is no YAML: found character '	' that cannot start any token | YAML is indented with spaces; this line begins with a tab`},
		{"a key twice", "extracts", "ref: a\ncontent: x\ncontent: y\n",
			`extracts-x.yaml:3:1: error: this is no YAML: mapping key "content" already defined at [2:1]`},
		{"a conflict", "extracts", "ref: a\n<<<<<<< HEAD\ncontent: x\n=======\ncontent: y\n>>>>>>> other\n",
			`extracts-x.yaml:2:1: error: a merge conflict, to line 6, is not resolved | decide, and remove the lines with <<<<<<<, ======= and >>>>>>>`},
		{"not UTF-8", "extracts", "ref: a\ncontent: \xff\n",
			`extracts-x.yaml:2:0: error: the file is not UTF-8`},
		{"no mapping", "extracts", "just text\n",
			`extracts-x.yaml:1:1: error: a document must be a mapping, and is text | write “field: value”, one below the other`},
		{"an unknown alias", "extracts", "ref: a\ncontent: *b\n",
			`extracts-x.yaml:2:10: error: nothing is called &b before this line`},
		{"unknown token", "extracts", "ref: a\ncontent: |\n\n  It is {{ phrse }}.\nreplacement: {phrase: x}\n",
			`extracts-x.yaml:4:9: error: nothing is known to replace {{phrse}} with | did you mean phrase?`},
		{"unknown token of a base", "extracts", "ref: a\ninherit: {ref: _base, file: extracts-base}\n",
			`extracts-base.yaml:3:5: error: nothing is known to replace {{what}} with | there are other; to have the braces in the text, write {{'{{what}}'}}`},
		{"a token without any", "extracts", "ref: a\ncontent: is {{x.y}}\n",
			`extracts-x.yaml:2:13: error: nothing is known to replace {{x.y}} with | give it a value under replacement; to have the braces in the text, write {{'{{x.y}}'}}`},
		{"tokens in a circle", "extracts", "ref: a\ncontent: \"{{a}}\"\nreplacement:\n  a: the {{b}}\n  b: the {{a}}\n",
			`extracts-x.yaml:5:10: error: replacements stand for each other: a → b → a`},
		{"a replacement that is a list", "extracts", "ref: a\ncontent: x\nreplacement: {a: [b]}\n",
			`extracts-x.yaml:3:18: error: the replacement of a must be text, and is a list`},
		{"inheritance in a circle", "extracts", "ref: a\ninherit: {ref: b}\n---\nref: b\ninherit: {ref: c}\n---\nref: c\ninherit: {ref: b}\n",
			`extracts-x.yaml:8:10: error: inheritance goes in a circle: includes/extracts-x.yaml#b → includes/extracts-x.yaml#c → includes/extracts-x.yaml#b | one of these documents must not inherit`},
		{"inheritance from itself", "extracts", "ref: a\ninherit: {ref: a}\n",
			`extracts-x.yaml:2:10: error: inheritance goes in a circle: includes/extracts-x.yaml#a → includes/extracts-x.yaml#a | one of these documents must not inherit`},
		{"inherit without ref", "extracts", "ref: a\ninherit: {file: extracts-base.yaml}\n",
			`extracts-x.yaml:2:10: error: inherit needs ref`},
		{"inherit that is text", "extracts", "ref: a\ninherit: _base\n",
			`extracts-x.yaml:2:10: error: inherit must be a mapping with file and ref, and is text`},
		{"a base that cannot be read", "extracts", "ref: a\ninherit: {ref: a, file: extracts-broken.yaml}\n",
			`extracts-x.yaml:2:25: error: includes/extracts-broken.yaml, from which this inherits, cannot be read: line 2: this is no YAML: mapping value is not allowed in this context`},
		{"no ref", "extracts", "content: x\n",
			`extracts-x.yaml:1:1: error: the document needs ref | it is the name of what is made of it`},
		{"nothing to say", "extracts", "ref: a\n",
			`extracts-x.yaml:1:1: error: there is no title, nor a pre, nor a code, nor a content, nor a post`},
		{"no title", "steps", "content: x\n",
			`steps-x.yaml:1:1: error: there is no title`},
		{"an option without program", "option", "name: a\ndirective: option\n",
			`option-x.yaml:1:1: error: the document needs program and name | it is the name of what is made of it`},
		{"two documents for one file", "option", "program: p\nname: a b\ndirective: option\n---\nprogram: p\nname: a/b\ndirective: option\n",
			`option-x.yaml:5:1: error: another document of this file makes includes/option/option-p-a-b.rst too`},
	} {
		t.Run(c.name, func(t *testing.T) {
			input := "includes/" + c.kind + "-x.yaml"
			p := write(t, map[string]string{
				"includes/extracts-base.yaml": base, input: c.text,
				"includes/extracts-broken.yaml": "ref: a\ncontent: b: c\n",
			})
			m := p.make(c.kind, input)
			if got := said(m.diagnostics); got != c.want {
				t.Errorf("it says\n%s\nand not\n%s", got, c.want)
			}
			wanted := 0
			if strings.Contains(c.want, " already, ") || strings.Contains(c.want, " too") || strings.Contains(c.want, ": warning: ") {
				wanted = 1 // what is right is made
			}
			if len(m.files) != wanted {
				t.Errorf("it makes %v", m.files)
			}
		})
	}
}

func said(diagnostics []generate.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		l := fmt.Sprintf("%s:%d:%d: %s: %s", filepath.Base(d.Path), d.Line, d.Column, d.Severity, d.Message)
		if d.Hint != "" {
			l += " | " + d.Hint
		}
		lines = append(lines, l)
	}
	return strings.Join(lines, "\n")
}
