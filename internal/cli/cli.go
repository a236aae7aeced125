// Package cli turns the words of a command line into plain data.
//
// It owns the names and meanings of docserve's options: they are registered
// here and nowhere else. They are a superset of sphinx-autobuild's, and with
// them of sphinx-build's, so that a command line that worked with either keeps
// working. The package reads no file and starts nothing: whether a directory
// exists is for others to find out.
package cli

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"docserve/internal/editor"
)

// The names of commands.
const (
	Serve    = "serve"
	Demo     = "demo"
	Verify   = "verify"
	Doctor   = "doctor"
	Graph    = "graph"
	Generate = "generate"
	Version  = "version" // answered on stdout by Parse
	Help     = "help"    // answered on stdout by Parse
)

// Command is a parsed command line.
type Command struct {
	Name     string
	Serve    *ServeOptions    // for Serve, Demo, Verify, Doctor, Graph and Generate
	Demo     *DemoOptions     // for Demo
	Verify   *VerifyOptions   // for Verify
	Graph    *GraphOptions    // for Graph
	Generate *GenerateOptions // for Generate

	args []string // that it was parsed from, with the command's name
}

// VerifyOptions are what only the verify command takes.
type VerifyOptions struct {
	Keep bool // leave the clean build where it is
}

// GenerateOptions are what only the generate command takes.
type GenerateOptions struct {
	Check  bool // change nothing, and say what would change
	Adopt  bool // overwrite outputs that docserve has not written
	Schema bool // print the JSON Schema of the configuration, and end

	Extension string // directory to write the Sphinx extension to, and end; "" is none
}

// DemoOptions are what only the demo command takes.
type DemoOptions struct {
	Dir string // where to write the sample project; "" leaves the choice to docserve
}

// ServeOptions are the options of the serve command. Paths are as they were
// typed.
type ServeOptions struct {
	Source    string   // "" means: look for it
	Output    string   // "" means: where the project's Makefile has it
	Filenames []string // build only these; empty for all

	// Building, with Sphinx's meaning.
	Builder            string // the name of one that writes HTML
	MakeMode           string // argument of -M: Output has a subdirectory of this name; "" without -M
	Doctrees           string
	ConfDir            string
	NoConfig           bool
	Defines            []string // -D, each name=value, in their order
	HTMLDefines        []string // -A, each name=value, in their order
	Tags               []string
	Nitpicky           bool
	Jobs               int // 0 means as many as there are processors, which is the default
	WriteAll           bool
	FreshEnv           bool
	FailOnWarning      bool
	KeepGoing          bool
	ExceptionOnWarning bool
	Traceback          bool
	Debugger           bool // --pdb
	WarningFile        string
	Audit              bool // look for pages that were wrongly thought fresh

	// Serving.
	Host         string
	Port         int  // 0 means a free one
	PortSet      bool // Port was asked for: another one will not do
	AllowedHosts []string
	PublicURL    *url.URL // with a slash at the end; nil when it was not said
	OpenBrowser  bool
	Delay        time.Duration // 0 unless asked for
	NoInitial    bool
	Editor       *editor.Template // what opens a file at a line; nil leaves it to a guess
	Follow       bool             // tabs go where something is edited
	NoHighlight  bool             // what has changed is not marked in the browser

	// Generating.
	NoTouch bool // leave the times of documents alone

	// Watching.
	Watch         []string
	Ignore        []string // globs in gitignore's syntax
	ReIgnore      []*regexp.Regexp
	Debounce      time.Duration // 0 means docserve's own judgement
	Poll          bool          // look at all files now and then, instead of waiting for events
	PollEvery     time.Duration // 0 means docserve's own judgement
	ExplainIgnore string        // say which rule ignores this path, and end; "" to serve

	// Python and processes.
	Python       string
	NoVenv       bool
	NoFork       bool
	Engine       string        // what was asked for: Worker or Subprocess; "" leaves it to ServeOptions.Plain
	BuildTimeout time.Duration // 0 means docserve's own judgement
	PreBuild     [][]string    // argument vectors
	PostBuild    [][]string

	// Output.
	Color     *bool // nil means as the terminal can
	Verbose   int
	Quiet     bool   // only warnings
	Silent    bool   // nothing at all
	LogFormat string // text or json
}

// UsageError is a command line that docserve cannot make sense of. The
// convention for it is exit code 2.
type UsageError struct {
	Message string
	Hint    string // what to type instead; may be empty
}

// Error returns message and hint.
func (e *UsageError) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + "; " + e.Hint
}

func usagef(format string, args ...any) *UsageError {
	return &UsageError{Message: fmt.Sprintf(format, args...)}
}

// Parse reads the arguments that follow the program's name. The first may name
// a command; otherwise the command is Serve. For Help and Version it writes the
// answer to stdout, and nothing is left to do. The error is a *UsageError, or
// trouble with stdout.
func Parse(args []string, stdout io.Writer) (*Command, error) {
	result := &Command{Name: Help}
	root := newRoot(result)
	root.SetOut(stdout)
	root.SetErr(stdout)
	args = withCommand(args)
	result.args = args
	root.SetArgs(args)
	if cmd, rest, err := root.Find(args); err == nil {
		if err := checkArguments(cmd.Flags(), rest); err != nil {
			return nil, err
		}
	}
	if err := root.Execute(); err != nil {
		return nil, err
	}
	if result.Name == Version {
		if _, err := fmt.Fprintln(stdout, "docserve "+VersionText()); err != nil {
			return nil, fmt.Errorf("write version: %w", err)
		}
	}
	return result, nil
}

// withCommand makes the default command explicit. Only the first word can name
// a command, so that "-t demo" and a directory called demo further on are never
// mistaken for one.
func withCommand(args []string) []string {
	if len(args) > 0 {
		switch args[0] {
		case Serve, Demo, Verify, Doctor, Graph, Generate, Version, Help:
			return args
		case "--version":
			return append([]string{Version}, args[1:]...)
		}
	}
	return append([]string{Serve}, args...)
}

func newRoot(result *Command) *cobra.Command {
	root := &cobra.Command{
		Use:               "docserve",
		Short:             "Live preview of Sphinx documentation",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(explainFlagError)
	root.SetHelpFunc(writeHelp)
	root.AddCommand(newServe(result), newDemo(result), newVerify(result), newDoctor(result), newGraph(result), newGenerate(result), newVersion(result))
	return root
}

func newServe(result *Command) *cobra.Command {
	var (
		opts    ServeOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "serve [options] [SOURCEDIR [OUTPUTDIR [FILENAMES…]]]",
		Short: "Serve a documentation project, and show each save in the browser (the default)",
		Args:  cobra.ArbitraryArgs,
		RunE:  result.accept(Serve, &opts, &version, ""),
	}
	addGroups(cmd, servingFlags(&opts), watchingFlags(&opts), generatingFlags(&opts, nil), buildingFlags(&opts), checkingFlags(&opts, nil), processFlags(&opts), outputFlags(&opts, &version))
	completeSphinxPrefixes(cmd.Flags())
	return cmd
}

// accept takes over the command line of a command that is about a project. One
// that works on all pages refuses FILENAMES, in these words; "" takes them.
func (c *Command) accept(name string, opts *ServeOptions, version *bool, refusal string) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		if *version {
			c.Name = Version
			return nil
		}
		if refusal != "" && len(args) > 2 {
			return &UsageError{Message: refusal}
		}
		opts.positional(args)
		if err := opts.check(); err != nil {
			return err
		}
		if name == Verify && opts.Debugger {
			return &UsageError{Message: "verify takes no -P/--pdb: it is over before anybody could debug anything"}
		}
		c.Name, c.Serve = name, opts
		return nil
	}
}

func newVerify(result *Command) *cobra.Command {
	var (
		opts    ServeOptions
		checks  VerifyOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "verify [options] [SOURCEDIR [OUTPUTDIR]]",
		Short: "Compare the output directory with a clean build",
		Args:  cobra.ArbitraryArgs,
		RunE:  result.accept(Verify, &opts, &version, "verify takes SOURCEDIR and OUTPUTDIR, and compares all pages"),
		PostRun: func(*cobra.Command, []string) {
			if result.Name == Verify {
				result.Verify = &checks
			}
		},
	}
	addGroups(cmd, checkingFlags(&opts, &checks), watchingFlags(&opts), generatingFlags(&opts, nil), buildingFlags(&opts), processFlags(&opts), outputFlags(&opts, &version))
	completeSphinxPrefixes(cmd.Flags())
	return cmd
}

func newDoctor(result *Command) *cobra.Command {
	var (
		opts    ServeOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "doctor [options] [SOURCEDIR [OUTPUTDIR]]",
		Short: "Check what docserve needs, and print a report",
		Args:  cobra.ArbitraryArgs,
		RunE:  result.accept(Doctor, &opts, &version, "doctor takes SOURCEDIR and OUTPUTDIR, and looks at no single page"),
	}
	addGroups(cmd, servingFlags(&opts), watchingFlags(&opts), generatingFlags(&opts, nil), buildingFlags(&opts), checkingFlags(&opts, nil), processFlags(&opts), outputFlags(&opts, &version))
	completeSphinxPrefixes(cmd.Flags())
	return cmd
}

func newGenerate(result *Command) *cobra.Command {
	var (
		opts    ServeOptions
		wants   GenerateOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "generate [options] [SOURCEDIR [OUTPUTDIR]]",
		Short: "Make the files that the project's rules make",
		Args:  cobra.ArbitraryArgs,
		RunE:  result.accept(Generate, &opts, &version, "generate takes SOURCEDIR and OUTPUTDIR, and makes all files"),
		PostRunE: func(*cobra.Command, []string) error {
			if wants.Check && wants.Adopt {
				return usagef("--check changes nothing, and --adopt is about what may be overwritten")
			}
			if result.Name == Generate {
				result.Generate = &wants
			}
			return nil
		},
	}
	addGroups(cmd, generatingFlags(&opts, &wants), watchingFlags(&opts), buildingFlags(&opts), processFlags(&opts), outputFlags(&opts, &version))
	completeSphinxPrefixes(cmd.Flags())
	return cmd
}

func newDemo(result *Command) *cobra.Command {
	var (
		opts    ServeOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "demo [options] [DIR]",
		Short: "Write a small sample project to DIR and serve it",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if version {
				result.Name = Version
				return nil
			}
			if len(args) > 1 {
				return usagef("demo takes one directory, not %d", len(args))
			}
			dir := strings.Join(args, "")
			result.Name, result.Serve, result.Demo = Demo, &opts, &DemoOptions{Dir: dir}
			return opts.check()
		},
	}
	addGroups(cmd, servingFlags(&opts), processFlags(&opts), outputFlags(&opts, &version))
	return cmd
}

func newVersion(result *Command) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which docserve this is",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("version takes no arguments")
			}
			result.Name = Version
			return nil
		},
	}
}

// VersionText says what the build recorded, a release tag or the commit, and what
// it is for.
func VersionText() string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return fmt.Sprintf("%s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (o *ServeOptions) positional(args []string) {
	if len(args) > 0 {
		o.Source = args[0]
	}
	if len(args) > 1 {
		o.Output = args[1]
	}
	if len(args) > 2 {
		o.Filenames = args[2:]
	}
}

// check judges what no single option can judge for itself.
func (o *ServeOptions) check() error {
	if o.WriteAll && len(o.Filenames) > 0 {
		return usagef("cannot combine -a option and filenames")
	}
	if o.MakeMode != "" && o.Source != "" && o.Output == "" {
		return usagef("-M %s needs SOURCEDIR and OUTPUTDIR", o.MakeMode)
	}
	// As in sphinx-build, -b after -M changes the builder, not the directory.
	if o.Builder == "" {
		o.Builder = o.MakeMode
	}
	if o.Builder == "" {
		o.Builder = "html"
	}
	return o.checkEngine()
}
