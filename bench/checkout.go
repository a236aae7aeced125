package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// checkedOut is how many documents a checkout changes, where there are so many.
const checkedOut = 500

// checkout is what a change of many documents at once gave.
type checkout struct {
	documents int
	batches   int           // that docserve took them for
	visible   time.Duration // until the page that is open shows it
	settled   time.Duration
	plain     time.Duration // clean sphinx-build -j 2 of the same sources afterwards
}

// checkOut writes many documents as git does when it changes to another branch:
// each is removed and written anew, one after the other. The page of the edited
// one, which is the last, is open in a browser.
func (w *workspace) checkOut(ctx context.Context, s *server) (checkout, error) {
	var c checkout
	v, err := w.watch(ctx, s)
	if err != nil {
		return c, err
	}
	defer v.close()
	if err := rest(ctx, s, 1); err != nil {
		return c, err
	}
	others, err := w.documents(checkedOut - 1)
	if err != nil {
		return c, err
	}
	before, err := s.status(ctx)
	if err != nil {
		return c, err
	}
	ctx, cancel := context.WithTimeout(ctx, coldLimit)
	defer cancel()
	mark := newMark()
	began := time.Now()
	for _, each := range others {
		if err := each.replace(each.original + "\n\nAnother branch.\n"); err != nil {
			return c, err
		}
	}
	if err := os.Remove(w.edited.path); err != nil {
		return c, fmt.Errorf("check out: %w", err)
	}
	if _, err := w.edited.paragraph(mark); err != nil {
		return c, err
	}
	at, err := v.await(ctx, mark)
	if err != nil {
		return c, err
	}
	c.documents, c.visible = len(others)+1, at.Sub(began)
	if at, err = s.settled(ctx); err != nil {
		return c, err
	}
	c.settled = at.Sub(began)
	after, err := s.status(ctx)
	if err != nil {
		return c, err
	}
	c.batches = after.Changes - before.Changes
	c.plain, _, err = w.build(ctx, w.out("checked-out"), "-j", "2")
	return c, err
}

// documents returns at most n documents other than the edited one.
func (w *workspace) documents(n int) ([]*source, error) {
	var found []*source
	err := filepath.WalkDir(w.source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != w.site.suffix || path == w.edited.path || len(found) == n {
			return err
		}
		text, err := os.ReadFile(path)
		found = append(found, &source{path: path, original: string(text)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for documents: %w", err)
	}
	return found, nil
}

// replace removes the file and writes another of its name.
func (s *source) replace(text string) error {
	if err := os.Remove(s.path); err != nil {
		return fmt.Errorf("check out: %w", err)
	}
	if err := os.WriteFile(s.path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("check out: %w", err)
	}
	return nil
}
