// Package shlex splits a line into words as a POSIX shell does.
//
// It knows quotes and backslashes, as Python's shlex.split, so that a command
// line written for sphinx-autobuild keeps its meaning. It expands nothing and
// starts nothing: no variables, globs, pipes or comments.
package shlex

import (
	"errors"
	"strings"
)

// The ways in which a line can be unfinished.
var (
	ErrQuote  = errors.New("no closing quotation mark")
	ErrEscape = errors.New("nothing after the last backslash")
)

// Split returns the words of line. The error is ErrQuote or ErrEscape.
func Split(line string) ([]string, error) {
	var (
		words  []string
		word   strings.Builder
		inWord bool
		quote  rune // 0 outside of quotes
		escape bool
	)
	for _, r := range line {
		switch {
		case escape:
			// Inside double quotes a backslash protects only what could
			// otherwise end or escape something; elsewhere it is a character.
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteRune('\\')
			}
			word.WriteRune(r)
			escape = false
		case r == '\\' && quote != '\'':
			escape, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\r' || r == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	switch {
	case escape:
		return nil, ErrEscape
	case quote != 0:
		return nil, ErrQuote
	case inWord:
		words = append(words, word.String())
	}
	return words, nil
}
