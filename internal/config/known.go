package config

import "slices"

// Known is what a configuration may name that others define.
type Known struct {
	Settings []Setting // options of the command line

	// Kinds returns the names of the kinds of structured content that there are for
	// the project in a directory, sorted; nil is none.
	Kinds func(dir string, s Structured) []string
}

// Type is the form of a setting's value.
type Type string

// The types.
const (
	Switch Type = "boolean"
	Count  Type = "integer" // how often a switch is given
	Text   Type = "string"  // a number will do where it is one
	List   Type = "array"   // of strings; a single string will do
)

// Setting is an option of the command line.
type Setting struct {
	Name  string // without dashes
	Type  Type
	Usage string
	Path  bool                    // its value is a file or a directory, relative to that of the configuration
	Check func(text string) error // nil accepts everything
}

func (k Known) setting(name string) (Setting, bool) {
	i := slices.IndexFunc(k.Settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return k.Settings[i], true
}

func (k Known) names() []string {
	var names []string
	for _, s := range k.Settings {
		names = append(names, s.Name)
	}
	return names
}

// form is what the value of a key may be.
type form string

const (
	text        form = "a string"
	truth       form = "true or false"
	texts       form = "a string or a list of strings"
	words       form = "a list of strings (or, with shell = true, a string)"
	stringTable form = "a table of strings"
)

// key is one key of a table.
type key struct {
	name     string
	form     form
	required bool
	about    string
}

// table is one of the tables of a configuration.
type table struct {
	name     string
	repeated bool // [[name]]
	about    string
	keys     []key
}

// tables are all of them but [options]; the reader and the JSON Schema go by
// them.
var tables = []table{
	{"rule", true, "Makes files out of other files.", []key{
		{"name", text, false, "What messages call the rule."},
		{"inputs", texts, true, "Globs of the files that it is applied to; ** crosses directories."},
		{"exclude", texts, false, "Globs of files that it is not applied to."},
		{"outputs", texts, false, "Patterns of the files that it makes: {stem} {name} {ext} {dir} of the input. One for a template; a directory with a slash at its end takes whatever a command leaves. A kind has its own when it is left out."},
		{"kind", text, false, "The kind of structured content."},
		{"template", text, false, "The file of a Jinja template."},
		{"command", words, false, "A program and its arguments, with {input} {inputs} {output} {outputs} {outdir} {stem} {dir}."},
		{"shell", truth, false, "The command is one string, for the shell."},
		{"env", stringTable, false, "Environment variables of the command, beside docserve's own."},
		{"depfile", text, false, "Pattern of the file in which the command says what it has read, as a Makefile rule or as JSON."},
		{"restat", truth, false, "The command finds the outputs of last time in their place, and may leave them as they are."},
		{"data", stringTable, false, "Further files of data for the template, by the name under which it has them."},
	}},
	{"depends", true, "Documents that must be read again when files change of which Sphinx does not know.", []key{
		{"documents", texts, true, "Globs of the documents."},
		{"files", texts, true, "Globs of the files."},
	}},
	{"before", true, "A command that runs before each build; if it fails, the build is skipped.", hookKeys},
	{"after", true, "A command that runs after each successful build.", hookKeys},
	{"structured", false, "What all rules for structured content share.", []key{
		{"includes", text, false, "Directory in which the files that documents inherit from are looked for first."},
		{"templates", text, false, "Directory of the project's own templates of kinds."},
		{"editions", texts, false, "The editions that are built."},
		{"replacements", stringTable, false, "What tokens stand for."},
	}},
}

var hookKeys = []key{
	{"command", words, true, "A program and its arguments."},
	{"shell", truth, false, "The command is one string, for the shell."},
	{"env", stringTable, false, "Environment variables of the command, beside docserve's own."},
}

const (
	options      = "options"
	optionsAbout = "Options of the command line, without their dashes. What is typed wins."
)
