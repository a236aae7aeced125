package watch

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// ignoredDirs are directories that hold no documentation, by their names.
var ignoredDirs = map[string]bool{
	cookieDir: true, ".docserve": true,
	".git": true, ".hg": true, ".svn": true, ".bzr": true, ".jj": true,
	".idea": true, ".vscode": true,
	".mypy_cache": true, ".ruff_cache": true, ".pytest_cache": true, ".pytype": true,
	".nox": true, ".tox": true, ".venv": true, "venv": true,
	"node_modules": true, "__pycache__": true,
}

// temporaries are the files that editors and systems put beside a file while
// they save it or keep it open, by their names.
var temporaries = []struct {
	owner string
	match func(name string) bool
}{
	{"vim, probing the directory", func(n string) bool { return n == "4913" }},
	{"vim's swap", regexp.MustCompile(`^\..*\.sw[a-px]$|^\..*\.swpx$|\.sw[op]$`).MatchString},
	{"an editor's backup", suffix("~")},
	{"an Emacs lock", prefix(".#")},
	{"an Emacs auto-save", func(n string) bool { return len(n) > 2 && n[0] == '#' && n[len(n)-1] == '#' }},
	{"a JetBrains safe write", func(n string) bool {
		return strings.HasSuffix(n, "___jb_tmp___") || strings.HasSuffix(n, "___jb_old___") || strings.HasSuffix(n, "___jb_bak___")
	}},
	{"Kate's swap", suffix(".kate-swp")},
	{"a GNOME save", prefix(".goutputstream-")},
	{"a LibreOffice lock", func(n string) bool { return strings.HasPrefix(n, ".~lock.") && strings.HasSuffix(n, "#") }},
	{"a docserve temporary file", prefix(".docserve-")},
	{"a deleted file that is still open", func(n string) bool {
		return strings.HasPrefix(n, ".nfs") || strings.HasPrefix(n, ".fuse_hidden")
	}},
	{"the desktop's", func(n string) bool { return n == ".DS_Store" || n == "Thumbs.db" || n == "desktop.ini" }},
	{"compiled Python", suffix(".pyc")},
}

func prefix(s string) func(string) bool {
	return func(n string) bool { return strings.HasPrefix(n, s) }
}

func suffix(s string) func(string) bool {
	return func(n string) bool { return len(n) > len(s) && strings.HasSuffix(n, s) }
}

// rules say which paths are not watched, and why.
//
// A .gitignore is honoured for whole directories only: a single ignored file is
// often generated, and yet a source of the documentation. For the same reason
// an ignored directory that holds a file that was named explicitly (see keep)
// is watched after all, without its subdirectories.
type rules struct {
	outputs []string // never watched; as given and with links resolved
	bases   []string // what --ignore may be relative to
	options []pattern
	regexps []*regexp.Regexp

	mu         sync.Mutex           // guards what follows: Explain may be called from anywhere
	roots      []string             // directories that are watched as trees
	explicit   map[string]bool      // files that were named
	kept       map[string]bool      // directories of explicit files
	gitignores map[string][]pattern // by directory; an empty entry for one without
	tops       map[string]string    // top of the repository of each root
}

func newRules(opts Options) (*rules, error) {
	r := &rules{
		regexps:    opts.ReIgnore,
		explicit:   map[string]bool{},
		kept:       map[string]bool{},
		gitignores: map[string][]pattern{},
		tops:       map[string]string{},
	}
	for _, base := range []string{opts.SourceDir, opts.WorkDir} {
		if base != "" && !slices.Contains(r.bases, base) {
			r.bases = append(r.bases, base)
		}
	}
	for _, text := range opts.Ignore {
		patterns, err := parseOption(text, r.bases)
		if err != nil {
			return nil, err
		}
		r.options = append(r.options, patterns...)
	}
	for _, dir := range opts.OutputDirs {
		r.outputs = append(r.outputs, dir)
		if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
			r.outputs = append(r.outputs, real)
		}
	}
	return r, nil
}

// output returns the output directory that path is in, or "".
func (r *rules) output(path string) string {
	for _, dir := range r.outputs {
		if within(path, dir) {
			return dir
		}
	}
	return ""
}

// root says that dir is watched as a tree.
func (r *rules) root(dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.roots, dir) {
		r.roots = append(r.roots, dir)
	}
}

// keep says that path is watched whatever it is called. It returns the directory
// that is watched from now on because of it, or "".
func (r *rules) keep(path string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.explicit[path] = true
	dir := parent(path)
	if r.kept[dir] || r.gitignored(dir) == "" {
		return ""
	}
	for at := dir; at != r.rootOf(dir); at = parent(at) {
		if why := r.rule(at, true); why != "" && why != r.gitignored(at) {
			return "" // it would not be watched without a .gitignore either
		}
	}
	r.kept[dir] = true
	return dir
}

// sources reports whether dir is watched because of a file in it.
func (r *rules) sources(dir string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept[dir]
}

// keptBelow returns the directories below dir that keep has returned, sorted.
func (r *rules) keptBelow(dir string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept []string
	for k := range r.kept {
		if _, ok := below(k, dir); ok {
			kept = append(kept, k)
		}
	}
	slices.Sort(kept)
	return kept
}

// forgetGitignore drops what was read of dir's .gitignore.
func (r *rules) forgetGitignore(dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.gitignores, dir)
}

// why returns the rule that ignores path, or "". It looks at path alone, since
// nobody asks for what is in a directory that is ignored.
func (r *rules) why(path string, isDir bool) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rule(path, isDir)
}

// explain returns the rule that ignores path or a directory above it, or "".
func (r *rules) explain(path string, isDir bool) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if dir := r.output(path); dir != "" {
		return "output directory " + dir
	}
	if r.explicit[path] {
		return r.asked(path, isDir)
	}
	root := r.rootOf(path)
	if root == "" {
		return "outside the watched directories"
	}
	for dir := root; dir != path; {
		rest, _ := below(path, dir)
		name, _, more := strings.Cut(rest, string(os.PathSeparator))
		dir = filepath.Join(dir, name)
		why := r.rule(dir, more || isDir)
		if why != "" && !(more && r.kept[parent(path)] && r.gitignored(dir) == why) {
			return why
		}
	}
	return ""
}

// rule is why, with the lock held.
func (r *rules) rule(path string, isDir bool) string {
	if dir := r.output(path); dir != "" {
		return "output directory " + dir
	}
	if why := r.asked(path, isDir); why != "" || r.explicit[path] {
		return why
	}
	name := filepath.Base(path)
	if ignoredDirs[name] && (isDir || name == ".git") {
		return "directories called " + name
	}
	if !isDir {
		for _, t := range temporaries {
			if t.match(name) {
				return "temporary file: " + t.owner
			}
		}
	}
	if isDir && !r.kept[path] {
		return r.gitignored(path)
	}
	return ""
}

// unwanted reports whether an option ignores the file path.
func (r *rules) unwanted(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked(path, false) != ""
}

// asked returns the option that ignores path, or "". It counts for files that were
// named, too: the dependencies of documents are.
func (r *rules) asked(path string, isDir bool) string {
	if p := verdict(r.options, path, isDir, r.bases...); p != nil && !p.negated {
		return "--ignore " + p.text
	}
	subject := filepath.ToSlash(path)
	if isDir {
		subject += "/" // an expression that matches this matches all that is below
	}
	for _, re := range r.regexps {
		if re.MatchString(subject) {
			return "--re-ignore " + re.String()
		}
	}
	return ""
}

// verdict returns the last of patterns that matches path, or nil.
func verdict(patterns []pattern, path string, isDir bool, bases ...string) *pattern {
	for i := len(patterns) - 1; i >= 0; i-- {
		if patterns[i].matches(path, isDir, bases...) {
			return &patterns[i]
		}
	}
	return nil
}

// rootOf returns the innermost root that path is in, or "".
func (r *rules) rootOf(path string) string {
	var innermost string
	for _, root := range r.roots {
		if within(path, root) && len(root) > len(innermost) {
			innermost = root
		}
	}
	return innermost
}

// gitignored returns the line of a .gitignore that ignores the directory dir or
// one between it and its root, or "".
func (r *rules) gitignored(dir string) string {
	root := r.rootOf(dir)
	if root == "" || dir == root {
		return ""
	}
	if why := r.gitignored(parent(dir)); why != "" {
		return why
	}
	top := r.top(root)
	for base := parent(dir); base != "" && within(base, top); base = parent(base) {
		if p := verdict(r.gitignore(base), dir, true, base); p != nil {
			if p.negated {
				return ""
			}
			return filepath.Join(base, ".gitignore") + ": " + p.text
		}
	}
	return ""
}

// top returns the directory above whose .gitignore none counts for root: the
// top of the repository, or root itself outside of one.
func (r *rules) top(root string) string {
	if top, ok := r.tops[root]; ok {
		return top
	}
	top := repository(root)
	if top == "" {
		top = root
	}
	r.tops[root] = top
	return top
}

// repository returns the nearest directory from dir upwards that git calls the
// top of a working tree, or "".
func repository(dir string) string {
	for ; dir != ""; dir = parent(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
	}
	return ""
}

// gitignore returns the patterns of dir's own .gitignore.
func (r *rules) gitignore(dir string) []pattern {
	if patterns, ok := r.gitignores[dir]; ok {
		return patterns
	}
	var patterns []pattern
	if f, err := os.Open(filepath.Join(dir, ".gitignore")); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if p, ok, err := parsePattern(lines.Text()); ok && err == nil { // git skips a bad line too
				patterns = append(patterns, p)
			}
		}
	}
	r.gitignores[dir] = patterns
	return patterns
}
