package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// crashSaves kills docserve's worker just before a save, and in turn saves
// without that.
func (w *workspace) crashSaves(ctx context.Context, s *server) (after, usual samples, err error) {
	v, err := w.watch(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	defer v.close()
	for i := range w.saves {
		if err := rest(ctx, s, i); err != nil {
			return after, usual, err
		}
		took, err := v.save(ctx, w.edited.paragraph)
		if err != nil {
			return after, usual, fmt.Errorf("save %d: %w", i+1, err)
		}
		usual = append(usual, took)
		if err := w.standby(ctx, s); err != nil {
			return after, usual, err
		}
		if err := s.killWorker(ctx); err != nil {
			return after, usual, err
		}
		took, err = v.save(ctx, w.edited.paragraph)
		if err != nil {
			return after, usual, fmt.Errorf("save %d, after the worker was killed: %w", i+1, err)
		}
		after = append(after, took)
	}
	return after, usual, nil
}

// standby waits until docserve is settled and has a process in reserve.
func (w *workspace) standby(ctx context.Context, s *server) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		answer, err := s.status(ctx)
		if err == nil && answer.Settled && answer.Processes["standby"] != 0 {
			return nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return errors.New("wait for the standby: there is none")
		}
	}
}

// killWorker ends the process that builds.
func (s *server) killWorker(ctx context.Context) error {
	answer, err := s.status(ctx)
	if err != nil {
		return err
	}
	worker := answer.Processes["worker"]
	if worker == 0 {
		return errors.New("kill the worker: there is none")
	}
	process, err := os.FindProcess(worker)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		return fmt.Errorf("kill the worker: %w", err)
	}
	return nil
}
