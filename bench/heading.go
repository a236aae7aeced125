package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// headings is what edits of the document's title gave, and in turn with them
// edits of its text. Final means that the page in the browser is the one that
// stays: that of the settled site.
type headings struct {
	visible samples // until the title is on the screen
	final   samples // until the page on the screen is the final one
	settled samples // until all that shows the title is up to date
	body    samples // until the page with an edited text is the final one
}

// headingSaves edits title and text in turn.
func (w *workspace) headingSaves(ctx context.Context, s *server) (headings, error) {
	var taken headings
	v, err := w.watch(ctx, s)
	if err != nil {
		return taken, err
	}
	defer v.close()
	for i := range w.saves {
		title, err := w.finalSave(ctx, v, w.edited.heading, i)
		if err != nil {
			return taken, fmt.Errorf("title %d: %w", i+1, err)
		}
		taken.visible, taken.final = append(taken.visible, title.visible), append(taken.final, title.final)
		taken.settled = append(taken.settled, title.settled)
		body, err := w.finalSave(ctx, v, w.edited.body, i)
		if err != nil {
			return taken, fmt.Errorf("text %d: %w", i+1, err)
		}
		taken.body = append(taken.body, body.final)
	}
	return taken, nil
}

// finalTimes are those of one save.
type finalTimes struct{ visible, final, settled time.Duration }

// hashInPage is how docserve says in a page which bytes it was made of.
var hashInPage = regexp.MustCompile(`data-hash="([0-9a-f]+)"`)

// finalSave saves once docserve has settled, and waits until it has settled
// again. The hash that the page has then is the final one.
func (w *workspace) finalSave(ctx context.Context, v *watched, edit savePage, i int) (finalTimes, error) {
	var times finalTimes
	if err := rest(ctx, v.server, i); err != nil {
		return times, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	mark := newMark()
	saved, err := edit(mark)
	if err != nil {
		return times, err
	}
	seen, err := v.sight(ctx, mark, func(s sighting) bool { return s.mark == mark })
	if err != nil {
		return times, err
	}
	times.visible = seen.at.Sub(saved)
	at, err := v.server.settled(ctx)
	if err != nil {
		return times, err
	}
	times.settled = at.Sub(saved)
	_, body, err := v.server.served(ctx, w.site.page(), mark)
	if err != nil {
		return times, err
	}
	found := hashInPage.FindSubmatch(body)
	if found == nil {
		return times, errors.New("find the hash in the page: there is none")
	}
	if final := string(found[1]); seen.hash != final {
		if seen, err = v.sight(ctx, "the final page", func(s sighting) bool { return s.hash == final }); err != nil {
			return times, err
		}
	}
	times.final = seen.at.Sub(saved)
	return times, nil
}
