// Package proc starts processes, and sees to it that they end.
//
// It owns every child of docserve: its process group, its end, and the file
// that its output goes to. It knows nothing of what the children do, and
// refuses to give them a pipe: a pipe that nobody reads stops the child that
// fills it. What a child needs to be told, it is told through a socket of its
// own.
//
// No child survives docserve. Each has its own process group, which is killed
// as a whole when the child ends, however it ends, so that nothing that it
// started stays behind (except what has left the group, with setsid say). On
// Linux the kernel kills the child when docserve itself is killed, on Windows a
// job object does. macOS has neither: there a child must notice by itself that
// its socket was closed.
package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// Spec says what to start. Argv is required. Standard input is the null device,
// unless there is a Terminal.
type Spec struct {
	Name   string   // for messages; "" is the base name of Argv[0]
	Argv   []string // the program, looked up in PATH if it has no slash, and its arguments
	Dir    string   // working directory; "" is the current one
	Env    []string // as KEY=value; nil inherits
	Output string   // file for stdout and stderr, made anew; "" is a temporary one
	Nice   bool     // let others go first: a lower priority, as far as the system lets us

	// Terminal is for a child that talks to a person: its standard streams, and
	// it is in the foreground there, so that keys such as Ctrl-C are for it alone,
	// until it has ended. Nothing of its output is kept. It must be the terminal
	// that controls this process, which must be in its foreground. nil is none.
	Terminal *os.File
}

// Process is a process that was started. Its methods may be called from any
// goroutine.
type Process struct {
	name     string
	cmd      *exec.Cmd
	group    *group
	output   *output
	terminal *os.File // that was lent to it; nil for none
	done     chan struct{}

	mu    sync.Mutex // guards ended, and that nobody signals a pid that was given back
	ended bool
	exit  string // written before done is closed
	code  int    // written before done is closed
}

// Start starts a process in a process group of its own.
func Start(spec Spec) (*Process, error) {
	if len(spec.Argv) == 0 {
		return nil, errors.New("start a process: no program given")
	}
	if spec.Name == "" {
		spec.Name = filepath.Base(spec.Argv[0])
	}
	cmd := exec.Command(spec.Argv[0], spec.Argv[1:]...)
	cmd.Dir, cmd.Env = spec.Dir, spec.Env
	cmd.SysProcAttr = attributes()
	var out *output
	if spec.Terminal == nil {
		made, sink, err := newOutput(spec.Output)
		if err != nil {
			return nil, fmt.Errorf("make the output file of %s: %w", spec.Name, err)
		}
		defer sink.Close()
		out, cmd.Stdout, cmd.Stderr = made, sink, sink
	} else {
		out = noOutput()
		cmd.Stdin, cmd.Stdout, cmd.Stderr = spec.Terminal, spec.Terminal, spec.Terminal
		lend(cmd.SysProcAttr, spec.Terminal)
	}
	if err := launch(cmd.Start); err != nil {
		out.end()
		if spec.Terminal != nil {
			takeBack(spec.Terminal)
		}
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	p := &Process{
		name: spec.Name, cmd: cmd, group: newGroup(cmd.Process),
		output: out, terminal: spec.Terminal, done: make(chan struct{}),
	}
	if spec.Nice {
		p.group.relax()
	}
	go p.attend()
	go p.output.tend(p.done)
	return p, nil
}

// attend waits for the process, and ends its group before the pid is given
// back to the system: afterwards the number may be somebody else's.
func (p *Process) attend() {
	err := awaitExit(p.cmd)
	p.mu.Lock()
	p.group.kill()
	if p.cmd.ProcessState == nil {
		err = p.cmd.Wait()
	}
	p.ended = true
	p.group.close()
	p.mu.Unlock()
	p.output.end()
	if p.terminal != nil {
		takeBack(p.terminal)
	}
	switch state := p.cmd.ProcessState; {
	case state != nil:
		p.exit, p.code = state.String(), state.ExitCode()
	default:
		p.exit, p.code = fmt.Sprintf("lost: %v", err), -1
	}
	release()
	close(p.done)
}

// Pid returns the number of the process, which is also that of its group.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Name returns the name that messages should use.
func (p *Process) Name() string { return p.name }

// Done is closed when the process has ended, its group has been killed, and
// Exit, ExitCode and Tail say all that there is to say.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit says how the process ended, such as "exit status 3" or "signal: killed".
// It is "" before Done.
func (p *Process) Exit() string {
	select {
	case <-p.done:
		return p.exit
	default:
		return ""
	}
}

// ExitCode is the exit status, and -1 before Done or after a signal.
func (p *Process) ExitCode() int {
	select {
	case <-p.done:
		return p.code
	default:
		return -1
	}
}

// Kill ends the whole group at once. It may be called again, and after the end.
func (p *Process) Kill() {
	p.signal((*group).kill)
}

// Terminate asks the group to end, waits for at most grace, and then kills it.
// It returns when the process has ended.
func (p *Process) Terminate(grace time.Duration) {
	p.signal((*group).terminate)
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-p.done:
	case <-patience.C:
		p.Kill()
		<-p.done
	}
}

func (p *Process) signal(send func(*group)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		send(p.group)
	}
}

// Tail returns the last n bytes of what the process and its children have
// printed, fewer if there are fewer. At most the last megabyte is certain.
func (p *Process) Tail(n int) []byte { return p.output.tail(n) }

// Printed returns how many bytes the process and its children have printed so
// far.
func (p *Process) Printed() int64 { return p.output.total() }

// AskStacks asks every process of the group to print the stack of each of its
// threads, as the function of that name asks one. What is no Python that has
// registered faulthandler is ended by it.
func (p *Process) AskStacks() { p.signal(func(g *group) { askStacks(g.everybody()) }) }

// Follow calls line for each line of output, without its line end, from the
// first line on, until the process has ended and all was delivered, or ctx is
// done. New lines are noticed within a quarter of a second. A process that
// prints megabytes faster than that loses some in the middle, and a line says so.
func (p *Process) Follow(ctx context.Context, line func(string)) error {
	return p.output.follow(ctx, line)
}

// Result is what a command that was run to its end has left.
type Result struct {
	Output   []byte // stdout and stderr, the last megabyte of it
	ExitCode int    // -1 after a signal
	Exit     string // in words
}

// Run runs a short command to its end. A command that fails is a Result with
// another ExitCode than 0; an error means that it could not be started, or that
// it was killed because ctx was done.
func Run(ctx context.Context, spec Spec) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{ExitCode: -1}, fmt.Errorf("run %v: %w", spec.Argv, err)
	}
	p, err := Start(spec)
	if err != nil {
		return Result{ExitCode: -1}, err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Kill()
		<-p.done
		err = fmt.Errorf("run %s: %w", p.name, context.Cause(ctx))
	}
	return Result{Output: p.Tail(keep), ExitCode: p.code, Exit: p.exit}, err
}

// Executable returns the absolute path of the program name, looked up in the
// directories of path, a list in the manner of the variable PATH. It is "" when
// there is none.
func Executable(name, path string) string {
	for _, dir := range filepath.SplitList(path) {
		if dir == "" || !filepath.IsAbs(dir) {
			continue // the current directory is nobody's choice of interpreter
		}
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found
		}
	}
	return ""
}

// KillGroup ends the group that process pid leads, or, if it leads none,
// process pid. It is for descendants of a Process that have made themselves a
// group; nothing happens if there is no such process.
func KillGroup(pid int) {
	if pid > 1 && pid != os.Getpid() {
		killGroup(pid)
	}
}

// AskStacks asks a Python process that has registered faulthandler for it to
// print the stack of each of its threads to its output. Windows cannot.
func AskStacks(pid int) {
	if pid > 1 {
		askStacks(pid)
	}
}

// EndGroup ends what is left of the group that process pid has led, when that
// itself may have ended: its number can be nobody else's as long as there is
// such a group.
func EndGroup(pid int) {
	if pid > 1 && pid != os.Getpid() {
		endGroup(pid)
	}
}
