// Package compare tells whether two output directories of Sphinx are equal, byte
// for byte, and whether two lists of warnings are.
//
// It owns the list of what may differ all the same, Legitimate, in which every
// entry names its cause in Sphinx. It refuses to hide anything else: a
// difference that is on no list is reported with the place where it begins.
package compare

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Difference is one file that is not the same in both directories.
type Difference struct {
	Path string // with slashes
	What string // "missing", "extra", or where the first different byte is
	Why  *Entry // the entry of Legitimate that explains all of it; nil when none does
}

func (d Difference) String() string { return d.Path + ": " + d.What }

// Unexplained returns the differences that no entry of Legitimate explains.
func Unexplained(all []Difference) []Difference {
	return slices.DeleteFunc(slices.Clone(all), func(d Difference) bool { return d.Why != nil })
}

// Files counts the files of the site in a directory.
func Files(root string) (int, error) {
	found, err := list(root)
	return len(found), err
}

// Directories compares the site in got with the one in want, which a clean
// build has just written. Files that are no part of the site are left out, and
// files that are data are compared as data; what else is different is returned,
// also where an entry of Legitimate explains it.
func Directories(got, want string) ([]Difference, error) {
	a, err := list(got)
	if err != nil {
		return nil, err
	}
	b, err := list(want)
	if err != nil {
		return nil, err
	}
	var out []Difference
	var known explained
	for _, path := range union(a, b) {
		switch {
		case !a[path]:
			out = append(out, Difference{Path: path, What: "missing"})
		case !b[path]:
			out = append(out, Difference{Path: path, What: "extra"})
		default:
			d, err := known.files(got, want, path)
			if err != nil {
				return nil, err
			}
			if d.What != "" {
				out = append(out, d)
			}
		}
	}
	for i, d := range out {
		if d.Why == nil && index(d.Path) && known.why != nil {
			if out[i].Why, err = known.index(got, want, d.Path); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// explained is what the pages that were compared tell about the search index.
type explained struct {
	why   *Entry // that of the last page
	words []string
}

func list(root string) (map[string]bool, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if entry.Type().IsRegular() && !skipped(relative) {
			found[relative] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", root, err)
	}
	return found, nil
}

func union(a, b map[string]bool) []string {
	var all []string
	for path := range a {
		all = append(all, path)
	}
	for path := range b {
		if !a[path] {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// files compares one file of both directories; What is "" when it is the same.
func (k *explained) files(got, want, path string) (Difference, error) {
	d := Difference{Path: path}
	a, err := os.ReadFile(filepath.Join(got, filepath.FromSlash(path)))
	if err != nil {
		return d, err
	}
	clean := filepath.Join(want, filepath.FromSlash(path))
	b, err := os.ReadFile(clean)
	if err != nil || bytes.Equal(a, b) {
		return d, err
	}
	if index(path) {
		d.What = searchIndexes(a, b)
		return d, nil
	}
	info, err := os.Stat(clean)
	if err != nil {
		return d, err
	}
	d.What, d.Why = around(a, b), explain(path, a, b, info.ModTime())
	if d.Why != nil {
		k.why, k.words = d.Why, append(k.words, d.Why.differing(a, b)...)
	}
	return d, nil
}

// around shows the first place where two texts differ.
func around(a, b []byte) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	line := 1 + bytes.Count(a[:i], []byte("\n"))
	cut := func(t []byte) string {
		from, to := max(0, i-30), min(len(t), i+60)
		return string(t[min(from, len(t)):to])
	}
	return fmt.Sprintf("line %d: %q, clean %q", line, cut(a), cut(b))
}
