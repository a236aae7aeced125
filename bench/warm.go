package main

import (
	"context"
	"time"
)

// warmRuns is how often a warm start is measured.
const warmRuns = 3

// warm is what starts on a settled output directory gave.
type warm struct {
	first   samples // start of the command → first page
	settled samples // start of the command → settled
	load    samples // Python importing Sphinx and loading the environment that is there
}

// warmStarts starts docserve on a settled output directory, in turn with
// Python loading the environment that is there, and returns the times.
func (w *workspace) warmStarts(ctx context.Context, out string) (warm, error) {
	var taken warm
	for range warmRuns {
		took, err := w.loadTime(ctx, out)
		if err != nil {
			return taken, err
		}
		taken.load = append(taken.load, took)
		if err := w.warmStart(ctx, out, &taken); err != nil {
			return taken, err
		}
	}
	return taken, nil
}

func (w *workspace) warmStart(ctx context.Context, out string, taken *warm) error {
	ctx, cancel := context.WithTimeout(ctx, coldLimit)
	defer cancel()
	s, err := w.startDocserve(ctx, out)
	if err != nil {
		return err
	}
	defer s.stop(10 * time.Second)
	first, _, err := s.served(ctx, w.site.page(), w.edited.mark)
	if err != nil {
		return err
	}
	done, err := s.settled(ctx)
	if err != nil {
		return err
	}
	taken.first = append(taken.first, first.Sub(s.started))
	taken.settled = append(taken.settled, done.Sub(s.started))
	return nil
}

// warmServer starts docserve on a settled output directory and waits until it
// has settled again.
func (w *workspace) warmServer(ctx context.Context, out string, flags ...string) (*server, error) {
	ctx, cancel := context.WithTimeout(ctx, coldLimit)
	defer cancel()
	s, err := w.startDocserve(ctx, out, flags...)
	if err != nil {
		return nil, err
	}
	if _, err := s.settled(ctx); err != nil {
		s.kill()
		return nil, err
	}
	return s, nil
}

// noForkSaves is settledSaves with docserve's --no-fork.
func (w *workspace) noForkSaves(ctx context.Context, out string) (samples, error) {
	s, err := w.warmServer(ctx, out, "--no-fork")
	if err != nil {
		return nil, err
	}
	defer s.stop(10 * time.Second)
	taken, _, err := w.settledSaves(ctx, s, w.edited.paragraph)
	return taken, err
}

// subprocessSaves is settledSaves with plain Sphinx for an engine, which goes on
// from what plain Sphinx has left.
func (w *workspace) subprocessSaves(ctx context.Context, plain string) (samples, error) {
	s, err := w.warmServer(ctx, plain, "--engine=subprocess")
	if err != nil {
		return nil, err
	}
	defer s.stop(10 * time.Second)
	taken, _, err := w.settledSaves(ctx, s, w.edited.paragraph)
	return taken, err
}
