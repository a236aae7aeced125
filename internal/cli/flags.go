package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupKey is the annotation by which --help finds an option's group.
const groupKey = "group"

// group is a titled part of --help.
type group struct {
	title string
	*pflag.FlagSet
}

// newGroup returns an empty group that keeps its options in the order in which
// they are registered.
func newGroup(title string) group {
	set := pflag.NewFlagSet(title, pflag.ContinueOnError)
	set.SortFlags = false
	return group{title, set}
}

// value registers an option that takes an argument.
func (g group) value(v pflag.Value, name, short, usage string) { g.VarP(v, name, short, usage) }

// action registers an option without an argument.
func (g group) action(v pflag.Value, name, short, usage string) {
	g.VarPF(v, name, short, usage).NoOptDefVal = "true"
}

// addGroups gives cmd the options of all groups.
func addGroups(cmd *cobra.Command, groups ...group) {
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, g := range groups {
		g.VisitAll(func(f *pflag.Flag) {
			f.Annotations = map[string][]string{groupKey: {g.title}}
			flags.AddFlag(f)
		})
	}
	// Registered here, or cobra puts it into no group.
	flags.BoolP("help", "h", false, "show this help and exit")
	flags.Lookup("help").Annotations = map[string][]string{groupKey: {groups[len(groups)-1].title}}
}

func servingFlags(o *ServeOptions) group {
	g := newGroup("Serving")
	o.Host, o.Port = "127.0.0.1", 8000
	g.value(portValue{o}, "port", "", "`PORT` to serve on, 0 for a free one (default: 8000, or the next that is free)")
	g.value((*textValue)(&o.Host), "host", "", "`HOST` or address to bind to (default 127.0.0.1)")
	g.value((*listValue)(&o.AllowedHosts), "allowed-host", "", "also answer requests for the host name `NAME`, beside that of --host; can be repeated")
	g.value(addressValue{&o.PublicURL}, "public-url", "", "`URL` under which a proxy shows the site, with the path that it has there; its host is allowed, and --open-browser opens it")
	g.BoolVar(&o.OpenBrowser, "open-browser", false, "open the browser as soon as the first page can be shown")
	g.value((*secondsValue)(&o.Delay), "delay", "", "wait `SECONDS` before opening the browser; not needed, as it opens when a page is there")
	g.value(editorValue{o}, "editor", "", "`EDITOR` that links to errors open: vscode, vscodium, cursor, idea, pycharm, sublime, emacs, vim, none, or a URL with {path} and {line} (default: the one in whose terminal docserve runs, or that of $VISUAL or $EDITOR)")
	g.BoolVar(&o.Follow, "follow", false, "have browsers go to the page that is being edited")
	g.BoolVar(&o.NoHighlight, "no-highlight", false, "don't mark for a moment what has changed in a page")
	g.BoolVar(&o.NoInitial, "no-initial", false, "build nothing before the first change or request")
	return g
}

func watchingFlags(o *ServeOptions) group {
	g := newGroup("Watching")
	g.value((*listValue)(&o.Watch), "watch", "", "also watch `PATH`, a directory or a file; can be repeated")
	g.value((*listValue)(&o.Ignore), "ignore", "", "ignore files that match `GLOB`, in gitignore's syntax, relative to SOURCEDIR or to the current directory; can be repeated")
	g.value((*regexpsValue)(&o.ReIgnore), "re-ignore", "", "ignore files whose absolute path matches the regular expression `RE`; can be repeated")
	g.value((*durationValue)(&o.Debounce), "debounce", "", "wait until no file has changed for `DURATION`, as 50ms or 1s (default: 2ms to 8ms for a saved file, longer for many)")
	g.VarPF(pollValue{o}, "poll", "", "look at all files each `INTERVAL`, as 500ms or 2s, instead of waiting for events (default 1s, and more often at what was changed last); without this, it is done where no events come").NoOptDefVal = pollAuto
	g.value((*textValue)(&o.ExplainIgnore), "explain-ignore", "", "say which rule ignores `PATH`, and exit")
	return g
}

// generatingFlags are about the project's rules; g is nil where they are only run
// on the way.
func generatingFlags(o *ServeOptions, g *GenerateOptions) group {
	group := newGroup("Generating")
	if g != nil {
		group.BoolVar(&g.Check, "check", false, "change nothing: say what would change, and exit with code 1 if anything would")
		group.BoolVar(&g.Adopt, "adopt", false, "overwrite outputs that docserve has not written, and take them for its own")
		group.BoolVar(&g.Schema, "schema", false, "print the JSON Schema of docserve.toml, and exit")
		group.value((*textValue)(&g.Extension), "extension", "", "write the Sphinx extension docserve_pages, which adds structured content to pages, to the directory `DIR`, and exit")
	}
	group.BoolVar(&o.NoTouch, "no-touch", false, "don't set the times of documents when files change that they depend on by a rule")
	return group
}

func buildingFlags(o *ServeOptions) group {
	g := newGroup("Building (Sphinx's own options)")
	g.value((*builderValue)(&o.Builder), "builder", "b", "`BUILDER` to use: html or dirhtml, or another one that writes HTML (default html)")
	// pflag has no options without a long name; that of Sphinx's -M is ours.
	g.value((*builderValue)(&o.MakeMode), "make-mode", "M", "use `BUILDER`, and write to OUTPUTDIR/BUILDER, with doctrees in OUTPUTDIR/doctrees")
	g.value((*jobsValue)(&o.Jobs), "jobs", "j", "use at most `N` processes, or 'auto' for one per processor (default auto)")
	g.BoolVarP(&o.WriteAll, "write-all", "a", false, "write all files at the start, not only new and changed ones")
	g.BoolVarP(&o.FreshEnv, "fresh-env", "E", false, "don't use a saved environment, read all files at the start")
	g.value((*textValue)(&o.Doctrees), "doctree-dir", "d", "`PATH` for doctrees and environment (default OUTPUTDIR/.doctrees)")
	g.value((*textValue)(&o.ConfDir), "conf-dir", "c", "`PATH` of the directory that holds conf.py (default SOURCEDIR)")
	g.BoolVarP(&o.NoConfig, "isolated", "C", false, "use no conf.py, only settings from -D options")
	g.value((*settingsValue)(&o.Defines), "define", "D", "override a setting of conf.py, as `NAME=VALUE`; can be repeated")
	g.value((*settingsValue)(&o.HTMLDefines), "html-define", "A", "pass a value into HTML templates, as `NAME=VALUE`; can be repeated")
	g.value((*listValue)(&o.Tags), "tag", "t", "define `TAG`: include \"only\" blocks with it; can be repeated")
	g.BoolVarP(&o.Nitpicky, "nitpicky", "n", false, "warn about all missing references")
	g.value((*textValue)(&o.WarningFile), "warning-file", "w", "write warnings (and errors) to `FILE`")
	g.BoolVarP(&o.FailOnWarning, "fail-on-warning", "W", false, "turn warnings into errors")
	g.BoolVar(&o.KeepGoing, "keep-going", false, "with -W, go on after a warning")
	g.BoolVar(&o.ExceptionOnWarning, "exception-on-warning", false, "raise an exception on warnings")
	g.BoolVarP(&o.Traceback, "show-traceback", "T", false, "show the full traceback of an exception")
	g.BoolVarP(&o.Debugger, "pdb", "P", false, "run the debugger in this terminal when Sphinx raises an exception (needs the engine subprocess)")
	return g
}

// checkingFlags are about docserve's own correctness; checks is nil where there
// is nothing to compare.
func checkingFlags(o *ServeOptions, checks *VerifyOptions) group {
	g := newGroup("Checking")
	if checks != nil {
		g.BoolVar(&checks.Keep, "keep", false, "leave the clean build where it is, and say where")
	}
	g.BoolVar(&o.Audit, "audit", false, "when idle after a change, resolve all pages again and report those that were wrongly thought up to date")
	return g
}

func processFlags(o *ServeOptions) group {
	g := newGroup("Python and processes")
	g.value((*textValue)(&o.Python), "python", "", "`PATH` of the Python that has Sphinx (default: the active environment, .venv or venv nearby, that of sphinx-build, python3)")
	g.BoolVar(&o.NoVenv, "no-venv", false, "never make a virtual environment when no Python has Sphinx")
	g.value((*engineValue)(&o.Engine), "engine", "", "`ENGINE`: worker keeps Sphinx running, subprocess runs sphinx-build for each change, auto chooses worker where it can (default auto)")
	g.BoolVar(&o.NoFork, "no-fork", false, "don't fork Python processes, as on systems where that is not safe")
	g.value((*limitValue)(&o.BuildTimeout), "build-timeout", "", "end a Python process that has made no progress for `DURATION`, as 90s or 2m (default 60s)")
	g.value((*commandsValue)(&o.PreBuild), "pre-build", "", "run `COMMAND` before each build, without a shell; if it fails, the build is skipped; can be repeated")
	g.value((*commandsValue)(&o.PostBuild), "post-build", "", "run `COMMAND` after each successful build, without a shell; can be repeated")
	return g
}

func outputFlags(o *ServeOptions, version *bool) group {
	g := newGroup("Output")
	o.LogFormat = "text"
	g.CountVarP(&o.Verbose, "verbose", "v", "say more; can be repeated")
	g.BoolVarP(&o.Quiet, "quiet", "q", false, "print warnings and the address only")
	g.BoolVarP(&o.Silent, "silent", "Q", false, "print nothing at all")
	g.action(colorValue{&o.Color, true}, "color", "", "use colors (default: as the terminal can; NO_COLOR is respected)")
	g.action(colorValue{&o.Color, false}, "no-color", "N", "don't use colors")
	g.value((*formatValue)(&o.LogFormat), "log-format", "", "`FORMAT` of what is printed: text, or json for one object a line (default text)")
	g.BoolVar(version, "version", false, "show docserve's version and exit")
	return g
}

// sphinxLong are the long options of sphinx-build, which argparse lets people
// shorten. docserve's own cannot be shortened: a new one would break what
// people have typed.
var sphinxLong = []string{
	"builder", "color", "conf-dir", "define", "doctree-dir", "exception-on-warning", "fail-on-warning",
	"fresh-env", "help", "html-define", "isolated", "jobs", "keep-going", "nitpicky", "no-color", "pdb",
	"quiet", "show-traceback", "silent", "tag", "verbose", "version", "warning-file", "write-all",
}

// completeSphinxPrefixes makes flags accept an unambiguous beginning of one of
// Sphinx's long options, as argparse does.
func completeSphinxPrefixes(flags *pflag.FlagSet) {
	exact := map[string]bool{}
	flags.VisitAll(func(f *pflag.Flag) { exact[f.Name] = true })
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "" || exact[name] {
			return pflag.NormalizedName(name)
		}
		matches := slices.DeleteFunc(slices.Clone(sphinxLong), func(long string) bool { return !strings.HasPrefix(long, name) })
		if len(matches) == 1 {
			return pflag.NormalizedName(matches[0])
		}
		return pflag.NormalizedName(name)
	})
}
