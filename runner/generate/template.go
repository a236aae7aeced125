package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"

	"docserve/internal/nearest"
)

// templateMaker fills a Jinja template with data. An undefined name is an error: an
// empty place in a text is noticed by readers, not by writers.
type templateMaker struct {
	rule *rule
	dir  string // that of the configuration
	file string // of the template
}

// Signature is the form of what a template is given; its text is read like any
// other file.
func (t *templateMaker) Signature() string { return "template 1" }

// templateConfig has Jinja's options that suit documents: a line that holds
// nothing but a statement leaves no line.
func templateConfig() *config.Config {
	c := config.New()
	c.StrictUndefined, c.KeepTrailingNewline, c.TrimBlocks, c.LeftStripBlocks = true, true, true, true
	return c
}

// allFilters are Jinja's, and those for reStructuredText.
var allFilters = exec.NewFilterSet(map[string]exec.FilterFunction{}).Update(builtins.Filters).Update(filters)

// Make fills the template with the data of one input.
func (t *templateMaker) Make(ctx context.Context, job Job) (Made, error) {
	return t.MakeMany(ctx, []string{job.Input}, job)
}

// MakeMany fills the template with the data of all inputs.
func (t *templateMaker) MakeMany(ctx context.Context, inputs []string, job Job) (Made, error) {
	place, err := job.Output(nil)
	if err != nil {
		return Made{}, err
	}
	names, wrong := t.context(inputs, job)
	if wrong != nil {
		return Made{Diagnostics: []Diagnostic{*wrong}}, ctx.Err()
	}
	text, wrong := t.render(names, job)
	if wrong != nil {
		return Made{Diagnostics: []Diagnostic{*wrong}}, ctx.Err()
	}
	return Made{Files: []File{{Path: place, Data: text}}}, ctx.Err()
}

// context is what the template can name: input, data and header of one input; inputs
// with the same of all; and the files of the rule's own data.
func (t *templateMaker) context(inputs []string, job Job) (map[string]any, *Diagnostic) {
	names := map[string]any{}
	var all []any
	for _, path := range inputs {
		value, header, wrong := readData(path, job)
		if wrong != nil {
			return nil, wrong
		}
		vars := variables(t.rule.inputs, path)
		name, _ := relative(t.dir, path)
		input := map[string]any{
			"path": name, "name": vars["name"], "stem": vars["stem"], "ext": vars["ext"], "dir": vars["dir"], "data": value, "header": list(header),
		}
		all = append(all, input)
		if len(inputs) == 1 {
			names["input"], names["data"], names["header"] = input, value, list(header)
		}
	}
	names["inputs"] = all
	for _, name := range sortedKeys(t.rule.Data) {
		value, _, wrong := readData(absolute(t.dir, t.rule.Data[name]), job)
		if wrong != nil {
			return nil, wrong
		}
		names[name] = value
	}
	return names, nil
}

func list(texts []string) []any {
	var all []any
	for _, each := range texts {
		all = append(all, each)
	}
	return all
}

// readData reads a file of data.
func readData(path string, job Job) (any, []string, *Diagnostic) {
	text, err := job.Read(path)
	if err != nil {
		return nil, nil, &Diagnostic{Path: path, Severity: Error, Message: "cannot read the data: " + reason(err)}
	}
	value, header, err := parseData(path, text)
	var wrong *dataError
	if errors.As(err, &wrong) {
		return nil, nil, &Diagnostic{Path: path, Line: wrong.line, Column: wrong.column, Severity: Error, Message: wrong.message}
	}
	if err != nil {
		return nil, nil, &Diagnostic{Path: path, Severity: Error, Message: err.Error()}
	}
	return value, header, nil
}

// reason is an error without the path that goes with the diagnostic.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// render fills the template.
func (t *templateMaker) render(names map[string]any, job Job) (text []byte, wrong *Diagnostic) {
	defer func() {
		if p := recover(); p != nil { // the template engine's own mistake is the template's failure
			wrong = &Diagnostic{Path: t.file, Severity: Error, Message: fmt.Sprintf("the template engine has failed: %v", p)}
		}
	}()
	if _, err := job.Read(t.file); err != nil {
		return nil, &Diagnostic{Path: t.file, Severity: Error, Message: "cannot read the template: " + reason(err)}
	}
	environment := &exec.Environment{
		Context: exec.EmptyContext().Update(builtins.GlobalFunctions).Update(builtins.GlobalVariables),
		Filters: allFilters, Tests: builtins.Tests, ControlStructures: builtins.ControlStructures, Methods: builtins.Methods,
	}
	made, err := exec.NewTemplate(t.file, templateConfig(), &loader{job: job, from: t.file, root: t.dir}, environment)
	if err == nil {
		text, err = made.ExecuteToBytes(exec.NewContext(names))
	}
	if err != nil {
		return nil, t.explain(err, names)
	}
	return text, nil
}

// loader finds templates that others include: beside these, or at the directory
// of the configuration.
type loader struct {
	job        Job
	from, root string
}

// Read reads a template by way of the job, which so depends on it.
func (l *loader) Read(name string) (io.Reader, error) {
	path, err := l.Resolve(name)
	if err != nil {
		return nil, err
	}
	text, err := l.job.Read(path)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	return bytes.NewReader(text), nil
}

// Resolve says which file a name means.
func (l *loader) Resolve(name string) (string, error) {
	beside := absolute(filepath.Dir(l.from), name)
	if _, err := l.job.Read(beside); err == nil || filepath.IsAbs(name) {
		return beside, nil
	}
	path := absolute(l.root, name)
	if _, err := l.job.Read(path); err != nil {
		return "", fmt.Errorf("there is no template %s", name)
	}
	return path, nil
}

// Inherit is the loader of what that template includes.
func (l *loader) Inherit(from string) (loaders.Loader, error) {
	path, err := l.Resolve(from)
	return &loader{l.job, path, l.root}, err
}

var (
	atLine    = regexp.MustCompile(`at line (\d+): |\(Line: (\d+) Col: (\d+), near`)
	inFile    = regexp.MustCompile(`(?:Include|Import|FromImport|Extends)ControlStructure\(Filename='?([^'\s]+)'? `)
	inFilter  = regexp.MustCompile(`unable to evaluate filter &\{<Token.*?\]\}: `)
	undefined = regexp.MustCompile(`[Uu]nable to evaluate name "([^"]+)"$`)
	absent    = regexp.MustCompile(`[Uu]nable to evaluate ([^:]+): (?:attribute|item) '?([^']+?)'? not found$`)
)

// explain makes a diagnostic of the engine's error, which says the same several
// times, from the outside in: the innermost line and words count.
func (t *templateMaker) explain(err error, names map[string]any) *Diagnostic {
	message := err.Error()
	d := &Diagnostic{Path: t.file, Severity: Error}
	places := atLine.FindAllStringSubmatchIndex(message, -1)
	if n := len(places); n > 0 {
		last := places[n-1]
		if last[2] >= 0 {
			d.Line, _ = strconv.Atoi(message[last[2]:last[3]])
		} else {
			d.Line, _ = strconv.Atoi(message[last[4]:last[5]])
			d.Column, _ = strconv.Atoi(message[last[6]:last[7]])
		}
		if files := inFile.FindAllStringSubmatch(message[:last[0]], -1); files != nil {
			name := files[len(files)-1][1]
			d.Path = absolute(filepath.Dir(t.file), name)
		}
	}
	switch {
	case undefined.MatchString(message):
		name := undefined.FindStringSubmatch(message)[1]
		d.Message = fmt.Sprintf("undefined name %q", name)
		if near := nearest.Name(name, sortedKeys(names)); near != "" {
			d.Hint = "did you mean " + near + "?"
		} else {
			d.Hint = "there are " + strings.Join(sortedKeys(names), ", ")
		}
	case absent.MatchString(message):
		found := absent.FindStringSubmatch(message)
		d.Message = fmt.Sprintf("%s is undefined: there is no %q", found[1], found[2])
	default:
		d.Message = short(message)
	}
	return d
}

// short leaves out what the engine says around the cause.
func short(message string) string {
	if i := strings.LastIndex(message, "': "); i >= 0 && strings.HasPrefix(message, "failed to parse template") {
		message = message[i+3:] // the whole text of the template comes before
	}
	if places := atLine.FindAllStringIndex(message, -1); len(places) > 0 {
		if last := places[len(places)-1]; strings.HasPrefix(message[last[0]:], "at line") {
			_, rest, ok := strings.Cut(message[last[1]:], ": ")
			if ok {
				message = rest
			}
		}
	}
	message = inFilter.ReplaceAllString(message, "")
	return strings.TrimPrefix(strings.TrimPrefix(message, "unable to execute template: "), "failed to resolve filename: ")
}
