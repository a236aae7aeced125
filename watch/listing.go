package watch

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// This file is what a poller knows of one directory. Comparing two listings is
// pure: times come in as arguments.

// racy is how long after its modification a file may change again without its
// time of modification showing it (2 s: the resolution of FAT).
const racy = 2 * time.Second

// entry is one name in a directory.
type entry struct {
	name string
	dir  bool
	sign signature
	seen time.Duration // when the signature was seen first, by the poller's own clock
	firm bool          // a later change of the content would show in the signature
}

// listing is what a directory holds, sorted by name.
type listing []entry

// list reads the directory dir. Whatever appears or goes meanwhile is for the
// next time.
func list(dir string, at time.Duration) (listing, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	l := make(listing, 0, len(found))
	for _, f := range found {
		info, err := f.Info()
		if err != nil {
			continue // it is gone, or about to go
		}
		l = append(l, describe(f.Name(), info, at, now))
	}
	return l, nil
}

// describe makes the entry of a name. What was modified long ago by now's clock
// will not change unseen; of a file from the future nothing can be said yet.
func describe(name string, info fs.FileInfo, at time.Duration, now time.Time) entry {
	e := entry{name: name, dir: info.IsDir(), sign: sign(info), seen: at}
	if e.dir {
		// Size and times change with what is in it, which is looked at itself.
		e.sign = signature{2: e.sign[2], 4: e.sign[4]}
	}
	e.firm = e.dir || now.Sub(info.ModTime()) > racy
	return e
}

// happened is one thing that happened to a name in a directory.
type happened struct {
	name string
	op   fsnotify.Op
}

// since returns what has happened between old and l, sorted by name. It takes
// over into l what old knows about how long an entry has been as it is.
//
// An entry that was seen too soon after it was modified is reported once more
// when that is over. How long that takes is measured by docserve's own clock, so
// that neither a server's clock nor one that is set back can hide a change.
func (l listing) since(old listing) []happened {
	var all []happened
	for i, j := 0, 0; i < len(l) || j < len(old); {
		switch {
		case j == len(old) || i < len(l) && l[i].name < old[j].name:
			all = append(all, happened{l[i].name, fsnotify.Create})
			i++
		case i == len(l) || old[j].name < l[i].name:
			all = append(all, happened{old[j].name, fsnotify.Remove})
			j++
		default:
			if op := l[i].follow(old[j]); op != 0 {
				all = append(all, happened{l[i].name, op})
			}
			i, j = i+1, j+1
		}
	}
	return all
}

// follow makes e the successor of old, and returns what happened between them.
func (e *entry) follow(old entry) fsnotify.Op {
	switch {
	case e.kind() != old.kind(), e.sign[4] != old.sign[4]:
		return fsnotify.Remove | fsnotify.Create
	case e.sign != old.sign && e.dir:
		return fsnotify.Chmod
	case e.sign != old.sign && e.kind() == fs.ModeSymlink:
		return fsnotify.Create // it may lead elsewhere
	case e.sign != old.sign:
		return fsnotify.Write
	}
	settled := !old.firm && e.seen-old.seen > racy
	e.seen, e.firm = old.seen, old.firm || settled
	if settled {
		return fsnotify.Write
	}
	return 0
}

// kind is whether e is a file, a directory, a link or something else.
func (e *entry) kind() fs.FileMode { return fs.FileMode(e.sign[2]).Type() }

// find returns the entry called name.
func (l listing) find(name string) (*entry, bool) {
	i, ok := slices.BinarySearchFunc(l, name, func(e entry, name string) int { return strings.Compare(e.name, name) })
	if !ok {
		return nil, false
	}
	return &l[i], true
}
