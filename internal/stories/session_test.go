package stories

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"docserve/internal/testenv"
	"docserve/runner"
)

// markVariable is inherited by every process that a session starts, however
// deep; it is how those that outlive it are found.
const markVariable = "DOCSERVE_STORY"

// session is one run of docserve.
type session struct {
	t       *testing.T
	cmd     *exec.Cmd
	mark    string
	out     *terminal // stdout and stderr, as a person sees them
	url     string
	done    chan struct{} // closed when docserve has ended
	code    int           // exit code, -1 after a signal; set before done is closed
	private map[int]bool  // processes seen in its status
}

// terminal collects what was printed.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *terminal) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(data)
}

func (o *terminal) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs docserve on the project, on a free port, and waits until it says
// its address. The session is ended with the test.
func (p *project) start(arguments ...string) *session {
	p.t.Helper()
	s := p.launch(slices.Concat([]string{"--port", "0"}, arguments, []string{p.source, p.output})...)
	s.awaitAddress()
	return s
}

// launch runs docserve with exactly these arguments, beside those that say
// which Python.
func (p *project) launch(arguments ...string) *session {
	p.t.Helper()
	return p.launchIn(p.dir, arguments...)
}

// command runs another command of docserve in the same way.
func (p *project) command(name string, arguments ...string) *session {
	p.t.Helper()
	return p.run(p.dir, name, arguments...)
}

var marks struct {
	sync.Mutex
	count int
}

// launchIn is launch in a certain working directory.
func (p *project) launchIn(dir string, arguments ...string) *session {
	p.t.Helper()
	return p.run(dir, "", arguments...)
}

// run starts docserve; command is its first word, "" for none.
func (p *project) run(dir, command string, arguments ...string) *session {
	p.t.Helper()
	marks.Lock()
	marks.count++
	mark := fmt.Sprintf("%d-%d", os.Getpid(), marks.count)
	marks.Unlock()
	python := testenv.Python(p.t, p.python)
	s := &session{t: p.t, mark: mark, out: &terminal{}, done: make(chan struct{}), code: -1, private: map[int]bool{}}
	argv := append(slices.Clone(p.prefix), binary)
	if command != "" {
		argv = append(argv, command)
	}
	argv = slices.Concat(argv, []string{"--python", python}, arguments)
	s.cmd = exec.Command(argv[0], argv[1:]...)
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), markVariable+"="+mark, "TMPDIR="+p.dir,
		"CODESPACE_NAME=", "GITPOD_WORKSPACE_URL=") // where the tests run does not matter
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.WaitDelay = 5 * time.Second
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		err := s.cmd.Wait()
		if errors.Is(err, exec.ErrWaitDelay) {
			s.out.Write([]byte("\n[somebody still holds docserve's terminal]\n"))
		}
		s.code = s.cmd.ProcessState.ExitCode()
	}()
	s.endWithTest(arguments)
	return s
}

// endWithTest ends docserve with the test, and shows its terminal if that failed.
func (s *session) endWithTest(arguments []string) {
	s.t.Cleanup(func() {
		s.kill()
		if s.t.Failed() {
			s.t.Logf("terminal of docserve %s:\n%s", strings.Join(arguments, " "), tail(s.out.String(), 6000))
		}
		s.noSurvivors()
	})
}

// tail is the end of a text.
func tail(text string, n int) string {
	if len(text) > n {
		text = "[…] " + text[len(text)-n:]
	}
	return text
}

var address = regexp.MustCompile(`docserve: (http://\S+)`)

func (s *session) awaitAddress() {
	s.t.Helper()
	s.await("docserve says its address", func() error {
		if found := address.FindStringSubmatch(s.out.String()); found != nil {
			s.url = found[1]
			return nil
		}
		select {
		case <-s.done:
			s.t.Fatalf("docserve ended with exit code %d:\n%s", s.code, s.out)
		default:
		}
		return errors.New("no address yet")
	})
}

// await polls until condition has no objection any more.
func (s *session) await(what string, condition func() error) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := condition()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			status, _ := json.Marshal(s.look())
			s.t.Fatalf("waited in vain until %s: %v\nstatus: %s", what, err, tail(string(status), 4000))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// get fetches a path as a browser that navigates does.
func (s *session) get(path string) (int, string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html,*/*")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(body)
}

// look fetches the status; it is zero when there is none.
func (s *session) look() runner.Status {
	var status runner.Status
	if s.url == "" {
		return status
	}
	code, body := s.get("__docserve/status")
	if code != http.StatusOK || json.Unmarshal([]byte(body), &status) != nil {
		return runner.Status{}
	}
	for _, pid := range status.Processes {
		s.private[pid] = true
	}
	return status
}

// settled waits until everything is what a clean build would write.
func (s *session) settled() runner.Status {
	s.t.Helper()
	var status runner.Status
	s.await("all is settled", func() error {
		if status = s.look(); !status.Settled {
			return fmt.Errorf("not settled: %s", status.Phase)
		}
		return nil
	})
	return status
}

// settledAgain waits until an edit has been dealt with: a page shows text, and
// everything has come to rest.
func (s *session) settledAgain(path, text string) runner.Status {
	s.t.Helper()
	s.shows(path, text)
	return s.settled()
}

// shows waits until a page contains a text.
func (s *session) shows(path, text string) {
	s.t.Helper()
	s.await(fmt.Sprintf("%s shows %q", path, text), func() error {
		code, body := s.get(path)
		if code != http.StatusOK || !strings.Contains(body, text) {
			return fmt.Errorf("%d: %s", code, article(body))
		}
		return nil
	})
}

// article is the part of a page that says something.
func article(body string) string {
	for _, start := range []string{"<main", `role="main"`, "<body"} {
		if i := strings.Index(body, start); i >= 0 {
			body = body[i:]
			break
		}
	}
	return body[:min(len(body), 500)]
}

// diagnosed waits until the status has a diagnostic about a file, at a line (0
// is any), with a text.
func (s *session) diagnosed(path string, line int, text string) runner.Diagnostic {
	s.t.Helper()
	var found runner.Diagnostic
	s.await(fmt.Sprintf("%s:%d is said to have %q", path, line, text), func() error {
		given := s.look().Diagnostics
		for _, d := range given {
			if d.Path == path && (line == 0 || d.Line == line) && strings.Contains(d.Message+"\n"+d.Hint, text) {
				found = d
				return nil
			}
		}
		return fmt.Errorf("said: %v", given)
	})
	return found
}

// printed waits until a text stands in the terminal.
func (s *session) printed(text string) {
	s.t.Helper()
	s.await(fmt.Sprintf("the terminal shows %q", text), func() error {
		if !strings.Contains(s.out.String(), text) {
			return fmt.Errorf("it shows:\n%s", tail(s.out.String(), 4000))
		}
		return nil
	})
}

// traces are what no one must ever see of docserve: stacks of its own code.
var traces = regexp.MustCompile(`(?m)^WARNING: DATA RACE|^goroutine \d+ \[|^panic:|_docserve/\w+\.py|Traceback \(most recent call last\)`)

// tidy checks that nobody has been shown the insides of docserve.
func (s *session) tidy() {
	s.t.Helper()
	if found := traces.FindString(s.out.String()); found != "" {
		s.t.Errorf("the terminal shows insides of docserve (%s):\n%s", found, tail(s.out.String(), 6000))
	}
	for _, d := range s.look().Diagnostics {
		if found := traces.FindString(d.Message + "\n" + d.Hint); found != "" {
			s.t.Errorf("a diagnostic shows insides of docserve (%s): %s\n%s", found, d, d.Hint)
		}
	}
}

// interrupt is Ctrl-C.
func (s *session) interrupt() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
}

// ended waits for the end and returns the exit code.
func (s *session) ended() int {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatalf("docserve does not end:\n%s", s.out)
	}
	return s.code
}

// end interrupts docserve and checks that it ends in order.
func (s *session) end() {
	s.t.Helper()
	s.interrupt()
	if code := s.ended(); code != 0 {
		s.t.Errorf("docserve ended with exit code %d after an interrupt:\n%s", code, s.out)
	}
	s.noSurvivors()
}

// kill ends docserve the hard way, whatever its state.
func (s *session) kill() {
	_ = s.cmd.Process.Kill() // an error means that it has ended
	<-s.done
}

// noSurvivors waits until no process of an ended session is left: the kernel
// may take a moment to bury them.
func (s *session) noSurvivors() {
	s.t.Helper()
	s.url = ""
	s.await("no process is left", func() error {
		if left := s.survivors(); len(left) > 0 {
			return fmt.Errorf("still there: %s", strings.Join(left, "; "))
		}
		return nil
	})
}

// survivors describes the processes that are left of a session.
func (s *session) survivors() []string {
	var left []string
	if environments, _ := filepath.Glob("/proc/[0-9]*/environ"); len(environments) > 0 {
		for _, file := range environments {
			environment, err := os.ReadFile(file)
			if err != nil || !slices.Contains(strings.Split(string(environment), "\x00"), markVariable+"="+s.mark) {
				continue
			}
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			left = append(left, filepath.Base(filepath.Dir(file))+" "+strings.ReplaceAll(string(command), "\x00", " "))
		}
		return left
	}
	for pid := range s.private { // without /proc, the processes that it told of
		if process, err := os.FindProcess(pid); err == nil && process.Signal(syscall.Signal(0)) == nil {
			left = append(left, fmt.Sprint(pid))
		}
	}
	return left
}
