package differential

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Structured files are edited as text, a document of them is what stands between
// two lines of dashes. Refs come from a small pool, so that what is renamed meets
// others of the same name, and pages that include it.
var refs = []string{"tide-high", "tide-low", "tide-spring", "tide-own", "knot-a", "knot-b", "knot-c"}

var (
	refLine     = regexp.MustCompile(`(?m)^ref: (\S+)$`)
	inheritLine = regexp.MustCompile(`(?m)^inherit: \{file: (\S+), ref: (\S+)\}$`)
	bodyLine    = regexp.MustCompile(`(?m)^(  |[a-z]+: )((?:Text|Some|Words|More)\b[^\n]*)$`)
	valueLine   = regexp.MustCompile(`(?m)^  (which|hour|line|knot|boat|version): \S[^\n]*$`)
	portLine    = regexp.MustCompile(`(?m)^(title|text|label): [^\n]*$`)
	listedRule  = regexp.MustCompile(`(?m)^\[\[rule\]\]\n(?:[a-z]+ = [^\n]*\n)+`)
)

const (
	separator = "---\n"
	damage    = "\nbroken: [\n" // what makes a file no YAML
)

// yaml returns the names of the structured files of some kinds.
func (p *project) yaml(kinds ...string) []string {
	var names []string
	for _, name := range sortedKeys(p.files) {
		kind, _, _ := strings.Cut(path.Base(name), "-")
		if path.Dir(name) == "inc" && path.Ext(name) == ".yaml" && (len(kinds) == 0 || slices.Contains(kinds, kind)) {
			names = append(names, name)
		}
	}
	return names
}

// below returns the names of the files directly in a directory.
func (p *project) below(dir string) []string {
	return slices.DeleteFunc(sortedKeys(p.files), func(name string) bool { return path.Dir(name) != dir })
}

// parts returns the documents of a file.
func (p *project) parts(name string) []string {
	text := p.files[name]
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n")+"\n", separator)
}

func (p *project) setParts(name string, parts []string) {
	p.files[name] = strings.Join(parts, separator)
}

// refOf returns the ref of a document.
func refOf(part string) string {
	if m := refLine.FindStringSubmatch(part); m != nil {
		return m[1]
	}
	return ""
}

// renamed returns a document with another ref.
func renamed(part, ref string) string {
	return refLine.ReplaceAllString(part, "ref: "+ref)
}

// onDocument edits one of the documents of a kind's files; edited returns what
// stands in its place.
func (p *project) onDocument(d dice, kinds []string, edited func(name, part string) []string) {
	names := slices.DeleteFunc(p.yaml(kinds...), func(name string) bool { return len(p.parts(name)) == 0 })
	if len(names) == 0 {
		p.addDocument(d)
		return
	}
	name := pick(d, names)
	parts := p.parts(name)
	at := d.IntN(len(parts))
	p.setParts(name, slices.Replace(parts, at, at+1, edited(name, parts[at])...))
}

// document is the text of one, of a kind that has titles.
func (p *project) document(d dice, ref string) string {
	if bases := p.bases(); len(bases) > 0 && d.IntN(3) == 0 {
		base := pick(d, bases)
		return fmt.Sprintf("ref: %s\ninherit: {file: %s, ref: %s}\n", ref, base[0], base[1])
	}
	return fmt.Sprintf("ref: %s\ntitle: %s\nlevel: 3\ncontent: |\n  Some text. %s\n\n  %s\n", ref, pick(d, words[:8]), p.reference(d), p.sentence(d))
}

// bases returns files and refs of extracts that can be inherited from: those of
// others that begin with an underscore.
func (p *project) bases() [][2]string {
	var all [][2]string
	for _, name := range p.yaml("extracts") {
		for _, part := range p.parts(name) {
			if ref := refOf(part); strings.HasPrefix(ref, "_") {
				all = append(all, [2]string{path.Base(name), ref})
			}
		}
	}
	return all
}

// addDocument adds an extract, at any place of a file.
func (p *project) addDocument(d dice) {
	names := p.yaml("extracts")
	name := "inc/extracts-" + p.fresh("more") + ".yaml"
	if len(names) > 0 && d.IntN(4) > 0 {
		name = pick(d, names)
	}
	parts := p.parts(name)
	p.setParts(name, slices.Insert(parts, d.IntN(len(parts)+1), p.document(d, pick(d, refs))))
}

// addStep adds a step, at any place of a file.
func (p *project) addStep(d dice) {
	names := p.yaml("steps")
	name := "inc/steps-" + p.fresh("more") + ".yaml"
	if len(names) > 0 {
		name = pick(d, names)
	}
	parts := p.parts(name)
	step := fmt.Sprintf("ref: %s\ntitle: %s\ncontent: |\n  Some text. %s\n", p.fresh("step"), pick(d, words[:8]), p.reference(d))
	p.setParts(name, slices.Insert(parts, d.IntN(len(parts)+1), step))
}

// swap exchanges the refs of two documents of two files.
func (p *project) swap(d dice) {
	names := slices.DeleteFunc(p.yaml("extracts"), func(name string) bool { return len(p.parts(name)) == 0 })
	if len(names) < 2 {
		p.addDocument(d)
		return
	}
	d.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	one, two := p.parts(names[0]), p.parts(names[1])
	i, j := d.IntN(len(one)), d.IntN(len(two))
	first, second := refOf(one[i]), refOf(two[j])
	one[i], two[j] = renamed(one[i], second), renamed(two[j], first)
	p.setParts(names[0], one)
	p.setParts(names[1], two)
}

// follow has all documents inherit from a base under its new name.
func (p *project) follow(file, ref, newFile, newRef string) {
	for _, name := range p.yaml() {
		p.files[name] = strings.ReplaceAll(p.files[name],
			fmt.Sprintf("inherit: {file: %s, ref: %s}", file, ref), fmt.Sprintf("inherit: {file: %s, ref: %s}", newFile, newRef))
	}
}

// renameFile renames a structured file, and in one case of two what names it.
func (p *project) renameFile(d dice) {
	names := p.yaml("steps", "extracts")
	if len(names) == 0 {
		p.addDocument(d)
		return
	}
	old := pick(d, names)
	kind, _, _ := strings.Cut(path.Base(old), "-")
	name := "inc/" + kind + "-" + p.fresh("named") + ".yaml"
	p.rename(old, name)
	if d.IntN(2) == 0 {
		return
	}
	for _, part := range p.parts(name) {
		p.follow(path.Base(old), refOf(part), path.Base(name), refOf(part))
	}
	for _, page := range p.docs() {
		p.files[page] = strings.ReplaceAll(p.files[page], output(old), output(name))
	}
}

// output is what is made of a steps file, as an include directive names it.
func output(name string) string {
	stem := strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "steps-"), ".yaml")
	return "/inc/steps/" + stem + ".rst"
}

// outputs returns the names of files that are generated, as far as that is easily
// said.
func (p *project) outputs() []string {
	names := []string{"ports/all.rst", "inc/notes.txt"}
	for _, name := range p.yaml("extracts") {
		for _, part := range p.parts(name) {
			if ref := refOf(part); ref != "" && !strings.HasPrefix(ref, "_") {
				names = append(names, "inc/extracts/"+ref+".rst")
			}
		}
	}
	for _, name := range p.yaml("steps") {
		names = append(names, strings.TrimPrefix(output(name), "/"))
	}
	for _, name := range p.below("data/ports") {
		names = append(names, "ports/"+docname(path.Base(name))+".rst")
	}
	for _, name := range p.below("data/notes") {
		names = append(names, "inc/notes/"+path.Base(name))
	}
	return names
}

// removeOutput removes a generated file, as if somebody had done it by mistake.
func (p *project) removeOutput(d dice) {
	_ = os.Remove(p.path(pick(d, p.outputs()))) // it may not have been made yet
}

// include adds an include directive of something generated to a page.
func (p *project) include(d dice) {
	p.insert(d, pick(d, p.docs(".rst")), ".. include:: /"+pick(d, p.outputs())+"\n")
}

// mend puts right what rules cannot be applied to: it takes away inheritance from
// what is not there, or all, and gives new refs to what has one that is taken.
func (p *project) mend(all bool) {
	known := map[string]bool{}
	for _, name := range p.yaml() {
		for _, part := range p.parts(name) {
			known[path.Base(name)+" "+refOf(part)] = true
		}
	}
	taken := map[string]bool{}
	for _, name := range p.yaml() {
		kind, _, _ := strings.Cut(path.Base(name), "-")
		parts := p.parts(name)
		for i, part := range parts {
			ref := refOf(part)
			key := kind + " " + ref
			if kind != "extracts" || strings.HasPrefix(ref, "_") { // their names are those of their file only
				key = name + " " + ref
			}
			if ref != "" && taken[key] {
				old := ref
				ref = p.fresh(strings.TrimRight(ref, "0123456789"))
				part = renamed(part, ref)
				known[path.Base(name)+" "+ref] = true
				key = strings.TrimSuffix(key, old) + ref
			}
			taken[key] = true
			if base := inheritLine.FindStringSubmatch(part); base != nil && (all || !known[base[1]+" "+base[2]] || base[1]+base[2] == path.Base(name)+ref) {
				part = fmt.Sprintf("ref: %s\ntitle: Mended\nlevel: 3\ncontent: |\n  Some text.\n", ref)
			}
			parts[i] = part
		}
		p.setParts(name, parts)
	}
}
