package generate

import (
	"context"
	"path/filepath"
	"slices"
)

// check has the last run compared with what the watcher knows, as soon as that is
// all that was done before. Jobs read files before the watcher tells of them; one
// that is changed and changed back meanwhile is nothing to tell of.
func (s *Stage) check(ctx context.Context) {
	run := s.runs
	go func() {
		if err := s.opts.Watcher.Barrier(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("cannot tell whether a file was changed back", "err", err)
		}
		select {
		case s.checks <- run:
		case <-ctx.Done():
		}
	}()
}

// compare applies the rules to what a run has read and is not so any more.
func (s *Stage) compare(ctx context.Context, run int) {
	if run != s.runs {
		return // what came after it is checked for itself
	}
	s.checked = run
	if differing := s.g.Differing(s.opts.Watcher.Digest); len(differing) > 0 {
		s.start(ctx, differing)
	}
}

// watch has everything watched that rules depend on, and that is not among the
// sources.
func (s *Stage) watch() {
	o := s.opts.Generator
	ignored := map[string]bool{}
	s.opts.Watcher.Add(slices.DeleteFunc(s.g.Watched(), func(path string) bool {
		return within(path, o.Source) && !s.ignored(filepath.Dir(path), ignored) ||
			slices.ContainsFunc(o.Closed, func(dir string) bool { return within(path, dir) })
	})...)
}

// ignored reports whether a directory of sources is not watched, as one that git
// ignores: generated files are often kept in such. Known is what was found before.
func (s *Stage) ignored(dir string, known map[string]bool) bool {
	o := s.opts.Generator
	if o.Skip == nil || dir == o.Source || !within(dir, o.Source) {
		return false
	}
	answer, ok := known[dir]
	if !ok {
		answer = o.Skip(dir, true) || s.ignored(filepath.Dir(dir), known)
		known[dir] = answer
	}
	return answer
}
