package main

import (
	"context"
	"time"
)

// warmStarts is how often a warm start is measured.
const warmStarts = 3

// warmFirst starts docserve on a settled output directory, in turn with
// Python loading the environment that is there, and returns the times until
// its first page and those of the loading.
func (w *workspace) warmFirst(ctx context.Context, out string) (first, load samples, err error) {
	for range warmStarts {
		took, err := w.loadTime(ctx, out)
		if err != nil {
			return first, load, err
		}
		load = append(load, took)
		if took, err = w.warmStart(ctx, out); err != nil {
			return first, load, err
		}
		first = append(first, took)
	}
	return first, load, nil
}

func (w *workspace) warmStart(ctx context.Context, out string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := w.startDocserve(ctx, out)
	if err != nil {
		return 0, err
	}
	defer s.stop(10 * time.Second)
	at, _, err := s.served(ctx, w.site.page(), w.edited.mark)
	if err != nil {
		return 0, err
	}
	if _, err := s.settled(ctx); err != nil { // so that the next start finds all in order
		return 0, err
	}
	return at.Sub(s.started), nil
}

// warmServer starts docserve on a settled output directory and waits until it
// has settled again.
func (w *workspace) warmServer(ctx context.Context, out string, flags ...string) (*server, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
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
	return w.settledSaves(ctx, s, w.edited.paragraph)
}
