package differential

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	content "docserve/runner/generate/kinds"
)

//go:embed all:testdata/project all:testdata/structured
var sources embed.FS

// emitted is written by the project's own extension while documents are read.
const emitted = "inc/emitted.txt"

// dice decide what an edit edits. They are loaded by the plan, so that a plan
// always gives the same edits.
type dice = *rand.Rand

// project is the sources as they are to be, and what of it is on disk. Edits
// change the former; save brings the latter up to date.
type project struct {
	dir     string
	suffix  string            // of documents in reStructuredText, when it is not .rst
	files   map[string]string // text by name, with slashes
	disk    map[string]string
	touched []string // written anew though nothing has changed
	count   int      // of new names
	ruled   bool     // it has rules
	repairs []func() // what must be put right before a build can succeed
	save    func()   // save, and wait for as long as the plan says; for edits of several steps
}

// load returns the project as it is at the start of a sequence, with rules or
// without.
func load(dir string, ruled bool) (*project, error) {
	p := &project{dir: dir, ruled: ruled, files: map[string]string{}, disk: map[string]string{}}
	if err := p.add("testdata/project"); err != nil {
		return nil, err
	}
	p.files["many/größe.rst"] = "Größe\n=====\n\nEine Seite mit Umlauten im Namen. :doc:`/intro`\n"
	if !ruled {
		return p, nil
	}
	if err := p.add("testdata/structured"); err != nil {
		return nil, err
	}
	p.files["_ext/"+content.ExtensionName] = string(content.Extension)
	p.files["conf.py"] = strings.Replace(p.files["conf.py"], "'marks',\n]", "'marks', 'unseen', 'docserve_pages',\n]\ndocserve_pages = ['inc/*/*.pages.json']", 1)
	p.files["index.rst"] = strings.Replace(p.files["index.rst"], "   hidden\n", "   hidden\n   structured/index\n", 1)
	return p, nil
}

// add adds the files of a directory beside the tests.
func (p *project) add(dir string) error {
	root, err := fs.Sub(sources, dir)
	if err != nil {
		return err
	}
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".mo") || strings.HasSuffix(name, ".pyc") {
			return err
		}
		data, err := fs.ReadFile(root, name)
		p.files[name] = string(data)
		return err
	})
	if err != nil {
		return fmt.Errorf("load the project: %w", err)
	}
	return nil
}

// write brings the disk up to date, and says which files were written or removed.
func (p *project) write() ([]string, error) {
	var names []string
	for name, text := range p.files {
		if before, ok := p.disk[name]; !ok || before != text {
			names = append(names, name)
		}
	}
	names = append(names, p.touched...)
	p.touched = nil
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		file := p.path(name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(p.files[name]), 0o666)); err != nil {
			return nil, fmt.Errorf("save: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.disk)) {
		if _, ok := p.files[name]; ok {
			continue
		}
		names = append(names, "-"+name)
		if err := p.remove(name); err != nil {
			return nil, err
		}
	}
	p.disk = maps.Clone(p.files)
	delete(p.files, emitted) // from now on it is the extension's
	delete(p.disk, emitted)
	return names, nil
}

// remove removes a file with what was compiled from it, and directories that
// are empty then.
func (p *project) remove(name string) error {
	file := p.path(name)
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if compiled, ok := strings.CutSuffix(file, ".po"); ok {
		if err := os.Remove(compiled + ".mo"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("save: %w", err)
		}
	}
	for dir := filepath.Dir(file); dir != p.dir && os.Remove(dir) == nil; {
		dir = filepath.Dir(dir)
	}
	return nil
}

func (p *project) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// docs returns the names of all documents' files that have one of these suffixes.
func (p *project) docs(suffixes ...string) []string {
	if len(suffixes) == 0 {
		suffixes = []string{".rst", ".md"}
	}
	if p.suffix != "" && slices.Contains(suffixes, ".rst") {
		suffixes = []string{p.suffix}
	}
	var names []string
	for name := range p.files {
		if slices.Contains(suffixes, path.Ext(name)) && !strings.HasPrefix(name, "inc/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// movable returns the documents that may be removed or renamed: not those that
// stay.
func (p *project) movable() []string { return slices.DeleteFunc(p.docs(), stays) }

// stays reports whether a document keeps its name: the root, and one that the
// configuration names.
func stays(name string) bool { return docname(name) == "index" || name == "structured/quoting.rst" }

// fewest is how many documents a project keeps.
const fewest = 22

// fresh returns a name that was not used before.
func (p *project) fresh(stem string) string {
	p.count++
	return fmt.Sprintf("%s%d", stem, p.count)
}

// docname is the name of a document's file without its suffix.
func docname(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// pick draws one of them.
func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// having returns the files among names that match.
func (p *project) having(names []string, re *regexp.Regexp) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !re.MatchString(p.files[name]) })
}

// replace replaces one match, in one of the files, both drawn. It returns the
// name of the file, "" if there is no match in any.
func (p *project) replace(d dice, names []string, re *regexp.Regexp, with func(groups []string) string) string {
	names = p.having(names, re)
	if len(names) == 0 {
		return ""
	}
	name := pick(d, names)
	text := p.files[name]
	at := pick(d, re.FindAllStringSubmatchIndex(text, -1))
	var groups []string
	for i := 0; i < len(at); i += 2 {
		group := ""
		if at[i] >= 0 {
			group = text[at[i]:at[i+1]]
		}
		groups = append(groups, group)
	}
	p.files[name] = text[:at[0]] + with(groups) + text[at[1]:]
	return name
}

// boundary is where a block can begin: an empty line before text at the margin.
var boundary = regexp.MustCompile(`\n\n(\S)`)

// insert puts a block of reStructuredText between two others after the title.
func (p *project) insert(d dice, name, block string) {
	text := p.files[name]
	if path.Ext(name) == ".md" {
		p.files[name] = strings.TrimRight(text, "\n") + "\n\n```{eval-rst}\n" + strings.Trim(block, "\n") + "\n```\n"
		return
	}
	from := 0
	if title := heading.FindStringIndex(text); title != nil {
		from = title[1] - 1
	}
	places := []int{len(text)}
	for _, at := range boundary.FindAllStringSubmatchIndex(text[from:], -1) {
		places = append(places, from+at[2])
	}
	at := pick(d, places)
	before := strings.TrimRight(text[:at], "\n")
	if before != "" {
		before += "\n\n"
	}
	p.files[name] = before + strings.Trim(block, "\n") + "\n\n" + text[at:]
	p.files[name] = strings.TrimRight(p.files[name], "\n") + "\n"
}

// block finds directives, targets and citations at the margin, with all that
// is indented below them.
func blockOf(start string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^` + start + `[^\n]*\n(?:[ \t]+[^\n]*\n|\n+[ \t]+[^\n]*\n)*`)
}
