package kinds

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"docserve/internal/proc"
	"docserve/internal/testenv"
)

// site is testdata/project in a directory of its own, with its outputs and with
// the extension.
type site struct {
	*project
	python string
}

func newSite(t *testing.T, python string) *site {
	t.Helper()
	p := sample(t)
	s := &site{project: &project{t: t, dir: t.TempDir()}, python: python}
	if err := os.CopyFS(s.dir, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	for _, m := range sampleOutputs(t) {
		for name, text := range m.files {
			s.put(name, text)
		}
	}
	s.put("extension/"+ExtensionName, string(Extension))
	conf, err := os.ReadFile(filepath.Join(p.dir, "source", "conf.py"))
	if err != nil {
		t.Fatal(err)
	}
	s.put("source/conf.py", "import sys\nsys.path.insert(0, '../extension')\n"+strings.Replace(string(conf), "extensions = []", "extensions = ['docserve_pages']", 1))
	return s
}

// build runs plain Sphinx, and returns what it says.
func (s *site) build(t *testing.T, builder string, more ...string) string {
	t.Helper()
	argv := append([]string{s.python, "-m", "sphinx", "-b", builder, "-d", filepath.Join(s.dir, "doctrees"), "-W", "--keep-going", "-n"}, more...)
	result, err := proc.Run(t.Context(), proc.Spec{
		Argv: append(argv, ".", filepath.Join(s.dir, "out", builder)), Dir: filepath.Join(s.dir, "source"), Env: append(os.Environ(), "NO_COLOR=1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 {
		t.Errorf("%s of %s: %s\n%s", builder, s.dir, result.Exit, result.Output)
	}
	return string(result.Output)
}

func (s *site) output(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "out", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// has fails for each text that is not in an output, after the one before it.
func has(t *testing.T, output string, texts ...string) {
	t.Helper()
	rest := output
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Errorf("it lacks %q, or has it too early:\n%s", text, output)
			return
		}
		rest = after
	}
}

// TestSphinx builds pages with all samples: without a warning, with the oldest
// Sphinx and a new one.
func TestSphinx(t *testing.T) {
	for _, name := range []string{"5.3", "9.0"} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, testenv.Python(t, name))
			s.build(t, "html")
			s.build(t, "text")
			s.build(t, "latex")
			guide := s.output(t, "html/guide.html")
			has(t, guide,
				"Tides are our harbour’s own", "<h1>Guide", `step" id="step-1-choose-a-berth">`, `<span class="step-word">Step</span> <span class="step-number">1</span><span class="step-word">:</span> Choose a berth`,
				`<h4>By radio`, "no-copybutton", `<span class="step-number">5</span>`, "Optional: Put out the fenders", "Never step over a tight line",
				"Für Gäste", "tide-2.0", "tide-1.9", "Tides are our harbour’s own")
			has(t, s.output(t, "text/guide.txt"), "Step 1: Choose a berth\n", "Step 2: Announce yourself\n", "Step 5: Optional: Put out the fenders\n")
			if strings.Contains(s.output(t, "latex/harbour.tex"), "clip-path") {
				t.Error("the style is in LaTeX")
			}
			has(t, s.output(t, "html/tides.html"), "The high tide comes at 10 o’clock in our harbour", "The low tide comes at 4", `<p class="tide-table">Ask the machine`, "{{hour}}")
			reference := s.output(t, "html/reference.html")
			has(t, reference, `id="cmdoption-tide-v"`, "<em>Type</em>: string", `id="envvar-TIDE_PORT"`, "Parameter", "port", "int or float", "Optional. Metres",
				"Examples", "Find a boat", "Count boats", `<dl class="glossary">`, "Berths", "sailing boats")
			if strings.Contains(reference, "param int, float") {
				t.Error("the field list is in HTML")
			}
			has(t, s.output(t, "text/reference.txt"), "int", "hour")
			has(t, s.output(t, "html/index.html"), `class="toc`, "How to moor", "All about tides", "Not written yet")
		})
	}
}

// TestExtension changes what is added to pages: they are read again, and no other.
func TestExtension(t *testing.T) {
	s := newSite(t, testenv.Python(t, "9.0"))
	s.put("source/fields.rst", ":orphan:\n\nFields\n======\n\nText.\n")
	s.build(t, "html")
	for _, c := range []struct {
		pages string
		read  []string
		want  map[string][]string
	}{
		{`{"tides": {"append": ["/includes/extracts/tide-low.rst"]}, "fields": {"prepend": ["/includes/extracts/tide-low.rst"]}}`,
			[]string{"fields", "guide", "tides"}, map[string][]string{"fields": {"The low tide comes at 4", "Text."}, "tides": {"The low tide comes at 4", "The low tide comes at 4"}}},
		{`{"tides": {"append": ["/includes/extracts/tide-low.rst"]}}`, []string{"fields"}, map[string][]string{"fields": {"Text."}}},
		{`{"tides": {"append": ["/includes/extracts/tide-low.rst"]}}`, nil, nil},
	} {
		s.put("source/includes/extracts/tide.pages.json", c.pages)
		said := s.build(t, "html")
		var read []string
		for _, page := range []string{"fields", "guide", "index", "reference", "tides"} {
			if strings.Contains(said, "reading sources... ["+page) || slices.ContainsFunc(strings.FieldsFunc(said, func(r rune) bool { return r == '\r' || r == '\n' }), func(l string) bool {
				return strings.HasPrefix(l, "reading sources... [") && strings.HasSuffix(strings.TrimSpace(l), "] "+page)
			}) {
				read = append(read, page)
			}
		}
		if !slices.Equal(read, c.read) {
			t.Errorf("with %s it reads %v, not %v:\n%s", c.pages, read, c.read, said)
		}
		for _, page := range slices.Sorted(maps.Keys(c.want)) {
			has(t, s.output(t, "html/"+page+".html"), c.want[page]...)
		}
	}
}
