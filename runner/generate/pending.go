package generate

import (
	"slices"
	"strings"
	"time"

	"docserve/internal/digest"
	"docserve/watch"
)

// pending is what the engine is to be told of: changed files, each once.
type pending struct {
	changes map[string]watch.Change
	first   time.Time
	rescan  bool
}

func (p *pending) empty() bool { return len(p.changes) == 0 }

// add merges one change with what is there for the same file.
func (p *pending) add(c watch.Change, first time.Time) {
	if p.changes == nil {
		p.changes = map[string]watch.Change{}
	}
	if p.first.IsZero() || first.Before(p.first) {
		p.first = first
	}
	if before, ok := p.changes[c.Path]; ok {
		switch {
		case c.Op == watch.Remove: // whoever lists the sources may have met it, though nobody was told
		case before.Op == watch.Create:
			c.Op = watch.Create
		case c.Op == watch.Create: // it was there, and is again
			c.Op = watch.Write
		}
	}
	p.changes[c.Path] = c
}

// addBatch merges a batch of the watcher.
func (p *pending) addBatch(b watch.Batch) {
	for _, c := range b.Changes {
		p.add(c, b.First)
	}
	p.rescan = p.rescan || b.Rescan
}

// addOutputs merges changed outputs.
func (p *pending) addOutputs(outputs []Change, first time.Time) {
	for _, o := range outputs {
		p.add(watch.Change{Path: o.Path, Op: opOf(o.Before, o.After), Digest: o.After}, first)
	}
}

func opOf(before, after digest.Digest) watch.Op {
	switch {
	case after.IsZero():
		return watch.Remove
	case before.IsZero():
		return watch.Create
	}
	return watch.Write
}

// merge adds what others are to be told of.
func (p *pending) merge(other *pending) {
	for _, c := range other.changes {
		p.add(c, other.first)
	}
	p.rescan = p.rescan || other.rescan
	*other = pending{}
}

// batch is the form in which it is told.
func (p *pending) batch() watch.Batch {
	b := watch.Batch{First: p.first, Rescan: p.rescan}
	for _, c := range p.changes {
		b.Changes = append(b.Changes, c)
	}
	slices.SortFunc(b.Changes, func(x, y watch.Change) int { return strings.Compare(x.Path, y.Path) })
	return b
}
