package serve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"docserve/internal/compare"
	"docserve/internal/running"
	"docserve/internal/verify"
	"docserve/runner"
	"docserve/web"
)

// verification is what a verification of this site needs.
func (s *Server) verification() verify.Options {
	sphinx := s.opts.Runner.Sphinx
	return verify.Options{
		Site: checked{s}, Output: sphinx.Output,
		Build: verify.Build{
			Python: s.opts.Runner.Python, Source: sphinx.Source, Config: sphinx.Config, Builder: sphinx.Builder,
			Tags: sphinx.Tags, Defines: sphinx.Defines, HTMLDefines: sphinx.HTMLDefines, Nitpicky: sphinx.Nitpicky,
			WorkDir: s.opts.Runner.WorkDir,
		},
	}
}

// Verify compares the site with a clean build while Run runs, and returns when
// it is known.
func (s *Server) Verify(ctx context.Context, keep bool, progress func(verify.Step)) (verify.Report, error) {
	options := s.verification()
	options.Keep, options.Progress = keep, progress
	return verify.Run(ctx, options)
}

// StartVerify does the same in the background, and calls done, from a goroutine
// of its own. One verification can run at a time.
func (s *Server) StartVerify(done func(verify.Report, error)) error {
	return s.desk.Start(false, done)
}

// checked is the site as package verify sees it.
type checked struct{ *Server }

// pace is how often the runner is asked whether it has come to rest.
const pace = 100 * time.Millisecond

func (c checked) Settle(ctx context.Context) (verify.State, error) {
	if len(c.opts.Runner.Filenames) > 0 {
		return verify.State{}, &verify.UnbuildableError{Reason: "only some of the pages are built (FILENAMES)"}
	}
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for {
		status := c.engine.Status(ctx)
		switch {
		case ctx.Err() != nil:
			return verify.State{}, ctx.Err()
		case status.Phase == runner.Failed || status.Settled && len(status.Broken) > 0:
			return verify.State{}, &verify.UnbuildableError{Reason: unbuildable(status)}
		case status.Settled:
			return stateOf(status), nil
		case c.opts.Runner.NoInitial && status.Changes == 0:
			return verify.State{}, &verify.UnbuildableError{Reason: "nothing is built before the first change (--no-initial)"}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

func (c checked) Look(ctx context.Context) verify.State { return stateOf(c.engine.Status(ctx)) }

func (c checked) Barrier(ctx context.Context) error { return c.stage.Barrier(ctx) }

func (c checked) Beside(ctx context.Context) func() { return c.engine.Beside(ctx) }

func stateOf(status runner.Status) verify.State {
	state := verify.State{Settled: status.Settled, Changes: status.Changes}
	if status.Audit != nil {
		state.Repaired = status.Audit.Found
	}
	for _, d := range status.Diagnostics {
		if d.Generated != "" { // where Sphinx has found it
			d.Path, d.Line = d.Generated, d.GeneratedLine
		}
		if d.Severity != runner.Info && d.Category != runner.RuleCategory {
			state.Warnings = append(state.Warnings, compare.Warning{Path: d.Path, Line: d.Line, Message: d.Message, Category: d.Category})
		}
	}
	return state
}

// unbuildable says in a few lines why there is no site.
func unbuildable(status runner.Status) string {
	text := "the project cannot be built"
	if n := len(status.Broken); n > 0 {
		text = fmt.Sprintf("%d of %d documents cannot be built", n, status.Documents)
	}
	for _, d := range status.Diagnostics {
		if d.Severity == runner.Error || d.Severity == runner.Critical {
			text += "\n" + d.String()
			if d.Hint != "" {
				text += "\nhint: " + d.Hint
			}
			break
		}
	}
	return text
}

// verifier is the desk as the web sees it.
type verifier struct{ desk *verify.Desk }

func (v verifier) Start(keep bool) error {
	switch err := v.desk.Start(keep, nil); {
	case errors.Is(err, verify.ErrRunning):
		return web.ErrBusy
	default:
		return err
	}
}

func (v verifier) Stop() { v.desk.Stop() }

func (v verifier) Answer() any { return v.desk.Answer() }

// announcement is what others on this machine are told of the server.
func (s *Server) announcement() running.Server {
	return running.Server{
		URL: URL(s.opts.Host, s.opts.Listener), PID: os.Getpid(), Output: s.opts.Runner.Sphinx.Output, Secret: s.token,
	}
}

// announceWith has the announcement made whenever the output directory is
// claimed: at the start, and when the directories were removed in between.
func (s *Server) announceWith(claim func() error) func() error {
	return func() error {
		if claim != nil {
			if err := claim(); err != nil {
				return err
			}
		}
		return running.Announce(s.state(), s.announcement())
	}
}
