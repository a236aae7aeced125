//go:build linux

package faults

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed all:testdata/project
var sources embed.FS

// project is the sources as they are to be, and what of it is on disk.
type project struct {
	dir   string
	files map[string]string
	disk  map[string]string
	count int
}

func load(dir string) (*project, error) {
	p := &project{dir: dir, files: map[string]string{}, disk: map[string]string{}}
	root, err := fs.Sub(sources, "testdata/project")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".pyc") {
			return err
		}
		data, err := fs.ReadFile(root, name)
		p.files[name] = string(data)
		return err
	})
	return p, err
}

// docs returns the files of documents.
func (p *project) docs() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.files)), func(name string) bool { return !strings.HasSuffix(name, ".rst") })
}

// edit makes an edit of a document as a writer would: mostly of its text,
// sometimes of its title, which other pages show.
func (p *project) edit(d dice, name string) {
	p.count++
	text := p.files[name]
	if d.IntN(4) == 0 {
		if title, rest, found := strings.Cut(text, "\n===="); found {
			lines := strings.Split(title, "\n")
			lines[len(lines)-1] = fmt.Sprintf("Title %04d", p.count)
			p.files[name] = strings.Join(lines, "\n") + "\n====" + strings.Repeat("=", max(0, 6-strings.IndexByte(rest, '\n'))) + rest
			return
		}
	}
	p.files[name] = text + fmt.Sprintf("\nEdit %d.\n", p.count)
}

// other makes an edit of something else than a document's text.
func (p *project) other(d dice) {
	p.count++
	switch d.IntN(6) {
	case 0:
		p.files["_static/style.css"] = fmt.Sprintf("body { margin: %dpx }\n", p.count)
	case 1:
		p.files["_static/more.css"] = fmt.Sprintf("p { margin: %dpx }\n", p.count)
	case 2:
		p.files["inc/part.txt"] = fmt.Sprintf("Included text %d.\n", p.count)
	case 3:
		p.files["_templates/layout.html"] = fmt.Sprintf("{%% extends '!layout.html' %%}\n{%% block extrahead %%}{{ super() }}<!-- %d -->{%% endblock %%}\n", p.count)
	case 4:
		p.add(d)
	case 5:
		names := slices.DeleteFunc(p.docs(), func(name string) bool { return !strings.HasPrefix(name, "dnew") })
		if len(names) > 0 {
			delete(p.files, pick(d, names))
			return
		}
		delete(p.files, "_static/more.css")
	}
}

// add makes a new document.
func (p *project) add(d dice) string {
	p.count++
	name := fmt.Sprintf("dnew%d.rst", p.count)
	p.files[name] = fmt.Sprintf("New %d\n========\n\nSee :doc:`%s`.\n\n.. misbehave::\n", p.count, strings.TrimSuffix(pick(d, p.docs()), ".rst"))
	return name
}

// write brings the disk up to date.
func (p *project) write() error {
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		if before, ok := p.disk[name]; ok && before == p.files[name] {
			continue
		}
		path := p.path(name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(p.files[name]), 0o666)); err != nil {
			return fmt.Errorf("save: %w", err)
		}
	}
	for name := range p.disk {
		if _, ok := p.files[name]; !ok {
			if err := os.Remove(p.path(name)); err != nil {
				return fmt.Errorf("save: %w", err)
			}
		}
	}
	p.disk = maps.Clone(p.files)
	return nil
}

func (p *project) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }
