package loops

import (
	"maps"
	"os"
	"slices"
	"time"

	"docserve/internal/filesystem"
	"docserve/watch"
)

// Weigh says which of some changes ask for work; nil when none does. It is asked
// about those that are not passed over anyway.
type Weigh func(changes []watch.Change) (counts func(watch.Change) bool)

// Sifted is what becomes of a batch.
type Sifted struct {
	Changes   []watch.Change    // what is reacted to now
	Elsewhere bool              // somebody else's changes that count are among them
	Broken    map[string]Origin // files that builds have changed once too often
	Wait      bool              // first find out whether a build has made them: look at Changes after IdleHands
}

// Sift finds the changes of a batch that are reacted to now: not those that a build
// has made in a loop that is broken, or once too often; and none of them while it
// must be found out whether a build has made them.
func (b *Breaker) Sift(batch watch.Batch, weigh Weigh) Sifted {
	origins := b.origins(batch)
	if len(origins)+len(b.tallies)+len(b.loops) == 0 {
		return Sifted{Changes: batch.Changes} // as nearly always
	}
	changes := slices.DeleteFunc(slices.Clone(batch.Changes), func(c watch.Change) bool {
		return b.Muted(c.Path, origins[c.Path])
	})
	counts := weigh(changes)
	if counts == nil {
		return Sifted{Changes: changes}
	}
	if slices.ContainsFunc(changes, func(c watch.Change) bool { return !origins[c.Path].Build() && counts(c) }) {
		b.Elsewhere()
		return Sifted{Changes: changes, Elsewhere: true}
	}
	s := Sifted{Broken: map[string]Origin{}}
	s.Changes = slices.DeleteFunc(changes, func(c watch.Change) bool {
		if !counts(c) {
			return false
		}
		v, _ := b.Count(c.Path, origins[c.Path], c.Digest)
		if v == Ignore {
			s.Broken[c.Path] = origins[c.Path]
		}
		s.Wait = s.Wait || v == Wait
		return v == Ignore
	})
	return s
}

// origins says of the changes of a batch that come from builds how.
func (b *Breaker) origins(batch watch.Batch) map[string]Origin {
	found := map[string]Origin{}
	if len(b.acts)+len(b.programs) == 0 {
		return found
	}
	for _, c := range batch.Changes {
		if by := b.Origin(c.Path, batch.First); by.Build() {
			found[c.Path] = by
		}
	}
	return found
}

// Origin says who has changed a file last. When that was is asked of the file;
// otherwise is the answer when there is none.
func (b *Breaker) Origin(path string, otherwise time.Time) Origin {
	when := otherwise
	if info, err := os.Stat(path); err == nil {
		when = filesystem.Changed(info)
	}
	return b.origin(path, when)
}

// Hold keeps a batch that is looked at later, and returns what tells whether it is
// still to be: a batch that comes sooner takes it along.
func (b *Breaker) Hold(batch watch.Batch) (due func() bool) {
	held := &batch
	b.waiting = held
	return func() bool {
		if b.waiting != held {
			return false
		}
		b.waiting = nil
		return true
	}
}

// Holding reports whether a batch is looked at later.
func (b *Breaker) Holding() bool { return b.waiting != nil }

// Idled has look look at a batch that nothing has followed.
func (b *Breaker) Idled(look func()) {
	b.idled = true
	look()
	b.idled = false
}

// Join adds what was held to a batch.
func (b *Breaker) Join(batch watch.Batch) watch.Batch {
	held := b.waiting
	if held == nil {
		return batch
	}
	b.waiting = nil
	changes := map[string]watch.Change{}
	for _, c := range slices.Concat(held.Changes, batch.Changes) {
		changes[c.Path] = c
	}
	batch.First, batch.Changes = held.First, nil
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		batch.Changes = append(batch.Changes, changes[path])
	}
	return batch
}

// Break stops reacting to what builds do to a file.
func (b *Breaker) Break(l Loop) { b.loops[l.Path] = &l }

// Free reacts to everything again where free says so, and reports whether that is
// anywhere.
func (b *Breaker) Free(free func(Loop) bool) bool {
	before := len(b.loops)
	maps.DeleteFunc(b.loops, func(_ string, l *Loop) bool { return free(*l) })
	return len(b.loops) < before
}

// Loops returns the files that docserve does not react to, by path.
func (b *Breaker) Loops() []Loop {
	all := make([]Loop, 0, len(b.loops))
	for _, path := range slices.Sorted(maps.Keys(b.loops)) {
		all = append(all, *b.loops[path])
	}
	return all
}

// All is for Free: every loop.
func All(Loop) bool { return true }

// Freed is for Free: loops of files that somebody else has changed last.
func Freed(l Loop) bool { return l.Freed }
