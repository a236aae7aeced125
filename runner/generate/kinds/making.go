package kinds

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"docserve/runner/generate"
)

// making is one call of Make.
type making struct {
	kind   *Kind
	schema *schema
	set    *set
	job    generate.Job
	read   func(string) ([]byte, error)
	marks  *marks

	resolved    map[*document]*resolved
	pages       pages
	made        []generate.File
	diagnostics []generate.Diagnostic
	seen        map[generate.Diagnostic]bool
	failed      bool // since it was set to false
}

// report adds a diagnostic, once.
func (m *making) report(at place, severity generate.Severity, message, hint string) {
	d := generate.Diagnostic{Line: at.line, Column: at.column, Severity: severity, Message: message, Hint: hint}
	if at.file != nil {
		d.Path = at.file.path
	}
	m.add(d)
}

func (m *making) add(d generate.Diagnostic) {
	if m.seen[d] {
		return
	}
	m.seen[d] = true
	m.failed = m.failed || d.Severity == generate.Error
	m.diagnostics = append(m.diagnostics, d)
}

// short returns a path as people see it: relative to the project if it is in it.
func (m *making) short(path string) string {
	rel, err := filepath.Rel(m.kind.options.Project, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return filepath.ToSlash(rel)
}

// load returns a file that documents are inherited from.
func (m *making) load(path string, data []byte) *file {
	return m.kind.load(path, data, m.schema).file
}

// run makes all outputs of the job's input.
func (m *making) run(ctx context.Context) error {
	var problems []generate.Diagnostic
	var err error
	if m.schema, problems, err = m.kind.schema(m.read); err != nil {
		return err
	}
	for _, d := range problems {
		m.add(d)
	}
	if m.schema == nil {
		return nil
	}
	if m.set, err = m.kind.set(m.schema, m.read); err != nil {
		return err
	}
	data, err := m.read(m.job.Input)
	if err != nil {
		m.add(generate.Diagnostic{Path: m.job.Input, Severity: generate.Error, Message: "cannot read the file: " + err.Error()})
		return nil
	}
	input := m.kind.load(m.job.Input, data, m.schema)
	if input.file.broken != nil {
		m.add(*input.file.broken)
		return nil
	}
	for _, d := range input.problems {
		m.add(d)
	}
	concrete, all := m.documents(input.file)
	m.marks.off = m.hasMarks(input.file)
	whole := !m.failed // whether nothing is wrong with any document
	var good []*resolved
	var views []map[string]any
	for _, r := range concrete {
		m.failed = false
		if view := m.document(r); !m.failed {
			good, views = append(good, r), append(views, view)
		}
		whole = whole && !m.failed
	}
	m.number(views)
	good, views = m.sort(good, views)
	switch {
	case !m.schema.perFile:
		return m.each(ctx, input.file, good, views, whole)
	case whole && all > 0:
		return m.whole(input.file, good, views)
	}
	return nil
}

// hasMarks reports whether a source has characters that are used as marks.
func (m *making) hasMarks(input *file) bool {
	files := map[*file]bool{input: true}
	for _, r := range m.resolved {
		for _, e := range r.fields {
			files[e.at.file] = true
		}
		for _, n := range r.replacement {
			files[n.file] = true
		}
	}
	for f := range files {
		if f != nil && strings.IndexByte(string(f.data), markByte) >= 0 {
			return true
		}
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(m.kind.options.Replacements)), func(s string) bool {
		return strings.IndexByte(s, markByte) >= 0
	})
}

// documents resolves what the input has, and returns that of which something is
// to be made; and how much there is, whatever the edition.
func (m *making) documents(f *file) (concrete []*resolved, all int) {
	first := map[string]*resolved{}
	for _, d := range f.docs {
		r := m.resolve(d, nil)
		identity, complete := m.schema.identify(r.get)
		if r.wrong || abstract(identity) {
			m.checkOnly(d, r)
			continue
		}
		all++
		if !m.built(r.get("edition")) {
			continue
		}
		if !complete && !m.schema.perFile {
			m.incomplete(d)
			continue
		}
		key := strings.Join(identity, "\x00")
		if before := first[key]; complete && before != nil {
			m.report(d.place, generate.Error, fmt.Sprintf("there is a document %s already, in line %d", show(identity), before.line), "")
			continue
		}
		first[key] = r
		concrete = append(concrete, r)
	}
	return concrete, all
}

// checkOnly checks a document of which nothing is made. It may lack fields, and
// its tokens are those of whoever inherits it.
func (m *making) checkOnly(d *document, r *resolved) {
	c := &checking{m: m, scope: &scope{m: m, doc: r, literal: true}}
	for _, e := range d.entries {
		t, ok := m.schema.fields[e.name]
		if ok && e.value.form != null && e.name != "inherit" && e.name != "replacement" {
			c.field(e.name, e.value, t, filling{made: map[string]any{}})
		}
	}
}

func (m *making) incomplete(d *document) {
	var names []string
	for _, one := range m.schema.identity {
		names = append(names, one[0])
	}
	m.report(d.place, generate.Error, "the document needs "+strings.Join(names, " and "), "it is the name of what is made of it")
}

// number gives those that have no number the one after that of the one before.
func (m *making) number(views []map[string]any) {
	if m.schema.count == "" {
		return
	}
	n := 0
	for _, v := range views {
		if given, ok := v[m.schema.count].(int); ok {
			n = given
		} else {
			n++
		}
		v[m.schema.count] = n
	}
}

// sort puts documents in the order of the schema's field; those without it come
// last.
func (m *making) sort(docs []*resolved, views []map[string]any) ([]*resolved, []map[string]any) {
	if m.schema.order == "" {
		return docs, views
	}
	order := make([]int, len(views))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, given := views[a][m.schema.order].(int)
		y, too := views[b][m.schema.order].(int)
		switch {
		case given && too:
			return x - y
		case given:
			return -1
		case too:
			return 1
		}
		return 0
	})
	sortedDocs, sortedViews := make([]*resolved, len(docs)), make([]map[string]any, len(docs))
	for i, from := range order {
		sortedDocs[i], sortedViews[i] = docs[from], views[from]
	}
	return sortedDocs, sortedViews
}

// whole makes the outputs of a file as a whole.
func (m *making) whole(f *file, docs []*resolved, views []map[string]any) error {
	start := place{f, 1, 0}
	if len(docs) > 0 {
		start = docs[0].place
	}
	vars := m.vars(f)
	for _, v := range m.schema.forms {
		data := map[string]any{"docs": views, "form": v.form, "stem": vars["stem"]}
		if err := m.output(start, v, vars, data); err != nil {
			return err
		}
	}
	return nil
}

// each makes the outputs of each document. A template that shows other documents
// beside its own has to have all of them: the file must be whole.
func (m *making) each(ctx context.Context, f *file, docs []*resolved, views []map[string]any, whole bool) error {
	for i, r := range docs {
		vars := m.vars(f)
		m.name(vars, r, views[i])
		before := len(m.made)
		for _, v := range m.schema.forms {
			if !whole && m.set.shows(v.name(m.kind.name), "docs") {
				continue
			}
			data := map[string]any{"doc": views[i], "docs": views, "form": v.form, "stem": vars["stem"]}
			if err := m.output(r.place, v, vars, data); err != nil {
				return err
			}
		}
		for _, made := range m.made[before:] {
			m.pages.add(m.schema.pages, m.include(made.Path), views[i])
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if whole && !m.failed {
		return m.list(f, docs)
	}
	return nil
}

// vars returns what stands for names in braces in a pattern of outputs, whatever
// the document.
func (m *making) vars(f *file) map[string]string {
	folder, err := filepath.Rel(m.kind.options.Source, filepath.Dir(f.path))
	if err != nil { // on another drive
		folder = filepath.Dir(f.path)
	}
	return map[string]string{"stem": m.schema.stem(f.path), "folder": filepath.ToSlash(folder)}
}

// name adds those that are a document's.
func (m *making) name(vars map[string]string, r *resolved, view map[string]any) {
	for name, t := range m.schema.fields {
		if word, ok := view[name].(string); ok && t.base == "name" && t.many == one {
			vars[name] = fileName(word)
		}
	}
	if vars["ref"] == "" {
		identity, _ := m.schema.identify(r.get)
		vars["ref"] = fileName(strings.Join(identity, "-"))
	}
}

// fileName makes a name of a word that may stand in a path on any system.
func fileName(word string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?* `, r) {
			return '-'
		}
		return r
	}, strings.TrimPrefix(strings.TrimSpace(word), "/"))
}

// output renders one template into one file.
func (m *making) output(at place, v variant, vars map[string]string, data map[string]any) error {
	vars["form"] = v.form
	path, err := m.job.Output(vars)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(m.made, func(f generate.File) bool { return f.Path == path }) {
		m.report(at, generate.Error, fmt.Sprintf("another document of this file makes %s too", m.short(path)), "")
		return nil
	}
	written, err := m.set.render(v.name(m.kind.name), data)
	if err != nil {
		m.template(err)
		return nil
	}
	head := ".. Made by docserve from " + m.short(at.file.path) + ". Edit that file instead.\n\n"
	text, lines := m.marks.finish([]byte(head), written, at.origin())
	m.made = append(m.made, generate.File{Path: path, Data: text, Lines: lines})
	return nil
}

// template reports what is wrong with a template.
func (m *making) template(err error) {
	var e *templateError
	d := generate.Diagnostic{Severity: generate.Error, Message: err.Error()}
	if errors.As(err, &e) {
		d.Path, d.Line = e.path, e.line
	}
	if d.Path == "" {
		d.Path, d.Line = m.job.Input, 0
	}
	m.add(d)
}
