package serve

import (
	"context"
	"errors"
	"time"

	"docserve/internal/digest"
	"docserve/internal/verify"
	"docserve/livereload"
	"docserve/runner"
	"docserve/web"
)

// audience is the hub as the runner sees it.
type audience struct{ hub *livereload.Hub }

func (a audience) Open() []string {
	views := a.hub.Views()
	pages := make([]string, len(views))
	for i, view := range views {
		pages[i] = view.Page
	}
	return pages
}

func (a audience) Changed() <-chan struct{} { return a.hub.Attention() }

func (a audience) Publish(p runner.Push) {
	a.hub.Publish(livereload.Message{
		Kind: livereload.Kind(p.Kind), Page: p.Page, Hash: p.Hash, Paths: p.Paths,
		State: livereload.State(p.State), Note: p.Note, Done: p.Done, Total: p.Total, Spot: (*livereload.Spot)(p.Spot),
		Told: p.Told,
	})
}

// current tells the hub how true a page is.
func current(r Engine) func(string) (digest.Digest, livereload.State, string) {
	return func(page string) (digest.Digest, livereload.State, string) {
		entry, ok := r.Current(page)
		if !ok {
			return digest.Digest{}, livereload.Fresh, ""
		}
		return entry.Hash, livereload.State(entry.State), entry.Note
	}
}

// site is the engine as the web sees it.
type site struct {
	engine  Engine
	desk    *verify.Desk
	hub     *livereload.Hub
	version string
}

func (s site) Fetch(ctx context.Context, path string) (web.File, error) {
	return Fetch(ctx, s.engine, path)
}

// Fetch gets a page from an engine, in the web's terms.
func Fetch(ctx context.Context, r Engine, path string) (web.File, error) {
	result, err := r.Fetch(ctx, path)
	file := web.File{Path: result.File, Digest: result.Hash, State: string(result.State), Note: result.Note}
	if len(result.Errors) > 0 {
		file.State, file.Note = string(runner.Broken), result.Errors[0]
	}
	if result.Page {
		file.Page = path
	}
	switch {
	case errors.Is(err, runner.ErrNotFound):
		return file, web.ErrNotFound
	case errors.Is(err, runner.ErrNotYet):
		return file, web.ErrNotYet
	}
	return file, err
}

// statusTimeout bounds the wait for the runner's loop, which is never busy for long.
const statusTimeout = 2 * time.Second

func (s site) Status() any { return s.status(context.Background()) }

func (s site) status(ctx context.Context) any {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	return struct {
		runner.Status
		Verify   verify.Status     `json:"verify"`
		Tabs     []livereload.View `json:"tabs,omitempty"`
		Docserve string            `json:"docserve,omitempty"`
	}{s.engine.Status(ctx), s.desk.Status(), s.hub.Views(), s.version}
}
