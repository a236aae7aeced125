package watch

import (
	"maps"
	"slices"
	"strings"
	"time"

	"docserve/internal/digest"
)

// pace is how long changes are gathered before they are believed.
type pace struct {
	brisk time.Duration // silence that ends a window of one file that was written in place, after a lull
	lull  time.Duration // time without a window after which a save is likely to be the only one
	quiet time.Duration // silence that ends a window of one file
	storm time.Duration // silence that ends a window of many files, or one under a version control lock
	grace time.Duration // silence after which a vanished or empty file is believed
	brief time.Duration // longest window that is not a storm
	limit time.Duration // longest window
	crowd int           // more paths than this are a storm
}

// defaultPace is what a Watcher uses; see each value for its reason.
func defaultPace(quiet time.Duration) pace {
	brisk := quiet
	if quiet <= 0 {
		brisk = 2 * time.Millisecond // editors write a file in one go; the gap between their writes is below 1 ms
		quiet = 8 * time.Millisecond // those that save by renaming take longer from one file to the next
	}
	return pace{
		brisk: brisk,
		lull:  100 * time.Millisecond, // a program that saves several files takes less between them
		quiet: quiet,
		storm: max(300*time.Millisecond, quiet), // git pauses this long between the parts of a checkout
		grace: 5 * quiet,                        // a save by renaming leaves no file for a few ms, longer on a busy machine
		brief: 500 * time.Millisecond,           // a log that is always being written must not hold up a save
		limit: 4 * time.Second,                  // longer, and the reader wonders whether docserve is alive
		crowd: 50,
	}
}

// coalescer turns touches of paths into batches of changes. It is pure: time
// comes in as an argument, contents come in as digests, and it never looks at a
// file system.
//
// Three maps say all about a path, and it can be in each of them:
//   - known: the content that the consumer of the batches was told of;
//   - dirty: something happened to it since its content was last looked at;
//   - decided: the content it was last seen with, where that is not the known one.
//
// All dirty paths belong to one window, which is open while there are any. When
// the window closes, the paths are looked at. An offer is always the whole of
// decided, so changes merge for as long as nobody takes it.
type coalescer struct {
	pace
	known   map[string]digest.Digest
	dirty   map[string]mark
	decided map[string]digest.Digest

	first  time.Time // of the open window
	last   time.Time // latest touch in the open window
	closed time.Time // when the last window closed
	stormy bool      // the open window needs the silence of a storm
	held   int       // dirty paths that may be half-way through a save; while there are any, nothing is on offer
	rescan bool      // the open window compares everything

	since      time.Time // first touch of what is decided
	rescanned  bool      // what is decided came (also) from comparing everything
	offered    *Batch    // decided as a batch; nil when it has to be made anew
	windows    int       // how many windows were closed
	deliveries int       // how many batches were taken
}

// mark is what is known about a dirty path.
type mark struct {
	at    time.Time // latest touch
	trust bool      // an unchanged size and time of modification will do as proof
	whole bool      // written where it is; nothing says that more is to come
	held  bool      // looked at since, and found to be half-way through a save
}

func newCoalescer(p pace, known map[string]digest.Digest) *coalescer {
	c := &coalescer{
		pace:    p,
		known:   make(map[string]digest.Digest, len(known)),
		dirty:   map[string]mark{},
		decided: map[string]digest.Digest{},
	}
	maps.Copy(c.known, known)
	return c
}

// touch notes that something happened to path. With trust, nothing says that
// its content changed; it is only to be compared.
func (c *coalescer) touch(now time.Time, path string, trust bool) {
	if len(c.dirty) == 0 {
		c.first, c.last = now, now
	}
	if now.After(c.last) {
		c.last = now
	}
	old, ok := c.dirty[path]
	c.clean(path)
	c.dirty[path] = mark{at: now, trust: trust && (!ok || old.trust), whole: trust && old.whole}
	if len(c.dirty) > c.crowd {
		c.stormy = true
	}
}

// write notes that the file at path was written to. If it is a known one, that is
// all there is to its save.
func (c *coalescer) write(now time.Time, path string) {
	c.touch(now, path, false)
	m := c.dirty[path]
	_, m.whole = c.known[path]
	c.dirty[path] = m
}

// clean takes path off the dirty ones.
func (c *coalescer) clean(path string) {
	if c.dirty[path].held {
		c.held--
	}
	delete(c.dirty, path)
}

// vanish notes that there is nothing at path. A temporary file that came and
// went is nobody's business.
func (c *coalescer) vanish(now time.Time, path string) {
	if _, ok := c.known[path]; ok {
		c.touch(now, path, false)
		return
	}
	if _, ok := c.decided[path]; ok {
		c.touch(now, path, false)
		return
	}
	if _, ok := c.dirty[path]; ok {
		c.clean(path)
		c.close(now)
	}
}

// touchUnder touches every known path below one of dirs: they may be gone.
func (c *coalescer) touchUnder(now time.Time, dirs map[string]struct{}) {
	if len(dirs) == 0 {
		return
	}
	under := func(path string) bool {
		for dir := parent(path); dir != ""; dir = parent(dir) {
			if _, ok := dirs[dir]; ok {
				return true
			}
		}
		return false
	}
	for path := range c.known {
		if under(path) {
			c.touch(now, path, true)
		}
	}
	for path := range c.decided {
		if under(path) {
			c.touch(now, path, true)
		}
	}
}

// baseline notes the content of a path that was found rather than touched.
// Unless fresh, the first content that a path is found with is no change.
func (c *coalescer) baseline(now time.Time, path string, d digest.Digest, fresh bool) {
	old, ok := c.known[path]
	switch {
	case old == d:
	case ok || fresh:
		c.touch(now, path, true)
	default:
		c.known[path] = d
	}
}

// adopt makes d the known content of path: whoever consumes the batches wrote
// it, or has read it already.
func (c *coalescer) adopt(now time.Time, path string, d digest.Digest) {
	c.setKnown(path, d)
	seen, ok := c.decided[path]
	if !ok {
		return
	}
	c.drop(path)
	if seen != d {
		c.touch(now, path, true) // one of the two came later; the file says which
	}
}

// closes returns the time at which the open window closes if nothing more
// happens, and false when no window is open.
func (c *coalescer) closes() (time.Time, bool) {
	if len(c.dirty) == 0 {
		return time.Time{}, false
	}
	wait, longest := c.calm(), c.brief
	if c.stormy {
		longest = c.limit
	}
	if c.held > 0 {
		wait, longest = max(wait, c.grace), longest+c.grace
	}
	at, latest := c.last.Add(wait), c.first.Add(longest)
	if at.After(latest) {
		at = latest
	}
	return at, true
}

// calm is the silence that ends the open window. It grows with the number of
// paths, so that a storm is recognised even when its writer stutters.
func (c *coalescer) calm() time.Duration {
	if c.stormy {
		return c.storm
	}
	if c.lone() {
		return c.brisk
	}
	more := time.Duration(len(c.dirty) - 1)
	return c.quiet + (c.storm-c.quiet)*more/time.Duration(c.crowd)
}

// lone reports whether the open window looks like one save of one file, with
// nothing to follow: believed too early, it would be two batches.
func (c *coalescer) lone() bool {
	if len(c.dirty) != 1 || c.first.Sub(c.closed) < c.lull {
		return false
	}
	for _, m := range c.dirty {
		return m.whole
	}
	return false
}

// weather says that the open window is part of something bigger, as the lock of
// a version control system shows. While many files are being written under it,
// the silence starts when it is given back: git may read for longer than that
// between two parts of a rebase. Few files may be a save of somebody who writes
// a commit message meanwhile.
func (c *coalescer) weather(now time.Time) {
	c.stormy = true
	if len(c.dirty) > c.crowd && now.After(c.last) {
		c.last = now
	}
}

// due returns the paths to look at now, sorted; none before the window closes.
func (c *coalescer) due(now time.Time) []string {
	at, ok := c.closes()
	if !ok || now.Before(at) {
		return nil
	}
	return slices.Sorted(maps.Keys(c.dirty))
}

// settle takes what was seen of the due paths, and closes the window, unless
// one of them looks like a save that is still going on.
func (c *coalescer) settle(now time.Time, seen map[string]digest.Digest) {
	latest := c.limit
	if !c.stormy {
		latest = c.brief
	}
	patient := now.Before(c.first.Add(latest + c.grace))
	for path, d := range seen {
		m, ok := c.dirty[path]
		if !ok {
			continue
		}
		if patient && c.suspicious(path, d) && now.Sub(m.at) < c.grace {
			c.hold(path, m)
			continue
		}
		c.decide(path, d)
	}
	c.close(now)
}

// close ends the window when nothing is left in it.
func (c *coalescer) close(now time.Time) {
	if len(c.dirty) > 0 {
		return
	}
	c.closed = now
	c.windows++
	c.stormy, c.rescan = false, false
}

func (c *coalescer) hold(path string, m mark) {
	if !m.held {
		c.held++
	}
	m.held = true
	c.dirty[path] = m
}

// suspicious reports whether path with content d looks like the middle of a
// save: renamed away, truncated, or locked by who writes it.
func (c *coalescer) suspicious(path string, d digest.Digest) bool {
	old := c.known[path]
	return d != old && (d.IsZero() || d == empty || d == Unreadable)
}

// empty is the content of an empty file.
var empty = digest.Of(nil)

func (c *coalescer) decide(path string, d digest.Digest) {
	c.clean(path)
	if c.known[path] == d {
		c.drop(path)
		return
	}
	if len(c.decided) == 0 || c.first.Before(c.since) {
		c.since = c.first
	}
	c.rescanned = c.rescanned || c.rescan
	c.decided[path] = d
	c.offered = nil
}

func (c *coalescer) drop(path string) {
	if _, ok := c.decided[path]; !ok {
		return
	}
	delete(c.decided, path)
	c.offered = nil
	if len(c.decided) == 0 {
		c.rescanned = false
	}
}

// offer returns what can be delivered now. It stays on offer, merged with what
// comes later, until delivered is called.
func (c *coalescer) offer() (Batch, bool) {
	if c.held > 0 || len(c.decided) == 0 || c.outdated() {
		return Batch{}, false
	}
	if c.offered == nil {
		b := Batch{First: c.since, Rescan: c.rescanned, Changes: make([]Change, 0, len(c.decided))}
		for path, d := range c.decided {
			b.Changes = append(b.Changes, Change{Path: path, Op: c.op(path, d), Digest: d})
		}
		slices.SortFunc(b.Changes, func(x, y Change) int { return strings.Compare(x.Path, y.Path) })
		c.offered = &b
	}
	return *c.offered, true
}

// outdated reports whether something has happened since to what is decided. Its
// window closes soon, and it may have gone back to what is known.
func (c *coalescer) outdated() bool {
	for path := range c.decided {
		if _, ok := c.dirty[path]; ok {
			return true
		}
	}
	return false
}

func (c *coalescer) op(path string, d digest.Digest) Op {
	_, ok := c.known[path]
	switch {
	case d.IsZero():
		return Remove
	case ok:
		return Write
	default:
		return Create
	}
}

// delivered notes that b was taken. A path that was adopted since b was offered
// keeps its adopted content.
func (c *coalescer) delivered(b Batch) {
	c.deliveries++
	for _, change := range b.Changes {
		if d, ok := c.decided[change.Path]; ok && d == change.Digest {
			c.setKnown(change.Path, d)
			c.drop(change.Path)
		}
	}
}

func (c *coalescer) setKnown(path string, d digest.Digest) {
	if d.IsZero() {
		delete(c.known, path)
		return
	}
	c.known[path] = d
}

// content returns the content that path was last seen with.
func (c *coalescer) content(path string) (digest.Digest, bool) {
	if d, ok := c.decided[path]; ok {
		return d, !d.IsZero()
	}
	d, ok := c.known[path]
	return d, ok
}
