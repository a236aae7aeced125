package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Some file systems take several spellings for one name: Guide.rst and guide.rst
// (Windows, macOS), or an é that is one character and one that is two (macOS).
// HFS+ even stores the latter, whatever was asked for. So the name in an event,
// the name that Sphinx reports and the one that an include directive has may all
// differ, and a map of paths must not be asked with the wrong one.
//
// The rule, which is Sphinx's too: a file is called as its directory has it, with
// composed characters (NFC) where the file system takes those for the same. A
// path that was asked for in another spelling is watched by that rule, and
// reported as it was asked for.

// speller finds out how names are spelled. Only the file system itself knows
// which names it takes for one, so it is asked: by the case and the form that a
// name has not. What was found out is remembered as long as the speller lives,
// which should be short.
type speller struct {
	lstat  func(path string) (fs.FileInfo, error)
	list   func(dir string) ([]string, error)
	same   func(a, b fs.FileInfo) bool
	strict map[string]bool     // by directory: names that differ in case are two
	names  map[string][]string // by directory, where they are not
}

func newSpeller() *speller {
	return &speller{
		lstat: os.Lstat, list: listNames, same: os.SameFile,
		strict: map[string]bool{}, names: map[string][]string{},
	}
}

func listNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// stored returns how the directory dir has name: name itself, unless it has
// another one that it takes for the same.
func (s *speller) stored(dir, name string) string {
	if !s.ambiguous(dir, name) {
		return name
	}
	names, ok := s.names[dir]
	if !ok {
		names, _ = s.list(dir) // without an answer, name is as good as any
		s.names[dir] = names
	}
	return pick(name, names)
}

// pick returns which of names is meant by name.
func pick(name string, names []string) string {
	found := name
	for _, n := range names {
		if n == name {
			return n
		}
		if key(n) == key(name) {
			found = n
		}
	}
	return found
}

// called returns what docserve calls the entry that dir has as stored.
func (s *speller) called(dir, stored string) string {
	composed := norm.NFC.String(stored)
	if composed == stored || !s.equal(dir, stored, composed) {
		return stored
	}
	return composed
}

// proper reports whether name is what docserve calls an entry of dir, and not
// another spelling of it. After Guide.rst was renamed to guide.rst, there is a
// file under either name, but Guide.rst is gone.
func (s *speller) proper(dir, name string) bool { return s.called(dir, s.stored(dir, name)) == name }

// ambiguous reports whether dir takes another spelling of name for the same.
func (s *speller) ambiguous(dir, name string) bool {
	if ascii(name) {
		if s.strict[dir] {
			return false
		}
		other := swapCase(name)
		if other == name {
			return false
		}
		same := s.equal(dir, name, other)
		s.strict[dir] = !same && s.exists(dir, name)
		return same
	}
	for _, other := range []string{swapCase(name), norm.NFC.String(name), norm.NFD.String(name)} {
		if other != name && s.equal(dir, name, other) {
			return true
		}
	}
	return false
}

// equal reports whether two names in dir lead to one file.
func (s *speller) equal(dir, name, other string) bool {
	a, err := s.lstat(filepath.Join(dir, name))
	if err != nil {
		return false
	}
	b, err := s.lstat(filepath.Join(dir, other))
	return err == nil && s.same(a, b)
}

func (s *speller) exists(dir, name string) bool {
	_, err := s.lstat(filepath.Join(dir, name))
	return err == nil
}

// path returns path, which is absolute, with all its names as they are stored.
func (s *speller) path(path string) string {
	at, names := start(path)
	for _, name := range names {
		at = filepath.Join(at, s.stored(at, name))
	}
	return at
}

// key is the same for two names that some file system may take for one.
func key(name string) string {
	if ascii(name) {
		return strings.ToLower(name)
	}
	return norm.NFC.String(strings.ToLower(strings.ToUpper(norm.NFC.String(name))))
}

// swapCase returns name with its first letter that has a case in the other one.
func swapCase(name string) string {
	for i, r := range name {
		other := unicode.ToUpper(r)
		if other == r {
			other = unicode.ToLower(r)
		}
		if other != r {
			return name[:i] + string(other) + name[i+len(string(r)):]
		}
	}
	return name
}

func ascii(name string) bool {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return false
		}
	}
	return true
}
