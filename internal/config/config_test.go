package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var known = Known{
	Settings: []Setting{
		{Name: "port", Type: Text}, {Name: "open-browser", Type: Switch}, {Name: "verbose", Type: Count},
		{Name: "watch", Type: List, Path: true},
		{Name: "engine", Type: Text, Check: func(s string) error {
			if s != "worker" {
				return errors.New("want worker")
			}
			return nil
		}},
	},
	Kinds: func(string, Structured) []string { return []string{"extracts", "steps"} },
}

const whole = `
[options]
port = 8080
open-browser = true
verbose = 2
watch = ["../src", "/abs"]

[[rule]]
name = "colours"
inputs = "data/*.yaml"
outputs = "source/gen/{stem}.rst"
template = "colours.rst.j2"
data = { units = "units.csv" }

[[rule]]
inputs = ["api/**/*.h", "x.h"]
exclude = ["api/old/**"]
outputs = ["gen/"]
command = ["tool", "{inputs}", "--brace={x}", "-o", "{outdir}"]
env = { A = "1", B = 2 }
depfile = "{outdir}/deps.d"
restat = true

[[rule]]
inputs = ["includes/steps-*.yaml"]
kind = "steps"

[[depends]]
documents = "source/**/*.rst"
files = ["data/*.json"]

[[before]]
command = "make things"
shell = true

[[after]]
command = ["notify"]

[structured]
editions = "community"
replacements = { version = "2.0", major = 2 }
`

func TestParse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, own)
	got, found, err := Parse(path, []byte(whole), known)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	want := Config{
		Path: path, Dir: dir,
		Rules: []Rule{
			{Line: 8, Name: "colours", Inputs: []string{"data/*.yaml"}, Outputs: []string{"source/gen/{stem}.rst"}, Template: "colours.rst.j2", Data: map[string]string{"units": "units.csv"}},
			{
				Line: 15, Inputs: []string{"api/**/*.h", "x.h"}, Exclude: []string{"api/old/**"}, Outputs: []string{"gen/"},
				Command: []string{"tool", "{inputs}", "--brace={x}", "-o", "{outdir}"}, Env: map[string]string{"A": "1", "B": "2"}, Depfile: "{outdir}/deps.d", Restat: true,
			},
			{Line: 24, Inputs: []string{"includes/steps-*.yaml"}, Kind: "steps"},
		},
		Depends:    []Depends{{Line: 28, Documents: []string{"source/**/*.rst"}, Files: []string{"data/*.json"}}},
		Before:     []Hook{{Line: 32, Command: []string{"make things"}, Shell: true}},
		After:      []Hook{{Line: 36, Command: []string{"notify"}}},
		Structured: Structured{Editions: []string{"community"}, Replacements: map[string]string{"version": "2.0", "major": "2"}},
		Options: []Option{
			{Line: 4, Name: "open-browser", Values: []string{"true"}},
			{Line: 3, Name: "port", Values: []string{"8080"}},
			{Line: 5, Name: "verbose", Values: []string{"+1", "+1"}},
			{Line: 6, Name: "watch", Values: []string{filepath.Join(filepath.Dir(dir), "src"), "/abs"}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no TOML", "a = [\n", "1:6: "},
		{"twice", "[options]\nport = 1\nport = 2\n", "3:1: "},
		{"unknown names", "[optoins]\n[[rules]]\ninputs = 'x'\n[options]\nprot = 1\n", `1:2: unknown table "optoins"; did you mean options?
2:3: unknown table "rules"; did you mean rule?
5:1: unknown option "prot"; did you mean port?`},
		{"misplaced", "port = 1\nwhat = 2\n", `1:1: port is an option of the command line; it belongs into [options]
2:1: unknown key "what"; there are options, rule, depends, before, after, structured`},
		{"brackets", "[rule]\n[[structured]]\n", `1:2: there can be several of [rule]; write [[rule]]
2:3: there is one [structured]; write it with single brackets`},
		{"all at once", "[[rule]]\ninput = 'a'\noutputs = 3\ntemplate = 'a'\n[[rule]]\ninputs = ['[a']\noutputs = ['{stme}.rst', '/abs']\ncommand = 'x'\nshell = 'no'\n", `1:3: rule needs inputs
2:1: unknown key "input"; did you mean inputs?
3:1: outputs must be a string or a list of strings, not a number
6:11: cannot understand the glob "[a"; brackets and braces must be closed
7:12: unknown name {stme}; did you mean {stem}?
7:26: "/abs" is absolute; outputs are relative to the directory of the configuration
8:1: command must be a list: the program and its arguments; set shell = true if a shell is to understand it
9:1: shell must be true or false, not a string`},
		{"one way", "[[rule]]\ninputs = 'a'\noutputs = 'b'\n[[rule]]\ninputs = 'a'\noutputs = 'b'\nkind = 'steps'\ntemplate = 't'\n", `1:3: rule says not how its outputs are made; give it one of kind, template and command
8:1: a rule has one of kind, template and command, and this has kind and template; make it two rules`},
		{"kinds", "[[rule]]\ninputs = 'a'\nkind = 'step'\n[[rule]]\ninputs = 'a'\nkind = 'extracts'\nrestat = true\n", `3:1: unknown kind "step"; did you mean steps?
7:1: restat is for a rule with a command`},
		{"options", "[options]\nengine = 'wroker'\nport = true\nopen-browser = 'yes'\nwatch = [1]\n", `2:1: engine: want worker
3:1: port must be a string or a number, not true or false
4:1: open-browser must be true or false, not a string
5:1: watch must be a string or a list of strings, not a list`},
		{"hooks", "[[before]]\ncommand = ['a', 'b']\nshell = true\n[[after]]\n[[depends]]\nfiles = []\n", `2:1: with shell = true, command is one string
4:3: after needs command
5:3: depends needs documents`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := Parse("/p/docserve.toml", []byte(test.text), known)
			var mistakes *Error
			if !errors.As(err, &mistakes) {
				t.Fatal(err)
			}
			var lines []string
			for _, p := range mistakes.Problems {
				lines = append(lines, strings.TrimPrefix(p.String(), "/p/docserve.toml:"))
			}
			got := strings.Join(lines, "\n")
			if got != test.want && !(strings.HasSuffix(test.want, ": ") && strings.HasPrefix(got, test.want)) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestPyproject(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	source := filepath.Join(dir, "docs", "source")
	candidates := Candidates(source, source)
	if c, err := Load(candidates, source, known); err != nil || c.Path != "" || c.Dir != source {
		t.Errorf("without a file: %+v, %v", c, err)
	}
	write("docs/pyproject.toml", "[tool.other]\nx = 1\n")
	path := write("pyproject.toml", "[tool.other]\nx = 1\n[[tool.docserve.rule]]\ninputs = 'a'\noutputs = 'b'\ntemplate = 't'\nfoo = 1\n")
	_, err := Load(candidates, source, known)
	if err == nil || !strings.Contains(err.Error(), path+`:7:1: unknown key "foo"`) {
		t.Errorf("got %v", err)
	}
	write("docs/source/docserve.toml", "[options]\nport = 1\n")
	if c, err := Load(candidates, source, known); err != nil || len(c.Options) != 1 {
		t.Errorf("the nearest file: %+v, %v", c, err)
	}
}

func TestPlaceholders(t *testing.T) {
	if got := Placeholders("{a}{{b}} {A} {c-d} {} {e"); !slices.Equal(got, []string{"a", "b"}) {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("[[rule]]\ninputs=[{a=1}]\n[rule.x]\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _, err := Parse("/p/docserve.toml", []byte(text), known)
		var mistakes *Error
		if err != nil && (!errors.As(err, &mistakes) || len(mistakes.Problems) == 0 || mistakes.Problems[0].Line < 1) {
			t.Error(err)
		}
	})
}
