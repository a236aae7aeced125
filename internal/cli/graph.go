package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// GraphOptions are what only the graph command takes.
type GraphOptions struct {
	Query  string   // what is asked: not checked here
	Files  []string // as they were typed
	Format string   // one of Formats
	Depth  int      // levels of a tree; 0 is all
	Since  string   // a revision of git; "" is HEAD
}

// The formats of an answer.
const (
	Text = "text"
	JSON = "json"
	Dot  = "dot"
)

// Formats are all of them.
var Formats = []string{Text, JSON, Dot}

func newGraph(result *Command) *cobra.Command {
	var (
		opts    ServeOptions
		asked   GraphOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "graph [options] QUERY [FILE…]",
		Short: "Say what depends on what, and why pages were rebuilt",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if version {
				result.Name = Version
				return nil
			}
			if len(args) == 0 {
				return &UsageError{Message: "graph needs to know what is asked: why, deps, rdeps, unused, once, changed or cycles", Hint: "docserve graph --help says more"}
			}
			asked.Query, asked.Files = args[0], args[1:]
			if err := asked.check(cmd); err != nil {
				return err
			}
			result.Name, result.Serve, result.Graph = Graph, &opts, &asked
			return opts.check()
		},
	}
	addGroups(cmd, askingFlags(&asked), placeFlags(&opts, &version))
	completeSphinxPrefixes(cmd.Flags())
	return cmd
}

// check refuses an option that has no effect on the query.
func (o *GraphOptions) check(cmd *cobra.Command) error {
	for _, each := range []struct {
		option  string
		queries []string
	}{{"depth", []string{"deps", "rdeps"}}, {"since", []string{"changed"}}} {
		if cmd.Flags().Changed(each.option) && !slices.Contains(each.queries, o.Query) {
			return usagef("--%s is for graph %s", each.option, strings.Join(each.queries, " and "))
		}
	}
	if o.Since != "" && len(o.Files) > 0 {
		return usagef("graph changed takes files that have changed, or --since to have git find them, not both")
	}
	return nil
}

func askingFlags(o *GraphOptions) group {
	g := newGroup("Answers")
	o.Format = Text
	g.value((*graphFormatValue)(&o.Format), "format", "", "`FORMAT` of the answer: text, json, or dot for Graphviz (default text)")
	g.value((*depthValue)(&o.Depth), "depth", "", "for deps and rdeps: show `N` levels (default all)")
	g.value((*textValue)(&o.Since), "since", "", "for changed: what differs from the revision `REV` of git (default HEAD)")
	return g
}

// placeFlags say which project is meant, as the arguments of other commands do.
func placeFlags(o *ServeOptions, version *bool) group {
	g := newGroup("Project")
	g.value((*textValue)(&o.Source), "source", "", "`SOURCEDIR` (default: as for serve, here or in a directory above)")
	g.value((*textValue)(&o.Output), "output", "", "`OUTPUTDIR` (default: as for serve)")
	g.value((*builderValue)(&o.Builder), "builder", "b", "`BUILDER` with which the project is built (default html)")
	g.value((*builderValue)(&o.MakeMode), "make-mode", "M", "the same, and where: `BUILDER`, for pages in OUTPUTDIR/BUILDER and doctrees in OUTPUTDIR/doctrees")
	g.value((*textValue)(&o.Doctrees), "doctree-dir", "d", "`PATH` of doctrees and environment (default OUTPUTDIR/.doctrees)")
	g.value((*textValue)(&o.ConfDir), "conf-dir", "c", "`PATH` of the directory that holds conf.py (default SOURCEDIR)")
	g.BoolVarP(&o.NoConfig, "isolated", "C", false, "the project has no conf.py")
	g.value((*listValue)(&o.Ignore), "ignore", "", "without a server: ignore files that match `GLOB`; can be repeated")
	g.value((*regexpsValue)(&o.ReIgnore), "re-ignore", "", "without a server: ignore files whose path matches `RE`; can be repeated")
	g.BoolVar(version, "version", false, "show docserve's version and exit")
	return g
}

// graphFormatValue is the name of a format.
type graphFormatValue string

func (v *graphFormatValue) Set(s string) error {
	if !slices.Contains(Formats, s) {
		return fmt.Errorf("want text, json or dot, got %q", s)
	}
	*v = graphFormatValue(s)
	return nil
}
func (v *graphFormatValue) String() string { return "" }
func (v *graphFormatValue) Type() string   { return "format" }

// depthValue is a number of levels.
type depthValue int

func (v *depthValue) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return fmt.Errorf("want a number of levels, 1 or more, got %q", s)
	}
	*v = depthValue(n)
	return nil
}
func (v *depthValue) String() string { return "" }
func (v *depthValue) Type() string   { return "number" }
