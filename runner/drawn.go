package runner

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// Extensions draw pictures themselves while pages are written: graphs, diagrams
// of classes, formulas. Their files are named after a digest of what is drawn,
// and Sphinx knows nothing of them. What no page shows any more was drawn for an
// earlier text, and would not be there in a clean build.

// picture is a link to an image, as far as the name of its file.
var picture = regexp.MustCompile(`_images/([^"'<>?#\s]+)`)

// drawing is the digest in the name of a picture that was drawn.
var drawing = regexp.MustCompile(`[0-9a-f]{40}`)

// drawings returns the digests of the drawn pictures that a page shows. It is
// never nil.
func drawings(page string) []string {
	found := []string{}
	data, err := os.ReadFile(page)
	if err != nil || !bytes.Contains(data, []byte("_images/")) {
		return found
	}
	for _, link := range picture.FindAllSubmatch(data, -1) {
		if name := drawing.Find(link[1]); name != nil {
			found = append(found, string(name))
		}
	}
	return found
}

// pruneDrawings removes drawn pictures that no page shows. Those that a project
// has itself, with names that look alike, are not touched.
func (r *Runner) pruneDrawings(project map[string]bool) {
	shown := map[string]bool{}
	for _, p := range r.pages {
		for _, name := range p.drawn {
			shown[name] = true
		}
	}
	for _, dir := range []string{"_images", "_images/math"} {
		entries, err := os.ReadDir(filepath.Join(r.opts.Sphinx.Output, filepath.FromSlash(dir)))
		if err != nil {
			continue // there are none
		}
		for _, entry := range entries {
			name := drawing.FindString(entry.Name())
			if site := path.Join(dir, entry.Name()); name != "" && !shown[name] && !project[site] && entry.Type().IsRegular() {
				if os.Remove(r.output(site)) == nil {
					r.removeEmpty(filepath.Dir(r.output(site)))
				}
			}
		}
	}
}
