package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// markVariable is set, to a value of its own, in the environment of each
// measured process, so that its descendants are found wherever they went.
const markVariable = "DOCSERVE_BENCH_PROCESS"

// process is a measured command with its descendants, in a group of its own.
// Its output goes to a file: nobody has to drain it.
type process struct {
	cmd     *exec.Cmd
	mark    string
	log     string
	started time.Time // just before the start
	done    chan struct{}
	err     error // of Wait; read after done
}

// start starts argv with its output in the file log. env is added to the
// benchmark's own environment.
func start(argv, env []string, dir, log string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("create log: %w", err)
	}
	defer out.Close()
	p := &process{
		cmd:  exec.Command(argv[0], argv[1:]...),
		mark: fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano()),
		log:  log,
		done: make(chan struct{}),
	}
	p.cmd.Env = append(append(os.Environ(), env...), markVariable+"="+p.mark)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = out, out
	ownGroup(p.cmd)
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", argv[0], err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// wait waits until the process has ended and returns how long it took. When
// ctx ends first, it kills the process.
func (p *process) wait(ctx context.Context) (time.Duration, error) {
	select {
	case <-p.done:
		took := time.Since(p.started)
		if p.err != nil {
			return took, fmt.Errorf("run %s: %w%s", p.cmd.Args[0], p.err, p.tail())
		}
		return took, nil
	case <-ctx.Done():
		p.kill()
		return 0, ctx.Err()
	}
}

// stop asks the process to end, as Ctrl-C does, and kills what is left of it
// and its descendants after the grace.
func (p *process) stop(grace time.Duration) {
	interrupt(p.cmd)
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	p.kill()
}

// kill ends the process and all its descendants at once.
func (p *process) kill() {
	left := family(p.cmd.Process.Pid, p.mark)
	killGroup(p.cmd)
	for _, pid := range left {
		if other, err := os.FindProcess(pid); err == nil {
			_ = other.Kill() // gone already is as good
		}
	}
	<-p.done
}

// ended says whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// find waits for the first match of want in the process's output.
func (p *process) find(ctx context.Context, want *regexp.Regexp) (string, error) {
	// Often, for the time until the first page is measured from outside.
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		text, err := os.ReadFile(p.log)
		if err != nil {
			return "", fmt.Errorf("read log: %w", err)
		}
		if found := want.Find(text); found != nil {
			return string(found), nil
		}
		if p.ended() {
			return "", fmt.Errorf("wait for %s: it ended%s", p.cmd.Args[0], p.tail())
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for %s to say %v: %w%s", p.cmd.Args[0], want, ctx.Err(), p.tail())
		case <-tick.C:
		}
	}
}

// printed waits until the process has printed text more often than before, and
// returns the moment of that.
func (p *process) printed(ctx context.Context, text string, before int) (time.Time, error) {
	const tick = time.Millisecond // small against what is measured
	for {
		n, err := p.count(text)
		at := time.Now()
		if err != nil || n > before {
			return at, err
		}
		if p.ended() {
			return at, fmt.Errorf("wait for %s: it ended%s", p.cmd.Args[0], p.tail())
		}
		select {
		case <-ctx.Done():
			return at, fmt.Errorf("wait for %s to say %q: %w%s", p.cmd.Args[0], text, ctx.Err(), p.tail())
		case <-time.After(tick):
		}
	}
}

// count says how often the process has printed a text.
func (p *process) count(text string) (int, error) {
	printed, err := os.ReadFile(p.log)
	if err != nil {
		return 0, fmt.Errorf("read log: %w", err)
	}
	return bytes.Count(printed, []byte(text)), nil
}

// tail is the end of the output, for an error message.
func (p *process) tail() string {
	const most = 2000
	text, err := os.ReadFile(p.log)
	text = bytes.TrimSpace(text)
	if err != nil || len(text) == 0 {
		return ""
	}
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return "\n" + string(text)
}

// command runs a short command to its end and returns its output.
func command(ctx context.Context, dir string, argv ...string) (string, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("run %v: %w\n%s", argv, err, bytes.TrimSpace(out))
	}
	return string(bytes.TrimSpace(out)), nil
}
