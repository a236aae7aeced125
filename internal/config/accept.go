package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"docserve/internal/nearest"
)

// values are those of one table, by key; their forms are what they should be.
type values struct {
	r  *reader
	at string
	of map[string]any
}

func (v values) text(name string) string   { s, _ := v.of[name].(string); return s }
func (v values) list(name string) []string { s, _ := v.of[name].([]string); return s }
func (v values) truth(name string) bool    { b, _ := v.of[name].(bool); return b }
func (v values) table(name string) map[string]string {
	m, _ := v.of[name].(map[string]string)
	return m
}

// accept takes over a table, if it makes sense. Given is the table as it was
// written.
func (r *reader) accept(name string, v values, given map[string]any) {
	line := r.line(v.at)
	switch name {
	case "rule":
		r.rule(v, given, line)
	case "depends":
		r.globs(v, "documents", "files")
		r.config.Depends = append(r.config.Depends, Depends{Line: line, Documents: v.list("documents"), Files: v.list("files")})
	case "before", "after":
		r.shell(v, given)
		hook := Hook{Line: line, Command: v.list("command"), Shell: v.truth("shell"), Env: v.table("env")}
		if name == "before" {
			r.config.Before = append(r.config.Before, hook)
		} else {
			r.config.After = append(r.config.After, hook)
		}
	case "structured":
		r.config.Structured = Structured{
			Includes: v.text("includes"), Templates: v.text("templates"), Editions: v.list("editions"), Replacements: v.table("replacements"),
		}
	}
}

// rule checks what the keys of a rule mean together.
func (r *reader) rule(v values, given map[string]any, line int) {
	rule := Rule{
		Line: line, Name: v.text("name"), Inputs: v.list("inputs"), Exclude: v.list("exclude"), Outputs: v.list("outputs"),
		Kind: v.text("kind"), Template: v.text("template"), Command: v.list("command"), Shell: v.truth("shell"),
		Env: v.table("env"), Depfile: v.text("depfile"), Restat: v.truth("restat"), Data: v.table("data"),
	}
	r.globs(v, "inputs", "exclude")
	var ways []string
	for _, way := range []string{"kind", "template", "command"} {
		if _, ok := given[way]; ok {
			ways = append(ways, way)
		}
	}
	_, outputs := given["outputs"]
	switch {
	case len(ways) == 0:
		r.problem(v.at, "rule says not how its outputs are made", "give it one of kind, template and command")
		return
	case len(ways) > 1:
		r.problem(join(v.at, ways[1]), fmt.Sprintf("a rule has one of kind, template and command, and this has %s", strings.Join(ways, " and ")), "make it two rules")
		return
	case !outputs && ways[0] != "kind":
		r.problem(v.at, "rule needs outputs", "")
	case ways[0] == "kind":
		r.kinds[join(v.at, "kind")] = rule.Kind
	}
	for name, way := range map[string]string{"shell": "command", "env": "command", "depfile": "command", "restat": "command", "data": "template"} {
		if _, ok := given[name]; ok && ways[0] != way {
			r.problem(join(v.at, name), fmt.Sprintf("%s is for a rule with a %s", name, way), "")
		}
	}
	if ways[0] == "command" {
		r.shell(v, given)
	}
	r.outputs(v, ways[0])
	r.config.Rules = append(r.config.Rules, rule)
}

// checkKinds reports kinds that there are not. Where the project's own are is known
// when all is read.
func (r *reader) checkKinds() {
	if len(r.kinds) == 0 {
		return
	}
	var known []string
	if r.known.Kinds != nil {
		known = r.known.Kinds(r.config.Dir, r.config.Structured)
	}
	for at, kind := range r.kinds {
		if !slices.Contains(known, kind) {
			r.unknown(at, "kind", kind, known)
		}
	}
}

// Names of what an output pattern and a command may have in braces.
var (
	inputNames   = []string{"stem", "name", "ext", "dir"}
	commandNames = []string{"input", "inputs", "output", "outputs", "outdir"}
)

// outputs checks the output patterns and what else has placeholders.
func (r *reader) outputs(v values, way string) {
	patterns := v.list("outputs")
	at := func(i int) string {
		if here := join(v.at, "outputs") + index(i); r.places[here].line > 0 {
			return here
		}
		return join(v.at, "outputs")
	}
	if _, given := v.of["outputs"]; given && len(patterns) == 0 {
		r.problem(join(v.at, "outputs"), "outputs is empty", "")
	}
	for i, pattern := range patterns {
		if way != "kind" {
			r.placeholders(at(i), pattern, inputNames)
		}
		if filepath.IsAbs(pattern) {
			r.problem(at(i), fmt.Sprintf("%q is absolute", pattern), "outputs are relative to the directory of the configuration")
		}
		if way != "command" && strings.HasSuffix(pattern, "/") {
			r.problem(at(i), fmt.Sprintf("%q is a directory", pattern), "only a command can fill one")
		}
	}
	if way != "command" && len(patterns) > 1 {
		r.problem(at(1), fmt.Sprintf("a %s has one output pattern", way), "")
	}
	all := slices.Concat(inputNames, commandNames)
	for i, word := range v.list("command") {
		here := join(v.at, "command") + index(i)
		r.placeholders(here, word, all)
	}
	r.placeholders(join(v.at, "depfile"), v.text("depfile"), all)
}

// placeholders reports names in braces that there are not. Braces around
// anything but a name are text: commands have them too.
func (r *reader) placeholders(at, pattern string, names []string) {
	for _, name := range Placeholders(pattern) {
		if !slices.Contains(names, name) && nearest.Name(name, names) != "" {
			r.problem(at, fmt.Sprintf("unknown name {%s}", name), "did you mean {"+nearest.Name(name, names)+"}?")
		} else if !slices.Contains(names, name) && !strings.HasSuffix(at, "]") {
			r.problem(at, fmt.Sprintf("unknown name {%s}", name), "there are {"+strings.Join(names, "} {")+"}")
		}
	}
}

// Placeholders returns the names in braces in a pattern, in their order.
func Placeholders(pattern string) []string {
	var names []string
	for rest := pattern; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return names
		}
		name, more, closed := strings.Cut(after, "}")
		word := strings.IndexFunc(name, func(c rune) bool { return !(c == '_' || c >= 'a' && c <= 'z') })
		if rest = after; closed && name != "" && word < 0 {
			names, rest = append(names, name), more
		}
	}
}

// shell checks that a command has the form that shell asks for.
func (r *reader) shell(v values, given map[string]any) {
	at := join(v.at, "command")
	_, one := given["command"].(string)
	switch list := v.list("command"); {
	case v.of["command"] == nil:
	case len(list) == 0 || strings.TrimSpace(list[0]) == "":
		r.problem(at, "command is empty", "")
	case v.truth("shell") && !one:
		r.problem(at, "with shell = true, command is one string", "")
	case !v.truth("shell") && one:
		r.problem(at, "command must be a list: the program and its arguments", "set shell = true if a shell is to understand it")
	}
}

// globs checks that globs can be understood.
func (r *reader) globs(v values, names ...string) {
	for _, name := range names {
		list := v.list(name)
		if _, given := v.of[name]; given && len(list) == 0 && name != "exclude" {
			r.problem(join(v.at, name), name+" is empty", "")
		}
		for i, glob := range list {
			if !doublestar.ValidatePattern(glob) {
				at := join(v.at, name)
				if _, ok := r.places[at+index(i)]; ok {
					at += index(i)
				}
				r.problem(at, fmt.Sprintf("cannot understand the glob %q", glob), "brackets and braces must be closed")
			}
		}
	}
}

// options reads [options].
func (r *reader) options(at string, given map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		here := join(at, name)
		setting, ok := r.known.setting(name)
		if !ok {
			r.unknown(here, "option", name, r.known.names())
			continue
		}
		texts, ok := optionValues(setting.Type, given[name])
		if !ok {
			r.problem(here, fmt.Sprintf("%s must be %s, not %s", name, setting.Type.wanted(), describe(given[name])), "")
			continue
		}
		for i, each := range texts {
			if setting.Check != nil {
				if err := setting.Check(each); err != nil {
					r.problem(here, name+": "+err.Error(), "")
				}
			}
			if setting.Path && !filepath.IsAbs(each) {
				texts[i] = filepath.Join(r.config.Dir, filepath.FromSlash(each))
			}
		}
		r.config.Options = append(r.config.Options, Option{Line: r.line(here), Name: name, Values: texts})
	}
}

func (t Type) wanted() string {
	switch t {
	case Switch:
		return "true or false"
	case Count:
		return "a whole number"
	case List:
		return "a string or a list of strings"
	}
	return "a string or a number"
}

// optionValues gives the value of an option as it would be typed.
func optionValues(t Type, given any) ([]string, bool) {
	switch v := given.(type) {
	case bool:
		return []string{strconv.FormatBool(v)}, t == Switch
	case int64:
		if t == Count && v >= 0 && v <= int64(mostOften) {
			return slices.Repeat([]string{"+1"}, int(v)), true
		}
		return []string{strconv.FormatInt(v, 10)}, t == Text
	case float64:
		return []string{strconv.FormatFloat(v, 'g', -1, 64)}, t == Text
	case string:
		return []string{v}, t == Text || t == List
	case []any:
		list := []string{}
		for _, each := range v {
			s, ok := each.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return list, t == List
	}
	return nil, false
}
