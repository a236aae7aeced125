package cli

import (
	"errors"
	"io"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"docserve/internal/editor"
)

// serveDefaults are the options of a bare "docserve".
func serveDefaults() ServeOptions {
	return ServeOptions{Builder: "html", Host: "127.0.0.1", Port: 8000, LogFormat: "text"}
}

func TestParseServe(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		args string
		want func(*ServeOptions)
	}{
		{"", func(*ServeOptions) {}},
		{"serve", func(*ServeOptions) {}},
		{"docs", func(o *ServeOptions) { o.Source = "docs" }},
		{"serve docs out a.rst b.rst", func(o *ServeOptions) {
			o.Source, o.Output, o.Filenames = "docs", "out", []string{"a.rst", "b.rst"}
		}},
		{"serve serve demo", func(o *ServeOptions) { o.Source, o.Output = "serve", "demo" }},
		{"-t demo docs", func(o *ServeOptions) { o.Source, o.Tags = "docs", []string{"demo"} }},
		{"-nt demo version", func(o *ServeOptions) { o.Source, o.Tags, o.Nitpicky = "version", []string{"demo"}, true }},
		{"docs -b dirhtml out --port 0 a.rst", func(o *ServeOptions) {
			o.Source, o.Output, o.Filenames, o.Builder, o.Port, o.PortSet = "docs", "out", []string{"a.rst"}, "dirhtml", 0, true
		}},
		{"--port=0", func(o *ServeOptions) { o.Port, o.PortSet = 0, true }},
		{"--port 8000", func(o *ServeOptions) { o.PortSet = true }},
		{"-- -docs", func(o *ServeOptions) { o.Source = "-docs" }},

		{"-Dkey=val -D a.b=c=d,e --define x=", func(o *ServeOptions) { o.Defines = []string{"key=val", "a.b=c=d,e", "x="} }},
		{"-Ax=1 -A y=2", func(o *ServeOptions) { o.HTMLDefines = []string{"x=1", "y=2"} }},
		{"-j auto", func(*ServeOptions) {}},
		{"-j4", func(o *ServeOptions) { o.Jobs = 4 }},
		{"-j=4", func(o *ServeOptions) { o.Jobs = 4 }},
		{"--jobs 2 -j auto", func(*ServeOptions) {}},
		{"-nW", func(o *ServeOptions) { o.Nitpicky, o.FailOnWarning = true, true }},
		{"-nWj3 -vv -v", func(o *ServeOptions) { o.Nitpicky, o.FailOnWarning, o.Jobs, o.Verbose = true, true, 3, 3 }},
		{"-aEnT --keep-going --exception-on-warning", func(o *ServeOptions) {
			o.WriteAll, o.FreshEnv, o.Nitpicky, o.Traceback, o.KeepGoing, o.ExceptionOnWarning = true, true, true, true, true, true
		}},
		{"-d dt -c conf -w warn.log", func(o *ServeOptions) { o.Doctrees, o.ConfDir, o.WarningFile = "dt", "conf", "warn.log" }},
		{"-C -q -Q -N", func(o *ServeOptions) { o.NoConfig, o.Quiet, o.Silent, o.Color = true, true, true, &no }},
		{"-N --color", func(o *ServeOptions) { o.Color = &yes }},
		{"--color --no-color", func(o *ServeOptions) { o.Color = &no }},
		{"--write-all --fresh-env --tag a --doctree-dir d --conf-dir c --isolated --html-define a=b --nitpicky --verbose --quiet --silent " +
			"--warning-file w --fail-on-warning --show-traceback --builder html", func(o *ServeOptions) {
			o.WriteAll, o.FreshEnv, o.Tags, o.Doctrees, o.ConfDir, o.NoConfig = true, true, []string{"a"}, "d", "c", true
			o.HTMLDefines, o.Nitpicky, o.Verbose, o.Quiet, o.Silent = []string{"a=b"}, true, 1, true, true
			o.WarningFile, o.FailOnWarning, o.Traceback = "w", true, true
		}},
		// argparse accepts unambiguous beginnings.
		{"--fail --fresh --doc d", func(o *ServeOptions) { o.FailOnWarning, o.FreshEnv, o.Doctrees = true, true, "d" }},

		{"-M html docs build", func(o *ServeOptions) { o.Source, o.Output, o.MakeMode = "docs", "build", "html" }},
		{"-M dirhtml docs build -d x", func(o *ServeOptions) {
			o.Source, o.Output, o.MakeMode, o.Builder, o.Doctrees = "docs", "build", "dirhtml", "dirhtml", "x"
		}},
		{"-M html docs build -b dirhtml", func(o *ServeOptions) {
			o.Source, o.Output, o.MakeMode, o.Builder = "docs", "build", "html", "dirhtml"
		}},

		{"--host 0.0.0.0 --allowed-host a --allowed-host b --open-browser --delay 0.5 --no-initial", func(o *ServeOptions) {
			o.Host, o.AllowedHosts, o.OpenBrowser, o.Delay, o.NoInitial = "0.0.0.0", []string{"a", "b"}, true, 500*time.Millisecond, true
		}},
		{"--public-url HTTPS://Docs.example.com:8443/a//b", func(o *ServeOptions) {
			o.PublicURL = &url.URL{Scheme: "https", Host: "docs.example.com:8443", Path: "/a/b/"}
		}},
		{"--public-url http://[::1]:8080", func(o *ServeOptions) {
			o.PublicURL = &url.URL{Scheme: "http", Host: "[::1]:8080", Path: "/"}
		}},
		{"--watch a --watch b,c --ignore *.tmp --ignore !x --re-ignore \\.bak$ --debounce 50ms --explain-ignore p", func(o *ServeOptions) {
			o.Watch, o.Ignore, o.Debounce, o.ExplainIgnore = []string{"a", "b,c"}, []string{"*.tmp", "!x"}, 50*time.Millisecond, "p"
			o.ReIgnore = []*regexp.Regexp{regexp.MustCompile(`\.bak$`)}
		}},
		{"--editor vscode --follow --no-highlight", func(o *ServeOptions) {
			o.Editor, o.Follow, o.NoHighlight = new(editor.Template), true, true
			*o.Editor = "vscode://file{path}:{line}:{column}"
		}},
		{"--editor none", func(o *ServeOptions) { o.Editor = new(editor.Template) }},
		{"--poll docs", func(o *ServeOptions) { o.Source, o.Poll = "docs", true }},
		{"--poll=250ms docs", func(o *ServeOptions) { o.Source, o.Poll, o.PollEvery = "docs", true, 250*time.Millisecond }},
		{"--poll=2s --poll docs out", func(o *ServeOptions) { o.Source, o.Output, o.Poll = "docs", "out", true }},
		{"--audit", func(o *ServeOptions) { o.Audit = true }},
		{"--python py --no-venv --no-fork --build-timeout 90s --log-format json", func(o *ServeOptions) {
			o.Python, o.NoVenv, o.NoFork, o.BuildTimeout, o.LogFormat = "py", true, true, 90*time.Second, "json"
		}},
	}
	for _, tt := range tests {
		got, err := Parse(strings.Fields(tt.args), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", tt.args, err)
			continue
		}
		want := serveDefaults()
		tt.want(&want)
		if got.Name != Serve || got.Demo != nil || !reflect.DeepEqual(*got.Serve, want) {
			t.Errorf("%q:\n got %s %+v\nwant %+v", tt.args, got.Name, *got.Serve, want)
		}
	}
}

func TestParseCommands(t *testing.T) {
	got, err := Parse([]string{"--pre-build", `npm run "my task"`, "--pre-build=make", "--post-build", `echo 'a b'`}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]string{{"npm", "run", "my task"}, {"make"}}; !reflect.DeepEqual(got.Serve.PreBuild, want) {
		t.Errorf("PreBuild = %q, want %q", got.Serve.PreBuild, want)
	}
	if want := [][]string{{"echo", "a b"}}; !reflect.DeepEqual(got.Serve.PostBuild, want) {
		t.Errorf("PostBuild = %q, want %q", got.Serve.PostBuild, want)
	}
}

func TestParseDemo(t *testing.T) {
	got, err := Parse([]string{"demo", "--port", "0", "sample", "-v", "--open-browser"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != Demo || got.Demo.Dir != "sample" || got.Serve.Port != 0 || !got.Serve.OpenBrowser || got.Serve.Verbose != 1 || got.Serve.Builder != "html" {
		t.Errorf("got %s %+v %+v", got.Name, got.Demo, got.Serve)
	}
	if got, err = Parse([]string{"demo"}, io.Discard); err != nil || got.Demo.Dir != "" {
		t.Errorf("demo without DIR: %+v, %v", got, err)
	}
}

func TestParseVerify(t *testing.T) {
	for _, test := range []struct {
		args string
		keep bool
		want ServeOptions
	}{
		{"verify", false, ServeOptions{}},
		{"verify docs out --keep", true, ServeOptions{Source: "docs", Output: "out"}},
		{"verify -t x -D a=b -A c=d -n -d dt --audit --no-fork --ignore g docs", false, ServeOptions{
			Source: "docs", Tags: []string{"x"}, Defines: []string{"a=b"}, HTMLDefines: []string{"c=d"}, Nitpicky: true, Doctrees: "dt",
			Audit: true, NoFork: true, Ignore: []string{"g"},
		}},
		{"verify -M dirhtml docs build", false, ServeOptions{Source: "docs", Output: "build", MakeMode: "dirhtml", Builder: "dirhtml"}},
	} {
		got, err := Parse(strings.Fields(test.args), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		if test.want.Builder == "" {
			test.want.Builder = "html"
		}
		test.want.LogFormat = "text"
		if got.Name != Verify || got.Verify.Keep != test.keep || !reflect.DeepEqual(*got.Serve, test.want) {
			t.Errorf("%q:\n got %s %+v %+v\nwant %+v", test.args, got.Name, got.Verify, *got.Serve, test.want)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	tests := []struct{ args, want string }{
		{"--prot 1", "unknown option --prot; did you mean --port?"},
		{"--port-set", "unknown option --port-set; did you mean --port?"},
		{"-port 8000", "unknown option -port; did you mean --port?"},
		{"--opne-browser", "unknown option --opne-browser; did you mean --open-browser?"},
		{"--open", "unknown option --open; did you mean --open-browser?"},
		{"--xyzzy", "unknown option --xyzzy; docserve serve --help lists all options"},
		{"demo -b html", "unknown option -b; docserve demo --help lists all options"},
		{"--port", "--port needs PORT"},
		{"-b", "-b/--builder needs BUILDER"},
		{"--port http", `--port: want a number from 0 to 65535, got "http"`},
		{"--port 70000", `--port: want a number from 0 to 65535, got "70000"`},
		{"--port --open-browser", "--port needs PORT, but an option follows: --open-browser; write --port=--open-browser if that is meant"},
		{"--ignore -E docs", "--ignore needs GLOB, but an option follows: -E; write --ignore=-E if that is meant"},
		{"-b latex", `-b/--builder: docserve serves HTML, and "latex" writes none; use sphinx-build for it`},
		{"-M clean a b", `-M/--make-mode: docserve serves HTML, and "clean" writes none; use sphinx-build for it`},
		{"--builder=", "-b/--builder: the name is empty"},
		{"-M html docs", "-M html needs SOURCEDIR and OUTPUTDIR"},
		{"--engine fast", `--engine: want auto, worker or subprocess, got "fast"`},
		{"--engine worker -P", "cannot use --engine=worker: the debugger (--pdb) needs a process that has the terminal; leave it out"},
		{"--engine=worker -b singlehtml", "cannot use --engine=worker: a worker carries html and dirhtml, not singlehtml; leave it out"},
		{"--engine=subprocess --audit", "--audit looks for mistakes of the worker, and here is none; docserve verify compares with a clean build"},
		{"verify -P docs", "verify takes no -P/--pdb: it is over before anybody could debug anything"},
		{"-D novalue", `-D/--define: want NAME=VALUE, got "novalue"`},
		{"-A =x", `-A/--html-define: want NAME=VALUE, got "=x"`},
		{"-j 0", `-j/--jobs: want a positive number or auto, got "0"`},
		{"-j -1", `-j/--jobs: want a positive number or auto, got "-1"`},
		{"-a docs out a.rst", "cannot combine -a option and filenames"},
		{"--delay soon", `--delay: want a number of seconds, got "soon"`},
		{"--public-url docs.example.com", `--public-url: want an address as https://docs.example.com/path/, got "docs.example.com"`},
		{"--public-url ftp://docs.example.com/", `--public-url: want an address as https://docs.example.com/path/, got "ftp://docs.example.com/"`},
		{"--public-url https:///docs/", `--public-url: want an address as https://docs.example.com/path/, got "https:///docs/"`},
		{"--public-url https://me@docs.example.com/", `--public-url: want a scheme, a host and a plain path, no more, got "https://me@docs.example.com/"`},
		{"--public-url https://docs.example.com/?a", `--public-url: want a scheme, a host and a plain path, no more, got "https://docs.example.com/?a"`},
		{"--debounce 50", `--debounce: want a duration with its unit, as 50ms or 1s, got "50"`},
		{"--poll=often", `--poll: want a duration with its unit, as 500ms or 2s, got "often"`},
		{"--poll=0s", `--poll: want a duration with its unit, as 500ms or 2s, got "0s"`},
		{"--poll 2s docs", "the interval of --poll is joined to it; write --poll=2s"},
		{"--build-timeout 0s", `--build-timeout: want a duration above 0 with its unit, as 90s or 2m, got "0s"`},
		{"--build-timeout 60", `--build-timeout: want a duration above 0 with its unit, as 90s or 2m, got "60"`},
		{"--log-format xml", `--log-format: want text or json, got "xml"`},
		{"--pre-build 'x", `--pre-build: split "'x": no closing quotation mark`},
		{"--pre-build=", "--pre-build: the command is empty"},
		{"demo a b", "demo takes one directory, not 2"},
		{"verify docs out a.rst", "verify takes SOURCEDIR and OUTPUTDIR, and compares all pages"},
		{"verify --open-browser", "unknown option --open-browser; docserve verify --help lists all options"},
		{"version x", "version takes no arguments"},
	}
	for _, tt := range tests {
		cmd, err := Parse(strings.Fields(tt.args), io.Discard)
		var usage *UsageError
		if !errors.As(err, &usage) || cmd != nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, %v\nwant %s", tt.args, cmd, err, tt.want)
		}
	}
	_, err := Parse([]string{"--re-ignore", "a(?!b)"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "lookahead") {
		t.Errorf("lookahead: %v", err)
	}
}

// TestParseDoctor: doctor takes what serve takes, but for single pages.
func TestParseDoctor(t *testing.T) {
	cmd, err := Parse(strings.Fields("doctor --port 0 -D a=b docs out --no-fork"), io.Discard)
	want := serveDefaults()
	want.Port, want.PortSet, want.Defines, want.Source, want.Output, want.NoFork = 0, true, []string{"a=b"}, "docs", "out", true
	if err != nil || cmd.Name != Doctor || !reflect.DeepEqual(*cmd.Serve, want) {
		t.Errorf("%+v, %v", cmd, err)
	}
	var usage *UsageError
	if _, err := Parse([]string{"doctor", "docs", "out", "a.rst"}, io.Discard); !errors.As(err, &usage) {
		t.Errorf("single pages: %v", err)
	}
}

// TestEngine: the worker is chosen where it can do what is asked for, and
// otherwise there is a word why.
func TestEngine(t *testing.T) {
	for _, tt := range []struct {
		args  string
		plain bool
		why   string
	}{
		{"", false, ""},
		{"-b dirhtml --engine auto", false, ""},
		{"--engine worker", false, ""},
		{"--engine subprocess", true, ""},
		{"--engine=subprocess -b singlehtml", true, ""},
		{"-b singlehtml", true, "a worker carries html and dirhtml, not singlehtml"},
		{"-M revealjs docs out", true, "a worker carries html and dirhtml, not revealjs"},
		{"--engine subprocess --engine auto -P", true, "the debugger (--pdb) needs a process that has the terminal"},
		{"demo --engine subprocess", true, ""},
		{"verify --engine subprocess", true, ""},
	} {
		cmd, err := Parse(strings.Fields(tt.args), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", tt.args, err)
			continue
		}
		if plain, why := cmd.Serve.Plain(); plain != tt.plain || why != tt.why {
			t.Errorf("%q: %v %q", tt.args, plain, why)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"--help", "-h", "serve --help", "docs --help", "help", "help serve"} {
		var b strings.Builder
		cmd, err := Parse(strings.Fields(args), &b)
		if err != nil || cmd.Name != Help {
			t.Errorf("%s: %v, %v", args, cmd, err)
		}
		for _, want := range []string{"Usage: docserve [serve]", "\nServing:\n", "\nWatching:\n", "\nBuilding (Sphinx's own options):\n", "\nPython and processes:\n", "\nOutput:\n", "--exception-on-warning", "--poll[=INTERVAL]"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q", args, want)
			}
		}
		for line := range strings.Lines(b.String()) {
			if utf8.RuneCountInString(line) > 100 {
				t.Errorf("%s: line is too long: %s", args, line)
			}
		}
	}
	for args, begin := range map[string]string{
		"demo --help": "Usage: docserve demo", "help demo": "Usage: docserve demo",
		"verify --help": "Usage: docserve verify", "help verify": "Usage: docserve verify",
		"doctor --help": "Usage: docserve doctor", "help doctor": "Usage: docserve doctor",
	} {
		var b strings.Builder
		if cmd, err := Parse(strings.Fields(args), &b); err != nil || cmd.Name != Help || !strings.HasPrefix(b.String(), begin) {
			t.Errorf("%s: %v, %v, %s", args, cmd, err, b.String())
		}
	}
}

func TestVersion(t *testing.T) {
	for _, args := range []string{"version", "--version", "serve --version", "docs --version", "demo --version", "verify --version", "doctor --version"} {
		var b strings.Builder
		cmd, err := Parse(strings.Fields(args), &b)
		if err != nil || cmd.Name != Version || !strings.HasPrefix(b.String(), "docserve ") || strings.Count(b.String(), "\n") != 1 {
			t.Errorf("%s: %v, %v, %q", args, cmd, err, b.String())
		}
	}
}

// sphinxOptions are the options of sphinx-build 7.4.7 and 9.0.4, and of
// sphinx-autobuild 2025.8, each with an argument that it accepts.
const sphinxOptions = `-b html|--builder html|-j 2|--jobs auto|-a|--write-all|-E|--fresh-env|-d x|--doctree-dir x|-c x|--conf-dir x|-C|--isolated|
-D a=b|--define a=b|-A a=b|--html-define a=b|-t x|--tag x|-n|--nitpicky|-v|--verbose|-q|--quiet|-Q|--silent|--color|-N|--no-color|
-w x|--warning-file x|-W|--fail-on-warning|--keep-going|-T|--show-traceback|--exception-on-warning|-P|--pdb|
--port 0|--host x|--re-ignore x|--ignore x|--no-initial|--open-browser|--editor none|--follow|--no-highlight|--delay 5|--watch x|--pre-build x|--post-build x`

func TestAnyOrderOfPeersOptions(t *testing.T) {
	all := strings.Split(strings.ReplaceAll(sphinxOptions, "\n", ""), "|")
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.SampledFrom(all)).Draw(t, "options")
		src := rapid.IntRange(0, len(words)).Draw(t, "src")
		out := rapid.IntRange(src, len(words)).Draw(t, "out")
		line := strings.Join(words[:src], " ") + " SRC " + strings.Join(words[src:out], " ") + " OUT " + strings.Join(words[out:], " ")
		cmd, err := Parse(strings.Fields(line), io.Discard)
		if err != nil || cmd.Serve.Source != "SRC" || cmd.Serve.Output != "OUT" || cmd.Serve.Filenames != nil {
			t.Fatalf("%q: %+v, %v", line, cmd, err)
		}
	})
}

func TestParseNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(rapid.StringMatching(`-{0,3}[a-zA-Z=]{0,6}`)).Draw(t, "args")
		cmd, err := Parse(args, io.Discard)
		var usage *UsageError
		if (cmd == nil) == (err == nil) || err != nil && !errors.As(err, &usage) {
			t.Fatalf("%q: %v, %v", args, cmd, err)
		}
	})
}
