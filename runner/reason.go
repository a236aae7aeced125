package runner

import (
	"path/filepath"
	"slices"
	"time"

	"docserve/graph"
)

// Cause says in one word why a document was read, or its page written.
type Cause string

// The causes.
const (
	Content       Cause = "content"       // a file that it is made from has another content
	Rule          Cause = "rule"          // the same, and a rule has made that file anew
	Documents     Cause = "documents"     // documents came or went
	Names         Cause = "names"         // names that it shows or shares mean something else
	Navigation    Cause = "navigation"    // toctrees, titles and neighbours
	Numbers       Cause = "numbers"       // of sections, figures and equations
	Template      Cause = "template"      // it is shaped by a template
	Assets        Cause = "static"        // it names static files by their content
	Configuration Cause = "configuration" // conf.py, an extension of the project, or an option
	Extension     Cause = "extension"     // Sphinx or an extension asks for it
	Output        Cause = "output"        // what was written is not there any more, or incomplete
	Retry         Cause = "retry"         // it has failed, or was made from half of a change
	Process       Cause = "process"       // the process that knew it was replaced
	Start         Cause = "start"         // nothing was known of it
	Mistake       Cause = "mistake"       // it was believed to be up to date, wrongly
	Unknown       Cause = "unknown"       // plain Sphinx has decided, and does not say why
)

// Reason is why a document must be read, or its page written. It is shared by all
// that must be for the same reason, and never altered.
type Reason struct {
	Cause  Cause      `json:"cause"`
	Text   string     `json:"text"`             // in words, with the document or its page as subject
	Change *graph.Why `json:"change,omitempty"` // the changed file, and the way from there
	From   []string   `json:"from,omitempty"`   // documents one of which has caused it, or each; at most a few
}

// content reports whether it is that a file has another content.
func (r *Reason) content() bool { return r.Cause == Content || r.Cause == Rule }

// because returns a reason that is said in words only.
func because(cause Cause, text string) *Reason { return &Reason{Cause: cause, Text: text} }

// changedFile returns the reason that lies in a changed file.
func changedFile(cause Cause, why graph.Why) *Reason {
	text := why.String()
	if why.Kind == graph.Source {
		text = [...]string{graph.Write: "was changed", graph.Create: "is new", graph.Remove: "was removed"}[why.Op]
	}
	return &Reason{Cause: cause, Text: text, Change: &why}
}

// reason returns why a plan has a document read, with the files between.
func (r *Runner) reason(step graph.Step) *Reason {
	why := step.Why
	first := step.Doc
	if len(why.Via) > 0 {
		first = why.Via[0]
	}
	why.Through = r.graph.Through(first, why.Path)
	if source, _, ok := r.opts.Generated.Origin(filepath.FromSlash(why.Path), 0); ok {
		reason := changedFile(Rule, why)
		reason.Text += ", generated from " + r.graph.Name(graph.Path(source))
		return reason
	}
	return changedFile(Content, why)
}

// fewOrigins is how many documents a reason names: more would tell nobody more.
const fewOrigins = 5

// from returns the reason that lies in other documents.
func from(cause Cause, text string, docs []string) *Reason {
	return &Reason{Cause: cause, Text: text, From: slices.Clone(docs[:min(len(docs), fewOrigins)])}
}

// Event is something that was done to a document or its page, and why.
type Event struct {
	*Reason
	Time time.Time `json:"time"`
	Same bool      `json:"same,omitempty"` // the page came out as it was
}

// History is what was done last. Its events are never altered.
type History struct {
	Read    *Event `json:"read,omitempty"`    // the document; nil: not that anybody knew
	Written *Event `json:"written,omitempty"` // the page, with other bytes if it was there before
	Checked *Event `json:"checked,omitempty"` // the page was found to be what it was, or came out the same; nil unless that was later
}

// hasRead notes that the document was read.
func (h *History) hasRead(why *Reason) { h.Read = &Event{Reason: why, Time: time.Now()} }

// wrote notes that the page was written.
func (h *History) wrote(why *Reason, same bool) {
	if same && h.Written != nil {
		h.checked(why)
		return
	}
	h.Written, h.Checked = &Event{Reason: why, Time: time.Now(), Same: same}, nil
}

// checked notes that the page was found to be up to date.
func (h *History) checked(why *Reason) {
	h.Checked = &Event{Reason: why, Time: time.Now(), Same: true}
}
