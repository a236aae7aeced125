package stories

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"docserve/internal/testenv"
)

// TestDebugger: --pdb gives the terminal to the debugger, and docserve has it
// back when that ends; the next save is another try.
func TestDebugger(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", with(small, "conf.py", small["conf.py"]+"answer = 41\nraise ValueError('boom')\n"))
	s, person := p.startOnTerminal("--pdb", "--port", "0", p.source, p.output)
	s.awaitAddress()
	s.printed("the debugger (--pdb) needs a process that has the terminal")
	s.printed("(Pdb)")
	if strings.Contains(s.out.String(), "keys: r rebuild") {
		t.Error("docserve offers keys that are the debugger's")
	}
	s.types(person, "p 'in the ' + 'debugger'\n")
	s.printed("in the debugger")
	s.types(person, "q\n")
	s.printed("first build → failed")
	s.diagnosed(p.path("conf.py"), 4, "boom")
	p.replace("conf.py", "raise ValueError('boom')\n", "")
	s.shows("first.html", "Text of the first page.")
	s.settled()
	s.types(person, "\x03") // it is docserve's again
	if code := s.ended(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.noSurvivors()
}

// TestDebuggerNeedsTerminal: without one, docserve says so.
func TestDebuggerNeedsTerminal(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.launch("-P", p.source, p.output)
	if code := s.ended(); code != 2 {
		t.Errorf("exit code %d", code)
	}
	s.printed("-P/--pdb needs a terminal")
}

// startOnTerminal runs docserve as a shell would, on a terminal of its own whose
// other end is returned.
func (p *project) startOnTerminal(arguments ...string) (*session, *os.File) {
	p.t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		p.t.Skip(err)
	}
	p.t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		p.t.Skip(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		p.t.Skip(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		p.t.Skip(err)
	}
	defer program.Close()
	marks.Lock()
	marks.count++
	mark := fmt.Sprintf("%d-%d", os.Getpid(), marks.count)
	marks.Unlock()
	s := &session{t: p.t, mark: mark, out: &terminal{}, done: make(chan struct{}), code: -1, private: map[int]bool{}}
	s.cmd = exec.Command(binary, append([]string{"--python", testenv.Python(p.t, p.python)}, arguments...)...)
	s.cmd.Dir = p.dir
	s.cmd.Env = append(os.Environ(), markVariable+"="+mark, "TMPDIR="+p.dir, "TERM=xterm", "NO_COLOR=1", "PYTHON_COLORS=0")
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = program, program, program
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := person.Read(buffer)
			s.out.Write(buffer[:n])
			if err != nil && !errors.Is(err, syscall.EINTR) {
				return // nobody has the other end any more
			}
		}
	}()
	go func() {
		defer close(s.done)
		if err := s.cmd.Wait(); err == nil || s.cmd.ProcessState != nil {
			s.code = s.cmd.ProcessState.ExitCode()
		}
	}()
	s.endWithTest(arguments)
	return s, person
}

// types has the person press keys.
func (s *session) types(person *os.File, keys string) {
	s.t.Helper()
	if _, err := person.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}
