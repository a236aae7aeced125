// Package loops finds builds that change their own sources, each of which asks for
// the next build, and that one for the next.
//
// Who has changed a file cannot be seen in it; so the processes tell what their
// code is about to write, and which programs it starts, before it does
// ([sphinx.Act]). A change belongs to a piece of work if it was made after the word
// and before the end of the work. What counts is that the same work changes the
// same file again, with nothing from elsewhere in between: then it can only have
// been done again because of that. A hundred documents that write into one file
// while all are read are no loop, nor is a generator that writes what is there
// already.
//
// It owns who has changed which file how often. It refuses to know what a change
// means, which is the engines' business, and has no goroutine and no lock: a
// Breaker belongs to the loop of one engine.
package loops

import (
	"path/filepath"
	"slices"
	"time"

	"docserve/internal/digest"
	"docserve/runner/sphinx"
	"docserve/watch"
)

const (
	// Rounds is how many times in a row a piece of work may change a file.
	Rounds = 3
	// proofs is how many times more if a program that the work has started may have
	// done it: a person may save at such moments, too. Before each of them, docserve
	// waits with idle hands for a change that can only be somebody else's.
	proofs = 2
	// IdleHands is how long: longer than it takes any editor to save by itself again.
	IdleHands = 2 * time.Second
	// coarse is by how much the times of files are behind the clock.
	coarse = 20 * time.Millisecond
	// fewActs is how many of the last words on one file are kept, manyActs on how
	// many files, and somePrograms how many programs.
	fewActs, manyActs, somePrograms = 4, 4096, 64
)

// Work is something that a build does. Each time that it is done is another value,
// which can be compared.
type Work interface {
	// What says what is done; the same for work that is done once more.
	What() (op, step, doc string)
	// Ended returns the zero time while it is under way.
	Ended() time.Time
}

// act is something that was done to a file, or a program that was started.
type act struct {
	sphinx.Act
	at   time.Time
	work Work
}

// covers reports whether the act can have changed a file at a time.
func (a *act) covers(when time.Time) bool {
	ended := a.work.Ended()
	return !when.Before(a.at.Add(-coarse)) && (ended.IsZero() || !when.After(ended))
}

// Origin says where a change comes from. The zero Origin is from elsewhere.
type Origin struct {
	act     *act
	certain bool // and not only from a program that may write anything
}

// Build reports whether a build has made the change.
func (o Origin) Build() bool { return o.act != nil }

// Act returns what was told of it.
func (o Origin) Act() sphinx.Act { return o.act.Act }

// Work returns what was done then.
func (o Origin) Work() Work { return o.act.work }

// round is a piece of work that changes a file.
type round struct{ path, work string }

// tally counts how often it has.
type tally struct {
	times   int
	proofs  int // times that it happened with idle hands before
	last    Work
	content digest.Digest
}

// Loop is a file that docserve does not react to when a build changes it.
type Loop struct {
	Origin
	Path          string
	Message, Hint string // for people
	Freed         bool   // somebody else has changed it since, and no build
}

// Breaker finds loops. It is told what is done, and asked about each change.
type Breaker struct {
	acts     map[string][]*act // by path
	programs []*act
	tallies  map[round]*tally
	loops    map[string]*Loop // by path
	waiting  *watch.Batch     // what is looked at after IdleHands; nil for nothing
	idled    bool             // that is what is looked at just now
}

// A Verdict says what is done about a change by a build.
type Verdict int

// The verdicts.
const (
	React  Verdict = iota
	Wait           // first find out whether a build has made it
	Ignore         // it is a loop
)

// New returns a Breaker that was told nothing.
func New() *Breaker {
	return &Breaker{acts: map[string][]*act{}, tallies: map[round]*tally{}, loops: map[string]*Loop{}}
}

// Note keeps what is done as part of a piece of work.
func (b *Breaker) Note(work Work, told sphinx.Act) {
	a := &act{Act: told, at: time.Unix(0, told.At), work: work}
	if told.Path == "" {
		b.programs = last(append(b.programs, a), somePrograms)
		return
	}
	if len(b.acts) > manyActs {
		b.prune(a.at.Add(-IdleHands))
	}
	paths := []string{told.Path}
	if real := resolved(told.Path); real != told.Path {
		paths = append(paths, real)
	}
	for _, path := range paths {
		b.acts[path] = last(append(b.acts[path], a), fewActs)
	}
}

// prune forgets what was over before a time.
func (b *Breaker) prune(before time.Time) {
	for path, acts := range b.acts {
		if ended := acts[len(acts)-1].work.Ended(); !ended.IsZero() && ended.Before(before) {
			delete(b.acts, path)
		}
	}
}

func last(acts []*act, n int) []*act { return acts[max(0, len(acts)-n):] }

// resolved returns the path of a file whose directory is reached by links.
func resolved(path string) string {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return path
	}
	return filepath.Join(dir, filepath.Base(path))
}

// origin says who has changed a file at a time. What was done to a directory was
// done to what is in it.
func (b *Breaker) origin(path string, when time.Time) Origin {
	for _, each := range []string{path, resolved(path)} {
		for at := each; ; at = filepath.Dir(at) {
			for _, a := range slices.Backward(b.acts[at]) {
				if a.covers(when) {
					return Origin{a, true}
				}
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	for _, a := range slices.Backward(b.programs) {
		if a.covers(when) {
			return Origin{act: a}
		}
	}
	return Origin{}
}

// Count counts a change by a build, once for each time that its work is done. fresh
// tells whether the content is another one than the last time.
func (b *Breaker) Count(path string, by Origin, content digest.Digest) (v Verdict, fresh bool) {
	work := by.act.work
	op, step, doc := work.What()
	key := round{path, op + " " + step + " " + doc}
	n := b.tallies[key]
	if n == nil {
		n = &tally{}
		b.tallies[key] = n
	}
	fresh = n.times == 0 || n.content != content
	if n.last != work {
		n.times++
		n.last = work
	}
	n.content = content
	switch {
	case n.times < Rounds:
		return React, fresh
	case by.certain:
		return Ignore, fresh
	case !b.idled:
		return Wait, fresh
	}
	if n.proofs++; n.proofs <= proofs {
		return React, fresh
	}
	return Ignore, fresh
}

// Elsewhere notes that something has changed that no build has changed: what
// happens now happens because of that.
func (b *Breaker) Elsewhere() { clear(b.tallies) }

// Muted reports whether such a change of a file is passed over, and notes whose
// change was the last one.
func (b *Breaker) Muted(path string, by Origin) bool {
	l := b.loops[path]
	if l == nil {
		return false
	}
	passed := by.act != nil && (by.certain || !l.certain)
	l.Freed = !passed
	return passed
}
