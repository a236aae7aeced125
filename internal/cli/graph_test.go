package cli

import (
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestParseGraph(t *testing.T) {
	tests := []struct {
		args string
		want GraphOptions
		opts ServeOptions
	}{
		{"graph why a.rst b.rst", GraphOptions{Query: "why", Files: []string{"a.rst", "b.rst"}, Format: Text}, ServeOptions{Builder: "html"}},
		{"graph deps --depth 2 --format dot a.rst", GraphOptions{Query: "deps", Files: []string{"a.rst"}, Format: Dot, Depth: 2}, ServeOptions{Builder: "html"}},
		{"graph --format=json unused", GraphOptions{Query: "unused", Files: []string{}, Format: JSON}, ServeOptions{Builder: "html"}},
		{"graph changed --since main~3", GraphOptions{Query: "changed", Files: []string{}, Format: Text, Since: "main~3"}, ServeOptions{Builder: "html"}},
		{"graph cycles --source docs --output out -b dirhtml -d dt -c conf --ignore *.x", GraphOptions{Query: "cycles", Files: []string{}, Format: Text},
			ServeOptions{Source: "docs", Output: "out", Builder: "dirhtml", Doctrees: "dt", ConfDir: "conf", Ignore: []string{"*.x"}}},
		{"graph once -M dirhtml --source docs --output build -C", GraphOptions{Query: "once", Files: []string{}, Format: Text},
			ServeOptions{Source: "docs", Output: "build", Builder: "dirhtml", MakeMode: "dirhtml", NoConfig: true}},
	}
	for _, tt := range tests {
		got, err := Parse(strings.Fields(tt.args), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", tt.args, err)
			continue
		}
		if got.Name != Graph || !reflect.DeepEqual(*got.Graph, tt.want) || !reflect.DeepEqual(*got.Serve, tt.opts) {
			t.Errorf("%q:\n got %s %+v %+v\nwant %+v %+v", tt.args, got.Name, *got.Graph, *got.Serve, tt.want, tt.opts)
		}
	}
	for args, want := range map[string]string{
		"graph":                              "graph needs to know what is asked: why, deps, rdeps, unused, once, changed or cycles; docserve graph --help says more",
		"graph why --depth 2 a":              "--depth is for graph deps and rdeps",
		"graph deps --since x a":             "--since is for graph changed",
		"graph changed --since x a":          "graph changed takes files that have changed, or --since to have git find them, not both",
		"graph deps a --depth 0":             `--depth: want a number of levels, 1 or more, got "0"`,
		"graph deps a --depth x":             `--depth: want a number of levels, 1 or more, got "x"`,
		"graph deps a --format svg":          `--format: want text, json or dot, got "svg"`,
		"graph deps a --port 1":              "unknown option --port; docserve graph --help lists all options",
		"graph deps a --formt json":          "unknown option --formt; did you mean --format?",
		"graph unused -M html --source docs": "-M html needs SOURCEDIR and OUTPUTDIR",
	} {
		if _, err := Parse(strings.Fields(args), io.Discard); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", args, err, want)
		}
	}
	var help strings.Builder
	if got, err := Parse([]string{"graph", "--help"}, &help); err != nil || got.Name != Help || !strings.HasPrefix(help.String(), "Usage: docserve graph") {
		t.Errorf("%+v, %v: %s", got, err, help.String())
	}
	if got, err := Parse([]string{"graph", "--version"}, io.Discard); err != nil || got.Name != Version {
		t.Errorf("%+v, %v", got, err)
	}
}
