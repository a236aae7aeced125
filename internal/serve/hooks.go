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
// --post-build, and those of [[after]].
func (s *Server) After(ctx context.Context) error {
	c := s.Config()
	all := commands{s.opts.PostBuild, c.After, c.Dir}
	if all.none() {
		return nil
	}
	defer s.engine.Command(ctx, "--post-build")()
	return all.run(ctx)
}
