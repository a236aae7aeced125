package main

import (
	"context"
	"fmt"
	"time"
)

// patience is how long anything short may take before it counts as failed.
const patience = 3 * time.Minute

// gaps are the pauses between docserve having settled and the next save. They
// differ because what a warm process does in its idle moments depends on how
// long they are, and nobody types in step with it.
var gaps = []time.Duration{500 * time.Millisecond, 4 * time.Second, time.Second, 3 * time.Second, 2 * time.Second}

// watched is a browser that shows the edited page of a server.
type watched struct {
	*browser
	server *server
}

// watch opens the edited page in a fresh browser and waits until its newest mark
// is on the screen.
func (w *workspace) watch(ctx context.Context, s *server) (*watched, error) {
	b, err := openBrowser(ctx)
	if err != nil {
		return nil, err
	}
	v := &watched{browser: b, server: s}
	if err := v.show(ctx, w.site.page(), w.edited.mark); err != nil {
		b.close()
		return nil, err
	}
	return v, nil
}

// show goes to a page and waits until mark is on the screen. The page is asked
// for by other means first: Chromium does not stay on an answer that is an error,
// which a page that does not exist yet may be.
func (v *watched) show(ctx context.Context, page, mark string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, _, err := v.server.served(ctx, page, mark); err != nil {
		return err
	}
	if err := v.open(v.server.url + page); err != nil {
		return err
	}
	_, err := v.await(ctx, mark)
	return err
}

// save edits the document and returns the time until the edit is on the
// screen.
func (v *watched) save(ctx context.Context, edit savePage) (time.Duration, error) {
	took, _, err := v.saveSeen(ctx, edit)
	return took, err
}

// saveSeen also returns what of it the client took to change the page.
func (v *watched) saveSeen(ctx context.Context, edit savePage) (took, made time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	mark := newMark()
	saved, err := edit(mark)
	if err != nil {
		return 0, 0, err
	}
	seen, err := v.sight(ctx, mark, func(s sighting) bool { return s.mark == mark })
	if err != nil {
		return 0, 0, err
	}
	return seen.at.Sub(saved), seen.made, nil
}

// rest waits until docserve has settled, and then for the gap of the i-th
// save.
func rest(ctx context.Context, s *server, i int) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := s.settled(limited); err != nil {
		return err
	}
	return pause(ctx, gaps[i%len(gaps)])
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// settledSaves saves as often as asked for, each time once docserve has
// settled. It returns the times until the edit is visible, and what of them the
// client took where it changed the page in place.
func (w *workspace) settledSaves(ctx context.Context, s *server, edit savePage) (taken, made samples, err error) {
	v, err := w.watch(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	defer v.close()
	for i := range w.saves {
		if err := rest(ctx, s, i); err != nil {
			return taken, made, err
		}
		took, client, err := v.saveSeen(ctx, edit)
		if err != nil {
			return taken, made, fmt.Errorf("save %d: %w", i+1, err)
		}
		taken = append(taken, took)
		if client > 0 {
			made = append(made, client)
		}
	}
	return taken, made, nil
}

// autobuildSaves is the same for sphinx-autobuild, which starts from the
// output of a full build, so that it has nothing left to do either.
func (w *workspace) autobuildSaves(ctx context.Context, out string) (samples, error) {
	starting, cancel := context.WithTimeout(ctx, 20*time.Minute) // it builds once before it serves
	defer cancel()
	s, err := w.startAutobuild(starting, out)
	if err != nil {
		return nil, err
	}
	defer s.stop(10 * time.Second)
	v, err := w.watch(ctx, s)
	if err != nil {
		return nil, err
	}
	defer v.close()
	var taken samples
	for i := range w.saves {
		// It reloads after its build has ended: there is nothing to wait for.
		if err := pause(ctx, time.Second+gaps[i%len(gaps)]); err != nil {
			return taken, err
		}
		took, err := v.save(ctx, w.edited.paragraph)
		if err != nil {
			return taken, fmt.Errorf("save %d: %w", i+1, err)
		}
		taken = append(taken, took)
	}
	return taken, nil
}

// servedSaves measures from the save until the changed bytes are served, and
// in turn the floor of the same page.
func (w *workspace) servedSaves(ctx context.Context, s *server, plain string) (served, least samples, err error) {
	f, err := w.startFloor(plain)
	if err != nil {
		return nil, nil, err
	}
	defer f.stop()
	for i := range w.saves {
		if err := rest(ctx, s, i); err != nil {
			return served, least, err
		}
		mark := newMark()
		saved, err := w.edited.paragraph(mark)
		if err != nil {
			return served, least, err
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		at, _, err := s.served(limited, w.site.page(), mark)
		if err == nil {
			_, err = s.settled(limited) // so that the floor has the machine for itself
		}
		cancel()
		if err != nil {
			return served, least, fmt.Errorf("save %d: %w", i+1, err)
		}
		took, err := f.work()
		if err != nil {
			return served, least, err
		}
		served, least = append(served, at.Sub(saved)), append(least, took)
	}
	return served, least, nil
}
