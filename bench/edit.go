package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// markPrefix begins every mark. It is no word of any corpus, and visible.js
// looks for it.
const markPrefix = "zqbench"

var lastMark atomic.Int64

// newMark returns a text that no page has shown before. Later marks have
// greater numbers, which is how visible.js knows the newest.
func newMark() string { return fmt.Sprintf("%s%d", markPrefix, lastMark.Add(1)) }

// source is a file that gets edited: each edit starts from the original text,
// so that only the newest mark is in it.
type source struct {
	path     string
	original string
	anchor   string
	titled   string // the text with the newest title; "" before the first
	mark     string // the newest one; "" before the first
	remarks  int    // how often there was another remark
}

func openSource(path, anchor string) (*source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read source: %w", err)
	}
	if n := strings.Count(string(text), anchor); n != 1 {
		return nil, fmt.Errorf("find %q in %s: it is there %d times, not once", anchor, path, n)
	}
	return &source{path: path, original: string(text), anchor: anchor}, nil
}

// paragraph saves the source with mark at the end of its paragraph and returns
// the moment just before the save.
func (s *source) paragraph(mark string) (time.Time, error) {
	return s.save(s.marked(s.original, mark), mark)
}

// remark saves the source as it is, with another comment of YAML before it: what is
// made of it stays as it was.
func (s *source) remark() (time.Time, error) {
	text := s.original
	if s.mark != "" {
		text = s.marked(text, s.mark)
	}
	s.remarks++
	return s.save(fmt.Sprintf("# Remark %d\n%s", s.remarks, text), s.mark)
}

func (s *source) marked(text, mark string) string {
	return strings.Replace(text, s.anchor, s.anchor+" "+mark, 1)
}

// heading saves the source with mark at the end of the document's title.
func (s *source) heading(mark string) (time.Time, error) {
	text, err := markHeading(s.original, mark)
	if err != nil {
		return time.Time{}, fmt.Errorf("edit %s: %w", s.path, err)
	}
	s.titled = text
	return s.save(text, mark)
}

// body is paragraph, below the title that the last heading has given.
func (s *source) body(mark string) (time.Time, error) {
	return s.save(s.marked(cmp.Or(s.titled, s.original), mark), mark)
}

// title saves the source, a conf.py, with mark in the title of the site.
func (s *source) title(mark string) (time.Time, error) {
	return s.save(fmt.Sprintf("%s\nhtml_title = %q\n", s.original, "Documentation "+mark), mark)
}

// save writes as most editors do: the same file, truncated and written.
func (s *source) save(text, mark string) (time.Time, error) {
	s.mark = mark
	at := time.Now()
	if err := os.WriteFile(s.path, []byte(text), 0o644); err != nil {
		return at, fmt.Errorf("save source: %w", err)
	}
	return at, nil
}

// markHeading appends mark to the first heading of a reStructuredText and
// lengthens the lines that adorn it.
func markHeading(text, mark string) (string, error) {
	lines := strings.Split(text, "\n")
	for i := 1; i < len(lines); i++ {
		line := adornment(lines[i])
		title := strings.TrimSpace(lines[i-1])
		if line == "" || title == "" || utf8.RuneCountInString(line) < utf8.RuneCountInString(title) {
			continue
		}
		longer := strings.Repeat(line[:1], len(mark)+1)
		lines[i-1] += " " + mark
		lines[i] = line + longer
		if i > 1 && adornment(lines[i-2]) == line {
			lines[i-2] = line + longer
		}
		return strings.Join(lines, "\n"), nil
	}
	return "", errors.New("no heading found")
}

// adornment returns the line without trailing space if it may underline a
// heading, else "".
func adornment(line string) string {
	line = strings.TrimRight(line, " \t\r")
	if len(line) < 3 || !strings.ContainsRune("=-~^\"'`#*+._:", rune(line[0])) {
		return ""
	}
	if strings.Trim(line, line[:1]) != "" {
		return ""
	}
	return line
}
