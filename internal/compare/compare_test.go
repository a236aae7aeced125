package compare

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	written := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		what, path, got, want string
		why                   string
	}{
		{"nothing but text", "a.html", "<p>one</p>", "<p>two</p>", ""},
		{"an earlier date", "a.html", "Last updated on Nov 21, 2026.\nx", "Last updated on Nov 24, 2026.\nx", "date of writing"},
		{"with a time", "a.html", "on 2026-11-23 10:00:01.", "on 2026-11-24 09:30:00.", "date of writing"},
		{"only the time", "a.html", "on 2026-11-24 09:00.", "on 2026-11-24 09:30.", "date of writing"},
		{"month in full", "a.html", "24 October 2025", "24 November 2026", "date of writing"},
		{"a later date than the clean one", "a.html", "Nov 25, 2026", "Nov 24, 2026", ""},
		{"a date that is not that of the build", "a.html", "released 2025-01-01", "released 2025-01-02", ""},
		{"a date and something else", "a.html", "Nov 21, 2026\na", "Nov 24, 2026\nb", ""},
		{"a line more", "a.html", "Nov 21, 2026", "Nov 24, 2026\n", ""},
		{"a version number", "a.html", "version 1.2", "version 1.3", ""},
		{"a year of copyright", "a.html", "&#169; Copyright 2025, Me.", "&#169; Copyright 2026, Me.", "date of writing"},
		{"another year elsewhere", "a.html", "since 2025", "since 2026", ""},
		{"another author", "a.html", "&#169; Copyright 2025, Me.", "&#169; Copyright 2026, You.", ""},
		{"an address", "d/a.html", "&lt;object object at 0x7f12ab34cd56&gt;", "&lt;object object at 0x7f9900aa1234&gt;", "address in memory"},
		{"a number that is none", "a.html", "0x7f12ab34cd56", "0x7f9900aa1234", ""},
		{"a date in another file", "a.txt", "Nov 21, 2026", "Nov 24, 2026", ""},
	} {
		why := ""
		if e := explain(test.path, []byte(test.got), []byte(test.want), written); e != nil {
			why = e.Name
		}
		if why != test.why {
			t.Errorf("%s: %q, not %q", test.what, why, test.why)
		}
	}
}

func TestDirectories(t *testing.T) {
	today := time.Now().UTC().Format("2006-01-02")
	dir := func(texts map[string]string) string {
		root := t.TempDir()
		for name, text := range texts {
			path := filepath.Join(root, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		return root
	}
	got := dir(map[string]string{
		"same.html": "x", "stale.html": "a\nbc", "old.html": "2020-01-01", "d/extra.html": "", ".doctrees/x": "1", ".buildinfo.bak": "", ".docserve": "",
		"searchindex.js": `Search.setIndex({"terms":{"a":[1],"gone":[]},"docnames":["i"]})`,
	})
	want := dir(map[string]string{
		"same.html": "x", "stale.html": "a\nbd", "old.html": today, "missing.html": "",
		"searchindex.js": `Search.setIndex({"docnames":["i"],"terms":{"a":[1]}})`,
	})
	all, err := Directories(got, want)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, d := range all {
		text := d.String()
		if d.Why != nil {
			text += " (" + d.Why.Name + ")"
		}
		told = append(told, text)
	}
	expected := []string{
		"d/extra.html: extra",
		"missing.html: missing",
		`old.html: line 1: "2020-01-01", clean "` + today + `" (date of writing)`,
		`stale.html: line 2: "a\nbc", clean "a\nbd"`,
	}
	if !reflect.DeepEqual(told, expected) {
		t.Errorf("%q\nnot\n%q", told, expected)
	}
	if n := len(Unexplained(all)); n != 3 || len(all) != 4 {
		t.Errorf("%d of %d are unexplained", n, len(all))
	}
	if n, err := Files(got); n != 5 || err != nil {
		t.Errorf("%d files, %v", n, err)
	}
}

func TestParseWarnings(t *testing.T) {
	text := "/p/a.rst:3: WARNING: Title underline too short.\n\nA\n= [docutils]\n" +
		"/p/a.rst: WARNING: document isn't included in any toctree [toc.not_included]\n" +
		"/p/m.py:docstring of m.f:2: ERROR: Unexpected indentation.\n" +
		"WARNING: html_static_path entry '_static' does not exist\n" +
		`C:\p\a.rst:7: WARNING: x` + "\n"
	want := []Warning{
		{Path: "/p/a.rst", Line: 3, Message: "Title underline too short.\n\nA\n= [docutils]", Severity: "warning"},
		{Path: "/p/a.rst", Message: "document isn't included in any toctree [toc.not_included]", Severity: "warning"},
		{Path: "/p/m.py", Line: 2, Message: "docstring of m.f: Unexpected indentation.", Severity: "error"},
		{Message: "html_static_path entry '_static' does not exist", Severity: "warning"},
		{Path: `C:\p\a.rst`, Line: 7, Message: "x", Severity: "warning"},
	}
	if got := ParseWarnings(text); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestWarnings(t *testing.T) {
	shown := []Warning{
		{Path: "/a", Line: 1, Message: "typed", Category: "ref.doc"},
		{Path: "/a", Line: 2, Message: "untyped", Category: "ref.doc"},
		{Path: "/a", Line: 3, Message: "twice"}, {Path: "/a", Line: 3, Message: "twice"},
		{Path: "/a", Line: 4, Message: "only here", Category: "toc"},
		{Path: "/a", Line: 5, Message: "citation [x]"},
	}
	clean := []Warning{
		{Path: "/a", Line: 1, Message: "typed [ref.doc]"}, {Path: "/a", Line: 2, Message: "untyped"}, {Path: "/a", Line: 3, Message: "twice"},
		{Path: "/a", Line: 5, Message: "citation [y]"}, {Path: "/a", Line: 5, Message: "citation [y]"},
	}
	lost, invented := Warnings(shown, clean)
	if want := []Warning{{Path: "/a", Line: 5, Message: "citation [y]"}}; !reflect.DeepEqual(lost, want) {
		t.Errorf("lost %q", lost)
	}
	if want := []Warning{{Path: "/a", Line: 4, Message: "only here"}, {Path: "/a", Line: 5, Message: "citation [x]"}}; !reflect.DeepEqual(invented, want) {
		t.Errorf("invented %q", invented)
	}
}
