// Package config reads docserve's configuration file: docserve.toml, or the table
// [tool.docserve] of pyproject.toml.
//
// It owns where that file is looked for, what may be in it, and how mistakes are
// told: all at once, each with its line and the nearest valid name. What the
// settings of the command line are called it is told; what rules do is not its
// business. A project needs no such file.
package config

import (
	"fmt"
	"strings"
)

// Config is what a configuration file says. The zero Config is that of a project
// without one.
type Config struct {
	Path       string // absolute; "" without a file
	Dir        string // absolute: what the patterns and files in it are relative to
	Rules      []Rule
	Depends    []Depends
	Before     []Hook
	After      []Hook
	Structured Structured
	Options    []Option
}

// Rule says what is made from which files, and how.
type Rule struct {
	Line    int
	Name    string   // for messages; "" when it has none
	Inputs  []string // globs
	Exclude []string // globs of inputs that are none
	Outputs []string // patterns; empty for a kind that has its own

	// One of these three is set.
	Kind     string // of structured content
	Template string // file
	Command  []string

	Shell   bool // Command is one text for the shell
	Env     map[string]string
	Depfile string // pattern of the file in which the command says what it has read; "" for none
	Restat  bool   // the command finds its last outputs, and may leave them alone
	Data    map[string]string
}

// Depends says which documents must be read again when which files change.
type Depends struct {
	Line      int
	Documents []string // globs
	Files     []string // globs
}

// Hook is a command that runs before or after builds.
type Hook struct {
	Line    int
	Command []string
	Shell   bool // Command is one text for the shell
	Env     map[string]string
}

// Structured is what all rules for structured content share.
type Structured struct {
	Includes     string // directory, relative to Dir; "" is the kinds' choice
	Templates    string // directory, relative to Dir; "" is the kinds' choice
	Editions     []string
	Replacements map[string]string
}

// Option is an option of the command line.
type Option struct {
	Line   int
	Name   string   // without dashes
	Values []string // one for each time that it is given; a switch has "true" or "false"
}

// Problem is one mistake in a configuration file.
type Problem struct {
	Path    string // absolute
	Line    int    // from 1
	Column  int    // from 1; 0 when the line says it all
	Message string
	Hint    string
}

// String gives a problem in the form that terminals and editors can follow.
func (p Problem) String() string {
	place := fmt.Sprintf("%s:%d: ", p.Path, p.Line)
	if p.Column > 0 {
		place = fmt.Sprintf("%s:%d:%d: ", p.Path, p.Line, p.Column)
	}
	if p.Hint == "" {
		return place + p.Message
	}
	return place + p.Message + "; " + p.Hint
}

// Error is a configuration file with mistakes; it has all of them, by line.
type Error struct{ Problems []Problem }

// Error returns one line for each problem.
func (e *Error) Error() string {
	lines := []string{"the configuration has mistakes"}
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}
