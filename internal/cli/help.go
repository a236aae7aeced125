package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	helpWidth  = 96 // columns; fits into 100 with a scroll bar
	helpIndent = 30 // where the explanations start
)

// intros say in a few lines what a command is for, by its name.
var intros = map[string]string{
	Serve: `Usage: docserve [serve] [options] [SOURCEDIR [OUTPUTDIR [FILENAMES…]]]

Serves a Sphinx project, and shows each save in the browser.

Without SOURCEDIR it is the first of ., docs, doc, source, docs/source and doc/source that holds a
conf.py. Without OUTPUTDIR it is where the project's Makefile puts HTML. FILENAMES limit the build
to these documents. Command lines of sphinx-autobuild work unchanged.

Other commands: docserve demo [DIR] writes a sample project and serves it; docserve verify compares
the output directory with a clean build; docserve generate makes the files that the project's rules
make; docserve doctor checks what docserve needs, and prints a report; docserve graph says what
depends on what, and why pages were rebuilt; docserve version.`,
	Verify: `Usage: docserve verify [options] [SOURCEDIR [OUTPUTDIR]]

Compares OUTPUTDIR with what a clean sphinx-build writes, file by file, and the warnings too. If a
docserve is running for OUTPUTDIR, that one is asked; otherwise OUTPUTDIR is brought up to date
first. Exit code 0: equal; 1: different, or it cannot be built; 2: wrong usage.`,
	Doctor: `Usage: docserve doctor [options] [SOURCEDIR [OUTPUTDIR]]

Checks what docserve needs, as serve would find it with the same options: Python, Sphinx, extensions,
directories, file watching, port, clock. It builds nothing, and prints a report that can be pasted
into a bug report. Exit code 0: no problem; 1: there are problems; 2: wrong usage.`,
	Graph: `Usage: docserve graph [options] QUERY [FILE…]

Says what depends on what in a project: asks the docserve that runs for it, or else looks at what
the last session has left. It builds nothing. QUERY is one of

  why FILE…        why these documents were read, and their pages written, last
  deps FILE…       what these documents are made from
  rdeps FILE…      which documents are made from these files
  unused [DIR…]    files among the sources that no document is made from
  once [DIR…]      files that exactly one document is made from
  changed [FILE…]  documents that are made from changed files: from these, or from those that
                   differ from git's HEAD
  cycles [FILE…]   files that include each other

FILE is the name of a file, relative to the current or to the source directory, or of a document.
Exit code 0: there is an answer; 1: there is none; 2: wrong usage.`,
	Generate: `Usage: docserve generate [options] [SOURCEDIR [OUTPUTDIR]]

Makes the files that the rules in docserve.toml (or [tool.docserve] in pyproject.toml) make, as far as
they are not up to date, and deletes those whose sources are gone. Exit code 0: all are as they should
be; 1: something would change (--check), or cannot be made; 2: wrong usage.`,
	Demo: `Usage: docserve demo [options] [DIR]

Writes a small sample project to DIR, and serves it. If no Python with Sphinx is found, it makes a
virtual environment for it in the user's cache.`,
	Version: `Usage: docserve version

Says which docserve this is.`,
}

// writeHelp is cobra's help function. The help of docserve itself is that of
// its default command.
func writeHelp(cmd *cobra.Command, _ []string) {
	if !cmd.HasParent() {
		for _, c := range cmd.Commands() {
			if c.Name() == Serve {
				cmd = c
			}
		}
	}
	writeCommandHelp(cmd.OutOrStdout(), cmd)
}

// writeCommandHelp writes the whole help in one piece, whose failure is of no
// interest: there is nobody to tell.
func writeCommandHelp(w io.Writer, cmd *cobra.Command) {
	var b strings.Builder
	b.WriteString(intros[cmd.Name()])
	b.WriteByte('\n')
	title := ""
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if g := f.Annotations[groupKey]; len(g) == 1 {
			if g[0] != title {
				title = g[0]
				fmt.Fprintf(&b, "\n%s:\n", title)
			}
			writeFlag(&b, f)
		}
	})
	_, _ = io.WriteString(w, b.String())
}

func writeFlag(b *strings.Builder, f *pflag.Flag) {
	arg, usage := pflag.UnquoteUsage(f)
	left := "      --" + f.Name
	if f.Shorthand != "" {
		left = "  -" + f.Shorthand + ", --" + f.Name
	}
	switch {
	case f.NoOptDefVal == "":
		left += " " + arg
	case strings.Contains(f.Usage, "`"):
		left += "[=" + arg + "]"
	}
	b.WriteString(left)
	column := len(left)
	if column > helpIndent-2 {
		b.WriteByte('\n')
		column = 0
	}
	for i, line := range wrap(usage, helpWidth-helpIndent) {
		if i > 0 {
			b.WriteByte('\n')
			column = 0
		}
		b.WriteString(strings.Repeat(" ", helpIndent-column))
		b.WriteString(line)
	}
	b.WriteByte('\n')
}

// wrap breaks text at spaces into lines of at most width columns.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
