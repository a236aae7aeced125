package doctor

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"docserve/internal/project"

	"pgregory.net/rapid"
)

func TestPrivacy(t *testing.T) {
	f := Facts{
		Project: ProjectFacts{Project: project.Project{Source: "/home/jane/work/site/docs"}},
		home:    "/home/jane", user: `CORP\jane`, host: "zeus.example.org",
	}
	p := newPrivacy(f)
	for in, want := range map[string]string{
		"":                                      "",
		"/home/jane/work/site/docs":             ".",
		"/home/jane/work/site/docs/a.md":        "a.md",
		"in /home/jane/work/site/docs.":         "in ..",
		"/home/jane/work/site/docs.old":         "../docs.old",
		"/home/jane/work/site/.venv/bin/python": "../.venv/bin/python",
		"/home/jane/work/x":                     "../../x",
		"/home/jane":                            "~",
		"'/home/jane/my env/bin/python' -m pip": "'~/my env/bin/python' -m pip",
		"/home/janet/x and /home/bob/y":         "/home/USER/x and /home/USER/y",
		"/Users/bob":                            "/Users/USER",
		"/srv/home/jane/x":                      "/srv/home/…/x",
		"/home/jane/a:/home/jane/b":             "~/a:~/b",
		"janet, jane, Jane-x and zeus":          "janet, …, …-x and …",
		"dial zeus.example.org:80, corp":        "dial …:80, …",
		"/usr/bin/python3":                      "/usr/bin/python3",
		"~/x/home/jane":                         "~/x/home/…",
	} {
		if got := p.text(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
	// What says nothing of anybody stays, and there may be no home at all.
	p = newPrivacy(Facts{home: "/", user: "root", host: "me"})
	if got := p.text("root of me at /usr"); got != "root of me at /usr" {
		t.Errorf("got %q", got)
	}
}

func TestStood(t *testing.T) {
	const stacks = `Timeout (0:01:00)!
Thread 0x01 (most recent call first):
  File "/p/other.py", line 5 in run
Thread 0x02 (most recent call first):
  File "/usr/lib/python3.11/socket.py", line 30 in recv
  File "/v/lib/python3.11/site-packages/ext/fetch.py", line 12 in get
  File "/p/docs/conf.py", line 3 in <module>
`
	for in, want := range map[string]Spot{
		"":     {},
		stacks: {"/v/lib/python3.11/site-packages/ext/fetch.py", 12},
		"Thread 1 (most recent call first):\n  File \"/usr/lib/python3.11/x.py\", line 7 in f\n":                                   {"/usr/lib/python3.11/x.py", 7},
		"Thread 1 (most recent call first):\n  File \"<string>\", line 7 in f\n  File \"C:\\docs\\conf.py\", line 8 in <module>\n": {`C:\docs\conf.py`, 8},
	} {
		if got := stood(in); got != want {
			t.Errorf("%q: %v, not %v", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	got := parse([]byte(`{"at": "Sphinx"}
{"sphinx": "9.0.4", "docutils": "0.22", "wants": "<0.23"}
garbage
{"at": "extension", "name": "a"}
{"extension": "a", "sphinx": true, "listed": true, "writes": false, "reads": null, "version": "1", "threads": 1, "error": {"kind": "KeyError", "places": [["/p/x.py", 3]]}}
{"extensions": ["a"], "threads": 2, "fork": true, "excluded": true}
{"at": "theme", "name": "furo"}
{"theme": "furo", "version": "2", "own": true}
{"done": true}
{"at": "trun`))
	want := Loaded{
		Sphinx: "9.0.4", Docutils: "0.22", Wants: "<0.23", Listed: []string{"a"}, Threads: 2, Fork: true, excluded: true,
		Theme: "furo", ThemeVer: "2", ThemeOwn: true, At: "theme", Name: "furo", Done: true,
		Extensions: []Extension{{Name: "a", Sphinx: true, Listed: true, Version: "1", Threads: 1, Failure: &Failure{Kind: "KeyError", Places: []Spot{{"/p/x.py", 3}}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	rapid.Check(t, func(t *rapid.T) { parse([]byte(rapid.String().Draw(t, "facts"))) }) // nothing makes it panic
}

func TestSatisfies(t *testing.T) {
	for _, test := range []struct {
		version, specifier string
		fits, known        bool
	}{
		{"0.22.4", ">=0.21,<0.24", true, true},
		{"0.24", ">=0.21,<0.24", false, true},
		{"0.20.1", ">0.20", true, true},
		{"0.22rc1", "<=0.22", true, true},
		{"0.21", "!=0.21", false, true},
		{"0.21.0", "==0.21", true, true},
		{"0.21", "~=0.20", false, false},
		{"0.21", "==0.*", false, false},
		{"0.21", "", false, false},
		{"", ">=0.1", false, false},
	} {
		if fits, known := satisfies(test.version, test.specifier); fits != test.fits || known != test.known {
			t.Errorf("%s %s: %v, %v", test.version, test.specifier, fits, known)
		}
	}
}

func TestSpares(t *testing.T) {
	for list, want := range map[string]bool{
		"": false, "*": true, "example.org": false, "example.org,localhost": true, "127.0.0.1:8000 x": true,
		"127.0.0.0/8": true, "10.0.0.0/8,::1": false,
	} {
		if got := spares(list); got != want {
			t.Errorf("%q: %v", list, got)
		}
	}
}

func TestProxies(t *testing.T) {
	env := map[string]string{"HTTP_PROXY": "http://secret:1", "no_proxy": "localhost"}
	got := proxies(func(name string) string { return env[name] })
	if want := (Proxies{Set: []string{"HTTP_PROXY"}, Spared: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestSkew(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	for s, want := range map[int]time.Duration{5: -5 * time.Second, 10: 0, 12: 0, 20: 0, 23: 3 * time.Second} {
		if got := skew(at(s), at(10), at(20)); got != want {
			t.Errorf("%d: %v", s, got)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[uint64]string{0: "0.0 kB", 4e6: "4.0 MB", 78e9: "78 GB", 3e15: "3000 TB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestText(t *testing.T) {
	report := Report{Problems: 1, Notes: 1, Checks: []Check{
		{Name: "Python", Level: OK, Found: "3.11.7", Details: []string{"not taken: \x1b[2J/usr/bin/python3: it is a Python that has no Sphinx, and no pip either"}},
		{Name: "a theme", Level: Note, Found: "it is one of those that take rather longer to write than one would like"},
		{Name: "x", Level: Problem, Found: "line\none", Advice: []string{"To mend that:", "  a command that is far too long to be shown on one line, and yet must stay in one piece"}},
	}}
	const want = `ok       Python   3.11.7
                  not taken: [2J/usr/bin/python3: it is a Python that has no
                    Sphinx, and no pip either
note     a theme  it is one of those that take rather longer to write than one
                  would like
problem  x        line one
                  → To mend that:
                    a command that is far too long to be shown on one line, and yet must stay in one piece

1 problem, 1 note. Paths are relative to the source directory.
`
	if got := report.Text(nil); got != want {
		t.Errorf("got\n%s", got)
	}
	colored := report.Text(func(level Level, word string) string { return "<" + word + ">" })
	if strings.NewReplacer("<", "", ">", "").Replace(colored) != want {
		t.Errorf("colors change more than the color:\n%s", colored)
	}
	if got := report.Serious().Text(nil); strings.Contains(got, "Python") || !strings.Contains(got, "problem  x") {
		t.Errorf("serious:\n%s", got)
	}
	for line := range strings.Lines(healthy().Report().Text(nil)) {
		if utf8.RuneCountInString(line) > width+1 {
			t.Errorf("too long: %s", line)
		}
	}
}
