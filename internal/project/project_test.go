package project

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// tempDir returns a temporary directory without symbolic links in its path.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// write makes files below root. Each starts with a line "-- name --".
func write(t *testing.T, root, archive string) {
	t.Helper()
	var file *os.File
	for line := range strings.Lines(archive) {
		if name, ok := strings.CutPrefix(line, "-- "); ok {
			path := filepath.Join(root, filepath.FromSlash(strings.TrimSuffix(name, " --\n")))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			var err error
			if file, err = os.Create(path); err != nil {
				t.Fatal(err)
			}
			defer file.Close()
		} else if _, err := file.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFind(t *testing.T) {
	const separate = "-- docs/source/conf.py --\n-- docs/Makefile --\nSOURCEDIR = source\nBUILDDIR = out\nhtml:\n\tsphinx-build -M html $(SOURCEDIR) $(BUILDDIR)\n"
	tests := []struct {
		name  string
		files string
		opts  Options
		want  Project // relative to the root
	}{
		{"here", "-- conf.py --\n-- docs/conf.py --\n", Options{},
			Project{Source: ".", ConfDir: ".", Output: "_build/html", Doctrees: "_build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"docs", "-- docs/conf.py --\n-- doc/conf.py --\n-- source/conf.py --\n", Options{},
			Project{Source: "docs", ConfDir: "docs", Output: "docs/_build/html", Doctrees: "docs/_build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"dirhtml", "-- doc/conf.py --\n", Options{Builder: "dirhtml"},
			Project{Source: "doc", ConfDir: "doc", Output: "doc/_build/dirhtml", Doctrees: "doc/_build/doctrees", Builder: "dirhtml", OutputWhy: "as sphinx-build -M would"}},
		{"separate", "-- docs/source/conf.py --\n", Options{},
			Project{Source: "docs/source", ConfDir: "docs/source", Output: "docs/build/html", Doctrees: "docs/build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"source with _build", "-- source/conf.py --\n-- source/_build/x --\n", Options{},
			Project{Source: "source", ConfDir: "source", Output: "source/_build/html", Doctrees: "source/_build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"Makefile", separate, Options{},
			Project{Source: "docs/source", ConfDir: "docs/source", Output: "docs/out/html", Doctrees: "docs/out/doctrees", OutputWhy: filepath.Join("docs", "Makefile")}},
		{"Makefile, named source", separate, Options{Source: "docs/source", Doctrees: "dt"},
			Project{Source: "docs/source", ConfDir: "docs/source", Output: "docs/out/html", Doctrees: "dt", OutputWhy: filepath.Join("docs", "Makefile")}},
		{"output given", separate, Options{Source: "docs/source", Output: "site"},
			Project{Source: "docs/source", ConfDir: "docs/source", Output: "site", Doctrees: "site/.doctrees", OutputWhy: "given"}},
		{"output inside the sources", "-- docs/conf.py --\n", Options{Source: "docs", Output: "docs/html"},
			Project{Source: "docs", ConfDir: "docs", Output: "docs/html", Doctrees: "docs/html/.doctrees", OutputWhy: "given"}},
		{"-d", "-- docs/conf.py --\n", Options{Source: "docs", Output: "site", Doctrees: "cache/dt"},
			Project{Source: "docs", ConfDir: "docs", Output: "site", Doctrees: "cache/dt", OutputWhy: "given"}},
		{"-M", "-- docs/conf.py --\n", Options{Source: "docs", Output: "build", MakeMode: "dirhtml", Builder: "dirhtml"},
			Project{Source: "docs", ConfDir: "docs", Output: "build/dirhtml", Doctrees: "build/doctrees", Builder: "dirhtml", OutputWhy: "given"}},
		{"-c", "-- conf/conf.py --\n-- docs/index.rst --\n", Options{Source: "docs", ConfDir: "conf"},
			Project{Source: "docs", ConfDir: "conf", Output: "docs/_build/html", Doctrees: "docs/_build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"-c alone", "-- conf/conf.py --\n", Options{ConfDir: "conf"},
			Project{Source: "conf", ConfDir: "conf", Output: "conf/_build/html", Doctrees: "conf/_build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"-C", "-- docs/index.rst --\n", Options{Source: "docs", NoConfig: true},
			Project{Source: "docs", Output: "docs/_build/html", Doctrees: "docs/_build/doctrees", OutputWhy: "as sphinx-build -M would"}},
		{"adopted", "-- conf.py --\n-- out/.buildinfo --\n-- out/index.html --\n-- out/.doctrees/environment.pickle --\n", Options{Source: ".", Output: "out"},
			Project{Source: ".", ConfDir: ".", Output: "out", Doctrees: "out/.doctrees", Adopted: true, OutputWhy: "given"}},
		{"built, environment lost", "-- conf.py --\n-- out/.buildinfo --\n-- out/index.html --\n", Options{Source: ".", Output: "out"},
			Project{Source: ".", ConfDir: ".", Output: "out", Doctrees: "out/.doctrees", OutputWhy: "given"}},
		{"claimed", "-- conf.py --\n-- out/index.html --\n-- dt/.docserve/outputs --\n../other\n../out\n", Options{Source: ".", Output: "out", Doctrees: "dt"},
			Project{Source: ".", ConfDir: ".", Output: "out", Doctrees: "dt", OutputWhy: "given"}},
		{"harmless files", "-- conf.py --\n-- out/.gitignore --\n-- out/.doctrees/index.doctree --\n", Options{Source: ".", Output: "out"},
			Project{Source: ".", ConfDir: ".", Output: "out", Doctrees: "out/.doctrees", OutputWhy: "given"}},
		{"the rest", "-- docs/conf.py --\n-- lib/a.py --\n", Options{Source: "docs", Output: "o", WarningFile: "log/w", Watch: []string{"lib", "lib/a.py"}, Filenames: []string{"docs/x.rst"}},
			Project{Source: "docs", ConfDir: "docs", Output: "o", Doctrees: "o/.doctrees", WarningFile: "log/w", Watch: []string{"lib", "lib/a.py"}, Filenames: []string{"docs/x.rst"}, OutputWhy: "given"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := tempDir(t)
			write(t, root, tt.files)
			tt.opts.WorkDir = root
			got, err := Find(tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want.Builder == "" {
				tt.want.Builder = "html"
			}
			if g, w := describe("", got), describe(root, tt.want); g != w {
				t.Errorf("got\n%swant\n%s", g, w)
			}
		})
	}
}

// describe shows all of p, with relative paths below root.
func describe(root string, p Project) string {
	var b strings.Builder
	path := func(name string, paths ...string) {
		b.WriteString(name + ":")
		for _, path := range paths {
			if path != "" && root != "" {
				path = filepath.Join(root, path)
			}
			b.WriteString(" " + path)
		}
		b.WriteByte('\n')
	}
	path("source", p.Source)
	path("config", p.ConfDir)
	path("output", p.Output)
	path("doctrees", p.Doctrees)
	path("warnings", p.WarningFile)
	path("watch", p.Watch...)
	path("filenames", p.Filenames...)
	b.WriteString("builder: " + p.Builder + ", " + p.OutputWhy + "\n")
	if p.Adopted {
		b.WriteString("adopted\n")
	}
	return b.String()
}

// TestAbove: from anywhere in a repository its project is found, if that is wanted.
func TestAbove(t *testing.T) {
	root := tempDir(t)
	write(t, root, "-- docs/conf.py --\n-- docs/guide/deep/x.rst --\n-- src/x.py --\n")
	for _, dir := range []string{".", "docs", "docs/guide/deep", "src"} {
		p, err := Find(Options{WorkDir: filepath.Join(root, filepath.FromSlash(dir)), Above: true})
		if err != nil || p.Source != filepath.Join(root, "docs") {
			t.Errorf("%s: %s, %v", dir, p.Source, err)
		}
	}
	var none *Error
	if _, err := Find(Options{WorkDir: filepath.Join(root, "src")}); !errors.As(err, &none) {
		t.Errorf("without looking above: %v", err)
	}
}

func TestRefuse(t *testing.T) {
	tests := []struct {
		name  string
		files string
		opts  Options
		want  string
	}{
		{"nothing", "-- README --\n", Options{},
			"found no conf.py in ., docs, doc, source, docs/source, doc/source; name the directory that holds it, run sphinx-quickstart to start a project, or use -C to do without a configuration"},
		{"no conf.py", "-- docs/index.rst --\n", Options{Source: "docs"},
			"found no conf.py in docs; run sphinx-quickstart there to start a project, use -c to say where it is, or -C to do without a configuration"},
		{"project's root", "-- p/docs/source/conf.py --\n", Options{Source: "p"},
			"found no conf.py in p; did you mean " + filepath.FromSlash("p/docs/source") + "?"},
		{"conf.py is a directory", "-- docs/conf.py/x --\n", Options{Source: "docs"},
			"found no conf.py in docs; run sphinx-quickstart there to start a project, use -c to say where it is, or -C to do without a configuration"},
		{"no conf.py in -c", "-- docs/conf.py --\n-- conf/x --\n", Options{Source: "docs", ConfDir: "conf"},
			"found no conf.py in conf; run sphinx-quickstart there to start a project, use -c to say where it is, or -C to do without a configuration"},
		{"no source", "-- conf.py --\n", Options{Source: "dcos"},
			"cannot use source directory dcos: no such file or directory; it must be a directory that exists"},
		{"source is a file", "-- docs/conf.py --\n", Options{Source: "docs/conf.py"},
			"cannot use source directory docs/conf.py: it is a file; name its directory: docs"},
		{"no -c", "-- conf.py --\n", Options{Source: ".", ConfDir: "x"},
			"cannot use configuration directory x: no such file or directory; it must be a directory that exists"},
		{"output is the source", "-- docs/conf.py --\n", Options{Source: "docs", Output: "docs"},
			"refuse output directory docs: it is the source directory; give another OUTPUTDIR"},
		{"output above the source", "-- a/docs/conf.py --\n-- a/.buildinfo --\n", Options{Source: "a/docs", Output: "a"},
			"refuse output directory a: it holds the source directory; give another OUTPUTDIR"},
		{"foreign files", "-- conf.py --\n-- out/a --\n-- out/b --\n-- out/c --\n-- out/d/e --\n-- out/f --\n", Options{Source: ".", Output: "out"},
			"refuse output directory out: it holds files that Sphinx did not write: a, b, c and 2 more; give another OUTPUTDIR"},
		{"foreign files in the usual place", "-- conf.py --\n-- _build/html/a --\n", Options{},
			"refuse output directory _build/html: it holds files that Sphinx did not write: a; give an OUTPUTDIR after the source directory"},
		{"another output is claimed", "-- conf.py --\n-- out/a --\n-- dt/.docserve/outputs --\n../other\n", Options{Source: ".", Output: "out", Doctrees: "dt"},
			"refuse output directory out: it holds files that Sphinx did not write: a; give another OUTPUTDIR"},
		{"output is a file", "-- conf.py --\n-- out --\n", Options{Source: ".", Output: "out"},
			"refuse output directory out: not a directory; give another OUTPUTDIR"},
		{"output below a file", "-- conf.py --\n-- out --\n", Options{Source: ".", Output: "out/html"},
			"refuse output directory out/html: not a directory; give another OUTPUTDIR"},
		{"doctrees are the source", "-- docs/conf.py --\n", Options{Source: "docs", Output: "out", Doctrees: "docs"},
			"refuse doctree directory docs: it is the source directory; give another one with -d"},
		{"watch", "-- conf.py --\n", Options{Watch: []string{"lib"}},
			"cannot watch lib: no such file or directory; --watch takes a directory or a file that exists"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(tt.want, "a directory") {
				t.Skip("the system words this differently")
			}
			root := tempDir(t)
			write(t, root, tt.files)
			tt.opts.WorkDir = root
			got, err := Find(tt.opts)
			var refusal *Error
			if !errors.As(err, &refusal) || filepath.ToSlash(err.Error()) != filepath.ToSlash(tt.want) {
				t.Errorf("got %+v, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	root := tempDir(t)
	write(t, root, "-- real/docs/conf.py --\n-- real/docs/index.rst --\n")
	link := func(to, name string) {
		if err := os.Symlink(filepath.FromSlash(to), filepath.Join(root, name)); err != nil {
			t.Skip(err)
		}
	}
	link("real/docs", "docs")
	link("real", "out")
	link("nowhere", "broken")
	link("loop", "loop")
	p, err := Find(Options{WorkDir: root, Filenames: []string{"docs/index.rst"}})
	if err != nil {
		t.Fatal(err)
	}
	docs := filepath.Join(root, "real", "docs")
	if p.Source != docs || p.Output != filepath.Join(docs, "_build", "html") || p.Filenames[0] != filepath.Join(docs, "index.rst") {
		t.Errorf("got %+v", p)
	}
	for output, want := range map[string]string{
		"out":      "it holds the source directory",
		"out/docs": "it is the source directory",
		"broken":   "broken symbolic link",
		"broken/x": "broken symbolic link",
		"loop/x":   "too many links",
	} {
		if _, err := Find(Options{WorkDir: root, Source: "docs", Output: output}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("output %s: %v, want %s", output, err, want)
		}
	}
	if _, err := Find(Options{WorkDir: root, Source: "loop"}); err == nil {
		t.Error("a loop is accepted as source directory")
	}
}

func TestNotWritable(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("needs a user whom permissions stop, on a system that has them")
	}
	root := tempDir(t)
	write(t, root, "-- docs/conf.py --\n-- locked/x --\n")
	if err := os.Chmod(filepath.Join(root, "locked"), 0o555); err != nil {
		t.Fatal(err)
	}
	_, err := Find(Options{WorkDir: root, Source: "docs", Output: "locked/html"})
	if err == nil || !strings.Contains(err.Error(), "cannot write to") {
		t.Errorf("got %v", err)
	}
}

func TestClaim(t *testing.T) {
	root := tempDir(t)
	write(t, root, "-- docs/conf.py --\n")
	opts := Options{WorkDir: root}
	p, err := Find(opts)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Claim(); err != nil {
			t.Fatal(err)
		}
	}
	write(t, root, "-- docs/_build/html/index.html --\n")
	if _, err := Find(opts); err != nil {
		t.Errorf("a claimed directory is refused: %v", err)
	}
	moved := filepath.Join(root, "moved")
	if err := os.Rename(filepath.Join(root, "docs"), moved); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(Options{WorkDir: root, Source: "moved"}); err != nil {
		t.Errorf("a claimed directory that was moved is refused: %v", err)
	}
	if _, err := Find(Options{WorkDir: root, Source: "moved", Builder: "dirhtml"}); err != nil {
		t.Errorf("the sibling of a claimed directory: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(moved, "_build", "doctrees", ".docserve", "outputs"))
	if err != nil || string(text) != "../html\n" {
		t.Errorf("the mark is %q, %v", text, err)
	}
}
