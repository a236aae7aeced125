package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// side is one of two builds of docserve that are compared: with a copy of the
// sources of its own, so that a save is news to one of them only.
type side struct {
	*workspace
	watched *watched
	taken   samples
}

// againstSaves lets two builds of docserve take saves in turn on the same site,
// so that whatever else the machine does happens to both.
func (w *workspace) againstSaves(ctx context.Context, binary string) (ours, theirs samples, err error) {
	var sides []*side
	defer func() {
		for _, s := range sides {
			s.end()
		}
	}()
	for i, docserve := range []string{w.docserve, binary} {
		s, err := w.openSide(ctx, fmt.Sprintf("side%d", i), docserve)
		if s != nil {
			sides = append(sides, s)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("start %s: %w", docserve, err)
		}
	}
	for i := range w.saves {
		for turn := range sides {
			s := sides[(i+turn)%len(sides)] // neither is always first
			for _, each := range sides {
				if err := rest(ctx, each.watched.server, i); err != nil {
					return sides[0].taken, sides[1].taken, err
				}
			}
			took, err := s.watched.save(ctx, s.edited.paragraph)
			if err != nil {
				return sides[0].taken, sides[1].taken, fmt.Errorf("save %d: %w", i+1, err)
			}
			s.taken = append(s.taken, took)
		}
	}
	return sides[0].taken, sides[1].taken, nil
}

// openSide copies the sources and starts a docserve on them; it has settled,
// and a browser shows the edited page.
func (w *workspace) openSide(ctx context.Context, name, docserve string) (*side, error) {
	copied := *w
	copied.docserve, copied.source = docserve, filepath.Join(w.dir, name)
	if err := os.CopyFS(copied.source, os.DirFS(w.source)); err != nil {
		return nil, fmt.Errorf("copy sources: %w", err)
	}
	edited := *w.edited
	rel, err := filepath.Rel(w.source, w.edited.path)
	if err != nil {
		return nil, err
	}
	edited.path = filepath.Join(copied.source, rel)
	copied.edited = &edited
	if _, err := edited.paragraph(newMark()); err != nil {
		return nil, err
	}
	w.logs++ // the copies name their files alike
	copied.logs = 1000 * w.logs
	server, err := copied.startDocserve(ctx, copied.out(name))
	if err != nil {
		return nil, err
	}
	s := &side{workspace: &copied, watched: &watched{server: server}}
	starting, cancel := context.WithTimeout(ctx, 20*time.Minute) // a cold start, of the largest site too
	defer cancel()
	if _, err := server.settled(starting); err != nil {
		return s, err
	}
	v, err := copied.watch(ctx, server)
	if err != nil {
		return s, err
	}
	s.watched = v
	return s, nil
}

func (s *side) end() {
	if s.watched.browser != nil {
		s.watched.close()
	}
	s.watched.server.stop(10 * time.Second)
}
