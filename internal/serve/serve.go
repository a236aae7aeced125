// Package serve joins the rooms: watcher, runner, hub and web become one server
// for one project, and end together. Without a listener they do the same for
// nobody, until what is wanted of them is done.
//
// It owns the order in which things start and stop, and nothing else.
package serve

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"docserve/internal/digest"
	"docserve/internal/editor"
	"docserve/internal/running"
	"docserve/internal/verify"
	"docserve/livereload"
	"docserve/runner"
	"docserve/runner/generate"
	"docserve/watch"
	"docserve/web"
	"docserve/web/events"
)

// Options say what to serve and how. Runner and Watch are required.
type Options struct {
	Runner       runner.Options // its Files, Generated and Audience are filled in here
	Generation   Generation
	PreBuild     [][]string // commands that run before each build, beside those of the configuration
	PostBuild    [][]string // and after each successful one
	Plain        *Plain     // have plain Sphinx do it; nil has workers
	Watch        WatchOptions
	Listener     net.Listener // nil serves nothing: the site is only built
	Host         string
	AllowedHosts []string
	Public       Public
	Editor       editor.Template // opens the place of a problem; "" makes no links
	EditorGuess  bool            // nobody has asked for that editor
	Follow       bool            // tabs go where something is edited, until somebody says otherwise there
	NoHighlight  bool            // what has changed is not shown for a moment
	Version      string          // of docserve, for the status
	Logger       *slog.Logger
}

// WatchOptions say what to watch beside the source directory.
type WatchOptions struct {
	Also      []string // files and directories
	Ignore    []string
	ReIgnore  []*regexp.Regexp
	Quiet     time.Duration
	Poll      bool // instead of waiting for events
	PollEvery time.Duration
	WorkDir   string
}

// Server is a project being served.
type Server struct {
	opts    Options
	watcher *watch.Watcher
	stage   *generate.Stage
	hub     *livereload.Hub
	events  *events.Stream
	engine  Engine
	desk    *verify.Desk
	wrong   problems
	after   line         // of those who run what is to run after builds
	http    *http.Server // nil without a listener
	token   string
}

// New prepares a server; Run serves.
func New(opts Options) (*Server, error) {
	token := make([]byte, 16)
	rand.Read(token)
	s := &Server{opts: opts, token: hex.EncodeToString(token), after: newLine()}
	var err error
	if s.watcher, err = watch.New(watchOptions(opts)); err != nil {
		return nil, err
	}
	if s.stage, err = NewStage(opts, s.watcher, func() []string { return s.engine.Needed() }); err != nil {
		return nil, err
	}
	opts.AllowedHosts = append(slices.Clone(opts.AllowedHosts), opts.Public.hosts()...)
	s.events = events.New(events.Options{Status: s.status, Origins: opts.Public.Origins, Logger: opts.Logger})
	s.hub = livereload.New(livereload.Options{
		Logger: opts.Logger, Token: s.token, Hosts: web.AllowHosts(opts.Host, opts.AllowedHosts),
		Origins: opts.Public.Origins, Page: web.PageAt(opts.Public.Prefix()),
		Heard:    func(m livereload.Message, epoch uint64) { s.events.Changed(m, epoch) },
		Problems: func(page string) livereload.Tally { return s.wrong.tally(page) },
		Current:  func(page string) (digest.Digest, livereload.State, string) { return current(s.engine)(page) },
	})
	opts.Runner.Files, opts.Runner.Generated, opts.Runner.Audience = s.stage, Generated(s.stage), audience{s.hub}
	opts.Runner.Reporter = listened{opts.Runner.Reporter, s.events}
	opts.Runner.Before = s.before
	if opts.Listener != nil {
		opts.Runner.Claim = s.announceWith(opts.Runner.Claim)
	}
	s.engine = newEngine(opts)
	if opts.EditorGuess && opts.Public.URL != nil {
		opts.Editor = "" // who comes from there has another machine
	}
	s.wrong = problems{engine: s.engine, editor: opts.Editor, guessed: opts.EditorGuess, source: opts.Runner.Sphinx.Source, workDir: opts.Watch.WorkDir}
	if s.wrong.workDir == "" {
		s.wrong.workDir, _ = os.Getwd() // without one, paths are told from the source directory only
	}
	s.desk = verify.NewDesk(s.verification())
	if opts.Listener == nil {
		return s, nil
	}
	handler, err := web.New(web.Options{
		Site: site{s.engine, s.desk, s.hub, opts.Version}, Socket: s.hub, Guests: s.hub.Guests(), Events: s.events,
		Verifier: verifier{s.desk}, Builder: s.engine, Graph: inquiries{s.engine}, Problems: s.wrong,
		Root: opts.Runner.Sphinx.Output, Also: []string{filepath.Join(s.state(), "preview", "html")},
		Hidden: []string{opts.Runner.Sphinx.Doctrees},
		Logger: opts.Logger, Token: s.token, AllowedHosts: opts.AllowedHosts, Host: opts.Host,
		Origins: opts.Public.Origins, Prefix: opts.Public.Prefix(), Follow: opts.Follow, NoHighlight: opts.NoHighlight,
	})
	if err != nil {
		return nil, err
	}
	s.http = web.NewServer(handler, opts.Logger)
	return s, nil
}

// state is the directory of what docserve keeps.
func (s *Server) state() string { return State(s.opts.Runner.Sphinx.Doctrees) }

// State is the directory of what docserve keeps, below that of the doctrees.
func State(doctrees string) string { return filepath.Join(doctrees, ".docserve") }

// watchOptions says what to watch: the sources, conf.py, and what was asked for.
func watchOptions(opts Options) watch.Options {
	project := opts.Runner.Sphinx
	roots := append([]string{project.Source}, opts.Watch.Also...)
	if project.Config != "" && project.Config != project.Source {
		roots = append(roots, filepath.Join(project.Config, "conf.py"))
	}
	return watch.Options{
		Roots: roots, Ignore: opts.Watch.Ignore, ReIgnore: opts.Watch.ReIgnore,
		OutputDirs: []string{project.Output, project.Doctrees},
		SourceDir:  project.Source, WorkDir: opts.Watch.WorkDir,
		CookieDir: filepath.Join(State(project.Doctrees), "cookies"),
		Quiet:     opts.Watch.Quiet, Logger: opts.Logger,
		Poll: opts.Watch.Poll, PollEvery: opts.Watch.PollEvery,
	}
}

// Explain returns a function that says which rule makes the watcher ignore a
// path; "" when it is watched.
func Explain(opts Options) (func(path string) string, error) {
	watcher, err := watch.New(watchOptions(opts))
	if err != nil {
		return nil, err
	}
	return watcher.Explain, nil
}

// Engine gives access to what keys in the terminal ask for.
func (s *Server) Engine() Engine { return s.engine }

// shutdownTimeout is how long open requests may take when docserve ends.
const shutdownTimeout = 300 * time.Millisecond

// Run serves until ctx is done or something fails for good.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.watcher.Run(ctx) })
	group.Go(func() error { return s.stage.Run(ctx) })
	group.Go(func() error { return s.hub.Run(ctx) })
	group.Go(func() error { return s.events.Run(ctx) })
	group.Go(func() error { return s.engine.Run(ctx) })
	group.Go(func() error { return s.desk.Run(ctx) })
	if s.http != nil {
		group.Go(s.serve)
		group.Go(func() error {
			<-ctx.Done()
			return s.shutDown()
		})
	}
	return group.Wait()
}

func (s *Server) serve() error {
	if err := s.http.Serve(s.opts.Listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (s *Server) shutDown() error {
	closing, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err := s.http.Shutdown(closing)
	if err != nil {
		err = s.http.Close()
	}
	return errors.Join(err, running.Withdraw(s.state(), s.announcement()))
}
