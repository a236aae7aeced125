package graph

import (
	"path/filepath"
	"testing"

	"docserve/internal/digest"
)

func TestTranslate(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"_build", "_build", true},
		{"_build", "_build/x", false}, // but its directory matches
		{"*.rst", "a.rst", true},
		{"*.rst", "sub/a.rst", false},
		{"**.rst", "sub/a.rst", true},
		{"**/a.rst", "sub/sub/a.rst", true},
		{"**/a.rst", "a.rst", false}, // as in Sphinx
		{"sub/**", "sub/x/y", true},
		{"a?.rst", "ab.rst", true},
		{"a?.rst", "a/.rst", false},
		{"[ab].rst", "b.rst", true},
		{"[!ab].rst", "b.rst", false},
		{"[!ab].rst", "c.rst", true},
		{"x[!a]y", "x/y", false},
		{"[]a].rst", "].rst", true},
		{"[^a].rst", "^.rst", true},
		{"[^a].rst", "b.rst", false},
		{"[a-c].rst", "b.rst", true},
		{`[\].rst`, `\.rst`, true},
		{"[[].rst", "[.rst", true},
		{"[a.rst", "[a.rst", true},
		{"[!", "[!", true},
		{"[", "[", true},
		{"[c-a]", "[c-a]", true},
		{"a+(b).rst", "a+(b).rst", true},
		{"a.rst", "axrst", false},
		{"a\nb*", "a\nb\n", true},
		{"", "", true},
	} {
		if got := translate(test.pattern).MatchString(test.name); got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.pattern, test.name, got, test.want)
		}
	}
}

func TestDisplay(t *testing.T) {
	r := newRoles(Project{SourceDir: "/p/q/docs"})
	for name, want := range map[string]string{
		"/p/q/docs/a/b.rst": "a/b.rst",
		"/p/q/docs2/b.rst":  "../docs2/b.rst",
		"/p/x":              "../../x",
		"/etc/passwd":       "/etc/passwd",
	} {
		if got := r.display(name); got != want {
			t.Errorf("display(%s) = %s, want %s", name, got, want)
		}
	}
	if got := (&roles{}).display("/a"); got != "/a" {
		t.Errorf("without a project: %s", got)
	}
}

func TestRootAsSource(t *testing.T) {
	r := newRoles(Project{SourceDir: "/", Suffixes: []string{".rst"}, Static: []string{"/"}})
	if !r.isDocument("/a/b.rst") || r.display("/a/b.rst") != "a/b.rst" {
		t.Error("a document below / must be one, even if all of it is copied")
	}
}

func TestPath(t *testing.T) {
	if got := Path(filepath.FromSlash("/a/../b/./c/")); filepath.VolumeName(got) == "" && got != "/b/c" {
		t.Errorf("Path = %s", got)
	}
}

// What extensions read when the interpreter starts asks for another one; what
// they write then, does not.
func TestInputsAskForARestart(t *testing.T) {
	g := New()
	g.SetProject(Project{
		SourceDir: "/p/docs", Suffixes: []string{".rst"},
		Inputs:    []Place{{Path: "/p", Endings: []string{".py"}}, {Path: "/p/docs/refs.bib"}},
		Generated: []string{"/p/docs/api"},
	})
	known := digest.Of([]byte("known"))
	g.Record(map[string]digest.Digest{"/p/src/same.py": known})
	for name, want := range map[string]bool{
		"/p/src/a.py": true, "/p/src/a.c": false, "/p/docs/refs.bib": true, "/p/docs/refs.bib2": false,
		"/p/docs/api/a.py": false, "/q/a.py": false, "/p/src/same.py": false,
	} {
		plan := g.Plan([]Change{{Path: name, Op: Write, Digest: known}})
		if got := len(plan.Restart) == 1; got != want {
			t.Errorf("%s: %+v", name, plan)
		}
	}
}
