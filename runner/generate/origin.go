package generate

import (
	"bytes"
	"os"
	"strings"
)

// Origin returns where a line of an output comes from: the line of its source, if
// its maker has said so or the text is found in one source only; otherwise the
// source with line 0. It is false for a file that is no output.
func (g *Generator) Origin(path string, line int) (Origin, bool) {
	g.mu.Lock()
	o := g.owned[path]
	if o == nil || o.job == nil {
		g.mu.Unlock()
		return Origin{}, false
	}
	packed, inputs := o.lines, o.job.inputs
	g.mu.Unlock()
	found := Origin{Path: inputs[0]}
	if name, at := findLine(packed, line); name != "" {
		return Origin{Path: g.path(name), Line: at}, true
	}
	if packed == "" && line > 0 {
		if at, ok := g.search(path, line, inputs); ok {
			return at, true
		}
	}
	return found, len(inputs) == 1
}

// search looks for the text of a line in the sources of its file, once in a run:
// whoever shows diagnostics asks again and again.
func (g *Generator) search(path string, line int, sources []string) (Origin, bool) {
	key := Origin{path, line}
	g.mu.Lock()
	found, known := g.traces[key]
	g.mu.Unlock()
	if !known {
		found, _ = search(path, line, sources)
		g.mu.Lock()
		g.traces[key] = found
		g.mu.Unlock()
	}
	return found, found.Path != ""
}

// shortest is how long a line must be for its text to be looked for: less is found
// anywhere.
const shortest = 8

// search looks for the text of a line in the sources of its file. It must be in one
// line of all of them.
func search(path string, line int, sources []string) (Origin, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Origin{}, false
	}
	lines := strings.Split(string(text), "\n")
	if line > len(lines) {
		return Origin{}, false
	}
	wanted := []byte(strings.TrimSpace(lines[line-1]))
	if len(wanted) < shortest {
		return Origin{}, false
	}
	var found []Origin
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			continue
		}
		n := 0
		for each := range bytes.Lines(text) {
			if n++; bytes.Contains(each, wanted) {
				found = append(found, Origin{source, n})
			}
		}
	}
	if len(found) != 1 {
		return Origin{}, false
	}
	return found[0], true
}

// Watched returns the files and directories that must be watched, and were not
// returned before: where inputs and declared dependencies can be, and what rules
// have read; sorted. It may be called from any goroutine.
func (g *Generator) Watched() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.unwatched
	g.unwatched = map[string]bool{}
	return sortedKeys(all)
}

// places notes where inputs and declared dependencies can be, to be watched. The
// lock is held.
func (g *Generator) places() {
	for _, d := range g.depends {
		for _, base := range d.files.bases() {
			g.unwatched[base] = true
		}
	}
	for _, r := range g.rules {
		for _, base := range r.inputs.bases() {
			g.unwatched[base] = true
		}
	}
}
