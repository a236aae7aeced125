package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"docserve/internal/nearest"
)

// explainFlagError turns pflag's errors into usage errors that say what to type
// instead.
func explainFlagError(cmd *cobra.Command, err error) error {
	var (
		unknown  *pflag.NotExistError
		missing  *pflag.ValueRequiredError
		invalid  *pflag.InvalidValueError
		help     = fmt.Sprintf("docserve %s --help lists all options", cmd.Name())
		flags    = cmd.Flags()
		problem  string
		solution = help
	)
	switch {
	case errors.As(err, &unknown):
		typed := "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			typed = "-" + short
		}
		problem = "unknown option " + typed
		if near := nearestOption(strings.TrimLeft(typed, "-"), flags); near != "" {
			solution = "did you mean " + near + "?"
		}
	case errors.As(err, &missing):
		problem, solution = spelled(missing.GetFlag())+" needs "+argument(missing.GetFlag()), ""
	case errors.As(err, &invalid):
		problem, solution = spelled(invalid.GetFlag())+": "+invalid.Unwrap().Error(), ""
	default:
		problem = err.Error()
	}
	return &UsageError{Message: problem, Hint: solution}
}

// checkArguments refuses an option in the place of another one's argument, as
// argparse does: in "--port --open-browser" a number is missing, while pflag
// would take what follows as it is. It also refuses an interval that is not
// joined to --poll.
func checkArguments(flags *pflag.FlagSet, args []string) error {
	for i, arg := range args {
		if arg == "--" || i == len(args)-1 {
			return nil
		}
		f, next := wantsNext(flags, arg), args[i+1]
		if f != nil && isOption(flags, next) {
			name := strings.TrimPrefix(spelled(f), "-"+f.Shorthand+"/")
			return &UsageError{
				Message: fmt.Sprintf("%s needs %s, but an option follows: %s", spelled(f), argument(f), next),
				Hint:    fmt.Sprintf("write %s=%s if that is meant", name, next),
			}
		}
		if _, err := time.ParseDuration(next); arg == "--poll" && err == nil {
			// It would be SOURCEDIR, and what follows it the output directory.
			return &UsageError{Message: "the interval of --poll is joined to it", Hint: "write --poll=" + next}
		}
	}
	return nil
}

// wantsNext returns the option whose argument is the word after arg, or nil.
func wantsNext(flags *pflag.FlagSet, arg string) *pflag.Flag {
	if strings.Contains(arg, "=") || !strings.HasPrefix(arg, "-") {
		return nil
	}
	if long, ok := strings.CutPrefix(arg, "--"); ok {
		if f := flags.Lookup(long); f != nil && f.NoOptDefVal == "" {
			return f
		}
		return nil
	}
	for i := 1; i < len(arg); i++ {
		f := flags.ShorthandLookup(arg[i : i+1])
		switch {
		case f == nil:
			return nil
		case f.NoOptDefVal == "" && i == len(arg)-1:
			return f
		case f.NoOptDefVal == "":
			return nil // the rest of the word is its argument
		}
	}
	return nil
}

// isOption reports whether arg is one of the options of flags.
func isOption(flags *pflag.FlagSet, arg string) bool {
	if long, ok := strings.CutPrefix(arg, "--"); ok {
		long, _, _ = strings.Cut(long, "=")
		return long != "" && flags.Lookup(long) != nil
	}
	return len(arg) == 2 && arg[0] == '-' && flags.ShorthandLookup(arg[1:]) != nil
}

// spelled returns an option as people know it: Sphinx documents short forms.
func spelled(f *pflag.Flag) string {
	if f.Shorthand == "" {
		return "--" + f.Name
	}
	return "-" + f.Shorthand + "/--" + f.Name
}

func argument(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	if name == "" {
		return "an argument"
	}
	return name
}

// nearestOption returns the long option, with its dashes, that was most probably
// meant by typed, or "".
func nearestOption(typed string, flags *pflag.FlagSet) string {
	typed, _, _ = strings.Cut(typed, "=")
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if name := nearest.Name(typed, names); name != "" {
		return "--" + name
	}
	return ""
}
