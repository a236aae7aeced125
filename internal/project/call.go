package project

import (
	"path/filepath"
	"slices"
	"strings"
)

// sphinxCall is one run of sphinx-build in a recipe.
type sphinxCall struct {
	dir      string // in which it runs
	builder  string
	makeMode bool
	doctrees string
	source   string
	output   string
}

// place says where the call puts the pages of builder.
func (c sphinxCall) place(base, builder string) (place, bool) {
	if c.source == "" || c.output == "" {
		return place{}, false
	}
	output := join(base, c.output)
	p := place{output: output}
	switch {
	case c.makeMode:
		p = place{output: filepath.Join(output, builder), doctrees: filepath.Join(output, "doctrees")}
	case c.builder != builder:
		return place{}, false
	}
	if c.doctrees != "" {
		p.doctrees = join(base, c.doctrees)
	}
	return p, true
}

// sphinxCalls finds the runs of sphinx-build among the words of a shell line.
func sphinxCalls(words []string) []sphinxCall {
	var calls []sphinxCall
	dir := ""
	for len(words) > 0 {
		end := slices.IndexFunc(words, func(w string) bool { return w == "&&" || w == "||" || w == "|" || strings.HasSuffix(w, ";") })
		command, rest := words, []string(nil)
		if end >= 0 {
			command, rest = words[:end], words[end+1:]
			if last := strings.TrimSuffix(words[end], ";"); last != words[end] && last != "" {
				command = append(slices.Clone(command), last)
			}
		}
		command = withoutParentheses(command)
		if len(command) == 2 && command[0] == "cd" {
			dir = join(dir, command[1])
		} else if at := sphinxWord(command); at >= 0 {
			call := parseCall(command[at+1:])
			call.dir = dir
			calls = append(calls, call)
		}
		words = rest
	}
	return calls
}

// withoutParentheses removes those of a subshell. What they limit, a change of
// directory, ends with the line anyway in the recipes that there are.
func withoutParentheses(command []string) []string {
	if len(command) == 0 {
		return nil
	}
	command = slices.Clone(command)
	command[0] = strings.TrimPrefix(command[0], "(")
	last := len(command) - 1
	command[last] = strings.TrimSuffix(command[last], ")")
	return command
}

// sphinxWord returns the index of the word that names sphinx-build, or -1.
func sphinxWord(words []string) int {
	for i, w := range words {
		base := strings.TrimSuffix(filepath.Base(filepath.FromSlash(w)), ".exe")
		if strings.HasPrefix(base, "sphinx-build") || base == "sphinx-autobuild" || w == "-msphinx" {
			return i
		}
		if i > 0 && words[i-1] == "-m" && (w == "sphinx" || w == "sphinx.cmd.build" || w == "sphinx_autobuild") {
			return i
		}
	}
	return -1
}

// valued are the options of sphinx-build and sphinx-autobuild that take an
// argument, by their short and long names.
var valued = map[string]string{
	"b": "builder", "j": "jobs", "d": "doctree-dir", "c": "conf-dir", "D": "define", "A": "html-define", "t": "tag",
	"w": "warning-file", "M": "make-mode", "port": "", "host": "", "re-ignore": "", "ignore": "", "delay": "",
	"watch": "", "pre-build": "", "post-build": "",
}

// parseCall reads the arguments of sphinx-build. It only has to understand what
// the project's own builds accept.
func parseCall(words []string) sphinxCall {
	call := sphinxCall{builder: "html"}
	set := func(name, value string) {
		switch name {
		case "b", "builder":
			call.builder = value
		case "d", "doctree-dir":
			call.doctrees = value
		case "M":
			call.builder, call.makeMode = value, true
		}
	}
	var positional []string
	for i := 0; i < len(words); i++ {
		w := words[i]
		if len(w) < 2 || w[0] != '-' {
			positional = append(positional, w)
			continue
		}
		name, value, given := splitOption(w)
		if name == "" {
			continue
		}
		if !given && i+1 < len(words) {
			i++
			value = words[i]
		}
		set(name, value)
	}
	if len(positional) >= 2 {
		call.source, call.output = positional[0], positional[1]
	}
	return call
}

// splitOption returns the name of the option in a word that takes an argument,
// and that argument if it is in the same word. The name is "" when no option of
// the word takes any.
func splitOption(word string) (name, value string, given bool) {
	if long, ok := strings.CutPrefix(word, "--"); ok {
		name, value, given = strings.Cut(long, "=")
		for short, l := range valued {
			if l == name || short == name && len(short) > 1 {
				return name, value, given
			}
		}
		return "", "", false
	}
	for i := 1; i < len(word); i++ {
		if _, ok := valued[word[i:i+1]]; ok {
			value := strings.TrimPrefix(word[i+1:], "=")
			return word[i : i+1], value, i+1 < len(word)
		}
	}
	return "", "", false
}
