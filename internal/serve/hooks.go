package serve

import (
	"context"
	"fmt"
	"strings"

	"docserve/internal/config"
	"docserve/internal/proc"
	"docserve/runner/generate"
)

// commands are those of an option, which run where docserve does, and those of the
// configuration, which run in its directory.
type commands struct {
	typed [][]string
	hooks []config.Hook
	dir   string
}

func (c commands) none() bool { return len(c.typed)+len(c.hooks) == 0 }

// run runs them one after the other, up to the first that fails.
func (c commands) run(ctx context.Context) error {
	for _, argv := range c.typed {
		if err := runCommand(ctx, proc.Spec{Name: argv[0], Argv: argv}, argv); err != nil {
			return err
		}
	}
	for _, h := range c.hooks {
		spec := proc.Spec{Name: h.Command[0], Argv: generate.Argv(h.Command, h.Shell), Dir: c.dir, Env: generate.Environ(h.Env)}
		if err := runCommand(ctx, spec, h.Command); err != nil {
			return err
		}
	}
	return nil
}

func runCommand(ctx context.Context, spec proc.Spec, words []string) error {
	result, err := proc.Run(ctx, spec)
	if err != nil {
		return err
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("%s: %s\n%s", strings.Join(words, " "), result.Exit, strings.TrimSpace(string(result.Output)))
	}
	return nil
}

// before returns what runs before the next build: the commands of --pre-build, and
// those of [[before]] as they are now.
func (s *Server) before() func(context.Context) error {
	c := s.Config()
	all := commands{s.opts.PreBuild, c.Before, c.Dir}
	if all.none() {
		return nil
	}
	return all.run
}

// After runs what is to run after a build without failures: the commands of
// --post-build, and those of [[after]]. Builds come faster than such commands end:
// they run once at a time, and once more for all builds of meanwhile.
func (s *Server) After(ctx context.Context) error {
	leave, ok := s.after.enter(ctx)
	if !ok {
		return ctx.Err()
	}
	defer leave()
	c := s.Config()
	all := commands{s.opts.PostBuild, c.After, c.Dir}
	if all.none() {
		return nil
	}
	defer s.engine.Command(ctx, "--post-build")()
	return all.run(ctx)
}

// line lets in one at a time, and one more wait.
type line struct{ in, waiting chan struct{} } // one slot each

func newLine() line { return line{make(chan struct{}, 1), make(chan struct{}, 1)} }

// enter waits for its turn. It says no when ctx is done, or when another one waits
// already, which does as well: its turn is yet to come.
func (l line) enter(ctx context.Context) (leave func(), ok bool) {
	select {
	case l.waiting <- struct{}{}:
		defer func() { <-l.waiting }()
	default:
		return nil, false
	}
	select {
	case l.in <- struct{}{}:
		return func() { <-l.in }, true
	case <-ctx.Done():
		return nil, false
	}
}
