// Package kinds makes reStructuredText of structured documents: of text that is
// kept as data in YAML files, inherited, specialised and filled in.
//
// It owns what a kind of structured content is, which is data, a schema and
// templates, some of which it embeds; and what inheritance, replacements and
// editions mean. It finds out for each line of an output from which line of a
// source it comes. It decides neither what is made when nor where it goes, writes
// nothing, and reads all that an output depends on through its caller.
package kinds

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"docserve/internal/digest"
	"docserve/internal/nearest"
	"docserve/runner/generate"
)

// version changes with whatever in this package's code shapes outputs.
const version = "kinds 1"

//go:embed builtin
var builtin embed.FS

// complete fills in the directories that a project has by default.
func complete(o generate.KindOptions) generate.KindOptions {
	if o.Source == "" {
		o.Source = o.Project
	}
	if o.Includes == "" {
		o.Includes = filepath.Join(o.Source, "includes")
	}
	if o.Templates == "" {
		o.Templates = filepath.Join(o.Project, "templates")
	}
	return o
}

// Kind is a kind of structured content. It implements generate.Kind.
type Kind struct {
	name      string
	options   generate.KindOptions
	pattern   string
	signature func() string // remembers what Signature answers: each job of a rule asks

	mu      sync.Mutex // guards what follows
	files   map[string]cached
	schemas map[string]checkedSchema // by what the file holds
	sets    map[string]*set          // by what the templates hold
}

// cached is a file as it was last parsed.
type cached struct {
	file     *file
	schema   *schema
	problems []generate.Diagnostic
}

// checkedSchema is a schema, or what is wrong with it.
type checkedSchema struct {
	schema   *schema
	problems []generate.Diagnostic
}

// Names returns the names of all kinds: docserve's, and those for which the
// project has a schema.
func Names(o generate.KindOptions) []string {
	names := map[string]bool{}
	entries, _ := builtin.ReadDir("builtin") // cannot fail: it is embedded
	own, _ := os.ReadDir(complete(o).Templates)
	for _, e := range append(entries, own...) {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok && !e.IsDir() {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// New returns a kind by its name.
func New(name string, o generate.KindOptions) (*Kind, error) {
	k := &Kind{
		name: name, options: complete(o),
		files: map[string]cached{}, schemas: map[string]checkedSchema{}, sets: map[string]*set{},
	}
	k.signature = sync.OnceValue(k.sign)
	_, data, err := k.source(name+".yaml", os.ReadFile)
	if errors.Is(err, fs.ErrNotExist) {
		known := Names(o)
		message := fmt.Sprintf("there is no kind %q", name)
		if near := nearest.Name(name, known); near != "" {
			return nil, fmt.Errorf("%s; did you mean %s?", message, near)
		}
		return nil, fmt.Errorf("%s; there are %s", message, strings.Join(known, ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema of the kind %s: %w", name, err)
	}
	if s, _ := readSchema("", data); s != nil { // what is wrong with it is said when it is used
		k.pattern = s.output
	}
	return k, nil
}

// Pattern implements generate.Kind. In braces it has {folder}, the directory of
// the input, relative to the sources; {stem}, the input's name without the kind's
// prefix; {form}; and {ref} and other fields of the document that are words. It is
// "" when the schema cannot be read.
func (k *Kind) Pattern() string { return k.pattern }

// Signature implements generate.Maker. The project's own templates and schemas
// are not in it: they are files that are read.
func (k *Kind) Signature() string { return k.signature() }

func (k *Kind) sign() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s\n%q\n", version, k.name, k.options.Editions)
	for _, name := range slices.Sorted(maps.Keys(k.options.Replacements)) {
		fmt.Fprintf(&b, "%q=%q\n", name, k.options.Replacements[name])
	}
	entries, _ := builtin.ReadDir("builtin")
	for _, e := range entries {
		data, _ := builtin.ReadFile("builtin/" + e.Name())
		b.Write(data)
	}
	return digest.Of(b.Bytes()).String()
}

// source returns a schema or a template: the project's, or docserve's. The path
// is "" for one of docserve's.
func (k *Kind) source(name string, read func(string) ([]byte, error)) (string, []byte, error) {
	own := filepath.Join(k.options.Templates, name)
	data, err := read(own)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return own, data, err
	}
	data, err = builtin.ReadFile("builtin/" + name)
	return "", data, err
}

// Make implements generate.Maker.
func (k *Kind) Make(ctx context.Context, job generate.Job) (generate.Made, error) {
	m := &making{
		kind: k, job: job, read: remembering(job.Read), marks: newMarks(),
		resolved: map[*document]*resolved{}, seen: map[generate.Diagnostic]bool{},
	}
	err := m.run(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return generate.Made{}, err
	}
	slices.SortStableFunc(m.diagnostics, func(a, b generate.Diagnostic) int {
		if a.Path != b.Path {
			return strings.Compare(a.Path, b.Path)
		}
		return a.Line - b.Line
	})
	return generate.Made{Files: m.made, Diagnostics: m.diagnostics}, nil
}

// load parses a file, if it is not what it was the last time.
func (k *Kind) load(path string, data []byte, s *schema) cached {
	k.mu.Lock()
	c, ok := k.files[path]
	k.mu.Unlock()
	if ok && c.schema == s && bytes.Equal(c.file.data, data) {
		return c
	}
	c = cached{file: load(path, data), schema: s}
	c.problems = s.rename(c.file)
	k.mu.Lock()
	k.files[path] = c
	k.mu.Unlock()
	return c
}

// schema returns the kind's schema as the project has it now.
func (k *Kind) schema(read func(string) ([]byte, error)) (*schema, []generate.Diagnostic, error) {
	path, data, err := k.source(k.name+".yaml", read)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, []generate.Diagnostic{{
			Severity: generate.Error, Message: fmt.Sprintf("the schema of the kind %s is gone: there is no %s", k.name, filepath.Join(k.options.Templates, k.name+".yaml")),
		}}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the schema of the kind %s: %w", k.name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	checked, ok := k.schemas[string(data)]
	if !ok {
		clear(k.schemas) // that of before is of no use any more
		checked.schema, checked.problems = readSchema(path, data)
		k.schemas[string(data)] = checked
	}
	return checked.schema, checked.problems, nil
}

// set returns the compiled templates that a schema needs, as the project has them
// now.
func (k *Kind) set(s *schema, read func(string) ([]byte, error)) (*set, error) {
	sources, owners := map[string]string{}, map[string]string{}
	var wanted []string
	for _, v := range s.forms {
		wanted = append(wanted, v.name(k.name))
	}
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if _, ok := sources[name]; ok {
			continue
		}
		path, data, err := k.source(name+ending, read)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the template that uses it has an error then, with a line
		}
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", name, err)
		}
		sources[name], owners[name] = string(data), path
		wanted = append(wanted, used(string(data))...)
	}
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		fmt.Fprintf(&key, "%q %q %q\n", name, owners[name], sources[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.tokens)) {
		fmt.Fprintf(&key, "token %q %q\n", name, s.tokens[name])
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	made, ok := k.sets[key.String()]
	if !ok {
		clear(k.sets)
		made = newSet(sources, owners)
		k.sets[key.String()] = made
	}
	return made, nil
}

// name returns the name of the template of a variant of the kind.
func (v variant) name(kind string) string {
	if v.template == "" {
		return kind
	}
	return v.template
}

// stem returns the name of a file without the kind's prefix and the extension.
func (s *schema) stem(file string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(base, path.Ext(base))
	for _, prefix := range s.prefixes {
		if rest, ok := strings.CutPrefix(base, prefix+"-"); ok && rest != "" {
			return rest
		}
	}
	return base
}

// remembering reads each file once, so that all that is made in one call is made
// of the same content.
func remembering(read func(string) ([]byte, error)) func(string) ([]byte, error) {
	type answer struct {
		data []byte
		err  error
	}
	answers := map[string]answer{}
	return func(path string) ([]byte, error) {
		a, ok := answers[path]
		if !ok {
			a.data, a.err = read(path)
			answers[path] = a
		}
		return a.data, a.err
	}
}
