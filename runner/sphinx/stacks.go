package sphinx

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What Python's faulthandler prints is for people, and the only thing that a
// process which stands still can say: it is written by a signal handler in C,
// while Python itself need not run. Its form has been the same since 3.3; 3.14
// adds stacks of C, whose lines are not those of frames.

// Frame is one line of a Python stack.
type Frame struct {
	File string // as Python has it; characters beyond ASCII are escaped
	Line int
	Func string
}

// Stack is what one thread was doing, innermost frame first.
type Stack struct {
	Current bool // the thread that was asked, or that crashed
	Frames  []Frame
}

var (
	threadLine = regexp.MustCompile(`^(Current thread|Thread) 0x[0-9a-f]+ .*\(most recent call first\):$`)
	// A path may hold quotes, so the longest one that leaves a line number counts.
	frameLine = regexp.MustCompile(`^  File "(.*)", line (\d+) in (.*)$`)
	escape    = regexp.MustCompile(`\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})`)
)

// ParseStacks reads what faulthandler has printed, once or several times; what
// is no part of it is passed over. A stack that was cut short is what there is
// of it.
func ParseStacks(text string) []Stack {
	var stacks []Stack
	within := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := threadLine.FindStringSubmatch(line); m != nil {
			stacks = append(stacks, Stack{Current: m[1] == "Current thread"})
			within = true
			continue
		}
		m := frameLine.FindStringSubmatch(line)
		if m == nil {
			within = within && strings.HasPrefix(line, "  ") // "Garbage-collecting", "<no Python frame>", "..."
			continue
		}
		if n, err := strconv.Atoi(m[2]); err == nil && within {
			last := &stacks[len(stacks)-1]
			last.Frames = append(last.Frames, Frame{File: unescape(m[1]), Line: n, Func: unescape(m[3])})
		}
	}
	return stacks
}

// unescape gives back the characters that faulthandler has written as numbers.
// It does not escape backslashes, so that on Windows a path may look like it.
func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(found string) string {
		n, err := strconv.ParseUint(found[2:], 16, 32)
		if err != nil || n < 0x80 || n > 0x10ffff {
			return found
		}
		return string(rune(n))
	})
}

// Culprit is the place in a stack that a writer can do something about.
type Culprit struct {
	Frame
	Extension string // its name; "" when the frame is the project's own, or nobody's
}

// Place says in words where that is; path is how its file is to be called.
func (c Culprit) Place(path string) string {
	where := filepath.Base(c.File)
	if c.Extension != "" {
		where = "extension " + c.Extension
	}
	line := fmt.Sprintf("line %d", c.Line)
	if c.Func != "<module>" {
		line += fmt.Sprintf(" of %s()", c.Func)
	}
	return fmt.Sprintf(", in %s, %s (%s)", where, line, path)
}

// Relative names a file as a project's people do: a path below source with
// slashes, or else as it is.
func Relative(source, path string) string {
	if relative, err := filepath.Rel(source, path); err == nil && filepath.IsLocal(relative) {
		return filepath.ToSlash(relative)
	}
	return path
}

const (
	// Answering is how long Python takes to write its stacks, 300 threads of them,
	// on a busy machine.
	Answering = 100 * time.Millisecond
	// unanswering is when no stacks will come any more: the process was stopped,
	// or waits for a disk. With it, the word comes within a second of the deadline.
	unanswering = 700 * time.Millisecond
)

// Answered reports whether text is all that Python will write of its stacks, some
// time after it was asked for them.
func Answered(text string, asked time.Duration) bool {
	return asked >= Answering && (text != "" || asked >= unanswering)
}

// Code says whose code is whose.
type Code struct {
	Driver     string   // directory of docserve's own modules
	Project    []string // directories of sources and conf.py
	Extensions []string // names of the modules of the project's extensions
}

// WithoutDriver returns stacks without the frames of docserve's own modules, which
// are below all others and tell nobody anything.
func (c Code) WithoutDriver(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, c.Driver) {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, ""))
}

// Blame returns the innermost frame of the project or of an extension. Where
// there is none, it is one of an extension that comes with Sphinx, then that of
// any other library, then the innermost of all but docserve's own. The stack is
// the one that was asked, the last if there are several.
func (c Code) Blame(stacks []Stack) (Culprit, bool) {
	for i := len(stacks) - 1; i >= 0; i-- {
		if stacks[i].Current {
			return c.BlameFrames(stacks[i].Frames)
		}
	}
	return Culprit{}, false
}

// Whose code a frame is, from what says most to what says least.
const (
	owned    = iota // the project's, or an extension's
	bundled         // of an extension that is part of Sphinx
	library         // of some other package
	core            // of Sphinx, of what it is made of, of Python
	internal        // docserve's
)

// BlameFrames does the same for a single stack, innermost frame first.
func (c Code) BlameFrames(frames []Frame) (Culprit, bool) {
	best, found := internal, Culprit{}
	for _, f := range frames {
		name, whose := c.whose(f.File)
		if whose < best {
			best, found = whose, Culprit{Frame: f, Extension: name}
		}
	}
	return found, best < internal
}

// whose says whose a file is, and the name of the extension that it belongs to.
func (c Code) whose(file string) (string, int) {
	path := strings.ReplaceAll(file, `\`, "/")
	if c.Driver != "" && within(path, c.Driver) {
		return "", internal
	}
	if !strings.Contains(path, "/") { // <string>, <frozen importlib._bootstrap>
		return "", core
	}
	module := installed(path)
	top, rest, _ := strings.Cut(module, ".")
	if top == "sphinx" && strings.HasPrefix(rest, "ext.") {
		return strings.Join(strings.SplitN(module, ".", 4)[:3], "."), bundled
	}
	for _, name := range c.Extensions {
		if !strings.HasPrefix(name, "sphinx.") && belongs(path, name) {
			return name, owned
		}
	}
	for _, dir := range c.Project {
		if dir != "" && within(path, dir) && module == "" {
			return "", owned
		}
	}
	switch {
	case module == "" && standard.MatchString(path), cores[top]:
		return "", core
	case strings.HasPrefix(top, "sphinx"): // sphinxcontrib.x, sphinx_x: nobody else has such names
		if top == "sphinxcontrib" && rest != "" {
			next, _, _ := strings.Cut(rest, ".")
			top += "." + next
		}
		return top, owned
	}
	return "", library
}

// standard is where Python's own library is, on Unix and on Windows.
var standard = regexp.MustCompile(`/lib/python3\.\d+t?/|(?i)/python3?\d*/lib/|/Frameworks/Python`)

// cores are the packages that Sphinx is made of.
var cores = map[string]bool{
	"sphinx": true, "docutils": true, "jinja2": true, "markupsafe": true, "pygments": true, "babel": true,
	"snowballstemmer": true, "imagesize": true, "requests": true, "urllib3": true, "certifi": true, "idna": true,
	"charset_normalizer": true, "packaging": true, "roman": true, "roman_numerals": true, "alabaster": true,
	"pkg_resources": true, "setuptools": true, "pytz": true,
}

func within(path, dir string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(strings.ReplaceAll(dir, `\`, "/"), "/")+"/")
}

// installed returns the dotted name of a module that was installed, "" for others.
func installed(path string) string {
	for _, place := range []string{"/site-packages/", "/dist-packages/"} {
		if i := strings.LastIndex(path, place); i >= 0 {
			name := strings.TrimSuffix(path[i+len(place):], ".py")
			return strings.ReplaceAll(strings.TrimSuffix(name, "/__init__"), "/", ".")
		}
	}
	return ""
}

// belongs reports whether a file is that of an extension, or lies in the package
// that the extension is part of.
func belongs(path, name string) bool {
	if top, _, dotted := strings.Cut(name, "."); dotted && top != "sphinxcontrib" {
		name = top
	}
	part := "/" + strings.ReplaceAll(name, ".", "/")
	return strings.HasSuffix(path, part+".py") || strings.Contains(path, part+"/")
}
