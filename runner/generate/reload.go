package generate

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"

	"docserve/internal/config"
)

// reload reads the configuration again. One with mistakes is not taken: what is in
// force stays.
func (s *Stage) reload(ctx context.Context) {
	next, err := s.opts.Load()
	var wrong *config.Error
	switch {
	case errors.As(err, &wrong):
		s.setMistakes(mistakes(wrong))
		return
	case err != nil:
		s.setMistakes([]Diagnostic{{Severity: Error, Message: err.Error()}})
		return
	}
	if err := s.g.Reload(ctx, next); err != nil {
		s.setMistakes([]Diagnostic{{Path: next.Path, Severity: Error, Message: err.Error()}})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mistakes = nil
	if !slices.EqualFunc(s.opts.Generator.Config.Options, next.Options, sameOption) {
		s.mistakes = []Diagnostic{{
			Path: cmp.Or(next.Path, s.opts.Generator.Config.Path), Line: firstOption(next), Severity: Warning,
			Message: "[options] are those of the command line, and take effect when docserve is started again", Hint: "the other tables are in force already",
		}}
	}
	s.config = next
	s.revision++
}

func (s *Stage) setMistakes(all []Diagnostic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mistakes = all
}

func sameOption(a, b config.Option) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }

func firstOption(c config.Config) int {
	line := 0
	for _, o := range c.Options {
		if line == 0 || o.Line < line {
			line = o.Line
		}
	}
	return line
}

// mistakes are those of a configuration, as diagnostics.
func mistakes(wrong *config.Error) []Diagnostic {
	var all []Diagnostic
	for _, p := range wrong.Problems {
		hint := "the configuration of before is in force"
		if p.Hint != "" {
			hint = p.Hint + "; " + hint
		}
		all = append(all, Diagnostic{Path: filepath.Clean(p.Path), Line: p.Line, Column: p.Column, Severity: Error, Message: p.Message, Hint: hint})
	}
	return all
}
