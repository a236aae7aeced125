package watch

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"docserve/internal/digest"

	"pgregory.net/rapid"
)

// desk drives a coalescer as a Watcher does, with a clock that is turned by hand
// and a map for a file system.
type desk struct {
	core  *coalescer
	now   time.Time
	files map[string]string
	taken []string // batches, in short
	git   bool     // git's lock is held
}

func newDesk(files map[string]string) *desk {
	d := &desk{now: time.Unix(1000, 0), files: maps.Clone(files)}
	if d.files == nil {
		d.files = map[string]string{}
	}
	known := map[string]digest.Digest{}
	for path, text := range files {
		known[path] = digest.Of([]byte(text))
	}
	d.core = newCoalescer(defaultPace(0), known)
	return d
}

func (d *desk) digest(path string) digest.Digest {
	text, ok := d.files[path]
	if !ok {
		return digest.Digest{}
	}
	return digest.Of([]byte(text))
}

// write writes to the file at path.
func (d *desk) write(path, text string) {
	d.files[path] = text
	d.core.write(d.now, path)
}

// replace has another file take the place of path, as a save by renaming does.
func (d *desk) replace(path, text string) {
	d.files[path] = text
	d.core.touch(d.now, path, false)
}

func (d *desk) remove(path string) {
	delete(d.files, path)
	d.core.vanish(d.now, path)
}

// look does what is due.
func (d *desk) look() {
	due := d.core.due(d.now)
	if len(due) > 0 && d.git {
		d.core.weather(d.now)
		due = d.core.due(d.now)
	}
	seen := map[string]digest.Digest{}
	for _, path := range due {
		seen[path] = d.digest(path)
	}
	if len(due) > 0 {
		d.core.settle(d.now, seen)
	}
}

// pass lets time go by, without anybody who takes.
func (d *desk) pass(t time.Duration) {
	end := d.now.Add(t)
	for {
		at, ok := d.core.closes()
		if !ok || at.After(end) {
			break
		}
		if at.After(d.now) {
			d.now = at
		}
		d.look()
	}
	d.now = end
}

func (d *desk) take() (Batch, bool) {
	b, ok := d.core.offer()
	if !ok {
		return b, false
	}
	short := ""
	for _, c := range b.Changes {
		short += fmt.Sprintf("%s %s,", c.Op, c.Path)
	}
	d.taken = append(d.taken, short)
	d.core.delivered(b)
	return b, true
}

// run lets time go by in small steps, taking whatever is offered.
func (d *desk) run(t time.Duration) {
	for end := d.now.Add(t); d.now.Before(end); {
		d.pass(time.Millisecond)
		d.take()
	}
}

func TestCoalescer(t *testing.T) {
	const ms = time.Millisecond
	start := map[string]string{"a": "1", "b": "1", "c": "1"}
	tests := []struct {
		name string
		do   func(*desk)
		want []string
	}{
		{"a save by renaming goes through after the quiet", func(d *desk) { d.replace("a", "2"); d.run(9 * ms) }, []string{"write a,"}},
		{"and not before", func(d *desk) { d.replace("a", "2"); d.run(7 * ms) }, nil},
		{"each save starts the quiet anew", func(d *desk) {
			for range 5 {
				d.replace("a", "2")
				d.run(7 * ms)
			}
		}, nil},
		{"a lone write goes through sooner", func(d *desk) { d.write("a", "2"); d.run(3 * ms) }, []string{"write a,"}},
		{"though not at once", func(d *desk) { d.write("a", "2"); d.run(ms) }, nil},
		{"nor after a save by renaming", func(d *desk) { d.write("a", "2"); d.replace("a", "3"); d.run(7 * ms) }, nil},
		{"a change of permissions does not delay it", func(d *desk) {
			d.write("a", "2")
			d.core.touch(d.now, "a", true)
			d.run(3 * ms)
		}, []string{"write a,"}},
		{"a file that is new is waited for", func(d *desk) { d.write("d", "1"); d.run(7 * ms) }, nil},
		{"writes in quick succession are one or two batches", func(d *desk) {
			for i := range 5 {
				d.write("a", fmt.Sprint("more ", i))
				d.run(7 * ms)
			}
			d.run(9 * ms)
		}, []string{"write a,", "write a,"}},
		{"a touch is nothing", func(d *desk) { d.write("a", "1"); d.run(time.Second) }, nil},
		{"there and back is nothing", func(d *desk) {
			d.write("a", "2")
			d.pass(time.Second)
			d.write("a", "1")
			d.run(time.Second)
		}, nil},
		{"there, taken, and back is two", func(d *desk) {
			d.write("a", "2")
			d.run(time.Second)
			d.write("a", "1")
			d.run(time.Second)
		}, []string{"write a,", "write a,"}},
		{"a truncated file waits for its content", func(d *desk) {
			d.write("a", "")
			d.run(20 * ms)
			d.write("a", "2")
			d.run(time.Second)
		}, []string{"write a,"}},
		{"and goes through as soon as it has it", func(d *desk) {
			d.write("a", "")
			d.run(20 * ms)
			d.write("a", "2")
			d.run(9 * ms)
		}, []string{"write a,"}},
		{"a file that stays empty is believed", func(d *desk) { d.write("a", ""); d.run(41 * ms) }, []string{"write a,"}},
		{"a save by renaming is one write", func(d *desk) {
			d.remove("a")
			d.run(20 * ms)
			d.write("a", "2")
			d.run(time.Second)
		}, []string{"write a,"}},
		{"a removed file is believed", func(d *desk) { d.remove("a"); d.run(41 * ms) }, []string{"remove a,"}},
		{"a renamed file is one batch", func(d *desk) {
			d.remove("a")
			d.write("d", "1")
			d.run(time.Second)
		}, []string{"remove a,create d,"}},
		{"a temporary file is nothing, and does not delay", func(d *desk) {
			d.write("tmp", "2")
			d.write("a", "2")
			d.remove("tmp")
			d.run(9 * ms)
		}, []string{"write a,"}},
		{"slow reader gets what it missed at once", func(d *desk) {
			d.write("a", "2")
			d.pass(time.Second)
			d.write("b", "2")
			d.pass(time.Second)
			d.remove("c")
			d.write("a", "3")
			d.pass(time.Second)
			d.run(ms)
		}, []string{"write a,write b,remove c,"}},
		{"adopted before", func(d *desk) {
			d.core.adopt(d.now, "a", digest.Of([]byte("2")))
			d.write("a", "2")
			d.run(time.Second)
		}, nil},
		{"adopted after it was seen", func(d *desk) {
			d.write("a", "2")
			d.pass(time.Second)
			d.core.adopt(d.now, "a", digest.Of([]byte("2")))
			d.run(time.Second)
		}, nil},
		{"edited after it was adopted", func(d *desk) {
			d.core.adopt(d.now, "a", digest.Of([]byte("2")))
			d.write("a", "3")
			d.run(time.Second)
		}, []string{"write a,"}},
		{"adopted with another content than was seen", func(d *desk) {
			d.write("a", "2")
			d.pass(time.Second)
			d.core.adopt(d.now, "a", digest.Of([]byte("3")))
			d.run(time.Second)
		}, []string{"write a,"}},
		{"adopted removal", func(d *desk) {
			d.core.adopt(d.now, "a", digest.Digest{})
			d.remove("a")
			d.run(time.Second)
		}, nil},
		{"under git's lock all is one batch", func(d *desk) {
			d.git = true
			for _, path := range []string{"a", "b", "c"} {
				d.write(path, "2")
				d.run(200 * ms)
			}
			d.run(time.Second)
		}, []string{"write a,write b,write c,"}},
		{"one save under git's lock does not wait for it", func(d *desk) {
			d.git = true
			d.write("a", "2")
			d.run(301 * ms)
		}, []string{"write a,"}},
		{"a lasting storm is cut off", func(d *desk) {
			d.git = true
			for i := range 50 {
				d.write("a", fmt.Sprint(i))
				d.run(100 * ms)
			}
		}, []string{"write a,"}},
		{"what is always written does not hold up a save", func(d *desk) {
			for i := range 150 {
				d.write("log", fmt.Sprint(i))
				if i == 0 {
					d.write("a", "2")
				}
				d.run(4 * ms)
			}
		}, []string{"write a,create log,"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(start)
			test.do(d)
			if !slices.Equal(d.taken, test.want) {
				t.Errorf("batches: %q, want %q", d.taken, test.want)
			}
		})
	}
}

func TestStormIsOneBatch(t *testing.T) {
	d := newDesk(nil)
	for i := range 300 {
		d.write(fmt.Sprintf("file%03d", i), "new")
		d.run(time.Duration(i%10) * time.Millisecond) // a writer that stutters
	}
	d.run(time.Second)
	if len(d.taken) != 1 {
		t.Errorf("batches: %d, want 1", len(d.taken))
	}
}

// Git may be silent for long between two parts of what it does.
func TestStormUnderLockIsOneBatch(t *testing.T) {
	d := newDesk(nil)
	d.git = true
	for part := range 2 {
		for i := range 60 {
			d.write(fmt.Sprintf("file%d-%02d", part, i), "new")
		}
		d.run(1500 * time.Millisecond)
	}
	d.git = false
	d.run(time.Second)
	if len(d.taken) != 1 {
		t.Errorf("batches: %d, want 1", len(d.taken))
	}
}

func TestFirstIsTheFirstEvent(t *testing.T) {
	d := newDesk(nil)
	want := d.now
	d.write("a", "1")
	d.pass(5 * time.Millisecond)
	d.write("a", "2")
	d.pass(time.Second)
	if b, ok := d.take(); !ok || !b.First.Equal(want) {
		t.Errorf("first: %v, want %v", b.First, want)
	}
	d.pass(time.Second)
	want = d.now
	d.write("a", "3")
	d.pass(time.Second)
	if b, ok := d.take(); !ok || !b.First.Equal(want) {
		t.Errorf("first of the next batch: %v, want %v", b.First, want)
	}
}

// Whatever is done in whatever order, the taker of the batches ends up with what
// is in the file system, is told nothing that it knows, and soon enough.
func TestCoalescerProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := []string{"a", "b", "c", "d"}
		contents := []string{"", "1", "2", "3"}
		files := rapid.MapOf(rapid.SampledFrom(paths), rapid.SampledFrom(contents)).Draw(t, "files")
		d := newDesk(files)
		told := map[string]digest.Digest{} // what the taker knows
		for path := range d.files {
			told[path] = d.digest(path)
		}
		dirtySince := map[string]time.Time{}
		take := func() {
			b, ok := d.take()
			if !ok {
				return
			}
			check(t, b, told)
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				d.write(rapid.SampledFrom(paths).Draw(t, "path"), rapid.SampledFrom(contents).Draw(t, "content"))
			},
			"remove": func(t *rapid.T) { d.remove(rapid.SampledFrom(paths).Draw(t, "path")) },
			"adopt": func(t *rapid.T) {
				path := rapid.SampledFrom(paths).Draw(t, "path")
				d.files[path] = rapid.SampledFrom(contents).Draw(t, "content")
				d.core.adopt(d.now, path, d.digest(path))
				told[path] = d.digest(path)
				d.core.touch(d.now, path, false)
			},
			"git":  func(t *rapid.T) { d.git = !d.git },
			"pass": func(t *rapid.T) { d.pass(time.Duration(rapid.IntRange(1, 600).Draw(t, "ms")) * time.Millisecond) },
			"take": func(t *rapid.T) { take() },
			"": func(t *rapid.T) {
				at, open := d.core.closes()
				if bound := d.core.limit + d.core.grace; open && at.Sub(d.core.first) > bound {
					t.Fatalf("window stays open for %v, want at most %v", at.Sub(d.core.first), bound)
				}
				for path, since := range dirtySince {
					if _, ok := d.core.dirty[path]; !ok {
						delete(dirtySince, path)
					} else if d.now.Sub(since) > d.core.limit+d.core.grace {
						t.Fatalf("%s is undecided for %v", path, d.now.Sub(since))
					}
				}
				for path := range d.core.dirty {
					if _, ok := dirtySince[path]; !ok {
						dirtySince[path] = d.now
					}
				}
			},
		})
		d.pass(d.core.limit + time.Second)
		take()
		want := map[string]digest.Digest{}
		for path := range d.files {
			want[path] = d.digest(path)
		}
		if !maps.Equal(told, want) {
			t.Fatalf("taker knows %v, want %v", told, want)
		}
		if !maps.Equal(d.core.known, want) {
			t.Fatalf("known: %v, want %v", d.core.known, want)
		}
		if _, open := d.core.closes(); open {
			t.Fatal("window is still open")
		}
	})
}

// check applies b to told, and fails where b breaks a promise of Batch.
func check(t *rapid.T, b Batch, told map[string]digest.Digest) {
	if len(b.Changes) == 0 {
		t.Fatal("empty batch")
	}
	last := ""
	for _, c := range b.Changes {
		if c.Path <= last {
			t.Fatalf("%q after %q", c.Path, last)
		}
		last = c.Path
		old, ok := told[c.Path]
		want := Create
		switch {
		case c.Digest.IsZero():
			want = Remove
			delete(told, c.Path)
		case ok:
			want = Write
		}
		if old == c.Digest {
			t.Fatalf("%s %s: told what is known", c.Op, c.Path)
		}
		if c.Op != want {
			t.Fatalf("%s %s, want %s", c.Op, c.Path, want)
		}
		if want != Remove {
			told[c.Path] = c.Digest
		}
	}
}
