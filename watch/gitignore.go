package watch

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern is one line of a .gitignore file, or one --ignore option.
type pattern struct {
	text     string // as it was written, for explanations
	glob     string // for doublestar, with slashes
	negated  bool   // a match takes back what earlier patterns say
	dirOnly  bool   // matches directories only
	anchored bool   // matches the path relative to the base, rather than the name
	absolute bool   // matches the absolute path
}

// parsePattern reads text in gitignore's syntax. It returns false for a line
// that says nothing.
func parsePattern(text string) (pattern, bool, error) {
	p := pattern{text: text}
	glob := strings.TrimRight(text, "\r\n")
	for strings.HasSuffix(glob, " ") && !strings.HasSuffix(glob, `\ `) {
		glob = strings.TrimSuffix(glob, " ")
	}
	if strings.HasPrefix(glob, "#") {
		return p, false, nil
	}
	if rest, ok := strings.CutPrefix(glob, "!"); ok {
		p.negated, glob = true, rest
	}
	if rest, ok := strings.CutSuffix(glob, "/"); ok {
		p.dirOnly, glob = true, rest
	}
	p.anchored = strings.Contains(glob, "/")
	glob = strings.TrimPrefix(glob, "/")
	if glob == "" {
		return p, false, nil
	}
	if rest, ok := strings.CutSuffix(glob, "/**"); ok {
		glob = rest + "/**/*" // what is in the directory, not the directory
	}
	p.glob = translate(glob)
	if !doublestar.ValidatePattern(p.glob) {
		return p, false, fmt.Errorf("parse pattern %q: bad glob", text)
	}
	return p, true, nil
}

// translate writes a glob of gitignore's in the way of doublestar: braces are plain
// characters, and asterisks count as one unless two of them are a whole name.
// doublestar would miss matches where there are more.
func translate(glob string) string {
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; {
		case c == '\\' && i+1 < len(glob):
			b.WriteByte(c)
			i++
		case c == '{', c == '}':
			b.WriteByte('\\')
		case c == '*':
			n := len(glob[i:]) - len(strings.TrimLeft(glob[i:], "*"))
			end := i + n
			if n == 2 && (i == 0 || glob[i-1] == '/') && (end == len(glob) || glob[end] == '/') {
				b.WriteByte(c)
			}
			i = end - 1
		}
		b.WriteByte(glob[i])
	}
	return b.String()
}

// parseOption reads text as the value of --ignore: gitignore's syntax, relative
// to each of bases, where a path that starts with . or .. or the root of the
// file system is understood as well.
func parseOption(text string, bases []string) ([]pattern, error) {
	glob, negated := strings.CutPrefix(text, "!")
	if runtime.GOOS == "windows" {
		glob = filepath.ToSlash(glob) // typed in a shell, where a backslash separates
	}
	sign := ""
	if negated {
		sign = "!"
	}
	var texts []string
	switch {
	case strings.HasPrefix(glob, "./"), strings.HasPrefix(glob, "../"):
		for _, base := range bases {
			texts = append(texts, path.Join(filepath.ToSlash(base), glob)+trailingSlash(glob))
		}
	case filepath.IsAbs(filepath.FromSlash(glob)):
		texts = append(texts, glob)
	}
	var patterns []pattern
	for _, t := range texts {
		p, ok, err := parsePattern(sign + t)
		if err != nil {
			return nil, err
		}
		if ok {
			p.text, p.absolute = text, true
			patterns = append(patterns, p)
		}
	}
	p, ok, err := parsePattern(sign + glob)
	if err != nil {
		return nil, err
	}
	if ok {
		p.text = text
		patterns = append(patterns, p)
	}
	return patterns, nil
}

func trailingSlash(s string) string {
	if strings.HasSuffix(s, "/") {
		return "/"
	}
	return ""
}

// matches reports whether p matches the absolute path name. Bases are what an
// anchored pattern may be relative to.
func (p pattern) matches(name string, isDir bool, bases ...string) bool {
	if p.dirOnly && !isDir {
		return false
	}
	if p.absolute {
		return doublestar.MatchUnvalidated(p.glob, strings.TrimPrefix(filepath.ToSlash(name), "/"))
	}
	if !p.anchored {
		return doublestar.MatchUnvalidated(p.glob, filepath.Base(name))
	}
	for _, base := range bases {
		if rest, ok := below(name, base); ok && doublestar.MatchUnvalidated(p.glob, filepath.ToSlash(rest)) {
			return true
		}
	}
	return false
}
