package terminal

import (
	"fmt"
	"strings"
	"time"

	"docserve/runner"
)

// pace says how often progress is shown.
type pace struct {
	patience time.Duration // a phase that is over before that is not worth mentioning
	least    time.Duration // never more often
	most     time.Duration // at least that often, as long as there is progress; 0 means whenever least allows
}

var (
	// barPace is that of a line that is rewritten: 10 Hz looks continuous.
	barPace = pace{patience: 300 * time.Millisecond, least: 100 * time.Millisecond}
	// sparsePace is that of lines in a log: each tenth, or every 10 s.
	sparsePace = pace{patience: 2 * time.Second, least: 2 * time.Second, most: 10 * time.Second}
	// jsonPace is that of events for programs.
	jsonPace = pace{least: 500 * time.Millisecond}
)

// meter follows the progress of a phase, and thins out what is shown of it. It
// has no clock.
type meter struct {
	now   runner.Progress
	since time.Time // start of the phase

	shown   runner.Progress
	shownAt time.Time // zero when nothing of this phase was shown
}

// advance notes progress, and reports whether a new phase has begun.
func (m *meter) advance(p runner.Progress, now time.Time) bool {
	began := p.Phase != m.now.Phase || m.since.IsZero()
	if began {
		m.since, m.shownAt = now, time.Time{}
		m.shown = runner.Progress{Phase: p.Phase}
	}
	m.now = p
	return began
}

// due reports whether the progress is to be shown now, and notes that it is.
func (m *meter) due(now time.Time, pace pace) bool {
	if now.Sub(m.since) < pace.patience || !m.shownAt.IsZero() && now.Sub(m.shownAt) < pace.least {
		return false
	}
	if pace.most > 0 {
		if m.now.Done == m.shown.Done || m.now.Phase == runner.Settled || m.now.Phase == runner.Failed {
			return false
		}
		last := m.shownAt
		if last.IsZero() {
			last = m.since
		}
		if tenth(m.now) == tenth(m.shown) && now.Sub(last) < pace.most {
			return false
		}
	}
	m.shown, m.shownAt = m.now, now
	return true
}

func tenth(p runner.Progress) int {
	if p.Total <= 0 {
		return 0
	}
	return 10 * p.Done / p.Total
}

// words says the progress in words.
func (m *meter) words() string {
	switch p := m.now; {
	case p.Total <= 0 && p.Done == 0:
		return string(p.Phase)
	case p.Total <= 0:
		return fmt.Sprintf("%s %d", p.Phase, p.Done)
	default:
		return fmt.Sprintf("%s %d of %d (%d %%)", p.Phase, p.Done, p.Total, percent(p))
	}
}

func percent(p runner.Progress) int { return min(max(100*p.Done/p.Total, 0), 100) }

// longestBar is how many columns a bar takes at most.
const longestBar = 40

// bar draws the progress in at most width columns; 0 is an unknown width.
func (m *meter) bar(width int, paint palette) string {
	if width <= 0 {
		width = 80
	}
	words := m.words()
	if m.now.Total <= 0 {
		words += " …"
	}
	if r := []rune(words); len(r) >= width {
		return string(r[:max(width-1, 0)])
	}
	// One column stays free: some terminals wrap when the last one is written.
	room := min(width-len([]rune(words))-2, longestBar)
	if m.now.Total <= 0 || room < 5 {
		return words
	}
	full := room * percent(m.now) / 100
	return paint.bar(strings.Repeat("█", full)) + paint.dim(strings.Repeat("░", room-full)) + " " + words
}
