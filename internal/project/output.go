package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// output says where HTML and doctrees go, as sphinx-build would.
func (f *finder) output() error {
	var place place
	switch {
	case f.Output != "" && f.MakeMode != "":
		base := f.abs(f.Output)
		place.output, place.doctrees = filepath.Join(base, f.MakeMode), filepath.Join(base, "doctrees")
		place.why = "given"
	case f.Output != "":
		place.output = f.abs(f.Output)
		place.why = "given"
	default:
		place = f.usualPlace()
	}
	if f.Doctrees != "" {
		place.doctrees = f.abs(f.Doctrees)
	}
	if place.doctrees == "" {
		place.doctrees = filepath.Join(place.output, ".doctrees")
	}
	var err error
	if f.found.Output, err = resolve(place.output); err != nil {
		return f.unusable(place.output, err)
	}
	if info, err := os.Stat(f.found.Output); err == nil && !info.IsDir() {
		return f.unusable(place.output, errors.New("not a directory"))
	}
	if f.found.Doctrees, err = resolve(place.doctrees); err != nil {
		return &Error{Problem: fmt.Sprintf("cannot use doctree directory %s: %s", f.shown(place.doctrees), reason(err)), Hint: "give another one with -d"}
	}
	f.found.OutputWhy = place.why
	return nil
}

// place is where a build of the project goes.
type place struct {
	output, doctrees string // doctrees may be ""
	why              string
}

// usualPlace is where the project's Makefile, or else that of
// sphinx-quickstart, puts pages.
func (f *finder) usualPlace() place {
	source := f.found.Source
	for _, dir := range []string{source, filepath.Dir(source), filepath.Dir(filepath.Dir(source))} {
		if m := readMakefile(dir); m != nil {
			if p, ok := m.place(source, f.Builder); ok {
				p.why = f.shown(m.path)
				return p
			}
		}
	}
	build := filepath.Join(source, "_build")
	if _, err := os.Stat(build); filepath.Base(source) == "source" && err != nil {
		build = filepath.Join(filepath.Dir(source), "build")
	}
	return place{filepath.Join(build, f.Builder), filepath.Join(build, "doctrees"), "as sphinx-build -M would"}
}

// checkOutput refuses directories in which building could do harm.
func (f *finder) checkOutput() error {
	p := &f.found
	if within(p.Source, p.Output) {
		what := "it holds the source directory"
		if p.Source == p.Output {
			what = "it is the source directory"
		}
		return f.unusable(p.Output, errors.New(what))
	}
	if sameFile(p.Doctrees, p.Source) {
		return &Error{Problem: "refuse doctree directory " + f.shown(p.Doctrees) + ": it is the source directory", Hint: "give another one with -d"}
	}
	entries, err := os.ReadDir(p.Output)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return f.unusable(p.Output, err)
	default:
		info := isFile(filepath.Join(p.Output, ".buildinfo"))
		p.Adopted = info && isFile(filepath.Join(p.Doctrees, "environment.pickle"))
		if !info && !p.claimed() {
			if names := f.foreign(entries); len(names) > 0 {
				return f.unusable(p.Output, &foreignError{names})
			}
		}
	}
	for _, dir := range []string{p.Output, p.Doctrees} {
		if err := checkWritable(dir); err != nil {
			return f.unusable(dir, err)
		}
	}
	return nil
}

func (f *finder) unusable(dir string, cause error) error {
	hint := "give another OUTPUTDIR"
	if f.Output == "" {
		hint = "give an OUTPUTDIR after the source directory"
	}
	refusal := &Error{Problem: fmt.Sprintf("refuse output directory %s: %s", f.shown(dir), reason(cause)), Hint: hint}
	if foreign := (*foreignError)(nil); errors.As(cause, &foreign) {
		refusal.Files = foreign.names
	}
	return refusal
}

// foreignError is about files in an output directory that Sphinx did not write.
type foreignError struct{ names []string }

func (*foreignError) Error() string { return "it holds files that Sphinx did not write" }

// harmless are files that people, version control and file managers leave in
// a directory that is otherwise empty.
var harmless = []string{".DS_Store", ".gitattributes", ".gitignore", ".gitkeep", ".keep", ".nojekyll", "Thumbs.db", "desktop.ini"}

// foreign returns the names of entries that neither Sphinx nor docserve nor the
// habits of version control explain.
func (f *finder) foreign(entries []fs.DirEntry) []string {
	var names []string
	for _, e := range entries {
		path := filepath.Join(f.found.Output, e.Name())
		if !slices.Contains(harmless, e.Name()) && !(e.IsDir() && within(f.found.Doctrees, path)) {
			names = append(names, e.Name())
		}
	}
	return names
}

// enumerate names the first few.
func enumerate(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// resolve makes path absolute, without symbolic links, even when the end of it
// does not exist yet.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	missing := ""
	for dir := path; ; dir = filepath.Dir(dir) {
		resolved, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(resolved, missing), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if _, err := os.Lstat(dir); err == nil {
			return "", fmt.Errorf("%s is a broken symbolic link", dir)
		}
		if dir == filepath.Dir(dir) {
			return path, nil
		}
		missing = filepath.Join(filepath.Base(dir), missing)
	}
}

// within reports whether path is dir, or below it. It asks the file system
// where it can, since that may ignore case.
func within(path, dir string) bool {
	for {
		if path == dir || sameFile(path, dir) {
			return true
		}
		parent := filepath.Dir(path)
		if parent == path {
			return false
		}
		path = parent
	}
}

func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// checkWritable reports why a directory cannot be written to, or not be made.
func checkWritable(dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is not a directory", dir)
		case err == nil:
			return writable(dir)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		case dir == filepath.Dir(dir):
			return err
		}
	}
}

// reason is the part of err that does not repeat the path.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
