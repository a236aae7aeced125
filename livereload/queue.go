package livereload

import (
	"slices"
	"time"
)

// envelope is a Message on its way, as it goes over the wire.
type envelope struct {
	Message
	Epoch uint64 `json:"epoch"` // of the newest entry in the history when it was sent
	at    time.Time
}

// maxPaths bounds the paths of a Style or Image message. A storm of more than
// this is cheaper to show with one reload.
const maxPaths = 64

// queue holds messages that have not been sent yet. What a newer message makes
// useless is left out, so that its length is bounded by the number of pages
// times the number of kinds, however slow its reader is.
type queue struct{ items []envelope }

// put adds a message behind the others.
//
// A Reload makes everything before it useless that concerns the same tabs but
// does not tell their state. An Update or a Status replaces the one before it
// for the same page; a Status that says nothing of the state leaves it. The paths
// of Style and Image add up.
func (q *queue) put(e envelope) {
	kept := q.items[:0]
	for _, old := range q.items {
		switch {
		case e.Kind == Reload && old.Kind != Status && (e.Page == "" || e.Page == old.Page):
			continue
		case old.Kind == e.Kind && old.Page == e.Page:
			switch {
			case e.Kind == Style || e.Kind == Image:
				e.Paths = union(old.Paths, e.Paths)
			case e.Kind == Status && e.State == "":
				e.State = old.State
			}
			continue
		}
		kept = append(kept, old)
	}
	clear(q.items[len(kept):])
	if len(e.Paths) > maxPaths {
		e.Kind, e.Paths = Reload, nil
		q.items = kept
		q.put(e)
		return
	}
	q.items = append(kept, e)
}

// take empties the queue and returns what was in it, in order.
func (q *queue) take() []envelope {
	items := q.items
	q.items = nil
	return items
}

// union returns the sorted paths of both, each once, in a slice of its own.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
