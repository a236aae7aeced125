package graph

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"docserve/internal/digest"
)

// Input is a file that the interpreter has loaded, so that only a new one can
// load it again: conf.py and extensions (Config), Python modules of the project
// (Module).
type Input struct {
	Path   string        `json:"path"`
	Kind   Kind          `json:"kind"`
	Digest digest.Digest `json:"digest"` // as it was loaded; zero: there was no such file
}

// Place is a file, or a directory of which the files with certain endings count.
type Place struct {
	Path    string
	Endings []string // none is all
}

// Project is what concerns all documents at once.
type Project struct {
	SourceDir string   // where the documents are
	Suffixes  []string // of documents, with the dot: ".rst"
	Excludes  []string // exclude_patterns, in Sphinx's syntax, relative to SourceDir
	Loaded    []Input  // what the interpreter has loaded from the project
	Templates []string // directories and files that shape all pages
	Static    []string // directories and files that are copied to the output
	Catalogs  []string // directories and files of message catalogs (locale_dirs)
	Inputs    []Place  // what extensions read when the interpreter starts
	Generated []string // directories in which they write documents then; such files are no inputs
}

// SetProject replaces what is known about the project.
func (g *Graph) SetProject(p Project) {
	g.project = Project{
		SourceDir: p.SourceDir,
		Suffixes:  slices.Clone(p.Suffixes),
		Excludes:  slices.Clone(p.Excludes),
		Loaded:    slices.Clone(p.Loaded),
		Templates: slices.Clone(p.Templates),
		Static:    slices.Clone(p.Static),
		Catalogs:  slices.Clone(p.Catalogs),
		Inputs:    slices.Clone(p.Inputs),
		Generated: slices.Clone(p.Generated),
	}
	g.roles = newRoles(g.project)
	for name := range g.recorded {
		if g.roles.of(name) == 0 {
			delete(g.recorded, name)
		}
	}
}

// Project returns what SetProject was last told. The caller must not modify it.
func (g *Graph) Project() Project { return g.project }

// Record says which contents of templates, static files and catalogs have been
// dealt with: a change to just that content is none. A zero digest says the
// file is gone. Files that play no such role are passed over, so that a whole
// snapshot may be given.
func (g *Graph) Record(contents map[string]digest.Digest) {
	for name, d := range contents {
		switch {
		case d.IsZero():
			delete(g.recorded, name)
		case g.roles.of(name) != 0:
			g.recorded[name] = d
		}
	}
}

// role is a set of kinds that a directory gives to the files in it.
type role uint8

const (
	template role = 1 << iota
	static
	catalog
	input
)

// roles answers what a path means to the project.
type roles struct {
	source   string // with a slash at the end; "" when no project is set
	suffixes []string
	excluded map[string]bool  // the patterns without wildcards, which most are
	excludes []*regexp.Regexp // the others
	loaded   map[string]Input
	places   map[string]role
	inputs   []Place
	apart    []string // directories with nothing that is an input
}

func newRoles(p Project) roles {
	r := roles{suffixes: p.Suffixes, excluded: map[string]bool{}, loaded: map[string]Input{}, places: map[string]role{}, inputs: p.Inputs, apart: p.Generated}
	if p.SourceDir != "" {
		r.source = strings.TrimSuffix(p.SourceDir, "/") + "/"
	}
	for _, pattern := range p.Excludes {
		if strings.ContainsAny(pattern, "*?[") {
			r.excludes = append(r.excludes, translate(pattern))
		} else {
			r.excluded[pattern] = true
		}
	}
	for _, in := range p.Loaded {
		r.loaded[in.Path] = in
	}
	for _, place := range []struct {
		names []string
		role  role
	}{{p.Templates, template}, {p.Static, static}, {p.Catalogs, catalog}} {
		for _, name := range place.names {
			r.places[name] |= place.role
		}
	}
	return r
}

// of returns the roles that the innermost of the project's directories gives to
// a path: a theme's static directory inside its templates is static only.
func (r *roles) of(name string) role {
	_, got := r.place(name)
	if r.isInput(name) {
		got |= input
	}
	return got
}

// isInput reports whether an extension reads the file when the interpreter starts.
func (r *roles) isInput(name string) bool {
	within := func(place string) bool { return name == place || strings.HasPrefix(name, place+"/") }
	if slices.ContainsFunc(r.apart, within) {
		return false
	}
	return slices.ContainsFunc(r.inputs, func(p Place) bool {
		ends := func(ending string) bool { return strings.HasSuffix(name, ending) }
		return within(p.Path) && (len(p.Endings) == 0 || slices.ContainsFunc(p.Endings, ends))
	})
}

func (r *roles) place(name string) (string, role) {
	if len(r.places) == 0 {
		return "", 0
	}
	for {
		if got, ok := r.places[name]; ok {
			return name, got
		}
		up := path.Dir(name)
		if up == name {
			return "", 0
		}
		name = up
	}
}

// isDocument reports whether a file of that name would be a document: it is one
// for Sphinx if it has the suffix, and neither it nor a directory above it is
// excluded. Sphinx excludes templates and static files by itself.
func (r *roles) isDocument(name string) bool {
	rel, ok := r.relative(name)
	if !ok || !slices.ContainsFunc(r.suffixes, func(s string) bool { return strings.HasSuffix(rel, s) }) {
		return false
	}
	if place, got := r.place(name); got&(template|static) != 0 && len(place) > len(r.source) && strings.HasPrefix(place, r.source) {
		return false
	}
	for ; rel != "."; rel = path.Dir(rel) {
		if r.excluded[rel] || slices.ContainsFunc(r.excludes, func(re *regexp.Regexp) bool { return re.MatchString(rel) }) {
			return false
		}
	}
	return true
}

// relative returns a path inside the source directory relative to it.
func (r *roles) relative(name string) (string, bool) {
	if r.source == "" {
		return "", false
	}
	return strings.CutPrefix(name, r.source)
}

// inside reports whether a path is inside the source directory.
func (r *roles) inside(name string) bool {
	_, ok := r.relative(name)
	return ok
}

// Name returns the path of a file as plans have it for people: relative to the
// source directory, unless it is far away.
func (g *Graph) Name(path string) string { return g.roles.display(path) }

// display returns the name under which people know a path: relative to the
// source directory, if that leads no more than two directories up.
func (r *roles) display(name string) string {
	if rel, ok := r.relative(name); ok {
		return rel
	}
	if r.source == "" {
		return name
	}
	rel, err := filepath.Rel(filepath.FromSlash(r.source), filepath.FromSlash(name))
	if err != nil || strings.HasPrefix(filepath.ToSlash(rel), "../../../") {
		return name
	}
	return filepath.ToSlash(rel)
}

// translate turns a pattern of Sphinx (sphinx.util.matching) into a regular
// expression: "*" and "?" stop at slashes, "**" does not, "[!x]" negates.
func translate(pattern string) *regexp.Regexp {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		switch rest := pattern[i:]; {
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			i += 2
		case rest[0] == '*':
			b.WriteString("[^/]*")
			i++
		case rest[0] == '?':
			b.WriteString("[^/]")
			i++
		default:
			n := 1
			if rest[0] == '[' {
				if class, size := translateClass(rest); size > 0 {
					b.WriteString(class)
					i += size
					continue
				}
			} else if j := strings.IndexAny(rest, "*?["); j > 0 {
				n = j
			} else {
				n = len(rest)
			}
			b.WriteString(regexp.QuoteMeta(rest[:n]))
			i += n
		}
	}
	re, err := regexp.Compile("^(?s:" + b.String() + ")$")
	if err != nil { // a class that Go does not know, such as a reversed range: matches only itself
		return regexp.MustCompile("^" + regexp.QuoteMeta(pattern) + "$")
	}
	return re
}

// translateClass translates the character class at the start of s, and returns
// its size in s; 0 when it has no end.
func translateClass(s string) (string, int) {
	body := strings.TrimPrefix(s[1:], "!")
	start := len(s) - len(body)
	if len(body) == 0 {
		return "", 0
	}
	end := strings.IndexByte(body[1:], ']') // a bracket right at the start stands for itself
	if end < 0 {
		return "", 0
	}
	class := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(body[:end+1])
	if start == 2 {
		class = "^/" + class
	}
	return "[" + class + "]", start + end + 2
}
