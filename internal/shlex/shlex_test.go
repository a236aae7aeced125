package shlex

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	tests := []struct {
		line string
		want []string
		err  error
	}{
		{"", nil, nil},
		{"  \t\n", nil, nil},
		{"make assets", []string{"make", "assets"}, nil},
		{`python -c "print('a b')"`, []string{"python", "-c", "print('a b')"}, nil},
		{`a 'b c'd\ e`, []string{"a", "b cd e"}, nil},
		{`""  ''`, []string{"", ""}, nil},
		{`"a\"b\\c\d"`, []string{`a"b\c\d`}, nil},
		{`'a\b'`, []string{`a\b`}, nil},
		{`a # b`, []string{"a", "#", "b"}, nil},
		{`a|b; c`, []string{"a|b;", "c"}, nil},
		{`été "über all"`, []string{"été", "über all"}, nil},
		{`'a`, nil, ErrQuote},
		{`"a`, nil, ErrQuote},
		{`a\`, nil, ErrEscape},
	}
	for _, tt := range tests {
		got, err := Split(tt.line)
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("Split(%q) = %q, %v; want %q, %v", tt.line, got, err, tt.want, tt.err)
		}
	}
}

func TestSplitUndoesQuoting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.String()).Draw(t, "words")
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		got, err := Split(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(got, words) {
			t.Fatalf("Split gives %q, %v; want %q", got, err, words)
		}
	})
}
