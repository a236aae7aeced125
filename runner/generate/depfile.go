package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// parseDepfile returns the names of the files that a command says it has read.
// There are two forms: a rule of a Makefile, as compilers write it (the targets
// do not matter), and JSON: a list of names, or an object that has such lists as
// values.
func parseDepfile(text []byte) ([]string, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, nil
	}
	switch text[0] {
	case '[':
		var names []string
		return names, json.Unmarshal(text, &names)
	case '{':
		var lists map[string][]string
		if err := json.Unmarshal(text, &lists); err != nil {
			return nil, err
		}
		var names []string
		for _, key := range sortedKeys(lists) {
			names = append(names, lists[key]...)
		}
		return names, nil
	}
	return parseMake(string(text))
}

// parseMake reads Makefile rules without recipes.
func parseMake(text string) ([]string, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\\\n", " ")
	var names []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		_, files, ok := cutTarget(line)
		if !ok {
			return nil, errors.New("there is no colon after the target")
		}
		names = append(names, makeWords(files)...)
	}
	return names, nil
}

// cutTarget cuts a rule at its colon. One that is part of a word, as in the path
// of a drive, has no space after it.
func cutTarget(line string) (target, files string, ok bool) {
	for i, c := range line {
		if c == ':' && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t') {
			return line[:i], line[i+1:], true
		}
	}
	return "", "", false
}

// makeWords splits at spaces that no backslash protects. A doubled dollar is one.
func makeWords(text string) []string {
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && strings.IndexByte(" #:", text[i+1]) >= 0:
			i++
			b.WriteByte(text[i])
		case c == '$' && i+1 < len(text) && text[i+1] == '$':
			i++
			b.WriteByte('$')
		case c == ' ' || c == '\t':
			flush()
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return words
}
