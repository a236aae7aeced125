package main

import (
	"context"
	"time"
)

// idleFor is how long processor time is counted, after a pause in which what
// docserve prepares once it has settled may end.
const (
	idleFor   = time.Minute
	idleAfter = 10 * time.Second
)

// ticksPerSecond is the unit of processor time in /proc, the same on all
// Linuxes that Go runs on.
const ticksPerSecond = 100

// footprint is what a settled docserve costs while nothing happens.
type footprint struct {
	resident int64   // of docserve's own process, in bytes
	shared   int64   // of all its processes (PSS), in bytes
	idle     float64 // processor time of all its processes, in percent of one core
}

func (w *workspace) footprint(ctx context.Context, s *server) (footprint, error) {
	var f footprint
	if err := pause(ctx, idleAfter); err != nil {
		return f, err
	}
	before, began := s.ticks(), time.Now()
	if len(before) == 0 {
		return f, errNoProc
	}
	if err := pause(ctx, idleFor); err != nil {
		return f, err
	}
	after, took := s.ticks(), time.Since(began)
	f.idle = 100 * float64(used(before, after)) / ticksPerSecond / took.Seconds()
	var err error
	if f.resident, err = s.resident(); err != nil {
		return f, err
	}
	f.shared, err = s.shared()
	return f, err
}

// used adds up the ticks between two looks. A process that ended in between
// counts through its parent, which waited for it.
func used(before, after map[int]int64) int64 {
	var sum int64
	for pid, ticks := range after {
		sum += ticks - before[pid]
	}
	return sum
}
