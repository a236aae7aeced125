package kinds

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"docserve/internal/nearest"
	"docserve/runner/generate"
)

// resolved is a document with all that it inherits.
type resolved struct {
	place
	fields      map[string]entry // by name; values stay at their place
	replacement map[string]*node
	wrong       bool // something that it inherits is not to be had; this was said
}

func (r *resolved) get(name string) *node {
	if e, ok := r.fields[name]; ok && e.value.form != null {
		return e.value
	}
	return nil
}

// word returns the text of a field that is one, or "".
func (r *resolved) word(name string) string {
	if n := r.get(name); n != nil && n.scalar() {
		return n.text
	}
	return ""
}

// identify returns what tells a document of the kind from others in its file,
// and whether it has all of that.
func (s *schema) identify(get func(name string) *node) ([]string, bool) {
	var found []string
	for _, names := range s.identity {
		for _, name := range names {
			if n := get(name); n != nil && n.scalar() {
				found = append(found, n.text)
				break
			}
		}
	}
	return found, len(found) == len(s.identity)
}

// own returns the identity of a document that may inherit it.
func (s *schema) own(d *document) ([]string, bool) {
	from := d.get("inherit")
	return s.identify(func(name string) *node {
		if n := d.get(name); n != nil || from == nil || from.form != mapping {
			return n
		}
		return from.get(name)
	})
}

// abstract reports whether a document with this identity is only there to be
// inherited from.
func abstract(identity []string) bool {
	return slices.ContainsFunc(identity, func(s string) bool { return strings.HasPrefix(s, "_") })
}

// show writes an identity for people.
func show(identity []string) string {
	if len(identity) == 0 {
		return "without a ref"
	}
	return fmt.Sprintf("%q", strings.Join(identity, " "))
}

// resolve returns a document with all that it inherits. The way is that of the
// documents that lead here by inheritance.
func (m *making) resolve(d *document, way []*document) *resolved {
	if r, ok := m.resolved[d]; ok {
		return r
	}
	r := &resolved{place: d.place, fields: map[string]entry{}, replacement: map[string]*node{}}
	if from := d.get("inherit"); from != nil {
		m.inherit(r, d, from, append(way, d))
	}
	for _, e := range d.entries {
		if e.name == "replacement" && e.value.form == mapping {
			for _, pair := range e.value.entries {
				r.replacement[pair.name] = pair.value
			}
		}
		if e.name != "inherit" && e.name != "replacement" {
			r.fields[e.name] = e
		}
	}
	m.resolved[d] = r
	return r
}

// inherit fills r with what the document takes from the one named by from.
func (m *making) inherit(r *resolved, d *document, from *node, way []*document) {
	target := m.target(d, from)
	if target == nil {
		r.wrong = true
		return
	}
	if i := slices.Index(way, target); i >= 0 {
		r.wrong = true
		m.circle(append(slices.Clone(way[i:]), target), from.place)
		return
	}
	base := m.resolve(target, way)
	r.wrong = base.wrong
	maps.Copy(r.fields, base.fields)
	maps.Copy(r.replacement, base.replacement)
}

// circle reports documents that inherit from each other, once for each circle.
func (m *making) circle(way []*document, at place) {
	var names []string
	for _, d := range way {
		identity, _ := m.schema.own(d)
		names = append(names, m.short(d.file.path)+"#"+strings.Join(identity, " "))
	}
	m.report(at, generate.Error, "inheritance goes in a circle: "+strings.Join(names, " → "), "one of these documents must not inherit")
}

// target finds the document that inherit names.
func (m *making) target(d *document, from *node) *document {
	if from.form != mapping {
		m.report(from.place, generate.Error, "inherit must be a mapping with file and ref, and is "+from.form.String(), "")
		return nil
	}
	wanted, complete := m.schema.identify(from.get)
	if !complete {
		var names []string
		for _, one := range m.schema.identity {
			names = append(names, one[0])
		}
		m.report(from.place, generate.Error, "inherit needs "+strings.Join(names, " and "), "")
		return nil
	}
	for _, e := range from.entries {
		if known := append(slices.Concat(m.schema.identity...), "file"); !slices.Contains(known, e.name) {
			m.report(e.at, generate.Warning, fmt.Sprintf("inherit has no %q", e.name), meant(e.name, known))
		}
	}
	in, at := d.file, from.place
	if name := from.get("file"); name != nil {
		at = name.place
		if in = m.find(name); in == nil {
			return nil
		}
	}
	if in.broken != nil && in != d.file {
		m.report(at, generate.Error, fmt.Sprintf("%s, from which this inherits, cannot be read: line %d: %s", m.short(in.path), in.broken.Line, in.broken.Message), "")
		return nil
	}
	return m.pick(in, from, wanted)
}

// pick finds a document by its identity; of several, the one of the edition that
// is built.
func (m *making) pick(in *file, from *node, wanted []string) *document {
	var found *document
	var known []string
	for _, d := range in.docs {
		identity, ok := m.schema.own(d)
		if !ok {
			continue
		}
		known = append(known, strings.Join(identity, " "))
		if slices.Equal(identity, wanted) && (found == nil || !m.built(found.get("edition")) && m.built(d.get("edition"))) {
			found = d
		}
	}
	if found == nil {
		at := from.place
		if n := from.get(m.schema.identity[len(m.schema.identity)-1][0]); n != nil {
			at = n.place
		}
		hint := meant(strings.Join(wanted, " "), known)
		if len(known) == 0 {
			hint = "no document there has one"
		}
		m.report(at, generate.Error, fmt.Sprintf("%s has no document %s", m.short(in.path), show(wanted)), hint)
	}
	return found
}

// built reports whether something with this edition belongs to those that are
// built.
func (m *making) built(edition *node) bool {
	if edition == nil || len(m.kind.options.Editions) == 0 {
		return true
	}
	names := edition.items
	if edition.scalar() {
		names = []*node{edition}
	}
	return slices.ContainsFunc(names, func(n *node) bool { return slices.Contains(m.kind.options.Editions, n.text) })
}

// find loads the file that a document inherits from. Its name is looked for in
// three directories, as it is and with the extension added.
func (m *making) find(name *node) *file {
	if !name.scalar() {
		m.report(name.place, generate.Error, "file must be text, and is "+name.form.String(), "")
		return nil
	}
	o := m.kind.options
	wanted := filepath.FromSlash(strings.TrimPrefix(name.text, "/"))
	for _, dir := range []string{o.Includes, o.Source, o.Project} {
		for _, candidate := range []string{filepath.Join(dir, wanted), filepath.Join(dir, wanted+".yaml")} {
			data, err := m.read(candidate)
			switch {
			case err == nil:
				return m.load(candidate, data)
			case !errors.Is(err, fs.ErrNotExist):
				m.report(name.place, generate.Error, "cannot read the file that this inherits from: "+err.Error(), "")
				return nil
			}
		}
	}
	where := []string{m.short(o.Includes), m.short(o.Source), m.short(o.Project)}
	m.report(name.place, generate.Error, fmt.Sprintf("there is no file %q", name.text), m.neighbour(wanted, slices.Compact(where)))
	return nil
}

// neighbour names the file that was probably meant, or where it was looked for.
func (m *making) neighbour(wanted string, where []string) string {
	var names []string
	dir := path.Dir(filepath.ToSlash(wanted))
	below := []string{m.kind.options.Includes, m.kind.options.Source}
	if !filepath.IsLocal(filepath.FromSlash(dir)) {
		below = nil // what is listed is watched
	}
	for _, in := range below {
		for _, name := range m.job.List(filepath.Join(in, filepath.FromSlash(dir))) {
			if strings.HasSuffix(name, ".yaml") {
				names = append(names, path.Join(dir, name))
			}
		}
	}
	if near := nearest.Name(filepath.ToSlash(wanted), names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "looked for in " + strings.Join(where, ", ")
}

// meant is the hint for a name that is not known.
func meant(typed string, known []string) string {
	known = slices.Compact(slices.Sorted(slices.Values(known)))
	if near := nearest.Name(typed, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(known) == 0 {
		return ""
	}
	const shown = 12 // more is no help
	if len(known) > shown {
		return "there are " + strings.Join(known[:shown], ", ") + ", …"
	}
	return "there are " + strings.Join(known, ", ")
}
