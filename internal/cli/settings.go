package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"docserve/internal/config"
)

// notSettings are options that make no sense in a file: they ask for something
// else than what the command does, or say where the file is looked for.
var notSettings = []string{"version", "help", "explain-ignore", "conf-dir", "isolated", "make-mode", "pdb"}

// pathSettings are options whose argument is a file or a directory. In a file it
// is relative to that file, not to where somebody happens to be.
var pathSettings = []string{"watch", "doctree-dir", "warning-file"}

// Settings returns the options that a configuration file may have.
func Settings() []config.Setting {
	var (
		opts     ServeOptions
		version  bool
		settings []config.Setting
	)
	for _, g := range []group{
		servingFlags(&opts), watchingFlags(&opts), generatingFlags(&opts, nil), buildingFlags(&opts),
		checkingFlags(&opts, nil), processFlags(&opts), outputFlags(&opts, &version),
	} {
		g.VisitAll(func(f *pflag.Flag) {
			if slices.Contains(notSettings, f.Name) {
				return
			}
			_, usage := pflag.UnquoteUsage(f)
			settings = append(settings, config.Setting{
				Name: f.Name, Type: settingType(f), Usage: usage, Path: slices.Contains(pathSettings, f.Name), Check: f.Value.Set,
			})
		})
	}
	return settings
}

// settingType says what the value of an option is in a file.
func settingType(f *pflag.Flag) config.Type {
	switch f.Value.Type() {
	case "bool":
		return config.Switch
	case "count":
		return config.Count
	case "strings", "settings", "commands", "regexps":
		return config.List
	}
	return config.Text
}

// With returns the command with the options of a configuration file, as if they
// had been typed before all others: what is typed wins, and lists are joined. Those
// that are not the command's count for others.
// The demo command has none. The error is a *UsageError about a combination.
func (c *Command) With(options []config.Option) (*Command, error) {
	if len(options) == 0 || c.Name == Demo {
		return c, nil
	}
	args := []string{c.args[0]}
	flags, _, err := newRoot(&Command{}).Find(args)
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		if flags.Flags().Lookup(o.Name) == nil {
			continue // it is one of serve's alone
		}
		for _, value := range o.Values {
			args = append(args, fmt.Sprintf("--%s=%s", o.Name, value))
		}
	}
	return Parse(append(args, c.args[1:]...), nil)
}
