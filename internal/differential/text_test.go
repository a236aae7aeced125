package differential

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// heading is a title with its line below, in reStructuredText.
var heading = regexp.MustCompile(`(?m)^([^\s.:|=~\-][^\n]*)\n(=+|-+|~+)\n`)

// hashed is a heading in Markdown.
var hashed = regexp.MustCompile(`(?m)^(#+) ([^\n]*)$`)

// underlined returns a heading in reStructuredText.
func underlined(title, line string) string {
	return title + "\n" + strings.Repeat(line[:1], max(1, utf8.RuneCountInString(title))) + "\n"
}

// words are what titles and sentences are made of. There are few, so that equal
// titles come up.
var words = []string{
	"Amber", "Brook", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Über", "Straße", "running", "sharpest", "knives", "C++", "x_1",
}

func title(d dice) string {
	t := pick(d, words)
	for d.IntN(2) == 0 {
		t += " " + pick(d, words)
	}
	return t
}

// Names come from small pools, so that what is renamed meets references to it,
// and others of the same name.
var (
	labels    = []string{"lab-a", "lab-b", "lab-c", "lab-d", "lab-e", "lab-f", "lab-g", "lab-h", "lab-z", "md-a", "md-b"}
	functions = []string{"slice_it", "cut_it", "peel_it", "fold_it", "carve_it"}
	classes   = []string{"Knife", "Broken", "Circle", "Point"}
	modules   = []string{"alpha", "beta", "gamma"}
	terms     = []string{"blade", "handle", "knife", "Knife", "edge", "größe"}
	citations = []string{"BOOK", "TOME", "Leaf"}
	options   = []string{"--sharp", "-v", "--dull"}
	variables = []string{"HOME_DIR", "AWAY_DIR"}
	equations = []string{"eq-a", "eq-b", "eq-c"}
	figures   = []string{"fig-a", "fig-b", "fig-c", "fig-md", "tab-a", "code-a", "chap-first", "chap-second", "sect-two"}
	cnames    = []string{"open_it", "close_it", "handle_t", "LIMIT"}
	scripts   = []string{"openIt", "Widget", "closeIt"}
	roles     = []string{"strange", "curious"}
	tokens    = []string{"expr", "term", "factor"}
	pictures  = []string{"/pics/x/pic.svg", "/pics/y/pic.svg", "/pics/z/pic.svg", "/pics/other.svg"}
)

// reference returns a reference of any kind, to something that may exist.
func (p *project) reference(d dice) string {
	document := docname(pick(d, p.docs()))
	forms := []func() string{
		func() string { return ":ref:`" + pick(d, labels) + "`" },
		func() string { return ":ref:`text <" + pick(d, labels) + ">`" },
		func() string { return ":doc:`/" + document + "`" },
		func() string { return ":doc:`text </" + document + ">`" },
		func() string { return ":term:`" + pick(d, terms) + "`" },
		func() string { return ":py:func:`" + pick(d, functions) + "`" },
		func() string { return ":py:func:`." + pick(d, functions) + "`" },
		func() string { return ":py:class:`." + pick(d, classes) + "`" },
		func() string { return ":py:mod:`" + pick(d, modules) + "`" },
		func() string { return ":py:obj:`" + pick(d, modules) + "." + pick(d, functions) + "`" },
		func() string { return ":any:`" + pick(d, append(append(labels, functions...), terms...)) + "`" },
		func() string { return ":option:`" + pick(d, options) + "`" },
		func() string { return ":option:`tool " + pick(d, options) + "`" },
		func() string { return ":envvar:`" + pick(d, variables) + "`" },
		func() string { return "[" + pick(d, citations) + "]_" },
		func() string { return ":numref:`" + pick(d, figures) + "`" },
		func() string { return ":ref:`" + pick(d, figures) + "`" },
		func() string { return ":eq:`" + pick(d, equations) + "`" },
		func() string { return ":math:numref:`" + pick(d, equations) + "`" },
		func() string { return ":token:`grammar:" + pick(d, tokens) + "`" },
		func() string { return ":c:func:`" + pick(d, cnames) + "`" },
		func() string { return ":c:expr:`" + pick(d, cnames) + " + 1`" },
		func() string { return ":cpp:any:`geo::" + pick(d, cnames) + "`" },
		func() string { return ":js:func:`" + pick(d, scripts) + "`" },
		func() string { return ":rst:dir:`box`" },
		func() string { return ":" + pick(d, roles) + ":`word`" },
		func() string {
			return ":ref:`" + document + ":" + pick(d, []string{"Details", "Part", "History"}) + "`"
		},
		func() string { return ":download:`/data/file.bin`" },
		func() string { return ":ticket:`7`" },
		func() string { return "|product|" },
		func() string { return ":index:`" + pick(d, words) + "`" },
	}
	return pick(d, forms)()
}

// sentence returns a paragraph, with references in one of two.
func (p *project) sentence(d dice) string {
	s := fmt.Sprintf("Some %s and %s.", pick(d, words[:8]), pick(d, words[:11]))
	for d.IntN(2) == 0 {
		s += " " + p.reference(d)
	}
	return s
}

// kind is a kind of block, with the pool that its name is from.
type kind struct {
	name  string
	start string   // expression for the beginning of the line up to the name
	names []string // nil for what has no name
	text  string   // %s is the name
}

// kinds are all blocks that edits add, remove, move and rename.
var kinds = []kind{
	{"label", `\.\. _`, labels, ".. _%s:\n\nTarget text.\n"},
	{"Python function", `\.\. py:function:: `, functions, ".. py:function:: %s(x)\n\n   Function.\n"},
	{"Python class", `\.\. py:(?:class|exception):: `, classes, ".. py:class:: %s\n\n   .. py:method:: sharpen()\n"},
	{"Python module", `\.\. py:module:: `, modules, ".. py:module:: %s\n   :synopsis: A module.\n"},
	{"glossary", `\.\. glossary::\n\n   `, terms, ".. glossary::\n\n   %s\n      A term.\n"},
	{"citation", `\.\. \[`, citations, ".. [%s] Cited.\n"},
	{"option", `\.\. option:: `, options, ".. option:: %s\n\n   An option.\n"},
	{"variable", `\.\. envvar:: `, variables, ".. envvar:: %s\n\n   A variable.\n"},
	{"equation", `\.\. math::[^\n]*\n   :label: `, equations, ".. math::\n   :label: %s\n\n   x = y\n"},
	{"figure", `\.\. figure:: /?pics/[a-z/]+\.svg\n   :name: `, figures[:4], ".. figure:: /pics/other.svg\n   :name: %s\n\n   A caption\n"},
	{"C object", `\.\. c:[a-z]+:: (?:int )?`, cnames, ".. c:macro:: %s\n"},
	{"C++ object", `\.\. cpp:function:: (?:void )?`, cnames[:2], ".. cpp:namespace:: geo\n\n.. cpp:function:: void %s(int q)\n"},
	{"script object", `\.\. js:(?:function|class):: `, scripts, ".. js:function:: %s(a)\n"},
	{"role", `\.\. role:: `, roles, ".. role:: %s\n\nA paragraph after a role.\n"},
	{"production", `\.\. productionlist:: grammar\n   `, tokens, ".. productionlist:: grammar\n   %s: \"a\" | \"b\"\n"},
	{"picture", `\.\. image:: `, pictures, ".. image:: %s\n"},
	{"todo", `\.\. todo:: `, words[:8], ".. todo:: Do %s.\n"},
	{"mark", `\.\. mark:: `, words[:8], ".. mark:: %s\n"},
	{"index entry", `\.\. index:: single: `, words[:8], ".. index:: single: %s\n"},
	{"code", `\.\. code-block:: python\n   :caption: `, words[:8], ".. code-block:: python\n   :caption: %s\n   :name: code-a\n\n   print(2)\n"},
	{"literal include", `\.\. literalinclude:: `, []string{"/inc/sample.py", "/tools.py", "/inc/missing.py"}, ".. literalinclude:: %s\n"},
	{"include", `\.\. include:: `, []string{"/inc/part.txt", "/inc/nested.txt", "/data/values.csv", "/alone.rst"}, ".. include:: %s\n"},
	{"table of a file", `\.\. csv-table:: Values\n   :file: `, []string{"/data/values.csv"}, ".. csv-table:: Values\n   :file: %s\n"},
	{"module page", `\.\. automodule:: `, []string{"shapes.round", "shapes.base", "tools"}, ".. automodule:: %s\n   :members:\n   :no-index:\n"},
	{"list of todos", `\.\. todolist::`, nil, ".. todolist::\n"},
	{"list of marks", `\.\. marklist::`, nil, ".. marklist::\n"},
	{"condition", `\.\. (?:only|ifconfig):: `, []string{"html", "latex"}, ".. only:: %s\n\n   Conditional text. :ref:`lab-a`\n"},
	{"footnote", `\.\. \[#`, []string{"auto", "note"}, "Note. [#%[1]s]_\n\n.. [#%[1]s] A footnote.\n"},
	{"local contents", `\.\. contents::`, nil, ".. contents::\n   :local:\n"},
	{"substitution", `\.\. \|`, []string{"sub"}, ".. |%[1]s| replace:: substituted\n\nA |%[1]s|.\n"},
	{"directive", `\.\. rst:directive:: `, []string{"box", "crate"}, ".. rst:directive:: %s\n"},
	{"change", `\.\. version(?:added|changed|removed):: `, []string{"1.0", "2.0"}, ".. versionchanged:: %s\n   Something.\n"},
	{"anonymous block", `\.\. (?:note|rubric|admonition)::`, nil, ".. note:: A note.\n\n   With a second paragraph. :ref:`lab-b`\n"},
}

func (k kind) block(d dice) string {
	if k.names == nil {
		return k.text
	}
	return fmt.Sprintf(k.text, pick(d, k.names))
}
