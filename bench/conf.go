package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// confEdit is what an edit of html_title in conf.py gave.
type confEdit struct {
	visible time.Duration // until the page with the new title is on the screen
	final   time.Duration // until the page's file has the bytes that plain Sphinx gives it; 0 if it never had
	plain   time.Duration // a pass of plain Sphinx after the same edit
}

// written is a state of the page's file, and when it was first seen.
type written struct {
	sum [sha256.Size]byte
	at  time.Time
}

// confEdit edits conf.py under a settled docserve, watches the page and its
// file, and then lets plain Sphinx do the same edit on its own output.
func (w *workspace) confEdit(ctx context.Context, out, plain string) (confEdit, error) {
	var result confEdit
	conf, err := os.ReadFile(filepath.Join(w.source, "conf.py"))
	if err != nil {
		return result, fmt.Errorf("read configuration: %w", err)
	}
	source := &source{path: filepath.Join(w.source, "conf.py"), original: string(conf)}
	s, err := w.warmServer(ctx, out)
	if err != nil {
		return result, err
	}
	states, saved, err := w.confVisible(ctx, s, source, filepath.Join(out, w.site.page()), &result)
	s.kill()
	if err != nil {
		return result, err
	}
	if result.plain, _, err = w.build(ctx, plain); err != nil {
		return result, err
	}
	final, err := os.ReadFile(filepath.Join(plain, w.site.page()))
	if err != nil {
		return result, fmt.Errorf("read final page: %w", err)
	}
	for _, state := range states {
		if state.sum == sha256.Sum256(final) {
			result.final = state.at.Sub(saved)
			break
		}
	}
	return result, nil
}

// confVisible makes the edit and returns the states that the page's file went
// through until a while after the edit was on the screen.
func (w *workspace) confVisible(ctx context.Context, s *server, conf *source, file string, result *confEdit) ([]written, time.Time, error) {
	v, err := w.watch(ctx, s)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer v.close()
	if err := rest(ctx, s, 1); err != nil {
		return nil, time.Time{}, err
	}
	following, stop := context.WithCancel(ctx)
	done := make(chan []written, 1)
	go func() { done <- follow(following, file) }()
	var saved time.Time
	result.visible, err = v.save(ctx, func(mark string) (time.Time, error) {
		saved, err = conf.title(mark)
		return saved, err
	})
	if err == nil {
		err = pause(ctx, 20*time.Second) // the file may follow the screen
	}
	stop()
	return <-done, saved, err
}

// follow notes each content that a file has, until ctx ends.
func follow(ctx context.Context, path string) []written {
	var states []written
	for {
		if content, err := os.ReadFile(path); err == nil { // else it is being replaced
			sum := sha256.Sum256(content)
			if len(states) == 0 || states[len(states)-1].sum != sum {
				states = append(states, written{sum: sum, at: time.Now()})
			}
		}
		select {
		case <-ctx.Done():
			return states
		case <-time.After(10 * time.Millisecond):
		}
	}
}
