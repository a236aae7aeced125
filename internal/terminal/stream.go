package terminal

import (
	"encoding/json"
	"io"
	"time"

	"docserve/internal/doctor"
	"docserve/internal/verify"
	"docserve/runner"
)

// The progress line is the last one on the screen, without an end. Whatever is
// printed takes its place, and it is drawn again below. Errors of the streams
// are ignored on purpose: a terminal that was closed is no reason to stop
// serving, and there is nobody to tell.

// eraseLine moves to the start of the line and clears it (ECMA-48).
const eraseLine = "\r\x1b[K"

// say prints a line about what was done.
func (t *Terminal) say(line string) { t.print(t.opts.Out, line+"\n") }

// complain prints a line, or several, about what is wrong.
func (t *Terminal) complain(lines string) { t.print(t.opts.Err, lines+"\n") }

func (t *Terminal) print(w io.Writer, text string) {
	if t.lent {
		t.held = append(t.held, held{w, text})
		return
	}
	drawn := t.drawn
	t.erase()
	_, _ = io.WriteString(w, text)
	if drawn {
		t.draw()
	}
}

func (t *Terminal) draw() {
	if t.lent {
		return
	}
	_, _ = io.WriteString(t.opts.Out, eraseLine+t.meter.bar(t.opts.Width(), t.paint))
	t.drawn = true
}

func (t *Terminal) erase() {
	if t.drawn {
		_, _ = io.WriteString(t.opts.Out, eraseLine)
		t.drawn = false
	}
}

// lineWriter is Terminal's Writer.
type lineWriter struct{ t *Terminal }

// Write prints p, which should be whole lines.
func (w lineWriter) Write(p []byte) (int, error) {
	w.t.mu.Lock()
	defer w.t.mu.Unlock()
	w.t.print(w.t.opts.Err, string(p))
	return len(p), nil
}

// event is one line of --log-format=json. Durations are in nanoseconds.
type event struct {
	Time        time.Time          `json:"time"`
	Event       string             `json:"event"` // serving, progress, visible, built, diagnostic, verified or examined
	Banner      *Banner            `json:"serving,omitempty"`
	Progress    *progress          `json:"progress,omitempty"`
	Build       *runner.Build      `json:"build,omitempty"`
	Diagnostic  *runner.Diagnostic `json:"diagnostic,omitempty"`
	Report      *verify.Report     `json:"report,omitempty"`
	Examination *doctor.Report     `json:"examination,omitempty"`
	Error       string             `json:"error,omitempty"`
}

// progress is runner.Progress with the names that it has in JSON.
type progress struct {
	Phase runner.Phase `json:"phase"`
	Done  int          `json:"done"`
	Total int          `json:"total"`
}

func (t *Terminal) emit(e event) {
	e.Time = t.opts.Now()
	line, err := json.Marshal(e)
	if err != nil { // no event holds what JSON cannot express
		line, _ = json.Marshal(event{Time: e.Time, Event: e.Event})
	}
	t.say(string(line))
}
