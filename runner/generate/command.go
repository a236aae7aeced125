package generate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"docserve/internal/config"
	"docserve/internal/digest"
	"docserve/internal/proc"
)

// commandMaker runs a command. Its outputs go to a directory of its own, from
// which they are taken when it has ended well: what is among the sources is never
// half of something.
type commandMaker struct {
	rule    *rule
	dir     string // the working directory
	stage   string
	timeout time.Duration
}

// Signature is the form of what a command is given; the command itself is part of
// the rule.
func (c *commandMaker) Signature() string { return "command 1" }

// Make runs the command for one input.
func (c *commandMaker) Make(ctx context.Context, job Job) (Made, error) {
	return c.MakeMany(ctx, []string{job.Input}, job)
}

// call is one run of the command.
type call struct {
	*commandMaker
	job     Job
	inputs  []string
	vars    map[string]string
	began   time.Time
	outdir  string   // where the command writes
	outputs []string // the files that it must write there
	places  []string // where they belong; a directory if it ends in a separator
}

// MakeMany runs the command for several inputs at once.
func (c *commandMaker) MakeMany(ctx context.Context, inputs []string, job Job) (Made, error) {
	run := &call{commandMaker: c, job: job, inputs: inputs, vars: map[string]string{}}
	if len(inputs) == 1 {
		run.vars = variables(c.rule.inputs, inputs[0])
	}
	run.outdir = filepath.Join(c.stage, c.rule.id+"-"+digest.Of([]byte(strings.Join(inputs, "\n"))).String()[:12])
	if err := os.RemoveAll(run.outdir); err != nil {
		return Made{}, fmt.Errorf("make room for a command: %w", err)
	}
	if err := os.MkdirAll(run.outdir, 0o777); err != nil {
		return Made{}, fmt.Errorf("make room for a command: %w", err)
	}
	defer os.RemoveAll(run.outdir) // what stays is removed before the next run
	if err := run.arrange(); err != nil {
		return Made{}, err
	}
	run.began = time.Now()
	failure, err := run.run(ctx)
	if err != nil || failure != nil {
		if err == nil {
			run.dependencies(&Made{}) // what it has read before it failed may be what is wrong
			return Made{Diagnostics: []Diagnostic{*failure}}, nil
		}
		return Made{}, err
	}
	var made Made
	run.dependencies(&made)
	err = run.collect(&made)
	return made, err
}

// arrange says where each output is written, and where it belongs. With restat
// the last ones are put there.
func (c *call) arrange() error {
	names := map[string]bool{}
	for _, pattern := range c.rule.Outputs {
		name, err := expand(pattern, c.vars)
		if err != nil {
			return err
		}
		place := filepath.Join(c.rule.outdir, filepath.FromSlash(name))
		if strings.HasSuffix(pattern, "/") {
			c.places, c.outputs = append(c.places, place+string(filepath.Separator)), append(c.outputs, "")
			continue
		}
		base := filepath.Base(place)
		if names[base] {
			return &OutputError{fmt.Sprintf("two outputs are called %s", base), "a command writes all its outputs to one directory"}
		}
		names[base] = true
		file := filepath.Join(c.outdir, base)
		c.places, c.outputs = append(c.places, place), append(c.outputs, file)
		if !c.rule.Restat {
			continue
		}
		if old, err := os.ReadFile(place); err == nil {
			if err := os.WriteFile(file, old, 0o666); err != nil {
				return fmt.Errorf("give a command its last output: %w", err)
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("give a command its last output: %w", err)
		}
	}
	return nil
}

// fill puts values for the names in braces of a word of the command; a word that
// is nothing but a list becomes several. In a text for the shell they are quoted.
func (c *call) fill(word string, shell bool) []string {
	var files []string
	for _, file := range c.outputs {
		if file != "" {
			files = append(files, file)
		}
	}
	switch word {
	case "{inputs}":
		return slices.Clone(c.inputs)
	case "{outputs}":
		return files
	}
	quote := func(list []string) string {
		if shell {
			for i, each := range list {
				list[i] = quoted(each)
			}
		}
		return strings.Join(list, " ")
	}
	values := map[string]string{
		"input": quote([]string{c.inputs[0]}), "inputs": quote(slices.Clone(c.inputs)),
		"outputs": quote(slices.Clone(files)), "outdir": quote([]string{c.outdir}),
	}
	if len(files) > 0 {
		values["output"] = quote(files[:1])
	}
	for name, value := range c.vars {
		values[name] = quote([]string{value})
	}
	for _, name := range config.Placeholders(word) {
		if value, ok := values[name]; ok {
			word = strings.ReplaceAll(word, "{"+name+"}", value)
		}
	}
	return []string{word}
}

// quoted gives a word as the shell of the system takes it.
func quoted(word string) string {
	if runtime.GOOS == "windows" {
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Argv is what is started for a command that may be one for the shell.
func Argv(command []string, shell bool) []string {
	switch {
	case !shell:
		return command
	case runtime.GOOS == "windows":
		return append([]string{"cmd", "/C"}, command...)
	}
	return append([]string{"/bin/sh", "-c"}, command...)
}

// Environ is docserve's environment with that of a command.
func Environ(env map[string]string) []string {
	all := os.Environ()
	for _, name := range sortedKeys(env) {
		all = append(all, name+"="+env[name])
	}
	return all
}

// run runs the command to its end. The diagnostic says why it has failed.
func (c *call) run(ctx context.Context) (*Diagnostic, error) {
	var argv []string
	for _, word := range c.rule.Command {
		argv = append(argv, c.fill(word, c.rule.Shell)...)
	}
	p, err := proc.Start(proc.Spec{Name: filepath.Base(c.rule.Command[0]), Argv: Argv(argv, c.rule.Shell), Dir: c.dir, Env: Environ(c.rule.Env)})
	if err != nil {
		return c.failed(err.Error(), ""), nil
	}
	ticker := time.NewTicker(c.timeout / 10)
	defer ticker.Stop()
	printed, since := int64(0), time.Now()
	for {
		select {
		case <-p.Done():
			if p.ExitCode() != 0 {
				return c.failed(p.Exit(), lastLines(p.Tail(4<<10))), nil
			}
			return nil, nil
		case <-ctx.Done():
			p.Terminate(time.Second)
			return nil, ctx.Err()
		case <-ticker.C:
			if now := p.Printed(); now != printed {
				printed, since = now, time.Now()
			}
			if time.Since(since) >= c.timeout {
				p.Kill()
				<-p.Done()
				return c.failed(fmt.Sprintf("it has printed nothing for %s, and was ended", c.timeout), lastLines(p.Tail(4<<10))), nil
			}
		}
	}
}

func (c *call) failed(why, output string) *Diagnostic {
	return &Diagnostic{Path: c.inputs[0], Severity: Error, Message: fmt.Sprintf("the command of %s has failed: %s", c.rule.title, why), Hint: output}
}

// lastLines are those that say what went wrong.
func lastLines(output []byte) string {
	const few = 12
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return strings.Join(lines[max(0, len(lines)-few):], "\n")
}

// dependencies reads what the command says that it has read. Each such file is
// read, so that it is known with its content.
func (c *call) dependencies(made *Made) {
	if c.rule.Depfile == "" {
		return
	}
	file := absolute(c.dir, c.fill(c.rule.Depfile, false)[0])
	text, err := os.ReadFile(file)
	if err != nil {
		made.Diagnostics = append(made.Diagnostics, Diagnostic{
			Path: c.inputs[0], Severity: Warning, Message: fmt.Sprintf("the command of %s has left no depfile: %v", c.rule.title, err),
			Hint: "its outputs are not made again when what it reads changes",
		})
		return
	}
	names, err := parseDepfile(text)
	if err != nil {
		made.Diagnostics = append(made.Diagnostics, Diagnostic{Path: c.inputs[0], Severity: Warning, Message: fmt.Sprintf("cannot understand the depfile of %s: %v", c.rule.title, err)})
		return
	}
	for _, name := range names {
		path := absolute(c.dir, name)
		if within(path, c.outdir) || slices.Contains(c.places, path) {
			continue
		}
		_, _ = c.job.Read(path) // missing ones are known as such
		if info, err := os.Stat(path); err == nil && info.ModTime().After(c.began.Add(-tick)) {
			made.unsure = append(made.unsure, path)
		}
	}
}

// collect takes the outputs that the command has written.
func (c *call) collect(made *Made) error {
	depfile := ""
	if c.rule.Depfile != "" {
		depfile = absolute(c.dir, c.fill(c.rule.Depfile, false)[0])
	}
	for i, file := range c.outputs {
		if file == "" {
			if err := c.collectAll(made, c.places[i], depfile); err != nil {
				return err
			}
			continue
		}
		data, err := os.ReadFile(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			made.Diagnostics = append(made.Diagnostics, Diagnostic{
				Path: c.inputs[0], Severity: Error, Message: fmt.Sprintf("the command of %s has not written %s", c.rule.title, filepath.Base(file)),
				Hint: "it has to write to {output}, or to a file of that name in {outdir}",
			})
		case err != nil:
			return fmt.Errorf("take an output: %w", err)
		default:
			made.Files = append(made.Files, File{Path: c.places[i], Data: data})
		}
	}
	return nil
}

// collectAll takes whatever the command has written that has no name of its own.
func (c *call) collectAll(made *Made, place, depfile string) error {
	return filepath.WalkDir(c.outdir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == depfile || slices.Contains(c.outputs, path) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("take an output: %w", err)
		}
		name, _ := relative(c.outdir, path)
		made.Files = append(made.Files, File{Path: filepath.Join(place, filepath.FromSlash(name)), Data: data})
		return nil
	})
}
