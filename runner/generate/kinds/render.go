package kinds

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"

	"docserve/runner/generate"
)

// ending is that of the templates' files.
const ending = ".rst.j2"

// set is some templates that use each other, compiled. It is safe for use by
// several goroutines.
type set struct {
	sources map[string]string // by name, without ending
	owners  map[string]string // absolute path of those that are the project's
	env     *exec.Environment

	mu       sync.Mutex // guards compiled
	compiled map[string]compiled
}

type compiled struct {
	template *exec.Template
	err      error
}

// templateError is what is wrong with a template.
type templateError struct {
	path string // absolute; "" for one of docserve's own
	line int    // from 1; 0 when it is not known
	err  error
}

func (e *templateError) Error() string { return e.err.Error() }
func (e *templateError) Unwrap() error { return e.err }

// uses finds the names of templates that a template uses. They have to be
// literals, since all files that an output depends on are read before it is made.
var uses = regexp.MustCompile(`render\(\s*['"]([\w.-]+)['"]|\{%-?\s*(?:include|import|from|extends)\s+['"]([\w.-]+)['"]`)

// used returns the names of the templates that a text uses.
func used(source string) []string {
	var names []string
	for _, found := range uses.FindAllStringSubmatch(source, -1) {
		names = append(names, strings.TrimSuffix(found[1]+found[2], ending))
	}
	return names
}

// globals are Jinja's own functions, without those whose result nobody can repeat.
var globals = func() *exec.Context {
	c := map[string]any{}
	for _, name := range []string{"cycler", "dict", "joiner", "namespace", "range"} {
		c[name], _ = builtins.GlobalFunctions.Get(name)
	}
	return exec.NewContext(c)
}()

// shows reports whether a template speaks of a name.
func (s *set) shows(template, name string) bool {
	return strings.Contains(s.sources[template], name)
}

func newSet(sources, owners map[string]string) *set {
	s := &set{sources: sources, owners: owners, compiled: map[string]compiled{}}
	s.env = &exec.Environment{
		Context:           globals,
		Filters:           exec.NewFilterSet(map[string]exec.FilterFunction{}).Update(builtins.Filters).Update(generate.Filters()).Update(s.filters()),
		Tests:             builtins.Tests,
		ControlStructures: builtins.ControlStructures,
		Methods:           builtins.Methods,
	}
	return s
}

// loader lets templates use only those of their set, and no files.
type loader struct{ sources map[string]string }

func (l loader) Read(name string) (io.Reader, error) {
	source, ok := l.sources[strings.TrimSuffix(name, ending)]
	if !ok {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	return strings.NewReader(source), nil
}

func (l loader) Resolve(name string) (string, error)    { return name, nil }
func (l loader) Inherit(string) (loaders.Loader, error) { return l, nil }

// settings are those of docserve's templates: tags leave no empty lines, and a
// name that does not exist is a mistake.
func settings() *config.Config {
	c := config.New()
	c.TrimBlocks, c.LeftStripBlocks, c.StrictUndefined = true, true, true
	return c
}

func (s *set) get(name string) (*exec.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.compiled[name]
	if !ok {
		c.template, c.err = compile(name, s.sources, s.env)
		s.compiled[name] = c
	}
	return c.template, c.err
}

func compile(name string, sources map[string]string, env *exec.Environment) (t *exec.Template, err error) {
	defer recovered(&err)
	return exec.NewTemplate(name, settings(), loader{sources}, env)
}

// recovered makes an error of a panic: the template engine has some for templates
// that make no sense.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the template engine fails: %v", p)
	}
}

// Names under which templates have what is docserve's own business.
const (
	depthName   = "_depth"   // how many templates render each other here
	failureName = "_failure" // *failure
)

// failure is the first error of a template, which those that use it would only
// repeat.
type failure struct{ first *templateError }

// render executes a template of the set.
func (s *set) render(name string, data map[string]any) (string, error) {
	f, nested := data[failureName].(*failure)
	if !nested {
		f = &failure{}
		data[failureName] = f
	}
	t, err := s.get(name)
	if err == nil {
		var written string
		if written, err = execute(t, data); err == nil {
			return written, nil
		}
	}
	if f.first == nil {
		f.first = s.explain(name, err)
	}
	return "", f.first
}

func execute(t *exec.Template, data map[string]any) (written string, err error) {
	defer recovered(&err)
	return t.ExecuteToString(exec.NewContext(data))
}

// text executes a template that is a text and no file.
func (s *set) text(name, source string, data map[string]any) (string, error) {
	s.mu.Lock()
	c, ok := s.compiled[name]
	if !ok {
		c.template, c.err = compile(name, map[string]string{name: source}, s.env)
		s.compiled[name] = c
	}
	s.mu.Unlock()
	if c.err != nil {
		return "", c.err
	}
	return execute(c.template, data)
}

var (
	// lineOf finds a line in the engine's messages.
	lineOf = regexp.MustCompile(`\bat line (\d+): |\(Line: (\d+) Col: \d+, near`)
	// invalid is what the engine says of arguments of filters.
	invalid = regexp.MustCompile(`^.*invalid call to filter '([^']+)': `)
)

// explain says in which template an error is, and where. The engine's messages go
// from the outside in; the innermost line and words count.
func (s *set) explain(name string, err error) *templateError {
	e := &templateError{path: s.owners[name]}
	message := err.Error()
	if strings.HasPrefix(message, "failed to parse template") {
		// It repeats the whole template before it comes to the point.
		message = message[strings.LastIndex(message, "': ")+3:]
	}
	if found := lineOf.FindAllStringSubmatchIndex(message, -1); found != nil {
		at := found[len(found)-1]
		if at[2] >= 0 {
			e.line, _ = strconv.Atoi(message[at[2]:at[3]])
			message = message[at[1]:]
		} else {
			e.line, _ = strconv.Atoi(message[at[4]:at[5]])
		}
	}
	message = invalid.ReplaceAllString(strings.TrimPrefix(message, "unable to execute template: "), "filter $1: ")
	e.err = fmt.Errorf("template %s%s: %s", name, ending, message)
	return e
}
