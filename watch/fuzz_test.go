package watch

import (
	"path"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzIgnore matches any pattern with any path. It says the same as a matcher
// that takes one step after the other, and as fast for the worst patterns.
func FuzzIgnore(f *testing.F) {
	for _, seed := range [][2]string{
		{"*.tmp", "a.tmp"}, {"build/", "deep/build"}, {"/a/**/z", "a/b/c/z"}, {"gen/**", "gen/x/y"}, {"**/gen", "x/gen"}, {"a**b", "axxb"}, {"{a,b}", "{a,b}"},
		{`\{a\}`, "{a}"}, {`kept\ `, "kept "}, {"[!a-c]x", "dx"}, {"!a", "a"}, {"#a", "#a"}, {"./x", "x"}, {"../x", "x"}, {"/**/*/**/*", "a/b/c"}, {"?", "é"}, {"[", "["}, {`a\`, "a"},
		{"a//b", "a/b"}, {"**/**/**/x", "a/b/c/y"}, {strings.Repeat("*a", 20) + "b", strings.Repeat("a", 60)}, {strings.Repeat("**/a/", 12) + "b", strings.Repeat("a/", 40) + "c"},
	} {
		f.Add(seed[0], seed[1], true)
	}
	const base = "/base"
	f.Fuzz(func(t *testing.T, text, below string, isDir bool) {
		name := path.Join(base, path.Clean("/"+below))
		if runtime.GOOS == "windows" || name == base || len(text)+len(name) > 4096 {
			return // separators are others; the longest path that there is has 4096 bytes
		}
		began := time.Now()
		patterns, err := parseOption(text, []string{base})
		got := verdict(patterns, name, isDir, base)
		if took := time.Since(began); took > 2*time.Second { // a thousand times the longest that is known
			t.Fatalf("%q and %q took %s", text, name, took)
		}
		if err != nil && len(patterns) > 0 {
			t.Fatalf("%q is %v, and has patterns", text, err)
		}
		for _, p := range patterns {
			if p.matches(base, true, base) && !p.absolute && p.anchored {
				t.Fatalf("%q matches the directory that it is relative to", text)
			}
		}
		if err != nil || !comparable(text) || !utf8.ValidString(text+name) {
			return
		}
		if want := reference(text, name, base, isDir); (got != nil) != want {
			t.Fatalf("%q and %q, directory %v: %v, want %v (%+v)", text, name, isDir, got != nil, want, patterns)
		}
	})
}

// comparable reports whether the reference knows all of a pattern: no classes, and
// nothing at its ends that has a meaning of its own.
func comparable(text string) bool {
	return text != "" && strings.Trim(text, "/") != "" && !strings.ContainsAny(text, "[]\r\n") && !strings.HasPrefix(text, "!") && !strings.HasPrefix(text, "#") &&
		!strings.HasPrefix(text, ".") && !strings.HasSuffix(text, " ") && !strings.Contains(text, "//") && !strings.HasPrefix(text, "/base")
}

// reference is what gitignore's manual says of a pattern, and docserve's of a
// path that begins with the root.
func reference(text, name, base string, isDir bool) bool {
	glob, onlyDirs := strings.CutSuffix(text, "/")
	if onlyDirs && !isDir {
		return false
	}
	rest := strings.TrimPrefix(name, base+"/")
	if !strings.Contains(glob, "/") {
		return matchParts([]string{glob}, []string{path.Base(name)})
	}
	rooted := strings.HasPrefix(glob, "/")
	parts := strings.Split(strings.TrimPrefix(glob, "/"), "/")
	if len(parts) > 1 && parts[len(parts)-1] == "**" {
		parts = append(parts, "*")
	}
	return matchParts(parts, strings.Split(rest, "/")) || rooted && matchParts(parts, strings.Split(strings.TrimPrefix(name, "/"), "/"))
}

// matchParts matches a path, part by part.
func matchParts(glob, name []string) bool {
	known := map[[2]int]bool{}
	var match func(i, j int) bool
	match = func(i, j int) (yes bool) {
		if yes, ok := known[[2]int{i, j}]; ok {
			return yes
		}
		defer func() { known[[2]int{i, j}] = yes }()
		switch {
		case i == len(glob):
			return j == len(name)
		case glob[i] == "**":
			return match(i+1, j) || j < len(name) && match(i, j+1)
		}
		return j < len(name) && matchPart([]rune(glob[i]), []rune(name[j])) && match(i+1, j+1)
	}
	return match(0, 0)
}

// matchPart matches one part of a path.
func matchPart(glob, name []rune) bool {
	reach := make([]bool, len(name)+1) // lengths of name that what was seen of glob matches
	reach[0] = true
	for i := 0; i < len(glob); i++ {
		next := make([]bool, len(name)+1)
		literal := glob[i]
		star, any := literal == '*', literal == '?'
		if literal == '\\' && i+1 < len(glob) {
			i++
			literal = glob[i]
		}
		for j := range next {
			switch {
			case star:
				next[j] = reach[j] || j > 0 && next[j-1]
			case j > 0:
				next[j] = reach[j-1] && (any || name[j-1] == literal)
			}
		}
		reach = next
	}
	return reach[len(name)]
}
