package loops

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Idle is what work is called that was done while there was none.
const Idle = "idle"

// Explain makes the loop that a file is in. during says in words what the work is,
// as "reading guide.rst"; place where in the code, as " in extension x, line 3 of
// f()"; dirs are the directories to which ignored paths may be relative.
func Explain(path string, by Origin, during, place string, dirs ...string) Loop {
	op, _, _ := by.Work().What()
	how := "It is written while " + during
	switch {
	case strings.HasPrefix(op, "--"):
		how = "It is probably written by a command of " + op
	case op == Idle:
		how = "It is written by something that Sphinx runs beside its work"
	case !by.certain:
		program := by.act.Program
		if program == "" {
			program = "a fork"
		}
		how = fmt.Sprintf("It is probably written by %s, a program started while %s", program, during)
	}
	if by.act.Event != "" {
		how += ", in the event " + by.act.Event
	}
	return Loop{
		Origin: by, Path: path,
		Message: fmt.Sprintf("builds have changed this file %d times in a row, and each change asks for another build: docserve does not react any more when a build changes it. %s%s", Rounds, how, place),
		Hint:    fmt.Sprintf("to ignore it whoever changes it, start docserve with %s; better, have it written only when its content differs, or outside of the sources", ignoring(path, dirs)),
	}
}

// ignoring returns the option with which the watcher ignores a file.
func ignoring(path string, dirs []string) string {
	for _, base := range dirs {
		relative, err := filepath.Rel(base, path)
		if base != "" && err == nil && filepath.IsLocal(relative) {
			escaped := regexp.MustCompile(`[*?\[\\]`).ReplaceAllString(filepath.ToSlash(relative), `\$0`)
			return "--ignore " + quoted("/"+escaped)
		}
	}
	return "--re-ignore " + quoted("^"+regexp.QuoteMeta(filepath.ToSlash(path))+"$")
}

// quoted returns a word as a shell takes it.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
