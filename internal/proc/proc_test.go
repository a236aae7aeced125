package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The children of these tests are this test binary itself, told by a variable
// what to do: no other program is the same on every system.
const role = "DOCSERVE_PROC_TEST_ROLE"

func TestMain(m *testing.M) {
	if does := os.Getenv(role); does != "" {
		os.Exit(roles[does](os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

var roles = map[string]func(args []string) int{
	"print": func(args []string) int {
		fmt.Println(strings.Join(args, " "))
		fmt.Fprintln(os.Stderr, "and an error")
		return 3
	},
	"stdin": func([]string) int {
		n, err := os.Stdin.Read(make([]byte, 10))
		fmt.Println(n, err)
		return 0
	},
	"flood": func(args []string) int { // args[0] lines of 100 bytes, then "end"
		n, _ := strconv.Atoi(args[0])
		for i := range n {
			fmt.Printf("%-99d\n", i)
		}
		fmt.Println("end")
		return 0
	},
	"sleep": func([]string) int { time.Sleep(time.Hour); return 0 },
	"pause": func(args []string) int { // says what it is told to, then sleeps
		fmt.Println(args[0])
		time.Sleep(time.Hour)
		return 0
	},
	// family starts a sleeping child that shares its group and its output, says
	// its number, and sleeps or, with an argument, ends.
	"family": func(args []string) int {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), role+"=sleep")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Printf("child %d\n", child.Process.Pid)
		if len(args) > 0 {
			return 0
		}
		time.Sleep(time.Hour)
		return 0
	},
	// owner starts a family by way of this package, says both numbers, and waits
	// to be killed.
	"owner": func([]string) int {
		p, err := Start(roleSpec("family"))
		if err != nil {
			fmt.Println(err)
			return 1
		}
		for range 3000 {
			if bytes.Contains(p.Tail(1000), []byte("\n")) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Printf("parent %d\n%s", p.Pid(), p.Tail(1000))
		time.Sleep(time.Hour)
		return 0
	},
}

func roleSpec(name string, args ...string) Spec {
	return Spec{
		Name: name,
		Argv: append([]string{os.Args[0]}, args...),
		Env:  append(os.Environ(), role+"="+name),
	}
}

func start(t *testing.T, spec Spec) *Process {
	t.Helper()
	p, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Kill(); <-p.Done() })
	return p
}

// eventually waits for a condition, for so long that only a broken one fails.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 3000 {
		if condition() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not after 30 s: %s", what)
}

func TestRun(t *testing.T) {
	result, err := Run(t.Context(), roleSpec("print", "hello", "there"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(result.Output); got != "hello there\nand an error\n" {
		t.Errorf("output %q", got)
	}
	if result.ExitCode != 3 || result.Exit != "exit status 3" {
		t.Errorf("exit %d, %q", result.ExitCode, result.Exit)
	}
}

func TestStandardInputIsEmpty(t *testing.T) {
	result, err := Run(t.Context(), roleSpec("stdin"))
	if err != nil || string(result.Output) != "0 EOF\n" {
		t.Errorf("output %q, error %v", result.Output, err)
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	result, err := Run(ctx, roleSpec("sleep"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if result.ExitCode == 0 || result.Exit == "" {
		t.Errorf("a killed command is said to have ended well: %+v", result)
	}
	if _, err := Run(ctx, roleSpec("print")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a context that is done: %v", err)
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "absent")
	for name, spec := range map[string]Spec{
		"no program":     {},
		"missing":        {Argv: []string{missing}},
		"no directory":   {Argv: []string{os.Args[0]}, Dir: missing},
		"no output file": {Argv: []string{os.Args[0]}, Output: filepath.Join(missing, "out")},
	} {
		if p, err := Start(spec); err == nil {
			p.Kill()
			t.Errorf("%s: no error", name)
		}
	}
	launcher.Lock()
	defer launcher.Unlock()
	if launcher.children != 0 {
		t.Errorf("%d children are still counted", launcher.children)
	}
}

func TestExitIsEmptyBeforeTheEnd(t *testing.T) {
	p := start(t, roleSpec("sleep"))
	if p.Exit() != "" || p.ExitCode() != -1 {
		t.Errorf("exit %q, %d", p.Exit(), p.ExitCode())
	}
	p.Kill()
	p.Kill()
	<-p.Done()
	if p.Exit() == "" {
		t.Error("no exit after the end")
	}
	p.Kill()
	p.Terminate(time.Hour)
	if runtime.GOOS != "windows" && p.Exit() != "signal: killed" {
		t.Errorf("exit %q", p.Exit())
	}
}

func TestOutputThatNoPipeWouldHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	spec := roleSpec("flood", "300000") // 30 MB, with nobody reading
	spec.Output = path
	p := start(t, spec)
	<-p.Done()
	if got := p.Tail(4); string(got) != "end\n" {
		t.Errorf("the output ends with %q", got)
	}
	if got := p.Tail(keep); len(got) != keep {
		t.Errorf("%d bytes are kept, want %d", len(got), keep)
	}
	if p.ExitCode() != 0 {
		t.Errorf("exit %q", p.Exit())
	}
}

func TestTailGrows(t *testing.T) {
	p := start(t, roleSpec("pause", "hello"))
	eventually(t, "the child has printed", func() bool { return string(p.Tail(100)) == "hello\n" })
	if got := string(p.Tail(3)); got != "lo\n" {
		t.Errorf("tail %q", got)
	}
}

func TestTemporaryOutputLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	if _, err := Run(t.Context(), roleSpec("print", "x")); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left: %v, error %v", left, err)
	}
}

func TestFollow(t *testing.T) {
	p := start(t, roleSpec("flood", "5000"))
	var lines []string
	if err := p.Follow(t.Context(), func(line string) { lines = append(lines, line) }); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 5001 || strings.TrimSpace(lines[4999]) != "4999" || lines[5000] != "end" {
		t.Errorf("%d lines, the last %q", len(lines), lines[max(0, len(lines)-1):])
	}
}

func TestFollowStopsWithItsContext(t *testing.T) {
	p := start(t, roleSpec("pause", "hello"))
	ctx, cancel := context.WithCancel(t.Context())
	err := p.Follow(ctx, func(line string) {
		if line != "hello" {
			t.Errorf("line %q", line)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	var all []*Process
	for i := range 12 {
		all = append(all, start(t, roleSpec("print", strconv.Itoa(i))))
	}
	for i, p := range all {
		<-p.Done()
		if got, want := string(p.Tail(100)), fmt.Sprintf("%d\nand an error\n", i); got != want {
			t.Errorf("output %q, want %q", got, want)
		}
	}
}

func TestExecutable(t *testing.T) {
	dir := t.TempDir()
	name := "tool"
	if runtime.GOOS == "windows" {
		name = "tool.bat"
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{"", "relative", t.TempDir(), dir}, string(os.PathListSeparator))
	if got := Executable(name, path); got != filepath.Join(dir, name) {
		t.Errorf("found %q", got)
	}
	if got := Executable("absent", path); got != "" {
		t.Errorf("found %q", got)
	}
}
