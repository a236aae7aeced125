package doctor

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"docserve/internal/proc"
	"docserve/internal/python"
)

//go:embed examine.py
var examination []byte

// The process ends itself when a step takes too long, and says where it stood.
// One that cannot, since it was stopped say, is killed this much later.
const grace = 5 * time.Second

// glance is how often the process is looked at for progress.
const glance = 200 * time.Millisecond

// load has the interpreter load the project.
func load(ctx context.Context, opts Options, interpreter string) Loaded {
	loaded, err := run(ctx, opts, interpreter)
	if err != nil {
		loaded.Err = err
		return loaded
	}
	loaded.Config = opts.Project.ConfDir != ""
	loaded.Advice = map[string]string{}
	var said string
	for _, m := range loaded.missing() {
		// The commands are for what conf.py names as well, if it is known where to
		// find it.
		distribution := strings.ToLower(strings.ReplaceAll(m.name, "_", "-"))
		if strings.Contains(said, m.name) || strings.Contains(said, distribution) {
			continue
		}
		advice := python.Advise(ctx, interpreter, opts.Project.ConfDir, m.message)
		loaded.Advice[m.name], said = advice, said+advice
	}
	return loaded
}

// absent is a module or a theme that is not installed, and Python's or Sphinx's
// words for that.
type absent struct{ name, message string }

// missing is what is not installed, but for what conf.py itself imports: that is
// nobody's business.
func (l Loaded) missing() []absent {
	var list []absent
	add := func(name string, f *Failure) {
		switch {
		case f == nil:
		case f.Kind == "ModuleNotFoundError" && f.Module != "":
			list = append(list, absent{f.Module, "No module named '" + f.Module + "'"})
		case f.Kind == "ThemeError":
			list = append(list, absent{name, fmt.Sprintf("no theme named '%s' found", name)})
		}
	}
	for _, e := range l.Extensions {
		add(e.Name, e.Failure)
	}
	if l.At == "theme" {
		add(l.Name, l.Failed)
	}
	return list
}

func run(ctx context.Context, opts Options, interpreter string) (Loaded, error) {
	dir, err := os.MkdirTemp("", "docserve-doctor-")
	if err != nil {
		return Loaded{}, fmt.Errorf("make a private directory: %w", err)
	}
	defer os.RemoveAll(dir)
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("examine.py"), examination, 0o600); err != nil {
		return Loaded{}, fmt.Errorf("write the examination: %w", err)
	}
	arguments, err := json.Marshal(arguments(opts, at("scratch")))
	if err != nil {
		return Loaded{}, fmt.Errorf("encode the options: %w", err)
	}
	process, err := proc.Start(proc.Spec{
		Name: "Python", Argv: []string{interpreter, at("examine.py"), at("facts"), at("stacks"), string(arguments)},
		Output: at("output"),
	})
	if err != nil {
		return Loaded{}, err
	}
	patient := await(ctx, process, at("facts"), opts.Patience+grace)
	if err := ctx.Err(); err != nil {
		return Loaded{}, err
	}
	facts, _ := os.ReadFile(at("facts"))   // none: it never came so far
	stacks, _ := os.ReadFile(at("stacks")) // likewise
	loaded := parse(facts)
	if loaded.Done {
		return loaded, nil
	}
	loaded.Ended, loaded.Hung = process.Exit(), !patient || len(bytes.TrimSpace(stacks)) > 0
	if loaded.Hung {
		loaded.Waited, loaded.Spot = opts.Patience, stood(string(stacks))
	}
	return loaded, nil
}

// await waits for the end of the process, as long as its file of facts grows. It
// reports whether the process ended by itself.
func await(ctx context.Context, process *proc.Process, facts string, patience time.Duration) bool {
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	size, grown := int64(-1), time.Now()
	for {
		select {
		case <-process.Done():
			return true
		case <-ctx.Done():
		case now := <-ticker.C:
			if info, err := os.Stat(facts); err == nil && info.Size() != size {
				size, grown = info.Size(), now
			}
			if now.Sub(grown) < patience {
				continue
			}
		}
		process.Kill()
		<-process.Done()
		return false
	}
}

// arguments are what examine.py wants to know.
func arguments(opts Options, scratch string) map[string]any {
	p := opts.Project
	inside := ""
	if rel, err := filepath.Rel(p.Source, p.Output); p.Output != "" && err == nil && filepath.IsLocal(rel) {
		inside = filepath.ToSlash(rel)
	}
	return map[string]any{
		"source": p.Source, "config": p.ConfDir, "scratch": scratch, "builder": p.Builder, "tags": opts.Tags,
		"overrides": overrides(opts), "inside": inside, "patience": opts.Patience.Seconds(),
	}
}

// overrides turns -D, -A and -n into what Sphinx's own command line makes of them.
func overrides(opts Options) map[string]any {
	values := map[string]any{}
	for _, text := range opts.Defines {
		name, value, _ := strings.Cut(text, "=")
		values[name] = value
	}
	for _, text := range opts.HTMLDefines {
		name, value, _ := strings.Cut(text, "=")
		values["html_context."+name] = value
		if n, err := strconv.Atoi(value); err == nil {
			values["html_context."+name] = n
		}
	}
	if opts.Nitpicky {
		values["nitpicky"] = true
	}
	return values
}

// parse reads the facts. Lines that are none are left out.
func parse(facts []byte) Loaded {
	var loaded Loaded
	for line := range bytes.Lines(facts) {
		var fact struct {
			At         *string
			Name       string
			Sphinx     json.RawMessage // also a field of an extension
			Docutils   *string
			Wants      string
			Extension  *string
			Extensions *[]string
			Threads    int
			Fork       bool
			Excluded   bool
			Theme      *string
			Version    string
			Own        bool
			Failed     *string
			Error      *Failure
			Done       bool
		}
		if json.Unmarshal(line, &fact) != nil {
			continue
		}
		switch {
		case fact.At != nil:
			loaded.At, loaded.Name = *fact.At, fact.Name
		case fact.Docutils != nil:
			_ = json.Unmarshal(fact.Sphinx, &loaded.Sphinx) // otherwise there is no version to be had
			loaded.Docutils, loaded.Wants = *fact.Docutils, fact.Wants
		case fact.Extension != nil:
			var e Extension
			if json.Unmarshal(line, &e) == nil {
				loaded.Extensions = append(loaded.Extensions, e)
			}
		case fact.Extensions != nil:
			loaded.Listed, loaded.Threads, loaded.Fork, loaded.excluded = *fact.Extensions, fact.Threads, fact.Fork, fact.Excluded
		case fact.Theme != nil:
			loaded.Theme, loaded.ThemeVer, loaded.ThemeOwn = *fact.Theme, fact.Version, fact.Own
		case fact.Failed != nil:
			loaded.Failed = fact.Error
			loaded.At = *fact.Failed
		case fact.Done:
			loaded.Done = true
		}
	}
	return loaded
}

// Spot is a line of a file.
type Spot struct {
	Path string
	Line int
}

// UnmarshalJSON reads [path, line].
func (s *Spot) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&s.Path, &s.Line})
}

// frame is a line of a stack that Python's faulthandler prints, innermost first.
var frame = regexp.MustCompile(`^  File "(.*)", line (\d+) in `)

// stood returns where the main thread stood, whose stack is the last one: the
// innermost line that is not in Python's own library.
func stood(stacks string) Spot {
	var spots []Spot
	for line := range strings.Lines(stacks) {
		if strings.Contains(line, "(most recent call first)") {
			spots = nil
		}
		if m := frame.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[2]) // digits
			spots = append(spots, Spot{m[1], n})
		}
	}
	for _, spot := range spots {
		if !library(spot.Path) {
			return spot
		}
	}
	if len(spots) > 0 {
		return spots[0]
	}
	return Spot{}
}

var (
	standard  = regexp.MustCompile(`[/\\][Ll]ib([/\\]python\d|[/\\])|^<`)
	installed = regexp.MustCompile(`[/\\](site|dist)-packages[/\\]`)
)

// library reports whether a file belongs to Python itself.
func library(path string) bool { return standard.MatchString(path) && !installed.MatchString(path) }
