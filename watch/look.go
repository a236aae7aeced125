package watch

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"docserve/internal/digest"
)

// Unreadable is the Digest of a Change whose file exists but cannot be read, so
// that both losing and regaining the permission are changes.
var Unreadable = digest.Of([]byte("docserve: a file that cannot be read"))

// lookers is how many files are read at once: enough to keep a disk and two
// cores busy, too few to be felt by the editor.
const lookers = 4

// looker reads the contents of files. It remembers what it saw, so that
// comparing everything need not read everything. It is used by one goroutine.
type looker struct {
	seen   map[string]sighting
	logger *slog.Logger
}

// sighting is one look at a file.
type sighting struct {
	sign   signature
	digest digest.Digest
	firm   bool // the digest may be reused while the signature stays
	err    error
}

// signature changes, in all likelihood, when the content of a file does: its
// size, time of modification and mode, and where the system has them time of
// change and inode.
type signature [5]int64

func newLooker(logger *slog.Logger) *looker {
	return &looker{seen: map[string]sighting{}, logger: logger}
}

// look returns the digest of each path: zero where there is no regular file. A
// path for which trust says so is not read when its signature is unchanged.
func (l *looker) look(ctx context.Context, paths []string, trust func(path string) bool) map[string]digest.Digest {
	sightings := make([]sighting, len(paths))
	for i, path := range paths {
		if trust(path) {
			sightings[i] = l.seen[path]
		}
	}
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(paths) {
				return
			}
			sightings[i] = see(paths[i], sightings[i])
		}
	}
	var workers sync.WaitGroup
	for range min(lookers, 2*runtime.GOMAXPROCS(0), len(paths)) - 1 {
		workers.Go(work)
	}
	work()
	workers.Wait()
	if ctx.Err() != nil {
		return nil
	}
	digests := make(map[string]digest.Digest, len(paths))
	for i, path := range paths {
		l.keep(path, sightings[i])
		digests[path] = sightings[i].digest
	}
	return digests
}

// keep remembers s, and complains once about a file that cannot be read.
func (l *looker) keep(path string, s sighting) {
	if s.err != nil && l.seen[path].err == nil {
		l.logger.Warn("cannot read a watched file", "path", path, "error", s.err)
	}
	if s.digest.IsZero() {
		delete(l.seen, path)
		return
	}
	l.seen[path] = s
}

// see looks at one file; old is what may be reused.
func see(path string, old sighting) sighting {
	info, err := os.Stat(path)
	if absent(err) || err == nil && !info.Mode().IsRegular() {
		return sighting{} // reading a pipe or a device could take forever
	}
	if err != nil {
		return sighting{digest: Unreadable, err: err}
	}
	s := sighting{sign: sign(info)}
	if old.firm && old.sign == s.sign {
		return old
	}
	s.firm = time.Since(info.ModTime()) > racy
	s.digest, err = digest.File(path)
	if err != nil {
		return sighting{digest: Unreadable, err: err}
	}
	return s
}

// absent reports whether err says that there is no such file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP)
}
