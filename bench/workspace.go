package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// workspace is one site's own copy of its sources, with the outputs and logs of
// all programs that are run on it. Its directories are below one temporary
// directory in the cache.
type workspace struct {
	site     site
	env      environment
	docserve string
	saves    int
	dir      string
	source   string
	edited   *source
	logs     int
}

// newWorkspace copies a corpus and gives the edited document its first mark.
func newWorkspace(ctx context.Context, s site, c corpora, opts options, docserve string) (*workspace, error) {
	root, below, err := c.prepare(ctx, s)
	if err != nil {
		return nil, err
	}
	runs := filepath.Join(opts.cache, "runs")
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	dir, err := os.MkdirTemp(runs, s.name+"-")
	if err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	w := &workspace{site: s, env: c.env, docserve: docserve, saves: opts.saves, dir: dir}
	copied := filepath.Join(dir, "source")
	if err := os.CopyFS(copied, os.DirFS(root)); err != nil {
		return nil, fmt.Errorf("copy corpus: %w", err)
	}
	w.source = filepath.Join(copied, below)
	w.edited, err = openSource(filepath.Join(w.source, filepath.FromSlash(s.doc)+s.suffix), s.anchor)
	if err != nil {
		return nil, err
	}
	if _, err := w.edited.paragraph(newMark()); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *workspace) remove() error { return os.RemoveAll(w.dir) }

// out is an output directory by name.
func (w *workspace) out(name string) string { return filepath.Join(w.dir, "out-"+name) }

// logName is a new file for the output of a program.
func (w *workspace) logName(program string) string {
	w.logs++
	return filepath.Join(w.dir, fmt.Sprintf("%02d-%s.log", w.logs, program))
}

// savePage is one way of editing the document.
type savePage func(mark string) (time.Time, error)
