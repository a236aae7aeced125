package python

import (
	"runtime"
	"strings"
	"testing"

	"docserve/internal/proc"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestInterpreterNamed(t *testing.T) {
	for _, c := range []struct{ name, first, second, want string }{
		{"plain", "#!/opt/v/bin/python3\n", "import re\n", "/opt/v/bin/python3"},
		{"version", "#!/usr/bin/python3.12", "", "/usr/bin/python3.12"},
		{"carriage return", "#!/usr/bin/python3\r\n", "", "/usr/bin/python3"},
		{"option", "#!/usr/bin/python3 -s\n", "", "/usr/bin/python3"},
		{"space", "#! /usr/bin/python3\n", "", "/usr/bin/python3"},
		{"env", "#!/usr/bin/env python3\n", "", "python3"},
		{"env -S", "#!/usr/bin/env -S python3 -I\n", "", "python3"},
		{"bare env", "#!/usr/bin/env\n", "", ""},
		{"long path", "#!/bin/sh\n", "'''exec' /very/long/bin/python \"$0\" \"$@\"\n", "/very/long/bin/python"},
		{"path with spaces", "#!/bin/sh\n", "'''exec' \"/my docs/bin/python\" \"$0\" \"$@\"\n", "/my docs/bin/python"},
		{"pypy", "#!/opt/bin/pypy3\n", "", "/opt/bin/pypy3"},
		{"shell script", "#!/usr/bin/env bash\n", "set -e\n", ""},
		{"other shell script", "#!/bin/sh\n", "exec something\n", ""},
		{"no script", "\x7fELF", "", ""},
		{"empty", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := interpreterNamed(c.first, c.second); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		version string
		want    bool
	}{
		{"5.3", false}, {"5.3.0", false}, {"5.2.3", true}, {"4.5.0", true}, {"9.0.4", false},
		{"5.3rc1", false}, {"5.2rc1", true}, {"10.1", false}, {"dev", false}, {"5", false}, {"4", true}, {"", false},
	} {
		if got := older(c.version, [2]int{5, 3}); got != c.want {
			t.Errorf("%q: %v", c.version, got)
		}
	}
}

func TestParseProbe(t *testing.T) {
	noise := "a warning\n"
	good, err := parseProbe(proc.Result{Output: []byte(noise + "\ndocserve-probe {\"version\": \"3.11.7\", \"sphinx\": \"9.0.4\"}\n")})
	if err != nil || good.Version != "3.11.7" || good.Sphinx != "9.0.4" || good.unfit() != "" {
		t.Errorf("%+v, %v", good, err)
	}
	_, err = parseProbe(proc.Result{Output: []byte("Fatal Python error: no encodings\n"), Exit: "exit status 1"})
	if err == nil || !strings.Contains(err.Error(), "exit status 1") || !strings.Contains(err.Error(), "no encodings") {
		t.Errorf("error %v", err)
	}
}

func TestUnfit(t *testing.T) {
	for _, c := range []struct {
		facts facts
		want  string
	}{
		{facts{Version: "3.9.1", Sphinx: "5.3.0"}, ""},
		{facts{Version: "3.8.18", Sphinx: "7.1.2"}, "Python 3.8.18 is too old, docserve needs 3.9 or later"},
		{facts{Version: "2.7.18"}, "Python 2.7.18 is too old, docserve needs 3.9 or later"},
		{facts{Version: "3.11.7"}, "Python 3.11.7 without Sphinx"},
		{facts{Version: "3.11.7", Sphinx: "4.5.0"}, "Sphinx 4.5.0 is too old, docserve needs 5.3 or later"},
		{facts{Version: "3.11.7", Sphinx: "8.0.0", Lacks: []string{"docutils"}}, "Sphinx 8.0.0 without what it needs: docutils"},
		{facts{Version: "3.11.7", Trouble: "SyntaxError: x"}, "Python 3.11.7 cannot import Sphinx: SyntaxError: x"},
	} {
		if got := c.facts.unfit(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.facts, got, c.want)
		}
	}
}

func TestDistribution(t *testing.T) {
	for _, c := range []struct {
		module, want string
		known        bool
	}{
		{"sphinx_rtd_theme", "sphinx-rtd-theme", true},
		{"myst_parser", "myst-parser", true},
		{"sphinx_copybutton", "sphinx-copybutton", true},
		{"sphinx_design", "sphinx-design", true},
		{"furo", "furo", true},
		{"furo.navigation", "furo", true},
		{"sphinxcontrib.bibtex", "sphinxcontrib-bibtex", true},
		{"sphinxcontrib.details.directive", "sphinxcontrib-details-directive", true},
		{"sphinxcontrib.cairosvgconverter", "sphinxcontrib-svg2pdfconverter", true},
		{"sphinxext.opengraph", "sphinxext-opengraph", true},
		{"sphinx_tabs.tabs", "sphinx-tabs", true},
		{"sphinxarg.ext", "sphinx-argparse", true},
		{"notfound.extension", "sphinx-notfound-page", true},
		{"IPython.sphinxext.ipython_directive", "ipython", true},
		{"pydata_sphinx_theme", "pydata-sphinx-theme", true},
		{"sphinx-prompt", "sphinx-prompt", true},
		{"my_ext", "my-ext", false},
		{"sphinxcontrib", "sphinxcontrib", false},
	} {
		got, known := distribution(c.module)
		if got != c.want || known != c.known {
			t.Errorf("%s: %q, %v", c.module, got, known)
		}
	}
}

func TestNamed(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"Could not import extension myst_parser (exception: No module named 'myst_parser')", "myst_parser"},
		{"Could not import extension a.b (exception: No module named 'yaml')", "yaml"},
		{"Could not import extension a.b (exception: cannot import name 'x')", ""},
		{"no theme named 'furo' found (missing theme.toml?)", "furo"},
		{"The 'mine' theme inherits from 'basic-ng', which does not exist.", "basic-ng"},
		{"sphinx_rtd_theme is no longer a hard dependency since version 1.4.0. Please install it manually.", "sphinx_rtd_theme"},
		{"Traceback:\nModuleNotFoundError: No module named 'tomllib'\nModuleNotFoundError: No module named 'tomli'\n", "tomli"},
		{"invalid syntax", ""},
	} {
		if got := named(c.message); got != c.want {
			t.Errorf("%q: %q, want %q", c.message, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	if runtime.GOOS == "windows" {
		if got := quote(`C:\My Docs\python.exe`); got != `"C:\My Docs\python.exe"` {
			t.Errorf("got %s", got)
		}
		return
	}
	for in, want := range map[string]string{
		"/usr/bin/python3": "/usr/bin/python3", "/my docs/python": "'/my docs/python'",
		"it's": `'it'\''s'`, "": "''", "$HOME": "'$HOME'",
	} {
		if got := quote(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestRequirementsNameHashes(t *testing.T) {
	text := strings.ReplaceAll(string(requirements), "\\\n", "")
	count := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		count++
		if !strings.Contains(line, "==") || !strings.Contains(line, "--hash=sha256:") {
			t.Errorf("not pinned by hash: %.80s", line)
		}
	}
	if count < 15 {
		t.Errorf("only %d requirements", count)
	}
}
