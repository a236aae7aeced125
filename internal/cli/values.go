package cli

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"docserve/internal/editor"
	"docserve/internal/shlex"
)

// The types of this file are pflag.Values: each knows how one kind of argument
// is written. Their String is empty because the help texts name the defaults.

// textValue is an argument that is taken as it is.
type textValue string

func (v *textValue) Set(s string) error { *v = textValue(s); return nil }
func (v *textValue) String() string     { return "" }
func (v *textValue) Type() string       { return "string" }

// editorValue is the name of an editor, or the form of its addresses.
type editorValue struct{ o *ServeOptions }

func (v editorValue) Set(s string) error {
	template, err := editor.Parse(s)
	if err != nil {
		return err
	}
	v.o.Editor = &template
	return nil
}
func (v editorValue) String() string { return "" }
func (v editorValue) Type() string   { return "editor" }

// listValue collects arguments. Unlike pflag's own it does not split at commas.
type listValue []string

func (v *listValue) Set(s string) error { *v = append(*v, s); return nil }
func (v *listValue) String() string     { return "" }
func (v *listValue) Type() string       { return "strings" }

// settingsValue collects name=value.
type settingsValue []string

func (v *settingsValue) Set(s string) error {
	if i := strings.IndexByte(s, '='); i <= 0 {
		return fmt.Errorf("want NAME=VALUE, got %q", s)
	}
	*v = append(*v, s)
	return nil
}
func (v *settingsValue) String() string { return "" }
func (v *settingsValue) Type() string   { return "settings" }

// commandsValue collects commands, split into words.
type commandsValue [][]string

func (v *commandsValue) Set(s string) error {
	words, err := shlex.Split(s)
	if err != nil {
		return fmt.Errorf("split %q: %w", s, err)
	}
	if len(words) == 0 {
		return errors.New("the command is empty")
	}
	*v = append(*v, words)
	return nil
}
func (v *commandsValue) String() string { return "" }
func (v *commandsValue) Type() string   { return "commands" }

// regexpsValue collects regular expressions.
type regexpsValue []*regexp.Regexp

func (v *regexpsValue) Set(s string) error {
	re, err := regexp.Compile(s)
	if err != nil {
		hint := ""
		if strings.Contains(s, "(?!") || strings.Contains(s, "(?=") || strings.Contains(s, "(?<") {
			hint = " (there is no lookahead and lookbehind; several --re-ignore and --ignore '!GLOB' may do)"
		}
		return fmt.Errorf("compile %q: %w%s", s, err, hint)
	}
	*v = append(*v, re)
	return nil
}
func (v *regexpsValue) String() string { return "" }
func (v *regexpsValue) Type() string   { return "regexps" }

// builderValue is the name of a builder whose pages a browser can show.
type builderValue string

func (v *builderValue) Set(s string) error {
	if s == "" {
		return errors.New("the name is empty")
	}
	if slices.Contains(mute, s) {
		return fmt.Errorf("docserve serves HTML, and %q writes none; use sphinx-build for it", s)
	}
	*v = builderValue(s)
	return nil
}
func (v *builderValue) String() string { return "" }
func (v *builderValue) Type() string   { return "builder" }

// jobsValue is a number of processes; auto is 0.
type jobsValue int

func (v *jobsValue) Set(s string) error {
	if s == "auto" {
		*v = 0
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return fmt.Errorf("want a positive number or auto, got %q", s)
	}
	*v = jobsValue(n)
	return nil
}
func (v *jobsValue) String() string { return "" }
func (v *jobsValue) Type() string   { return "jobs" }

// portValue sets a port, and that it was set.
type portValue struct{ o *ServeOptions }

func (v portValue) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return fmt.Errorf("want a number from 0 to 65535, got %q", s)
	}
	v.o.Port, v.o.PortSet = int(n), true
	return nil
}
func (v portValue) String() string { return "" }
func (v portValue) Type() string   { return "port" }

// addressValue is the address under which others see the site.
type addressValue struct{ address **url.URL }

func (v addressValue) Set(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("want an address as https://docs.example.com/path/, got %q", s)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.RawPath != "" {
		return fmt.Errorf("want a scheme, a host and a plain path, no more, got %q", s)
	}
	clean := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: path.Join("/", u.Path)}
	if clean.Path != "/" {
		clean.Path += "/"
	}
	*v.address = &clean
	return nil
}
func (v addressValue) String() string { return "" }
func (v addressValue) Type() string   { return "url" }

// secondsValue is a duration as a number of seconds, as sphinx-autobuild's.
type secondsValue time.Duration

func (v *secondsValue) Set(s string) error {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n <= math.MaxInt32) {
		return fmt.Errorf("want a number of seconds, got %q", s)
	}
	*v = secondsValue(n * float64(time.Second))
	return nil
}
func (v *secondsValue) String() string { return "" }
func (v *secondsValue) Type() string   { return "seconds" }

// durationValue is a duration with its unit.
type durationValue time.Duration

func (v *durationValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return fmt.Errorf("want a duration with its unit, as 50ms or 1s, got %q", s)
	}
	*v = durationValue(d)
	return nil
}
func (v *durationValue) String() string { return "" }
func (v *durationValue) Type() string   { return "duration" }

// pollAuto is the argument of --poll when it has none.
const pollAuto = "auto"

// pollValue turns polling on, and may say how often.
type pollValue struct{ o *ServeOptions }

func (v pollValue) Set(s string) error {
	every := time.Duration(0)
	if s != pollAuto {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			return fmt.Errorf("want a duration with its unit, as 500ms or 2s, got %q", s)
		}
		every = d
	}
	v.o.Poll, v.o.PollEvery = true, every
	return nil
}
func (v pollValue) String() string { return "" }
func (v pollValue) Type() string   { return "duration" }

// limitValue is a duration that is not 0.
type limitValue time.Duration

func (v *limitValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("want a duration above 0 with its unit, as 90s or 2m, got %q", s)
	}
	*v = limitValue(d)
	return nil
}
func (v *limitValue) String() string { return "" }
func (v *limitValue) Type() string   { return "duration" }

// formatValue is the name of a log format.
type formatValue string

func (v *formatValue) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("want text or json, got %q", s)
	}
	*v = formatValue(s)
	return nil
}
func (v *formatValue) String() string { return "" }
func (v *formatValue) Type() string   { return "format" }

// colorValue is one of two opposite options, of which the last one counts.
type colorValue struct {
	color **bool
	on    bool
}

func (v colorValue) Set(s string) error {
	given, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("want no argument, got %q", s)
	}
	on := given == v.on
	*v.color = &on
	return nil
}
func (v colorValue) String() string { return "" }
func (v colorValue) Type() string   { return "bool" }
