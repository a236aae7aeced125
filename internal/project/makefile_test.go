package project

import (
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

const quickstartMakefile = `# Minimal makefile for Sphinx documentation
#

# You can set these variables from the command line, and also
# from the environment for the first two.
SPHINXOPTS    ?=
SPHINXBUILD   ?= sphinx-build
SOURCEDIR     = .
BUILDDIR      = _build

# Put it first so that "make" without argument is like "make help".
help:
	@$(SPHINXBUILD) -M help "$(SOURCEDIR)" "$(BUILDDIR)" $(SPHINXOPTS) $(O)

.PHONY: help Makefile

%: Makefile
	@$(SPHINXBUILD) -M $@ "$(SOURCEDIR)" "$(BUILDDIR)" $(SPHINXOPTS) $(O)
`

// oldMakefile is in the manner of sphinx-quickstart before Sphinx 1.6.
const oldMakefile = `SPHINXOPTS    = -W
SPHINXBUILD   = sphinx-build
PAPER         = a4
BUILDDIR      = out
PAPEROPT_a4     = -D latex_paper_size=a4
ALLSPHINXOPTS   = -d $(BUILDDIR)/doctrees $(PAPEROPT_$(PAPER)) $(SPHINXOPTS) .

html:
	$(SPHINXBUILD) -b html $(ALLSPHINXOPTS) $(BUILDDIR)/html
	@echo
	@echo "Build finished. The HTML pages are in $(BUILDDIR)/html."

dirhtml:
	$(SPHINXBUILD) -b dirhtml $(ALLSPHINXOPTS) $(BUILDDIR)/dir
`

func TestMakefilePlace(t *testing.T) {
	tests := []struct {
		name, makefile string // the Makefile is in the project's root
		source         string
		builder        string
		want           string // output, relative to the root; "" for none
		doctrees       string
	}{
		{"quickstart", quickstartMakefile, ".", "html", "_build/html", "_build/doctrees"},
		{"quickstart dirhtml", quickstartMakefile, ".", "dirhtml", "_build/dirhtml", "_build/doctrees"},
		{"other sources", quickstartMakefile, "docs", "html", "", ""},
		{"separate", "SOURCEDIR = source\nBUILDDIR = build\n%:\n\tsphinx-build -M $@ $(SOURCEDIR) ${BUILDDIR}\n", "source", "html", "build/html", "build/doctrees"},
		{"old", oldMakefile, ".", "html", "out/html", "out/doctrees"},
		{"old dirhtml", oldMakefile, ".", "dirhtml", "out/dir", "out/doctrees"},
		{"top level", "docs:\n\tsphinx-build docs public\n", "docs", "html", "public", ""},
		{"python -m", "docs:\n\tpython3 -m sphinx -nW -b html docs site -a\n", "docs", "html", "site", ""},
		{"options after", "docs:\n\t-@sphinx-build docs -j auto --doctree-dir=dt --builder html site --keep-going\n", "docs", "html", "site", "dt"},
		{"clusters", "docs:\n\tsphinx-build -nWbhtml -Ea -ddt docs site\n", "docs", "html", "site", "dt"},
		{"cd", "docs:\n\tcd docs && sphinx-build -b html . ../site\n", "docs", "html", "site", ""},
		{"cd;", "docs:\n\t(cd docs; python -msphinx . ../site)\n", "docs", "html", "site", ""},
		{"autobuild", "live:\n\tsphinx-autobuild --port 0 --open-browser docs site\n", "docs", "html", "site", ""},
		{"continued", "docs:\n\tsphinx-build \\\n\t  docs \\\n\t  site\n", "docs", "html", "site", ""},
		{"other builder", "docs:\n\tsphinx-build -b latex docs tex\n", "docs", "html", "", ""},
		{"latex first", "tex:\n\tsphinx-build -b latex docs tex\nhtml:\n\tsphinx-build docs site\n", "docs", "html", "site", ""},
		{"variables only", "BUILDDIR := $(CURDIR)/x\nSOURCEDIR = docs\ninclude more.mk\n", "docs", "html", "x/html", "x/doctrees"},
		{"function", "BUILDDIR = $(shell mktemp -d)\nhtml:\n\tsphinx-build docs $(BUILDDIR)\n", "docs", "html", "", ""},
		{"circle", "BUILDDIR = $(BUILDDIR)/x\nhtml:\n\tsphinx-build docs $(BUILDDIR)\n", "docs", "html", "", ""},
		{"default stays", "BUILDDIR ?= a\nBUILDDIR ?= b\nBUILDDIR += \nhtml:\n\tsphinx-build docs $(BUILDDIR)\n", "docs", "html", "a", ""},
		{"CRLF", "BUILDDIR = a\r\nhtml:\r\n\tsphinx-build docs $(BUILDDIR)\r\n", "docs", "html", "a", ""},
		{"comment", "BUILDDIR = a # b\n# BUILDDIR = c\nhtml:\n\tsphinx-build docs $(BUILDDIR)\n", "docs", "html", "a", ""},
		{"quotes open", "html:\n\techo \"\n\tsphinx-build docs site\n", "docs", "html", "site", ""},
		{"nothing", "all:\n\tcc -o main main.c\n", "docs", "html", "", ""},
		{"empty", "", ".", "html", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := tempDir(t)
			for _, dir := range []string{"docs", "source"} {
				if err := os.Mkdir(filepath.Join(root, dir), 0o777); err != nil {
					t.Fatal(err)
				}
			}
			m := parseMakefile(filepath.Join(root, "Makefile"), tt.makefile)
			got, ok := m.place(filepath.Join(root, tt.source), tt.builder)
			want := place{}
			if tt.want != "" {
				want.output = filepath.Join(root, tt.want)
			}
			if tt.doctrees != "" {
				want.doctrees = filepath.Join(root, tt.doctrees)
			}
			if got != want || ok != (tt.want != "") {
				t.Errorf("got %+v, %v; want %+v", got, ok, want)
			}
		})
	}
}

func TestMakefileNeverPanics(t *testing.T) {
	pieces := []string{"\t", "\n", "\\\n", "$", "$(", "${", ")", "}", "A", "B", " = ", "?=", "+=", "$@", "sphinx-build", " ", "-M", "-d", "--", "'", "\"", "&&", ";", "cd", "é", "#", "docs"}
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces") {
			text += p
		}
		parseMakefile(filepath.FromSlash("/nowhere/Makefile"), text).place("/nowhere/docs", "html")
	})
}
