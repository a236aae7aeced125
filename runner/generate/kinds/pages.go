package kinds

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"docserve/runner/generate"
)

// Extension is the Sphinx extension docserve_pages, which adds to pages what
// documents append and prepend to them. A project that uses these fields has a
// copy, under the name ExtensionName, so that any Sphinx does the same.
//
//go:embed docserve_pages.py
var Extension []byte

// ExtensionName is that of the extension's file.
const ExtensionName = "docserve_pages.py"

// pagesEnding is that of the files that the extension reads.
const pagesEnding = ".pages.json"

// pageEndings are those of the files of pages.
var pageEndings = []string{".rst", ".txt"}

// pages are what is added to pages, by their docnames.
type pages map[string]*additions

// additions are outputs, as an include directive names them.
type additions struct {
	Prepend []string `json:"prepend,omitempty"`
	Append  []string `json:"append,omitempty"`
}

// add notes the pages that a document names in the two fields.
func (p *pages) add(fields []string, include string, view map[string]any) {
	for i, field := range fields {
		names, _ := view[field].([]any)
		for _, name := range names {
			name, ok := name.(string)
			if !ok {
				continue
			}
			if *p == nil {
				*p = pages{}
			}
			page := docname(name)
			if (*p)[page] == nil {
				(*p)[page] = &additions{}
			}
			if a := (*p)[page]; i == 0 {
				a.Prepend = append(a.Prepend, include)
			} else {
				a.Append = append(a.Append, include)
			}
		}
	}
}

// docname returns the name of the document that a page's file or name stands for.
func docname(page string) string {
	page = strings.TrimPrefix(path.Clean("/"+filepath.ToSlash(page)), "/")
	for _, ext := range pageEndings {
		if name, ok := strings.CutSuffix(page, ext); ok && name != "" {
			return name
		}
	}
	return page
}

// include returns a file as an include directive of any page can name it.
func (m *making) include(file string) string {
	rel, err := filepath.Rel(m.kind.options.Source, file)
	if err != nil {
		return file
	}
	return "/" + filepath.ToSlash(rel)
}

// list makes the file that tells the extension of the pages, if there are any.
func (m *making) list(f *file, docs []*resolved) error {
	if len(m.pages) == 0 {
		return nil
	}
	start := docs[0].place
	vars := m.vars(f)
	vars["ref"], vars["form"] = vars["stem"], ""
	out, err := m.job.Output(vars)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(m.pages, "", "  ")
	if err != nil {
		return fmt.Errorf("list the pages of %s: %w", f.path, err)
	}
	data = append(data, '\n')
	var documents []string
	for page := range m.pages {
		for _, ext := range pageEndings {
			documents = append(documents, filepath.Join(m.kind.options.Source, filepath.FromSlash(page)+ext))
		}
	}
	slices.Sort(documents)
	lines := slices.Repeat([]generate.Origin{start.origin()}, strings.Count(string(data), "\n"))
	m.made = append(m.made, generate.File{Path: strings.TrimSuffix(out, filepath.Ext(out)) + pagesEnding, Data: data, Lines: lines, Documents: documents})
	return nil
}
