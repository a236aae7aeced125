package python

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"docserve/internal/proc"
)

//go:embed probe.py
var probeScript string

// probeTimeout is for an interpreter on a slow network disk, read for the first
// time. It usually takes 50 ms.
const probeTimeout = 30 * time.Second

// The oldest versions that docserve's driver runs with.
var (
	oldestPython = [2]int{3, 9}
	oldestSphinx = [2]int{5, 3}
)

// facts are what probe.py says of an interpreter.
type facts struct {
	path       string   // of the interpreter; not from probe.py
	Version    string   `json:"version"`
	Executable string   `json:"executable"` // what the interpreter takes itself for
	Sphinx     string   `json:"sphinx"`     // "" if it cannot be imported
	Lacks      []string `json:"lacks"`      // what Sphinx needs and is not there
	Trouble    string   `json:"trouble"`    // why importing Sphinx failed, if not for its absence
	Isolated   bool     `json:"isolated"`   // in a virtual environment
	Managed    bool     `json:"managed"`    // by the system, which refuses pip install
	Pip        bool     `json:"pip"`
	Venv       bool     `json:"venv"` // can make virtual environments with pip in them
}

func probe(ctx context.Context, path string) (facts, error) {
	if _, err := os.Stat(path); err != nil {
		return facts{}, errors.New("there is no such program")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout,
		fmt.Errorf("no answer within %v", probeTimeout))
	defer cancel()
	result, err := proc.Run(ctx, proc.Spec{Name: path, Argv: []string{path, "-c", probeScript}})
	if err != nil {
		return facts{}, err
	}
	return parseProbe(result)
}

func parseProbe(result proc.Result) (facts, error) {
	found := facts{}
	for line := range bytes.Lines(result.Output) {
		answer, ok := bytes.CutPrefix(line, []byte("docserve-probe "))
		if ok && json.Unmarshal(answer, &found) == nil && found.Version != "" {
			return found, nil
		}
	}
	return facts{}, &brokenError{"is not a working Python (" + result.Exit + ")", lastLine(result.Output)}
}

// brokenError is about a program that does not behave as a Python does. What it
// printed is kept apart: it may be anything.
type brokenError struct{ reason, said string }

func (e *brokenError) Error() string {
	if e.said == "" {
		return e.reason
	}
	return e.reason + ": " + e.said
}

func lastLine(output []byte) string {
	text := strings.TrimSpace(string(output))
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// unfit says why docserve cannot work with the interpreter, and "" if it can.
func (f facts) unfit() string {
	switch {
	case f.tooOld():
		return fmt.Sprintf("Python %s is too old, docserve needs %d.%d or later",
			f.Version, oldestPython[0], oldestPython[1])
	case f.Trouble != "":
		return fmt.Sprintf("Python %s cannot import Sphinx: %s", f.Version, f.Trouble)
	case f.Sphinx == "":
		return fmt.Sprintf("Python %s without Sphinx", f.Version)
	case older(f.Sphinx, oldestSphinx):
		return fmt.Sprintf("Sphinx %s is too old, docserve needs %d.%d or later",
			f.Sphinx, oldestSphinx[0], oldestSphinx[1])
	case len(f.Lacks) > 0:
		return fmt.Sprintf("Sphinx %s without what it needs: %s", f.Sphinx, strings.Join(f.Lacks, ", "))
	}
	return ""
}

func (f facts) tooOld() bool { return older(f.Version, oldestPython) }

// older compares the first two numbers of a version. What is not a number
// counts as new: somebody's own build knows best.
func older(version string, than [2]int) bool { return order(version, than) < 0 }

// newer compares as older does; what is not a number is not newer either.
func newer(version string, than [2]int) bool { return order(version, than) > 0 }

// order compares the first two numbers of a version; 0 if they are no numbers.
func order(version string, with [2]int) int {
	parts := strings.SplitN(version, ".", 3)
	for i, want := range with {
		if i >= len(parts) {
			return 0
		}
		digits := parts[i]
		if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			digits = digits[:end]
		}
		got, err := strconv.Atoi(digits)
		if err != nil {
			return 0
		}
		if got != want {
			return cmp.Compare(got, want)
		}
	}
	return 0
}
