package runner

import (
	"cmp"
	"context"
	"maps"
	"os"
	"slices"
	"time"
)

// Status is what the runner tells of itself, for people and for programs.
type Status struct {
	Engine      string            `json:"engine"`  // what keeps the site true: "worker" or "subprocess"
	Settled     bool              `json:"settled"` // everything is what a clean build would write
	Failed      bool              `json:"failed"`  // something cannot be built
	Phase       Phase             `json:"phase"`
	Done        int               `json:"done"`
	Total       int               `json:"total"`
	Documents   int               `json:"documents"`
	Root        string            `json:"root,omitempty"`  // docname of the root document
	Changes     int               `json:"changes"`         // batches of changed files that meant something, since the start
	Stale       []string          `json:"stale,omitempty"` // docnames, at most 100
	Why         map[string]string `json:"why,omitempty"`   // docname → why it is out of date, for those of Stale
	Provisional []string          `json:"provisional,omitempty"`
	Broken      []string          `json:"broken,omitempty"`
	States      map[State]int     `json:"states"`
	Build       *Build            `json:"build,omitempty"`  // the one that is under way
	Busy        []Activity        `json:"busy,omitempty"`   // what is being done, by process
	Builds      []Build           `json:"builds,omitempty"` // the last ones, oldest first
	Diagnostics []Diagnostic      `json:"diagnostics,omitempty"`
	Source      string            `json:"source"`
	Output      string            `json:"output"`
	Interpreter string            `json:"interpreter"`
	Sphinx      string            `json:"sphinx,omitempty"`
	Python      string            `json:"python,omitempty"`
	Theme       string            `json:"theme,omitempty"`
	Processes   map[string]int    `json:"processes"`           // role → process number
	Recycled    string            `json:"recycled,omitempty"`  // why the worker was replaced last by a new one, at rest
	Audit       *Audit            `json:"audit,omitempty"`     // with Options.Audit
	Incidents   []Incident        `json:"incidents,omitempty"` // processes that stood still or ended by themselves, the last ones
}

// Activity is what a process is busy with.
type Activity struct {
	Process string    `json:"process"`        // its purpose, as in Status.Processes
	Task    string    `json:"task"`           // a command of the protocol
	Step    string    `json:"step,omitempty"` // of what follows the pages
	Doc     string    `json:"doc,omitempty"`
	Why     string    `json:"why,omitempty"` // the document is read, or its page written
	Since   time.Time `json:"since"`
}

// Status returns the status of this moment. It may be called from any goroutine.
func (r *Runner) Status(ctx context.Context) Status {
	answer := make(chan Status, 1)
	r.later(ctx, func() { answer <- r.status() })
	select {
	case s := <-answer:
		return s
	case <-ctx.Done():
		return Status{Phase: Starting}
	}
}

// Current says how true a page is just now, and false for what is no page; of
// that it says why there is no site, if so. It may be called from any goroutine.
func (r *Runner) Current(path string) (Entry, bool) {
	t := r.table
	t.mu.RLock()
	defer t.mu.RUnlock()
	entry, ok := t.entries[path]
	entry.Problems = append(PageProblems(r.opts.Generated, t.neededBy[path], t.problems(entry)), t.everywhere...)
	return entry, ok
}

// publish makes the state of the whole visible to other goroutines.
func (r *Runner) publish() {
	t := r.table
	t.mu.Lock()
	defer t.mu.Unlock()
	t.finished, t.failed, t.trouble = r.finish.done, r.broken != nil, nil
	if r.broken != nil {
		t.trouble = []string{r.broken.String()}
	}
}

func (r *Runner) status() Status {
	s := Status{
		Engine:  "worker",
		Settled: r.settled, Phase: r.progress.Phase, Done: r.progress.Done, Total: r.progress.Total,
		Documents: len(r.pages), Changes: r.taken, States: map[State]int{}, Why: map[string]string{}, Builds: Measured(r.builds...),
		Source: r.opts.Sphinx.Source, Output: r.opts.Sphinx.Output, Interpreter: r.opts.Python,
		Processes: map[string]int{"docserve": os.Getpid()},
	}
	s.Failed = r.broken != nil || Failing(r.opts.Generated) || r.opts.Strict && len(r.told) > 0
	for _, p := range r.order {
		state := p.state()
		if p.preview != nil && p.preview.file != "" && r.cold {
			s.Provisional = append(s.Provisional, p.doc)
		}
		s.States[state]++
		switch {
		case state == Broken:
			s.Broken = append(s.Broken, p.doc)
			s.Failed = true
		case state == Building && len(s.Stale) < 100:
			s.Stale = append(s.Stale, p.doc)
			s.Why[p.doc] = cmp.Or(p.whyRead, p.whyWrite, unexplained).Text
		}
	}
	if r.opts.Audit {
		audit := r.audit
		audit.Found = slices.Clone(audit.Found)
		s.Audit = &audit
	}
	if r.facts != nil {
		s.Sphinx, s.Python, s.Theme, s.Root = r.facts.Sphinx, r.facts.Python, r.facts.Theme, r.facts.Root
	}
	if r.account.open {
		s.Build = &Measured(r.account.build)[0]
	}
	r.addProcesses(&s)
	s.Diagnostics = append(r.diagnostics(), r.trouble...)
	s.Incidents, s.Recycled = slices.Clone(r.accounts), r.recycling.told
	return s
}

// unexplained is the reason of what has none.
var unexplained = &Reason{}

// doing says why a page is in a command.
func (p *page) doing(op string) *Reason {
	switch op {
	case "read":
		return cmp.Or(p.reading, unexplained)
	case "write":
		return cmp.Or(p.whyWrite, unexplained)
	}
	return unexplained
}

// addProcesses says which processes there are, and what they do.
func (r *Runner) addProcesses(s *Status) {
	crew := map[string]*process{
		"worker": r.crew.worker, "preview": r.crew.preview, "standby": r.crew.standby,
		"finisher": r.crew.finisher, "spare": r.crew.spare, "successor": r.recycling.fresh,
	}
	maps.Copy(crew, r.crew.writers)
	for _, role := range sorted(crew) {
		p := crew[role]
		if p == nil || p.conn == nil {
			continue
		}
		s.Processes[role] = p.conn.Pid
		if t := p.busy; t != nil {
			a := Activity{Process: role, Task: t.op, Step: t.step, Doc: t.doc, Since: t.began}
			if page := r.pages[t.doc]; page != nil {
				a.Why = page.doing(t.op).Text
			}
			s.Busy = append(s.Busy, a)
		}
	}
}
