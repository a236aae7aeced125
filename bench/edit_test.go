package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMarkHeading(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"underlined", "Title\n=====\n\ntext\n", "Title M\n=======\n\ntext\n"},
		{"overlined", "=====\nTitle\n=====\n", "=======\nTitle M\n=======\n"},
		{"after a label", ".. _x:\n\nTitle\n-----\n", ".. _x:\n\nTitle M\n-------\n"},
		{"after a comment", ".. words ---\n   more\n\nTitle\n=====\n", ".. words ---\n   more\n\nTitle M\n=======\n"},
		{"not a short line", "A long title\n===\n\nTitle\n=====\n", "A long title\n===\n\nTitle M\n=======\n"},
		{"only the first", "One\n===\n\nTwo\n---\n", "One M\n=====\n\nTwo\n---\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := markHeading(test.text, "M")
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
	if _, err := markHeading("just text\n", "M"); err == nil {
		t.Error("no error for a text without a heading")
	}
}

func TestSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rst")
	if err := os.WriteFile(path, []byte("A\n===\n\nHere. There.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := openSource(path, "Here.")
	if err != nil {
		t.Fatal(err)
	}
	first, second := newMark(), newMark()
	for _, mark := range []string{first, second} {
		if _, err := s.paragraph(mark); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "A\n===\n\nHere. " + second + " There.\n"; string(text) != want {
		t.Errorf("got %q, want %q", text, want)
	}
	if strings.Contains(string(text), first+" ") || s.mark != second {
		t.Errorf("the newest mark is %q, want %q alone", s.mark, second)
	}
	if _, err := openSource(path, "Nowhere."); err == nil {
		t.Error("no error for an anchor that is not there")
	}
}
