// Package pages is a site whose files a test writes by hand, where docserve would
// build them.
//
// It owns the files, and has browsers told of them. How the site is served is the
// test's own business, and so is what its pages say.
package pages

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/digest"
	"docserve/livereload"
	"docserve/web"
)

// Site is a directory of files, each named by its path on the site, with slashes. It
// is all that package web wants of a site.
type Site struct {
	T   testing.TB
	Dir string
	Hub *livereload.Hub // who Push tells; the test makes and runs it
}

// New returns an empty site, in a directory of the test's.
func New(t testing.TB) *Site { return &Site{T: t, Dir: t.TempDir()} }

// File is where a file of the site is.
func (s *Site) File(path string) string { return filepath.Join(s.Dir, filepath.FromSlash(path)) }

// Status says that nothing is left to do.
func (s *Site) Status() any { return map[string]bool{"settled": true} }

// Fetch finds a file as it is now. Those that end in .html are pages.
func (s *Site) Fetch(_ context.Context, path string) (web.File, error) {
	file := web.File{Path: s.File(path)}
	if info, err := os.Stat(file.Path); err != nil || info.IsDir() {
		return web.File{}, web.ErrNotFound
	}
	if strings.HasSuffix(path, ".html") {
		file.Page = path
	}
	return file, nil
}

// Current is what a hub asks for: a page as it is now, and fresh.
func (s *Site) Current(page string) (digest.Digest, livereload.State, string) {
	d, _ := digest.File(s.File(page)) // zero when there is none, which is nobody's version
	return d, livereload.Fresh, ""
}

// Write writes a file without telling anyone. Nobody sees half of it, as of what
// docserve writes.
func (s *Site) Write(path, text string) digest.Digest {
	s.T.Helper()
	name := s.File(path)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		s.T.Fatal(err)
	}
	fresh := name + ".fresh"
	if err := os.WriteFile(fresh, []byte(text), 0o666); err != nil {
		s.T.Fatal(err)
	}
	if err := os.Rename(fresh, name); err != nil {
		s.T.Fatal(err)
	}
	return digest.Of([]byte(text))
}

// Push writes a page and tells the browsers that show it.
func (s *Site) Push(path, text string) {
	s.T.Helper()
	s.Hub.Publish(livereload.Message{Kind: livereload.Update, Page: path, Hash: s.Write(path, text), State: livereload.Fresh})
}

// Remove removes a file without telling anyone.
func (s *Site) Remove(path string) {
	s.T.Helper()
	if err := os.Remove(s.File(path)); err != nil {
		s.T.Fatal(err)
	}
}
