package session

import (
	"slices"
	"sync"

	"docserve/runner"
)

// Audience is browsers that a test plays.
type Audience struct {
	changed chan struct{}

	mu   sync.Mutex // guards open
	open []string
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

// Publish forgets what browsers are told.
func (a *Audience) Publish(runner.Push) {}
