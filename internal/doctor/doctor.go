// Package doctor looks for what keeps docserve from working on this machine,
// with this project, and says what to do about it.
//
// It owns the questions and the wording of the answers. Gathering the facts
// (Gather) is apart from judging them (Facts.Report), which is pure. What it
// prints is meant to be shown to strangers: see privacy.
//
// It leaves nothing behind: no document is read, nothing is built, and the few
// files that it writes to find out whether that works are removed. The project's
// conf.py and the setup functions of its extensions do run, as there is no other
// way to know which extensions there are; they have a deadline.
package doctor

import "fmt"

// Level says how good a check's result is.
type Level string

// The levels. A note is worth knowing in a report of a bug; docserve works
// nevertheless.
const (
	OK      Level = "ok"
	Note    Level = "note"
	Problem Level = "problem"
)

// Check is one question and its answer.
type Check struct {
	Name    string   `json:"name"`
	Level   Level    `json:"result"`
	Found   string   `json:"found"`             // a sentence without its full stop
	Details []string `json:"details,omitempty"` // more of what was found, a line each
	Advice  []string `json:"advice,omitempty"`  // what to do: sentences, and commands, which are indented
}

// Report is all answers.
type Report struct {
	Problems int     `json:"problems"`
	Notes    int     `json:"notes"`
	Checks   []Check `json:"checks"`
}

func found(name string, level Level, format string, args ...any) Check {
	return Check{Name: name, Level: level, Found: fmt.Sprintf(format, args...)}
}

// advise adds what to do.
func (c Check) advise(lines ...string) Check {
	c.Advice = append(c.Advice, lines...)
	return c
}

// Report judges the facts. Nothing in it is private.
func (f Facts) Report() Report {
	var report Report
	hide := newPrivacy(f)
	for _, c := range f.checks() {
		c = hide.check(c)
		switch c.Level {
		case Problem:
			report.Problems++
		case Note:
			report.Notes++
		}
		report.Checks = append(report.Checks, c)
	}
	return report
}

// checks are all of them, in the order in which one would ask.
func (f Facts) checks() []Check {
	list := []Check{checkProgram(f.System), checkSystem(f.System)}
	list = append(list, checkProject(f.Project)...)
	list = append(list, checkPython(f.Python)...)
	if f.Python.Path != "" {
		list = append(list, checkLoaded(f)...)
		list = append(list, checkFork(f.Loaded, f.System.OS, f.NoFork)...)
		list = append(list, checkWriters(f.Loaded)...)
	}
	list = append(list, checkPlaces(f)...)
	list = append(list, checkTree(f)...)
	list = append(list, checkLimits(f)...)
	list = append(list, checkClock(f)...)
	list = append(list, checkRunning(f.Running)...)
	return append(list, checkPort(f.Port, f.Running), checkBrowser(f.Browser), checkProxies(f.Proxies))
}

// count says how many: "1 file", "2 files".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// size says how many bytes, in the units in which disks are sold.
func size(bytes uint64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	value, unit := float64(bytes)/1000, 0
	for value >= 1000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}
