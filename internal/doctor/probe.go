package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// eventTimeout is how long the event of a written file may take. It takes
// microseconds; a machine that is short of everything needs longer.
const eventTimeout = 3 * time.Second

// probeName is the pattern of the file's name. All watchers know the end for an
// editor's leftover, and docserve knows the beginning for its own.
const probeName = ".docserve-doctor-*~"

// try writes a file in dir and removes it; with watch it waits for the event.
func try(ctx context.Context, dir string, watch bool) Probe {
	p := Probe{Done: true}
	var events chan fsnotify.Event
	if watch {
		notify, err := fsnotify.NewWatcher()
		if err == nil {
			defer notify.Close()
			err = notify.Add(dir)
		}
		if err == nil {
			events = notify.Events
		}
		p.Watch = err
	}
	name := p.write(dir)
	if p.Err != nil || events == nil {
		return p
	}
	timeout := time.NewTimer(eventTimeout)
	defer timeout.Stop()
	for {
		select {
		case event := <-events:
			if filepath.Base(event.Name) == name {
				p.Event = true
				return p
			}
		case <-timeout.C:
			p.Waited = eventTimeout
			return p
		case <-ctx.Done():
			p.Watch = ctx.Err()
			return p
		}
	}
}

// write writes the file, learns what can be learned from it, and removes it.
func (p *Probe) write(dir string) (name string) {
	before := time.Now()
	file, err := os.CreateTemp(dir, probeName)
	if err != nil {
		p.Err = err
		return ""
	}
	path := file.Name()
	_, err = fmt.Fprintln(file, "docserve doctor was here")
	if closed := file.Close(); err == nil {
		err = closed
	}
	var info, other os.FileInfo
	if err == nil {
		info, err = os.Stat(path)
	}
	if err == nil {
		p.Skew = skew(info.ModTime(), before, time.Now())
		name = filepath.Base(path)
		other, _ = os.Stat(filepath.Join(dir, strings.ToUpper(name))) // no such file is the usual answer
		p.CaseBlind = other != nil && os.SameFile(info, other)
	}
	if removed := os.Remove(path); err == nil {
		err = removed
	}
	p.Err = err
	return name
}

// skew is how far a time lies outside of a span; 0 within it.
func skew(at, from, to time.Time) time.Duration {
	switch {
	case at.Before(from):
		return at.Sub(from)
	case at.After(to):
		return at.Sub(to)
	}
	return 0
}
