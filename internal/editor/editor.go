// Package editor makes the addresses that open a file at a line, and at a column
// if that is known, in somebody's editor. They are URLs with a scheme that the
// editor, or a small handler for it, has registered with the system.
//
// It starts no program: a server that does, at the word of a browser, is one more
// thing to protect, and would start it on the wrong machine as often as not.
package editor

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// None is the name that turns links off.
const None = "none"

// templates are the addresses by the editor's name. VS Code and what is made of
// it, JetBrains' programs and MacVim register theirs when they are installed;
// Sublime Text and Emacs need a handler. The forms are those that the editors
// document, and, for the handlers, the one that other tools with such links use.
// JetBrains' document no column.
var templates = map[string]string{
	"vscode":   "vscode://file{path}:{line}:{column}",
	"vscodium": "vscodium://file{path}:{line}:{column}",
	"cursor":   "cursor://file{path}:{line}:{column}",
	"idea":     "idea://open?file={path}&line={line}",
	"pycharm":  "pycharm://open?file={path}&line={line}",
	"sublime":  "subl://open?url=file://{path}&line={line}&column={column}",
	"emacs":    "emacs://open?url=file://{path}&line={line}&column={column}",
	"vim":      "mvim://open?url=file://{path}&line={line}&column={column}",
}

// Names returns the names that Parse knows, sorted, None at the end.
func Names() []string {
	names := make([]string, 0, len(templates)+1)
	for name := range templates {
		names = append(names, name)
	}
	slices.Sort(names)
	return append(names, None)
}

// Template is an address with {path}, {line} and perhaps {column} in it. The zero
// Template makes no links.
type Template string

// Parse returns the template for a name, or one that was typed as a URL.
func Parse(text string) (Template, error) {
	if text == None {
		return "", nil
	}
	if known, ok := templates[text]; ok {
		return Template(known), nil
	}
	scheme, _, ok := strings.Cut(text, ":")
	if !ok || !strings.Contains(text, "{path}") && !strings.Contains(text, "{relative}") {
		return "", fmt.Errorf("want one of %s, or a URL with {path} and {line}, got %q", strings.Join(Names(), ", "), text)
	}
	if slices.Contains([]string{"javascript", "data", "vbscript", "blob", "about"}, strings.ToLower(scheme)) {
		return "", fmt.Errorf("a link with the scheme %s opens no editor", scheme)
	}
	if u, err := url.Parse(Template(text).URL("/a b", "a b", 1, 1)); err != nil || u.Scheme == "" {
		return "", fmt.Errorf("%q is no URL", text)
	}
	return Template(text), nil
}

// Guess returns the template of the editor in whose terminal docserve was
// started, or that $VISUAL or $EDITOR names. Only editors that register their
// scheme themselves are guessed: a link that does nothing is worse than none.
func Guess(getenv func(string) string) Template {
	for _, name := range []string{terminal(getenv), named(getenv("VISUAL")), named(getenv("EDITOR"))} {
		if name != "" {
			return Template(templates[name])
		}
	}
	return ""
}

// terminal names the editor that a terminal is part of, "" for others.
func terminal(getenv func(string) string) string {
	switch {
	case getenv("TERM_PROGRAM") == "vscode":
		// Editors that are made of VS Code say the same of themselves.
		helper := strings.ToLower(getenv("VSCODE_GIT_ASKPASS_MAIN") + getenv("VSCODE_GIT_ASKPASS_NODE"))
		switch {
		case getenv("CURSOR_TRACE_ID") != "" || strings.Contains(helper, "cursor"):
			return "cursor"
		case strings.Contains(helper, "codium"):
			return "vscodium"
		}
		return "vscode"
	case getenv("PYCHARM_HOSTED") != "":
		return "pycharm"
	case getenv("TERMINAL_EMULATOR") == "JetBrains-JediTerm":
		return "idea"
	}
	return ""
}

// named names the editor that a command starts, "" for one without a scheme that
// is sure to be there.
func named(command string) string {
	words := strings.Fields(command)
	if len(words) == 0 {
		return ""
	}
	program := strings.TrimSuffix(path.Base(strings.ReplaceAll(words[0], `\`, "/")), ".exe")
	switch program {
	case "code", "code.cmd":
		return "vscode"
	case "codium", "vscodium":
		return "vscodium"
	case "cursor", "idea", "pycharm":
		return program
	case "mvim":
		return "vim"
	}
	return ""
}

// URL returns the address of a file, "" for the zero Template. Absolute and
// relative are two paths of it, slash-separated; a line of 0 is not known, and
// stands for the first. A column of 0 is not known either: it is left out where that
// can be done, and stands for the first elsewhere.
func (t Template) URL(absolute, relative string, line, column int) string {
	if t == "" {
		return ""
	}
	if !strings.HasPrefix(absolute, "/") {
		absolute = "/" + absolute // C:/docs/index.rst
	}
	text := string(t)
	if column <= 0 {
		text = strings.NewReplacer(":{column}", "", "&column={column}", "").Replace(text)
	}
	return strings.NewReplacer(
		"{path}", escape(absolute), "{relative}", escape(relative),
		"{line}", strconv.Itoa(max(line, 1)), "{column}", strconv.Itoa(max(column, 1)),
	).Replace(text)
}

// escape writes a path so that it is itself in a URL's path and in its query.
func escape(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.QueryEscape(part), "+", "%20")
	}
	if len(parts) > 1 && len(parts[1]) == len("C%3A") && strings.HasSuffix(parts[1], "%3A") {
		parts[1] = parts[1][:1] + ":" // a drive
	}
	return strings.Join(parts, "/")
}
