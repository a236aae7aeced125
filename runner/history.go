package runner

import (
	"encoding/json"
	"fmt"
	"time"

	"docserve/graph"
)

// historyKey is where the histories of all pages are kept in the manifest. Most
// pages were made for a reason that they share with many others, so reasons are
// kept once, and events say which.
const historyKey = "history"

// histories is the form in which they are kept.
type histories struct {
	Reasons []*Reason            `json:"reasons"`
	Pages   map[string][3]moment `json:"pages"` // read, written, checked
}

// moment is an Event, all zero for none.
type moment struct {
	Reason int   `json:"r,omitempty"` // index in Reasons + 1
	Time   int64 `json:"t,omitempty"` // in milliseconds
	Same   bool  `json:"s,omitempty"`
}

// keepHistory puts the histories of all pages into the graph.
func keepHistory(g *graph.Graph, pages map[string]*page) error {
	kept := histories{Pages: make(map[string][3]moment, len(pages))}
	index := map[*Reason]int{}
	for _, doc := range sorted(pages) {
		p := pages[doc]
		var moments [3]moment
		for i, event := range []*Event{p.history.Read, p.history.Written, p.history.Checked} {
			if event == nil {
				continue
			}
			if index[event.Reason] == 0 {
				kept.Reasons = append(kept.Reasons, event.Reason)
				index[event.Reason] = len(kept.Reasons)
			}
			moments[i] = moment{index[event.Reason], event.Time.UnixMilli(), event.Same}
		}
		kept.Pages[doc] = moments
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep why pages were made: %w", err)
	}
	g.SetExtra(historyKey, data)
	return nil
}

// keptHistory returns the histories that a graph holds. What cannot be understood
// is none: it explains, and decides nothing.
func keptHistory(g *graph.Graph) map[string]History {
	var kept histories
	if json.Unmarshal(g.Extra(historyKey), &kept) != nil {
		return nil
	}
	found := make(map[string]History, len(kept.Pages))
	for doc, moments := range kept.Pages {
		var events [3]*Event
		for i, m := range moments {
			if m.Reason > 0 && m.Reason <= len(kept.Reasons) && kept.Reasons[m.Reason-1] != nil {
				events[i] = &Event{Reason: kept.Reasons[m.Reason-1], Time: time.UnixMilli(m.Time), Same: m.Same}
			}
		}
		found[doc] = History{Read: events[0], Written: events[1], Checked: events[2]}
	}
	return found
}
