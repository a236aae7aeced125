package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"
)

// A child's output goes to a file, which never blocks the child, and which
// outlives it. The child appends to the file, so that it may be emptied while
// the child writes: that is how a child that prints without end is kept from
// filling the disk.

const (
	// limit is the size in bytes past which the file is emptied. Sphinx on a
	// large site with a thousand warnings prints a tenth of it.
	limit = 8 << 20
	// keep is how many bytes, before the point where the file was emptied or
	// ended, remain readable.
	keep = 1 << 20
	// glance is how often the size of the file is looked at. Four calls of
	// fstat a second take no measurable time, and a quarter of a second is soon
	// enough for words that a person reads.
	glance = 250 * time.Millisecond
	// longest is where a line without an end is broken, in bytes.
	longest = 64 << 10
)

// output is the file, and how far it was read. Positions count all bytes that
// were ever written; the file's first byte is at position dropped.
type output struct {
	mu      sync.Mutex    // guards all below
	file    *os.File      // nil after the end
	path    string        // to be removed at the end; "" keeps the file
	size    int64         // of the file, when it was last looked at
	dropped int64         // bytes that were removed from before the file's start
	kept    []byte        // the last of the bytes that were removed
	changed chan struct{} // closed, and replaced, when there is more to read
}

// newOutput makes the file, and also opens it for the child to append to.
func newOutput(path string) (_ *output, sink *os.File, err error) {
	o := &output{changed: make(chan struct{})}
	if path != "" {
		o.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	} else if o.file, err = os.CreateTemp("", "docserve-*.out"); err == nil {
		o.path = o.file.Name()
	}
	if err != nil {
		return nil, nil, err
	}
	if sink, err = os.OpenFile(o.file.Name(), os.O_WRONLY|os.O_APPEND, 0); err != nil {
		o.end()
		return nil, nil, err
	}
	if o.path != "" && runtime.GOOS != "windows" {
		// An open file needs no name, and one without a name is gone even when
		// docserve is killed.
		if err := os.Remove(o.path); err == nil {
			o.path = ""
		}
	}
	return o, sink, nil
}

// noOutput is that of a child of which nothing is kept.
func noOutput() *output { return &output{changed: make(chan struct{})} }

// total is how many bytes were ever written.
func (o *output) total() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file != nil {
		if info, err := o.file.Stat(); err == nil {
			return o.dropped + info.Size()
		}
	}
	return o.dropped
}

// Output is a file that a process appends to which was not started here: a fork
// of one that was. It is bounded in the same way.
type Output struct {
	output *output
	done   chan struct{}
	once   sync.Once
}

// OpenOutput makes the file anew, or empties it, and bounds it until Close.
func OpenOutput(path string) (*Output, error) {
	o, sink, err := newOutput(path)
	if err != nil {
		return nil, fmt.Errorf("make an output file: %w", err)
	}
	sink.Close() // the fork opens it by name
	out := &Output{output: o, done: make(chan struct{})}
	go o.tend(out.done)
	return out, nil
}

// Tail returns the last n bytes, fewer if there are fewer; after Close too.
func (o *Output) Tail(n int) []byte { return o.output.tail(n) }

// Close ends the bounding; nobody must write to the file any more. It may be
// called again.
func (o *Output) Close() {
	o.once.Do(func() {
		close(o.done)
		o.output.end()
	})
}

// tend looks at the file until done is closed.
func (o *output) tend(done <-chan struct{}) {
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			o.look()
		case <-done:
			return
		}
	}
}

// look wakes the readers if the file has grown, and empties it if it has grown
// too much. What the child writes between the two steps of that is lost.
func (o *output) look() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file == nil {
		return
	}
	info, err := o.file.Stat()
	if err != nil || info.Size() == o.size {
		return
	}
	o.size = info.Size()
	if o.size > limit {
		o.kept = o.last(keep)
		if err := o.file.Truncate(0); err == nil {
			o.dropped += o.size
			o.size = 0
		}
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

// end takes the rest of the file into memory and gives the file up.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file == nil {
		return
	}
	if info, err := o.file.Stat(); err == nil {
		o.size = info.Size()
	}
	o.kept = o.last(keep)
	o.dropped += o.size
	o.file.Close()
	o.file = nil
	if o.path != "" {
		os.Remove(o.path)
	}
	close(o.changed)
}

func (o *output) tail(n int) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file != nil {
		if info, err := o.file.Stat(); err == nil {
			o.size = info.Size()
		}
	}
	return o.last(n)
}

// last returns a copy of the last n bytes that are still to be had. A child that
// has opened its own output a second time writes past the end of an emptied
// file; the gap reads as zeros, which nobody wants to see.
func (o *output) last(n int) []byte {
	var fresh []byte
	if o.file != nil {
		fresh = make([]byte, min(int64(n), o.size))
		got, err := o.file.ReadAt(fresh, o.size-int64(len(fresh)))
		if err != nil && !errors.Is(err, io.EOF) {
			got = 0
		}
		fresh = bytes.TrimLeft(fresh[:got], "\x00")
	}
	old := o.kept[max(0, len(o.kept)-max(0, n-len(fresh))):]
	return append(append(make([]byte, 0, len(old)+len(fresh)), old...), fresh...)
}

// read fills buf from position at, and returns the position of what it read,
// which is later than at if some of it is no longer to be had. With nothing to
// read it returns a channel to wait for, which is nil after the end.
func (o *output) read(at int64, buf []byte) (n int, from int64, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	from = max(at, o.dropped-int64(len(o.kept)))
	switch {
	case from < o.dropped:
		n = copy(buf, o.kept[int64(len(o.kept))-(o.dropped-from):])
	case o.file != nil:
		n, _ = o.file.ReadAt(buf, from-o.dropped)
	}
	if n == 0 && o.file != nil {
		more = o.changed
	}
	return n, from, more
}

func (o *output) follow(ctx context.Context, line func(string)) error {
	var (
		position int64
		pending  []byte
		buf      = make([]byte, 32<<10)
	)
	flush := func(text []byte) { line(string(bytes.TrimSuffix(text, []byte("\r")))) }
	for {
		n, from, more := o.read(position, buf)
		if from > position {
			line(fmt.Sprintf("(%d bytes of output left out)", from-position))
			pending = nil
		}
		position = from + int64(n)
		pending = append(pending, buf[:n]...)
		for {
			i := bytes.IndexByte(pending, '\n')
			if i < 0 {
				break
			}
			flush(pending[:i])
			pending = pending[i+1:]
		}
		if len(pending) > longest {
			flush(pending)
			pending = nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if more == nil {
			if len(pending) > 0 {
				flush(pending)
			}
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
