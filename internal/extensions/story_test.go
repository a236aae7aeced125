package extensions

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// story is what a file of testdata tells.
//
// Its first lines are "key: value"; then come the files of the project, each
// after a line "-- path --", and the edits. An edit begins with the line
// "-- edit: what it is --". The files after that line are written;
// "-- remove path --" removes one, and after "-- replace path --" come the lines
// that are replaced, the line "=>", and what replaces them. Files below "served"
// are not part of the project: see server.
type story struct {
	name string // of the extension, as conf.py names it
	use  string // what the project uses it for

	programs []string          // that the extension runs
	optional bool              // whether the test does without it where those are not there
	known    map[string]string // edits after which docserve is not equal to clean yet, and why

	files []entry
	edits []edit
}

type edit struct {
	title   string
	entries []entry
}

// configures reports whether an edit is one of conf.py.
func (e edit) configures() bool {
	for _, each := range e.entries {
		if each.path == "docs/conf.py" {
			return true
		}
	}
	return false
}

// entry is one file to be written, changed or removed.
type entry struct {
	verb string // "", "replace" or "remove"
	path string
	text string
}

// readStories reads all files of testdata, in the order of their names.
func readStories(t *testing.T) []story {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.story"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	var all []story
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := parseStory(string(text))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, s)
	}
	return all
}

func parseStory(text string) (story, error) {
	s := story{known: map[string]string{}}
	var current *entry
	for number, line := range strings.Split(text, "\n") {
		title, marked := strings.CutPrefix(line, "-- ")
		title, closed := strings.CutSuffix(title, " --")
		switch {
		case !marked || !closed:
			if current != nil {
				current.text += line + "\n"
			} else if err := s.setting(line); err != nil {
				return s, fmt.Errorf("line %d: %w", number+1, err)
			}
			continue
		case strings.HasPrefix(title, "edit: "):
			s.edits = append(s.edits, edit{title: strings.TrimPrefix(title, "edit: ")})
			current = &entry{}
			continue
		}
		list := &s.files
		if len(s.edits) > 0 {
			list = &s.edits[len(s.edits)-1].entries
		}
		*list = append(*list, newEntry(title))
		current = &(*list)[len(*list)-1]
	}
	for title := range s.known {
		if title != start && !s.has(title) {
			return s, fmt.Errorf("there is no edit %q", title)
		}
	}
	if s.name == "" || s.use == "" || len(s.edits) < 3 {
		return s, fmt.Errorf("a story has a name, a use and three edits at least")
	}
	return s, nil
}

func (s *story) has(title string) bool {
	for _, e := range s.edits {
		if e.title == title {
			return true
		}
	}
	return false
}

func (s *story) setting(line string) error {
	key, value, found := strings.Cut(line, ": ")
	switch {
	case strings.TrimSpace(line) == "":
	case !found:
		return fmt.Errorf("neither a setting nor a file: %q", line)
	case key == "extension":
		s.name = value
	case key == "use":
		s.use = value
	case key == "runs", key == "runs if present":
		s.programs, s.optional = strings.Fields(value), key != "runs"
	case key == "not yet":
		title, reason, _ := strings.Cut(value, ": ")
		s.known[title] = reason
	default:
		return fmt.Errorf("no such setting: %q", key)
	}
	return nil
}

func newEntry(title string) entry {
	for _, verb := range []string{"replace", "remove"} {
		if path, ok := strings.CutPrefix(title, verb+" "); ok {
			return entry{verb: verb, path: path}
		}
	}
	return entry{path: title}
}

// apply makes a change below root.
func (e entry) apply(root string) error {
	path := filepath.Join(root, filepath.FromSlash(e.path))
	text := strings.TrimSuffix(e.text, "\n") // of the line before the next mark
	switch e.verb {
	case "remove":
		return os.RemoveAll(path)
	case "replace":
		before, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		from, to, found := strings.Cut(text+"\n", "\n=>\n")
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		if !found || strings.Count(string(before), from) != 1 {
			return fmt.Errorf("replace in %s: %q is not there once", e.path, from)
		}
		text = strings.Replace(string(before), from, to, 1)
	default:
		text = strings.TrimRight(text, "\n") + "\n"
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o666)
}
