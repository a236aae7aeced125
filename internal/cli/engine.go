package cli

import (
	"fmt"
	"slices"
)

// The engines.
const (
	Worker     = "worker"     // Sphinx is kept running
	Subprocess = "subprocess" // plain sphinx-build, once for each change
)

// carried are the builders that a worker can carry: its driver takes apart what
// they do, and puts it together again one page at a time.
var carried = []string{"html", "dirhtml"}

// mute are Sphinx's builders, and targets of its make mode, that write nothing a
// browser shows as a page.
var mute = []string{
	"clean", "coverage", "doctest", "dummy", "epub", "epub3", "gettext", "help", "info", "json", "latex", "latexpdf",
	"latexpdfja", "linkcheck", "man", "pickle", "pseudoxml", "texinfo", "text", "xml",
}

// Plain reports whether plain Sphinx is to build the project, and why, when that
// was not asked for in so many words.
func (o *ServeOptions) Plain() (plain bool, why string) {
	switch {
	case o.Engine != "":
		return o.Engine == Subprocess, ""
	case o.Debugger:
		return true, "the debugger (--pdb) needs a process that has the terminal"
	case !slices.Contains(carried, o.Builder):
		return true, fmt.Sprintf("a worker carries html and dirhtml, not %s", o.Builder)
	}
	return false, ""
}

// checkEngine refuses what the engine cannot do.
func (o *ServeOptions) checkEngine() error {
	if o.Engine == Worker {
		asked := *o
		asked.Engine = ""
		if _, why := asked.Plain(); why != "" {
			return &UsageError{Message: "cannot use --engine=worker: " + why, Hint: "leave it out"}
		}
	}
	if plain, _ := o.Plain(); plain && o.Audit {
		return &UsageError{Message: "--audit looks for mistakes of the worker, and here is none", Hint: "docserve verify compares with a clean build"}
	}
	return nil
}

// engineValue is the name of an engine; auto is "".
type engineValue string

func (v *engineValue) Set(s string) error {
	switch s {
	case "auto":
		*v = ""
	case Worker, Subprocess:
		*v = engineValue(s)
	default:
		return fmt.Errorf("want auto, worker or subprocess, got %q", s)
	}
	return nil
}
func (v *engineValue) String() string { return "" }
func (v *engineValue) Type() string   { return "engine" }
