package session

import (
	"slices"
	"sync"

	"docserve/runner"
)

// Audience is browsers that a test plays.
type Audience struct {
	changed chan struct{}

	mu    sync.Mutex // guards what follows
	open  []string
	notes []runner.Push
	edits []runner.Push
}

// NewAudience returns one that looks at nothing.
func NewAudience() *Audience { return &Audience{changed: make(chan struct{}, 1)} }

// Look has the browsers show these pages, and no others.
func (a *Audience) Look(pages ...string) {
	a.mu.Lock()
	a.open = pages
	a.mu.Unlock()
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// Open returns the pages that are shown.
func (a *Audience) Open() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.open)
}

// Changed wakes the runner when Look was called.
func (a *Audience) Changed() <-chan struct{} { return a.changed }

// Publish keeps what browsers are told in words, and which page is edited, and
// forgets the rest. A page that is shown has one tab, which is told at once.
func (a *Audience) Publish(p runner.Push) {
	if p.Told != nil && slices.Contains(a.Open(), p.Page) {
		p.Told()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case p.Kind == "edited":
		a.edits = append(a.edits, p)
	case p.Kind == "status" && p.Note != "":
		a.notes = append(a.notes, p)
	}
}

// Edits returns which pages browsers were told to be edited, oldest first.
func (a *Audience) Edits() []runner.Push {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.edits)
}

// Notes returns what browsers were told in words, oldest first.
func (a *Audience) Notes() []runner.Push {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.notes)
}
