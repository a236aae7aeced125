package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

//go:embed data/floor.py
var floorScript string

//go:embed data/load.py
var loadScript string

// floor is a plain warm Sphinx that does the least work for one page, on
// command (see data/floor.py).
type floor struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
	log     *os.File
}

// startFloor starts it on the outcome of a full build, which it writes into.
func (w *workspace) startFloor(out string) (*floor, error) {
	script, err := w.script("floor.py", floorScript)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(w.logName("floor"))
	if err != nil {
		return nil, fmt.Errorf("create log: %w", err)
	}
	f := &floor{cmd: exec.Command(w.env.bin("python"), script, w.source, out, w.site.doc), log: log}
	f.cmd.Stderr = log
	ownGroup(f.cmd)
	if f.in, err = f.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start floor: %w", err)
	}
	pipe, err := f.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start floor: %w", err)
	}
	f.answers = bufio.NewScanner(pipe)
	if err := f.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start floor: %w", err)
	}
	if err := f.answer(&struct{}{}); err != nil { // it says when it is ready
		f.stop()
		return nil, err
	}
	return f, nil
}

// spent is an answer of floor.py, in seconds.
type spent struct {
	Read, Resolve, Write float64
}

// work reads, resolves and writes the page once.
func (f *floor) work() (time.Duration, error) {
	if _, err := io.WriteString(f.in, "\n"); err != nil {
		return 0, fmt.Errorf("ask floor: %w", err)
	}
	var s spent
	if err := f.answer(&s); err != nil {
		return 0, err
	}
	return time.Duration((s.Read + s.Resolve + s.Write) * float64(time.Second)), nil
}

func (f *floor) answer(into any) error {
	if !f.answers.Scan() {
		return fmt.Errorf("ask floor: it ended, see %s", f.log.Name())
	}
	if err := json.Unmarshal(f.answers.Bytes(), into); err != nil {
		return fmt.Errorf("ask floor: %w", err)
	}
	return nil
}

func (f *floor) stop() {
	killGroup(f.cmd)
	_ = f.cmd.Wait() // it was killed
	f.log.Close()
}

// loadTime measures how long Python needs to import Sphinx and load the
// environment of an output directory.
func (w *workspace) loadTime(ctx context.Context, out string) (time.Duration, error) {
	script, err := w.script("load.py", loadScript)
	if err != nil {
		return 0, err
	}
	pickle := filepath.Join(out, ".doctrees", "environment.pickle")
	p, err := start([]string{w.env.bin("python"), script, pickle, w.source}, nil, w.dir, w.logName("load"))
	if err != nil {
		return 0, err
	}
	return p.wait(ctx)
}

// script writes an embedded script to where Python can run it.
func (w *workspace) script(name, text string) (string, error) {
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("write script: %w", err)
	}
	return path, nil
}
