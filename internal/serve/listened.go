package serve

import (
	"context"

	"docserve/runner"
	"docserve/web/events"
)

// listened is a reporter with the stream of events beside it. The other one may
// be nil.
type listened struct {
	runner.Reporter
	events *events.Stream
}

func (l listened) Progress(p runner.Progress) {
	l.events.Touch()
	if l.Reporter != nil {
		l.Reporter.Progress(p)
	}
}

func (l listened) Visible(b runner.Build) {
	l.events.Touch()
	if l.Reporter != nil {
		l.Reporter.Visible(b)
	}
}

func (l listened) Built(b runner.Build) {
	l.events.Built(b)
	if l.Reporter != nil {
		l.Reporter.Built(b)
	}
}

func (l listened) Diagnose(d runner.Diagnostic) {
	l.events.Touch()
	if l.Reporter != nil {
		l.Reporter.Diagnose(d)
	}
}

// status is what the event of this name tells.
func (s *Server) status(ctx context.Context) any {
	return site{s.engine, s.desk, s.hub, s.opts.Version}.status(ctx)
}
