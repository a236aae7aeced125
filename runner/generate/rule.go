package generate

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"docserve/internal/config"
	"docserve/internal/digest"
)

// Kind is the maker of a kind of structured content.
type Kind interface {
	Maker
	Pattern() string // of the outputs of rules that have none, relative to the source directory
}

// KindOptions are what a kind's maker is made with. All paths are absolute.
type KindOptions struct {
	Source       string // the source directory
	Project      string // the directory of the configuration
	Includes     string // the directory where inherited files are looked for first; "" is the kind's choice
	Templates    string // the directory of the project's own templates; "" is the kind's choice
	Editions     []string
	Replacements map[string]string
}

// rule is a rule that can be applied.
type rule struct {
	config.Rule
	id      string // the same for the same rule, in whatever place of whatever configuration
	title   string // for messages
	maker   Maker
	many    manyMaker // set instead of maker when all inputs are made into one
	inputs  globs
	exclude globs
	outdir  string // what outputs are relative to
	rank    int    // greater than those of rules whose outputs may be its inputs
	before  []*rule
}

// newRules makes the rules of a configuration.
func newRules(o *Options) ([]*rule, error) {
	var rules []*rule
	for _, each := range o.Config.Rules {
		r := &rule{Rule: each, outdir: o.Config.Dir}
		r.inputs, r.exclude = newGlobs(o.Config.Dir, each.Inputs), newGlobs(o.Config.Dir, each.Exclude)
		r.title = each.Name
		if r.title == "" {
			r.title = fmt.Sprintf("the rule for %s", strings.Join(each.Inputs, ", "))
		}
		if err := r.make(o); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", o.Config.Path, each.Line, err)
		}
		r.id = identify(r, o)
		rules = append(rules, r)
	}
	rank(rules)
	return rules, nil
}

// make chooses what applies the rule.
func (r *rule) make(o *Options) error {
	switch {
	case r.Kind != "":
		if o.Kind == nil {
			return fmt.Errorf("there are no kinds, and so no %q", r.Kind)
		}
		kind, err := o.Kind(r.Kind, o.kindOptions())
		if err != nil {
			return err
		}
		if len(r.Outputs) == 0 {
			r.Outputs, r.outdir = []string{kind.Pattern()}, o.Source
		}
		r.maker = kind
	case r.Template != "":
		t := &templateMaker{rule: r, dir: o.Config.Dir, file: absolute(o.Config.Dir, r.Template)}
		if r.joined() {
			r.many = t
		} else {
			r.maker = t
		}
	default:
		c := &commandMaker{rule: r, dir: o.Config.Dir, stage: o.stage(), timeout: o.Timeout}
		if r.joined() {
			r.many = c
		} else {
			r.maker = c
		}
	}
	return nil
}

// joined reports whether all inputs are made into one thing: nothing in the
// outputs tells one input from another.
func (r *rule) joined() bool {
	return !slices.ContainsFunc(r.Outputs, func(pattern string) bool { return len(config.Placeholders(pattern)) > 0 })
}

func (r *rule) signature() string {
	if r.many != nil {
		return r.many.Signature()
	}
	return r.maker.Signature()
}

// identify names a rule by what it says, but not by where it stands.
func identify(r *rule, o *Options) string {
	each := r.Rule
	each.Line, each.Name = 0, ""
	text, err := json.Marshal([]any{each, r.outdir})
	if err != nil {
		panic(err) // it is made of strings
	}
	if r.Kind != "" {
		shared, err := json.Marshal(o.Config.Structured)
		if err != nil {
			panic(err) // it is made of strings
		}
		text = append(text, shared...)
	}
	return digest.Of(text).String()[:12]
}

// takes reports whether a file is an input of the rule.
func (r *rule) takes(file string) bool {
	if _, ok := r.inputs.match(file); !ok {
		return false
	}
	_, not := r.exclude.match(file)
	return !not
}

// rank orders rules so that those whose outputs may be inputs of others come
// first. In a circle nothing does: whether there is one in truth, files show.
func rank(rules []*rule) {
	var visit func(r *rule, path []*rule)
	done := map[*rule]bool{}
	visit = func(r *rule, above []*rule) {
		if done[r] {
			return
		}
		done[r] = true
		for _, other := range rules {
			if other == r || slices.Contains(above, other) || !r.follows(other) {
				continue
			}
			visit(other, append(slices.Clone(above), r))
			r.before = append(r.before, other)
			r.rank = max(r.rank, other.rank+1)
		}
	}
	for _, r := range rules {
		visit(r, nil)
	}
}

// follows reports whether an output of the other rule may be an input of r.
func (r *rule) follows(other *rule) bool {
	for _, output := range other.Outputs {
		name, _ := relative(r.inputs.dir, filepath.Join(other.outdir, filepath.FromSlash(output)))
		if strings.HasSuffix(output, "/") {
			name += "/"
		}
		if slices.ContainsFunc(r.inputs.patterns, func(input string) bool { return overlap(name, input) }) {
			return true
		}
	}
	return false
}

// place expands the pattern of outputs with what the input gives and what the maker
// does, and refuses what must not be written.
func (r *rule) place(o *Options, inputs []string, vars map[string]string) (string, error) {
	all := map[string]string{}
	if len(inputs) == 1 {
		all = variables(r.inputs, inputs[0])
	}
	maps.Copy(all, vars)
	name, err := expand(r.Outputs[0], all)
	if err != nil {
		return "", err
	}
	file := filepath.Join(r.outdir, filepath.FromSlash(name))
	return file, o.writable(file)
}

// writable refuses files in places where docserve writes no sources.
func (o *Options) writable(file string) error {
	for _, dir := range o.Closed {
		if within(file, dir) {
			return &OutputError{fmt.Sprintf("refuse to write %s: it is in the output directory", file), "what Sphinx reads belongs among the sources"}
		}
	}
	if !within(file, o.Config.Dir) && !within(file, o.Source) {
		return &OutputError{fmt.Sprintf("refuse to write %s: it is outside of the project", file), "outputs are below the directory of the configuration, or of the sources"}
	}
	return nil
}

func absolute(dir, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

func (o *Options) kindOptions() KindOptions {
	s := o.Config.Structured
	return KindOptions{
		Source: o.Source, Project: o.Config.Dir, Includes: absolute(o.Config.Dir, s.Includes), Templates: absolute(o.Config.Dir, s.Templates),
		Editions: s.Editions, Replacements: s.Replacements,
	}
}
