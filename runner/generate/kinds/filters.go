package kinds

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"

	"docserve/runner/generate"
)

// filters are what templates of kinds have beside Jinja's own.
func (s *set) filters() *exec.FilterSet {
	escape, _ := generate.Filters().Get("escape")
	return exec.NewFilterSet(map[string]exec.FilterFunction{
		"escape":  byLine(escape),
		"e":       byLine(escape),
		"heading": filterHeading,
		"plain":   filterPlain,
		"dashes":  filterDashes,
		"either":  filterEither,
		"render":  s.filterRender,
		"random": func(*exec.Evaluator, *exec.Value, *exec.VarArgs) *exec.Value {
			return exec.AsValue(errors.New("outputs are made again and again, and must come out the same"))
		},
	})
}

// filterHeading underlines a title as one of the given level, from 1.
func filterHeading(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	p := params.ExpectArgs(1)
	if p.IsError() {
		return exec.AsValue(exec.ErrInvalidCall(p))
	}
	n := p.Args[0].Integer()
	if n < 1 || n > len(levels) {
		return exec.AsValue(fmt.Errorf("a heading has a level from 1 to %d, not %d", len(levels), n))
	}
	title := strings.TrimSpace(strings.ReplaceAll(in.String(), "\n", " "))
	return exec.AsValue(title + "\n" + strings.Repeat(levels[n-1:n], max(width(plain(title)), 3)))
}

// width returns how many columns a text has, or more: an underline may be too
// long, but not too short.
func width(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x1100 { // from here on there are characters of two columns
			n++
		}
	}
	return n
}

// byLine keeps marks at the beginning of lines away from a filter that looks at
// how lines begin.
func byLine(filter exec.FilterFunction) exec.FilterFunction {
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		lines := strings.Split(in.String(), "\n")
		for i, l := range lines {
			text := strings.TrimLeftFunc(l, isMark)
			made := filter(e, exec.AsValue(text), params)
			if made.IsError() {
				return made
			}
			lines[i] = l[:len(l)-len(text)] + made.String()
		}
		return exec.AsValue(strings.Join(lines, "\n"))
	}
}

// filterPlain takes the marks out of a text, so that it can be compared.
func filterPlain(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
	return exec.AsValue(plain(in.String()))
}

// filterDashes begins an option's name with dashes, if it has none.
func filterDashes(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
	name := in.String()
	if bare := plain(name); strings.HasPrefix(bare, "-") || strings.HasPrefix(bare, "<") && len(bare) > 1 {
		return exec.AsValue(name)
	}
	return exec.AsValue("--" + name)
}

// filterEither writes words as “a”, “a or b”, “a, b or c”.
func filterEither(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
	var words []string
	in.Iterate(func(_, _ int, key, _ *exec.Value) bool {
		words = append(words, key.String())
		return true
	}, func() {})
	if len(words) < 2 {
		return exec.AsValue(strings.Join(words, ""))
	}
	return exec.AsValue(strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1])
}

// filterRender executes another template with the value as “it”, and with the
// keyword arguments.
func (s *set) filterRender(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if len(params.Args) != 1 {
		return exec.AsValue(fmt.Errorf("render needs the name of a template"))
	}
	outer, _ := e.Environment.Context.Get(depthName)
	depth, _ := outer.(int)
	if depth > 20 {
		return exec.AsValue(errors.New("templates render each other without end"))
	}
	data := map[string]any{"it": in.Interface(), depthName: depth + 1}
	data[failureName], _ = e.Environment.Context.Get(failureName)
	for name, value := range params.KwArgs {
		data[name] = value.Interface()
	}
	name := strings.TrimSuffix(params.Args[0].String(), ending)
	if _, ok := s.sources[name]; !ok {
		return exec.AsValue(fmt.Errorf("there is no template %s%s", name, ending))
	}
	written, err := s.render(name, data)
	if err != nil {
		return exec.AsValue(err)
	}
	return exec.AsValue(strings.Trim(written, "\n"))
}
