// Package excerpt reads the few lines of a file around one of its lines, to be
// shown to people.
//
// It decides nothing about which files those may be; what is no regular file it
// does not open.
package excerpt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// Excerpt is some lines of a file.
type Excerpt struct {
	First int      `json:"first"` // the number of the first of them, from 1
	Lines []string `json:"lines"` // without line ends, and cut if they are long
}

const (
	// maxLine is how much of a line is shown, in bytes: data in one line of a
	// megabyte helps nobody.
	maxLine = 400
	// maxFile is how far into a file is read for its lines, in bytes. Sources
	// that people write are smaller by far.
	maxFile = 16 << 20
)

// ErrNoLine says that the file is shorter than was thought.
var ErrNoLine = errors.New("the file has no such line")

// Around returns a line, numbered from 1, and up to so many before and behind it.
func Around(path string, line, around int) (Excerpt, error) {
	info, err := os.Stat(path) // opening a pipe would wait for its writer
	if err != nil {
		return Excerpt{}, fmt.Errorf("read an excerpt: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Excerpt{}, fmt.Errorf("read an excerpt: %s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Excerpt{}, fmt.Errorf("read an excerpt: %w", err)
	}
	defer f.Close()
	e, err := scan(bufio.NewReader(io.LimitReader(f, maxFile)), line, around)
	if err != nil {
		return Excerpt{}, fmt.Errorf("read line %d of %s: %w", line, path, err)
	}
	return e, nil
}

// scan reads up to the last line that is wanted.
func scan(r *bufio.Reader, line, around int) (Excerpt, error) {
	e := Excerpt{First: max(line-around, 1)}
	for number := 1; number <= line+around; number++ {
		text, err := r.ReadString('\n')
		if err != nil && err != io.EOF {
			return Excerpt{}, err
		}
		if text == "" {
			break // the end
		}
		if number >= e.First {
			e.Lines = append(e.Lines, cut(strings.TrimRight(text, "\r\n")))
		}
	}
	if line < 1 || len(e.Lines) < line-e.First+1 {
		return Excerpt{}, ErrNoLine
	}
	return e, nil
}

// cut makes a line fit to be shown: valid text of at most maxLine bytes.
func cut(text string) string {
	if len(text) <= maxLine {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	end := maxLine
	for end > maxLine-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.ToValidUTF8(text[:end], "\uFFFD") + "…"
}
