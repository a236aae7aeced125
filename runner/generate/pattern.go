package generate

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"docserve/internal/config"
	"docserve/internal/nearest"
)

// globs are patterns for files, relative to a directory. The zero globs match
// nothing.
type globs struct {
	dir      string // absolute
	patterns []string
	starts   []string // with what a match of each pattern begins, for a quick no
}

func newGlobs(dir string, patterns []string) globs {
	g := globs{dir: dir}
	for _, p := range patterns {
		p = path.Clean(filepath.ToSlash(p))
		start := base(p)
		if start == "." {
			start = ""
		}
		g.patterns, g.starts = append(g.patterns, p), append(g.starts, start)
	}
	return g
}

// match returns the pattern that a file matches.
func (g globs) match(file string) (pattern string, ok bool) {
	if len(g.patterns) == 0 {
		return "", false
	}
	name, ok := relative(g.dir, file)
	if !ok {
		return "", false
	}
	for i, pattern := range g.patterns {
		if strings.HasPrefix(name, g.starts[i]) && doublestar.MatchUnvalidated(pattern, name) {
			return pattern, true
		}
	}
	return "", false
}

// bases are the directories, or files, in which files that match can be.
func (g globs) bases() []string {
	var dirs []string
	for _, pattern := range g.patterns {
		dirs = append(dirs, filepath.Join(g.dir, filepath.FromSlash(base(pattern))))
	}
	return dirs
}

// base is the part of a pattern before its first wildcard: a directory, or the
// whole of a pattern without any.
func base(pattern string) string {
	dir, rest := doublestar.SplitPattern(pattern)
	if !strings.ContainsAny(rest, `*?[{\`) {
		return pattern
	}
	return dir
}

// relative is a file's path as seen from dir, with slashes.
func relative(dir, file string) (string, bool) {
	if rest, ok := strings.CutPrefix(file, dir+string(filepath.Separator)); ok {
		return filepath.ToSlash(rest), true
	}
	name, err := filepath.Rel(dir, file)
	return filepath.ToSlash(name), err == nil
}

// within reports whether a file is dir, or below it.
func within(file, dir string) bool {
	return file == dir || strings.HasPrefix(file, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// variables are what the names in braces stand for that come from the input.
func variables(g globs, input string) map[string]string {
	pattern, ok := g.match(input)
	if !ok {
		pattern = "."
	}
	top := base(pattern)
	if top == pattern { // a single file
		top = path.Dir(pattern)
	}
	name := filepath.Base(input)
	dir, _ := relative(filepath.Join(g.dir, filepath.FromSlash(top)), filepath.Dir(input))
	ext := path.Ext(name)
	return map[string]string{"stem": strings.TrimSuffix(name, ext), "name": name, "ext": strings.TrimPrefix(ext, "."), "dir": dir}
}

// OutputError is an output that a rule's pattern does not give, or one that must
// not be written.
type OutputError struct{ Message, Hint string }

// Error returns message and hint.
func (e *OutputError) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + "; " + e.Hint
}

// expand puts values for the names in braces.
func expand(pattern string, vars map[string]string) (string, error) {
	names := config.Placeholders(pattern)
	for _, name := range names {
		value, ok := vars[name]
		if !ok {
			known := sortedKeys(vars)
			hint := "there are {" + strings.Join(known, "} {") + "}"
			if near := nearest.Name(name, known); near != "" {
				hint = "did you mean {" + near + "}?"
			}
			return "", &OutputError{fmt.Sprintf("unknown name {%s} in outputs %q", name, pattern), hint}
		}
		pattern = strings.ReplaceAll(pattern, "{"+name+"}", value)
	}
	return pattern, nil
}

// overlap reports whether a file could match both patterns: of the first, names
// in braces may stand for anything. It says yes when it does not know.
func overlap(outputs, inputs string) bool {
	for _, name := range config.Placeholders(outputs) {
		outputs = strings.ReplaceAll(outputs, "{"+name+"}", "*")
	}
	literal := func(s string) (head, tail string) {
		const wild = `*?[{\`
		head, tail = s, s
		if i := strings.IndexAny(s, wild); i >= 0 {
			head = s[:i]
			last := strings.LastIndexAny(s, `*?]}`)
			tail = s[max(last, i)+1:]
		}
		return head, tail
	}
	headA, tailA := literal(path.Clean(outputs))
	if strings.HasSuffix(outputs, "/") {
		headA, tailA = path.Clean(outputs)+"/", ""
	}
	headB, tailB := literal(inputs)
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) &&
		(strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}
