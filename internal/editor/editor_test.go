package editor

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestURL(t *testing.T) {
	for _, test := range []struct {
		editor, path string
		line, column int
		want         string
	}{
		{"vscode", "/home/me/a b.rst", 3, 0, "vscode://file/home/me/a%20b.rst:3"},
		{"vscode", "C:/docs/index.rst", 3, 0, "vscode://file/C:/docs/index.rst:3"},
		{"cursor", "/a/ü+.rst", 0, 0, "cursor://file/a/%C3%BC%2B.rst:1"},
		{"idea", "/a/b&c.rst", 12, 0, "idea://open?file=/a/b%26c.rst&line=12"},
		{"vim", "/a/b.rst", 12, 0, "mvim://open?url=file:///a/b.rst&line=12"},
		{"none", "/a/b.rst", 12, 0, ""},
		{"x://host/{relative}#L{line}", "/a/b.rst", 12, 0, "x://host/b.rst#L12"},
		{"vscode", "/a/b.yaml", 3, 14, "vscode://file/a/b.yaml:3:14"},
		{"idea", "/a/b.yaml", 3, 14, "idea://open?file=/a/b.yaml&line=3"},
		{"vim", "/a/b.yaml", 3, 14, "mvim://open?url=file:///a/b.yaml&line=3&column=14"},
		{"x://host/{relative}#L{line}", "/a/b.yaml", 3, 14, "x://host/b.yaml#L3"},
		{"x://host/{relative}#L{line}C{column}", "/a/b.yaml", 3, 0, "x://host/b.yaml#L3C1"},
		{"x://host{path}:{line}:{column}", "/a/b.yaml", 3, 0, "x://host/a/b.yaml:3"},
	} {
		template, err := Parse(test.editor)
		if err != nil {
			t.Errorf("%s: %v", test.editor, err)
			continue
		}
		if got := template.URL(test.path, test.path[strings.LastIndex(test.path, "/")+1:], test.line, test.column); got != test.want {
			t.Errorf("%s of %s is %q, want %q", test.editor, test.path, got, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "nano", "vscode://file", "javascript:alert('{path}')", "JavaScript:{path}", "data:text/html,{path}", "{path}", "%:{path}"} {
		if template, err := Parse(text); err == nil {
			t.Errorf("%q is taken for %q", text, template)
		}
	}
}

// Whatever a file is called, the address has it whole and nothing else.
func TestPathsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := "/" + rapid.StringMatching(`[^/\x00]{1,8}(/[^/\x00]{1,8}){0,2}`).Draw(t, "path")
		for _, editor := range []string{"vscode", "idea", "emacs"} {
			template, err := Parse(editor)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(template.URL(name, "", 7, 0))
			if err != nil {
				t.Fatalf("%s: %v", editor, err)
			}
			got := map[string]string{
				"vscode": strings.TrimSuffix(u.Path, ":7"), "idea": u.Query().Get("file"),
				"emacs": strings.TrimPrefix(u.Query().Get("url"), "file://"),
			}[editor]
			if got != name {
				t.Fatalf("%s opens %q instead of %q", editor, got, name)
			}
		}
	})
}

func TestGuess(t *testing.T) {
	for _, test := range []struct{ environment, want string }{
		{"", ""},
		{"TERM_PROGRAM=vscode", "vscode"},
		{"TERM_PROGRAM=vscode VSCODE_GIT_ASKPASS_MAIN=/Applications/Cursor.app/x.js", "cursor"},
		{"TERM_PROGRAM=vscode CURSOR_TRACE_ID=1", "cursor"},
		{"TERM_PROGRAM=vscode VSCODE_GIT_ASKPASS_NODE=/opt/vscodium/codium", "vscodium"},
		{"TERMINAL_EMULATOR=JetBrains-JediTerm EDITOR=code", "idea"},
		{"PYCHARM_HOSTED=1", "pycharm"},
		{"TERM_PROGRAM=Apple_Terminal EDITOR=/usr/bin/vim", ""},
		{"EDITOR=vim VISUAL=/usr/local/bin/code", "vscode"},
		{"EDITOR=emacs", ""},
		{"EDITOR=mvim", "vim"},
	} {
		environment := map[string]string{}
		for _, pair := range strings.Fields(test.environment) {
			name, value, _ := strings.Cut(pair, "=")
			environment[name] = value
		}
		if got := Guess(func(name string) string { return environment[name] }); got != Template(templates[test.want]) {
			t.Errorf("%q: guessed %q, want %s", test.environment, got, test.want)
		}
	}
}
