package runner

import (
	"path/filepath"
	"slices"
	"time"

	"docserve/internal/digest"
	"docserve/runner/sphinx"
	"docserve/watch"
)

// A build that changes one of its own sources asks for the next build, and that
// one for the next. Who has changed a file cannot be seen in it; so the processes
// tell what their code is about to write, and which programs it starts, before it
// does. A change belongs to a task if it was made after the word and before the
// end of the task.
//
// What counts is that the same task changes the same file again, with nothing from
// elsewhere in between: then it can only have been run again because of that. A
// hundred documents that write into one file while all are read are no loop, nor
// is a generator that writes what is there already.

const (
	// rounds is how many times in a row a task may change a file.
	rounds = 3
	// proofs is how many times more if a program that the task has started may have
	// done it: a person may save at such moments, too. Before each of them, docserve
	// waits with idle hands for a change that can only be somebody else's.
	proofs = 2
	// idleHands is how long: longer than it takes any editor to save by itself again.
	idleHands = 2 * time.Second
	// coarse is by how much the times of files are behind the clock.
	coarse = 20 * time.Millisecond
	// straying is how long what was done between two commands, by a thread, counts.
	straying = time.Second
	// fewActs is how many of the last words on one file are kept, manyActs on how
	// many files, and somePrograms how many programs.
	fewActs, manyActs, somePrograms = 4, 4096, 64
)

// act is something that was done to a file, or a program that was started.
type act struct {
	sphinx.Act
	at   time.Time
	task *task
}

// covers reports whether the act can have changed a file at a time.
func (a *act) covers(when time.Time) bool {
	ended := a.task.ended
	return !when.Before(a.at.Add(-coarse)) && (ended.IsZero() || !when.After(ended))
}

// origin says where a change comes from.
type origin struct {
	act     *act // nil: from elsewhere
	certain bool // and not only from a program that may write anything
}

// round is a task that changes a file.
type round struct{ path, task string }

// tally counts how often it has.
type tally struct {
	times   int
	proofs  int // times that it happened with idle hands before
	last    *task
	content digest.Digest
}

// loop is a file that docserve does not react to when a build changes it.
type loop struct {
	origin
	note  Diagnostic
	freed bool // somebody else has changed it since, and no build
}

// breaker finds loops. It is told what is done, and asked about each change.
type breaker struct {
	acts     map[string][]*act // by path
	programs []*act
	tallies  map[round]*tally
	loops    map[string]*loop // by path
	waiting  *watch.Batch     // what is looked at after idleHands; nil for nothing
	idled    bool             // that is what is looked at just now
}

// A verdict says what is done about a change by a build.
type verdict int

const (
	react  verdict = iota
	wait           // first find out whether a build has made it
	ignore         // it is a loop
)

func newBreaker() breaker {
	return breaker{acts: map[string][]*act{}, tallies: map[round]*tally{}, loops: map[string]*loop{}}
}

// note keeps what a task does.
func (b *breaker) note(t *task, told sphinx.Act) {
	a := &act{Act: told, at: time.Unix(0, told.At), task: t}
	if told.Path == "" {
		b.programs = last(append(b.programs, a), somePrograms)
		return
	}
	if len(b.acts) > manyActs {
		b.prune(a.at.Add(-idleHands))
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
func (b *breaker) prune(before time.Time) {
	for path, acts := range b.acts {
		if ended := acts[len(acts)-1].task.ended; !ended.IsZero() && ended.Before(before) {
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
func (b *breaker) origin(path string, when time.Time) origin {
	for _, each := range []string{path, resolved(path)} {
		for at := each; ; at = filepath.Dir(at) {
			for _, a := range slices.Backward(b.acts[at]) {
				if a.covers(when) {
					return origin{a, true}
				}
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	for _, a := range slices.Backward(b.programs) {
		if a.covers(when) {
			return origin{act: a}
		}
	}
	return origin{}
}

// count counts a change by a task, once for each time that the task is run. fresh
// tells whether the content is another one than the last time.
func (b *breaker) count(path string, by origin, content digest.Digest) (v verdict, fresh bool) {
	t := by.act.task
	op, doc := t.work()
	key := round{path, op + " " + t.step + " " + doc}
	n := b.tallies[key]
	if n == nil {
		n = &tally{}
		b.tallies[key] = n
	}
	fresh = n.times == 0 || n.content != content
	if n.last != t {
		n.times++
		n.last = t
	}
	n.content = content
	switch {
	case n.times < rounds:
		return react, fresh
	case by.certain:
		return ignore, fresh
	case !b.idled:
		return wait, fresh
	}
	if n.proofs++; n.proofs <= proofs {
		return react, fresh
	}
	return ignore, fresh
}

// work says what a task does to which document: one that is read and written for
// nothing, or to be shown for a while, is read all the same.
func (t *task) work() (op, doc string) {
	switch t.op {
	case "rehearse":
		return "read", t.played
	case "preview":
		return "read", t.doc
	}
	return t.op, t.doc
}

// elsewhere notes that something has changed that no build has changed: what
// happens now happens because of that.
func (b *breaker) elsewhere() { clear(b.tallies) }

// muted reports whether such a change of a file is passed over, and notes whose
// change was the last one.
func (b *breaker) muted(path string, by origin) bool {
	l := b.loops[path]
	if l == nil {
		return false
	}
	passed := by.act != nil && (by.certain || !l.certain)
	l.freed = !passed
	return passed
}
