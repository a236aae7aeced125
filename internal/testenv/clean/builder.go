// Package clean makes clean serial builds for tests to compare with: what a
// new Python process with sphinx-build makes of the sources in an empty
// directory, warnings included.
//
// It owns the process that makes them quickly, and the reading of Sphinx's
// warnings. It shares no code with docserve's driver: two sides that share a
// mistake would agree.
package clean

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed clean.py
var program string

// Project says what to build. Source is required; Builder is html when empty.
type Project struct {
	Source  string
	Builder string
	Options []string // further arguments of sphinx-build
}

// Result is what a build has left.
type Result struct {
	Output   string // directory with the site
	Warnings []Warning
	Code     int    // exit code of sphinx-build
	Log      string // what it printed
}

// Builder makes one build after the other in forks of one process.
type Builder struct {
	Sphinx string // its version

	python string
	dir    string
	mu     sync.Mutex // held during a build: they are serial
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	count  int
}

// seed is what PYTHONHASHSEED is set to on both sides of a comparison: some
// orders follow sets of strings.
const seed = "PYTHONHASHSEED=0"

// patience is how long a build may take: the largest, of Django's documentation,
// takes most of a minute.
const patience = 10 * time.Minute

// New starts the process, which imports Sphinx and the libraries named.
func New(python, dir string, libraries ...string) (*Builder, error) {
	b := &Builder{python: python, dir: dir}
	b.cmd = exec.Command(python, append([]string{"-c", program}, libraries...)...)
	b.cmd.Dir = dir
	b.cmd.Env = append(os.Environ(), seed)
	b.cmd.Stderr = os.Stderr
	var err error
	if b.in, err = b.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the clean builder: %w", err)
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the clean builder: %w", err)
	}
	b.out = bufio.NewReader(out)
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the clean builder: %w", err)
	}
	var hello struct{ Sphinx string }
	if err := b.hear(&hello); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.Sphinx = hello.Sphinx
	return b, nil
}

// hear decodes the next line of the process.
func (b *Builder) hear(into any) error {
	watchdog := time.AfterFunc(patience, func() { _ = b.cmd.Process.Kill() })
	defer watchdog.Stop()
	line, err := b.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("hear from the clean builder: %w", err)
	}
	if err := json.Unmarshal(line, into); err != nil {
		return fmt.Errorf("hear from the clean builder: %w", err)
	}
	return nil
}

// Close ends the process.
func (b *Builder) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.in.Close()
	return b.cmd.Wait()
}

// Build builds the project in a fork. The result stays until the next build.
func (b *Builder) Build(project Project) (Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	dir := filepath.Join(b.dir, "clean")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o777)); err != nil {
		return Result{}, fmt.Errorf("make an empty directory: %w", err)
	}
	log, answer := filepath.Join(dir, "log"), filepath.Join(dir, "answer")
	request, err := json.Marshal(map[string]any{
		"source": project.Source, "scratch": filepath.Join(dir, "pycache"), "log": log, "answer": answer,
		"arguments": arguments(project, dir),
	})
	if err != nil {
		return Result{}, err
	}
	if _, err := b.in.Write(append(request, '\n')); err != nil {
		return Result{}, fmt.Errorf("ask for a clean build: %w", err)
	}
	var reply struct{ Status int }
	if err := b.hear(&reply); err != nil {
		return Result{}, err
	}
	text, err := os.ReadFile(log)
	if err != nil {
		return Result{}, fmt.Errorf("read what a clean build printed: %w", err)
	}
	result := Result{Output: filepath.Join(dir, "html"), Log: string(text)}
	if reply.Status != 0 {
		return result, fmt.Errorf("clean build: status %d:\n%s", reply.Status, text)
	}
	data, err := os.ReadFile(answer)
	if err != nil {
		return result, fmt.Errorf("read the result of a clean build: %w", err)
	}
	var told struct {
		Code     int
		Warnings []printed
	}
	if err := json.Unmarshal(data, &told); err != nil {
		return result, fmt.Errorf("read the result of a clean build: %w", err)
	}
	result.Code = told.Code
	for _, p := range told.Warnings {
		result.Warnings = append(result.Warnings, p.warning())
	}
	result.Warnings = Set(result.Warnings)
	return result, nil
}

// Fresh builds the project with a new process, as a person does. Its warnings
// are read from what Sphinx has printed.
func (b *Builder) Fresh(project Project) (Result, error) {
	dir := filepath.Join(b.dir, "fresh")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o777)); err != nil {
		return Result{}, fmt.Errorf("make an empty directory: %w", err)
	}
	file := filepath.Join(dir, "warnings")
	cmd := exec.Command(b.python, append([]string{"-m", "sphinx", "-w", file}, arguments(project, dir)...)...)
	cmd.Dir = project.Source
	cmd.Env = append(os.Environ(), seed, "PYTHONDONTWRITEBYTECODE=1", "PYTHONPYCACHEPREFIX="+filepath.Join(dir, "pycache"))
	text, err := cmd.CombinedOutput()
	result := Result{Output: filepath.Join(dir, "html"), Log: string(text)}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		result.Code = exit.ExitCode()
	} else if err != nil {
		return result, fmt.Errorf("clean build: %w", err)
	}
	told, err := os.ReadFile(file)
	if err != nil {
		return result, fmt.Errorf("read warnings: %w", err)
	}
	result.Warnings = Set(Parse(string(told)))
	return result, nil
}

func arguments(project Project, dir string) []string {
	builder := project.Builder
	if builder == "" {
		builder = "html"
	}
	options := append([]string{"-q", "--no-color", "-j", "1", "-b", builder, "-d", filepath.Join(dir, "doctrees")}, project.Options...)
	return append(options, project.Source, filepath.Join(dir, "html"))
}

// atoi is for numbers that a pattern has matched.
func atoi(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0
	}
	return n
}
