package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"docserve/internal/digest"
	"docserve/runner/loops"
)

// ClearCache forgets all that is known from before, also what is on disk for the
// next session, and builds everything from nothing. Pages stay where they are
// until there are others. It may be called from any goroutine, and returns when
// the loop has begun; the error says what could not be removed.
func (r *Runner) ClearCache(ctx context.Context) error {
	answer := make(chan error, 1)
	r.later(ctx, func() { answer <- r.clearCache(ctx) })
	select {
	case err := <-answer:
		return err
	case <-r.gone:
		return errors.New("clear the cache: docserve is ending")
	case <-ctx.Done():
		return fmt.Errorf("clear the cache: %w", ctx.Err())
	}
}

// clearCache removes the manifest first: without it, what a session that is
// killed half-way leaves is good for nothing to the next one.
func (r *Runner) clearCache(ctx context.Context) error {
	r.touch()
	r.breaker.Elsewhere()
	r.freeLoops(loops.All)
	r.account.begin(time.Now(), false)
	r.account.build.Reason = "the cache was cleared"
	why := because(Start, "was in the cache, which was cleared")
	r.account.restart = why
	r.finish.environment = ""
	r.cleared = true
	r.reopen(ctx)
	for _, p := range r.pages {
		p.signature, p.drawn = nil, nil
		p.hash = onDisk(r.output(p.path))
	}
	r.markAll(why)
	err := remove(r.manifest(), r.ledger(), filepath.Join(r.state, "inventory.pickle"), filepath.Join(r.state, "index.pickle"))
	clear(r.noted)
	return errors.Join(err, RemoveDoctrees(r.opts.Sphinx.Doctrees))
}

// onDisk returns the digest of a file's bytes, whatever was known of them.
func onDisk(name string) digest.Digest {
	d, err := digest.File(name)
	if err != nil {
		return digest.Digest{}
	}
	return d
}

// RemoveDoctrees removes what Sphinx keeps of a project below the directory of
// its doctrees: the environment and the doctrees themselves. Other files stay,
// since a directory that was named with -d may have them.
func RemoveDoctrees(dir string) error {
	state := filepath.Join(dir, ".docserve")
	var failed error
	_ = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil: // it went meanwhile, or was never there
		case name == state:
			return fs.SkipDir
		case entry.Type().IsRegular() && kept(name, dir):
			failed = errors.Join(failed, remove(name))
		}
		return nil
	})
	return failed
}

// kept reports whether a file is one that Sphinx keeps in its directory of doctrees.
func kept(name, dir string) bool {
	relative, err := filepath.Rel(dir, name)
	return err == nil && (strings.HasSuffix(relative, ".doctree") || strings.HasPrefix(relative, "environment.pickle"))
}

// remove removes files that are there.
func remove(names ...string) error {
	var failed error
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, fmt.Errorf("clear the cache: %w", err))
		}
	}
	return failed
}
