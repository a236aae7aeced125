package project

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"docserve/internal/shlex"
)

// makefile is what docserve understands of one: assignments and recipe lines.
// Conditions are not evaluated; what is computed by functions is unknown.
type makefile struct {
	path      string
	variables map[string]string
	recipes   []string
}

// maxMakefile bounds how much of a Makefile is read. Those of Sphinx projects
// have a few kilobytes.
const maxMakefile = 1 << 20

// readMakefile reads the Makefile that make would take in dir, or returns nil.
func readMakefile(dir string) *makefile {
	for _, name := range []string{"GNUmakefile", "makefile", "Makefile"} {
		path := filepath.Join(dir, name)
		if !isFile(path) {
			continue
		}
		file, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxMakefile))
		if err != nil {
			return nil
		}
		return parseMakefile(path, string(text))
	}
	return nil
}

var assignment = regexp.MustCompile(`^ *(?:(?:export|override) +)*([\w.-]+)\s*(:{0,3}=|\?=|\+=)\s*(.*?)\s*$`)

func parseMakefile(path, text string) *makefile {
	m := &makefile{path: path, variables: map[string]string{"CURDIR": filepath.Dir(path), "MAKE": "make"}}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.SplitSeq(text, "\n") {
		if recipe, ok := strings.CutPrefix(line, "\t"); ok {
			m.recipes = append(m.recipes, strings.TrimLeft(recipe, "@-+ \t"))
			continue
		}
		line, _, _ = strings.Cut(line, "#")
		match := assignment.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		name, op, value := match[1], match[2], match[3]
		old, defined := m.variables[name]
		switch {
		case op == "+=" && defined:
			m.variables[name] = old + " " + value
		case op == "?=" && defined:
		default:
			m.variables[name] = value
		}
	}
	return m
}

// place returns where the Makefile puts the pages of builder for the sources in
// the directory source, which has no symbolic links in it.
func (m *makefile) place(source, builder string) (place, bool) {
	m.variables["@"] = builder
	dir := filepath.Dir(m.path)
	for _, recipe := range m.recipes {
		line, ok := m.expand(recipe, 0)
		if !ok {
			continue
		}
		words, err := shlex.Split(line)
		if err != nil {
			continue
		}
		for _, call := range sphinxCalls(words) {
			base := join(dir, call.dir)
			if p, ok := call.place(base, builder); ok && isDir(join(base, call.source), source) {
				return p, true
			}
		}
	}
	build, ok := m.expand("$(BUILDDIR)", 0)
	sources, known := m.expand("$(SOURCEDIR)", 0)
	if ok && known && build != "" && isDir(join(dir, sources), source) {
		build = join(dir, build)
		return place{output: filepath.Join(build, builder), doctrees: filepath.Join(build, "doctrees")}, true
	}
	return place{}, false
}

// maxExpansion bounds how deep variables refer to each other: a Makefile that
// is wrong may do so in circles.
const maxExpansion = 20

// expand replaces references to variables. It is not ok where a function would
// have to be computed.
func (m *makefile) expand(s string, depth int) (string, bool) {
	if depth > maxExpansion {
		return "", false
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		if after == "" {
			return "", false
		}
		name := after[:1]
		s = after[1:]
		switch name {
		case "$":
			b.WriteByte('$')
			continue
		case "(", "{":
			end := closing(after)
			if end < 0 {
				return "", false
			}
			inner, ok := m.expand(after[1:end], depth+1)
			if !ok || strings.ContainsAny(inner, " \t,:") {
				return "", false
			}
			name, s = inner, after[end+1:]
		}
		value, ok := m.expand(m.variables[name], depth+1)
		if !ok {
			return "", false
		}
		b.WriteString(value)
	}
}

// closing returns where the bracket that opens s is closed, or -1.
func closing(s string) int {
	depth := 0
	for i, r := range s {
		switch r {
		case '(', '{':
			depth++
		case ')', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// isDir reports whether name, which may lead through links, is the directory dir.
func isDir(name, dir string) bool {
	resolved, err := filepath.EvalSymlinks(name)
	return err == nil && resolved == dir
}

// join appends name to dir, unless name is absolute.
func join(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}
