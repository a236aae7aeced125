package python

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"docserve/internal/proc"
)

// installSphinx returns the commands that give the user a Sphinx, in the first
// of the interpreters that can have one. It is nil if none can.
func installSphinx(tried []facts, opts Options) []string {
	for _, f := range tried {
		if !f.tooOld() {
			what := []string{"sphinx"}
			if f.Sphinx != "" {
				what = []string{"--upgrade", "sphinx"}
			}
			return install(f, opts, false, what...)
		}
	}
	return nil
}

// install returns the commands that install what into the interpreter. Where
// the system refuses that, or there is no pip, they make a virtual environment,
// which Find prefers from then on; with system it also sees the packages of the
// interpreter that it is made with.
func install(f facts, opts Options, system bool, what ...string) []string {
	if opts.Env == nil {
		opts.Env = os.Getenv
	}
	pip := func(interpreter string) string {
		return quote(interpreter) + " -m pip install " + strings.Join(what, " ")
	}
	uv := proc.Executable("uv", opts.Env("PATH")) != ""
	switch {
	case f.Pip && (f.Isolated || !f.Managed):
		return []string{pip(f.path)}
	case f.Isolated && uv:
		return []string{"uv pip install --python " + quote(f.path) + " " + strings.Join(what, " ")}
	case f.Isolated && f.Venv:
		return []string{quote(f.path) + " -m ensurepip", pip(f.path)}
	}
	var commands []string
	if !f.Venv {
		commands = append(commands, installVenv())
	}
	home := filepath.Join(projectRoot(opts.SourceDir), ".venv")
	make := quote(f.path) + " -m venv "
	if system {
		make += "--system-site-packages "
	}
	return append(commands, make+quote(home), pip(filepath.Join(home, interpreterNames()[0])))
}

// installVenv is the command for a system that has split the module venv off.
func installVenv() string {
	if _, err := os.Stat("/etc/debian_version"); err == nil {
		return "sudo apt install python3-venv"
	}
	return "# install the venv and ensurepip modules of Python, with your system's package manager"
}

// projectRoot is the directory above source that is under version control, or
// source itself.
func projectRoot(source string) string {
	for dir := source; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".git", ".hg"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return dir
			}
		}
		if dir == filepath.Dir(dir) {
			return source
		}
	}
}

// quote makes s one word for a shell.
func quote(s string) string {
	plain := !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("/._-+:@~", r) &&
			(r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') &&
			(r != '\\' || runtime.GOOS != "windows")
	})
	switch {
	case plain && s != "":
		return s
	case runtime.GOOS == "windows":
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
