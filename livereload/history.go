package livereload

import "time"

// historyLength bounds what a tab that slept can be told of one by one; behind
// that it reloads.
const historyLength = 128

// maxAge bounds how far back a page's own age reaches. A page needs seconds
// from its first byte to its hello; what is older came with its files.
const maxAge = time.Minute

// history remembers style sheets, images and reloads, of which a page's digest
// says nothing. An update needs no memory: the page's digest tells it.
//
// The epoch counts the entries since the start. A tab that comes back says the
// last epoch that it heard of. One that was just loaded knows none, and says how
// long ago its loading began: its files may be from any moment since.
type history struct {
	epoch   uint64
	entries []envelope // the newest of them, oldest first
}

// add files an entry, if it is of a kind that must be remembered, and returns
// the message with its epoch.
func (h *history) add(e envelope) envelope {
	if e.Kind == Style || e.Kind == Image || e.Kind == Reload {
		h.epoch++
		e.Epoch = h.epoch
		if len(h.entries) == historyLength {
			h.entries = append(h.entries[:0], h.entries[1:]...)
		}
		h.entries = append(h.entries, e)
	}
	e.Epoch = h.epoch
	return e
}

// missed returns what happened to a tab's page while nobody told the tab.
func (h *history) missed(msg hello, now time.Time) []envelope {
	var q queue
	if msg.Epoch == nil {
		since := now.Add(-time.Millisecond * time.Duration(min(msg.Age, maxAge.Milliseconds())))
		for _, e := range h.entries {
			if e.at.After(since) && concerns(e, msg.Page) {
				q.put(e)
			}
		}
		return q.take()
	}
	seen := *msg.Epoch
	if seen > h.epoch { // an epoch of another run: all of this one was missed
		seen = 0
	}
	if h.epoch-seen > uint64(len(h.entries)) {
		return []envelope{{Message: Message{Kind: Reload, Page: msg.Page}, Epoch: h.epoch}}
	}
	for _, e := range h.entries {
		if e.Epoch > seen && concerns(e, msg.Page) {
			q.put(e)
		}
	}
	return q.take()
}

func concerns(e envelope, page string) bool { return e.Page == "" || e.Page == page }
