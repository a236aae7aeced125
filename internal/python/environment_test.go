//go:build unix

package python

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// builder is a Python that can do no more than make environments: it answers the
// probe, copies itself as venv does, and fails, or says that it was called, as
// pip does. It has Sphinx once pip was called.
const builder = `#!/bin/sh
here=$(dirname "$0")
case "$*" in
-c*)
	sphinx=; [ -e "$here/installed" ] && sphinx='"sphinx": "9.0.4", '
	echo "docserve-probe {\"version\": \"3.11.7\", $sphinx\"venv\": true, \"pip\": true}" ;;
"-m venv "*)
	mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo made >>"$LOG" ;;
*"-m pip install --require-hashes"*)
	[ -e "$LOG.offline" ] && { echo "ERROR: No matching distribution found for sphinx"; exit 1; }
	touch "$here/installed" && echo installed >>"$LOG" ;;
*)
	echo "unexpected: $*"; exit 9 ;;
esac
`

func newBuilder(t *testing.T) (e Environment, opts Options, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	t.Setenv("LOG", log)
	opts = Options{Explicit: script(t, filepath.Join(dir, "python"), builder)}
	return Environment{Name: "test", Requirements: []byte("a==1"), CacheDir: filepath.Join(dir, "cache")}, opts, log
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

func TestEnvironmentIsMadeOnce(t *testing.T) {
	e, opts, log := newBuilder(t)
	var said []string
	e.Say = func(text string) { said = append(said, text) }
	first, err := e.Make(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if first.Sphinx != "9.0.4" || !strings.HasPrefix(first.Path, e.CacheDir) || len(said) != 2 {
		t.Errorf("%+v, said %q", first, said)
	}
	second, err := e.Make(t.Context(), opts)
	if err != nil || second != first {
		t.Errorf("%+v, %v", second, err)
	}
	if got := read(t, log); got != "made\ninstalled\n" {
		t.Errorf("it did %q", got)
	}
	if len(said) != 2 {
		t.Errorf("it said something about what was there: %q", said[2:])
	}
	e.Requirements = []byte("a==2")
	if third, err := e.Make(t.Context(), opts); err != nil || third.Path == first.Path {
		t.Errorf("other requirements: %+v, %v", third, err)
	}
}

func TestEnvironmentIsMadeByOneOfMany(t *testing.T) {
	e, opts, log := newBuilder(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := e.Make(t.Context(), opts); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := read(t, log); got != "made\ninstalled\n" {
		t.Errorf("together they did %q", got)
	}
}

func TestEnvironmentIsMadeAnewAfterAnInterruption(t *testing.T) {
	e, opts, log := newBuilder(t)
	if err := os.WriteFile(log+".offline", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := e.Make(t.Context(), opts)
	if err == nil || !strings.Contains(err.Error(), "No matching distribution") || !strings.Contains(err.Error(), "Is the network up?") {
		t.Fatalf("error %v", err)
	}
	if err := os.Remove(log + ".offline"); err != nil {
		t.Fatal(err)
	}
	made, err := e.Make(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, log); got != "made\nmade\ninstalled\n" {
		t.Errorf("it did %q", got)
	}
	// One whose Python has gone since is no good either.
	if err := os.Remove(made.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Make(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
}

func TestEnvironmentWaitsForItsLock(t *testing.T) {
	e, opts, _ := newBuilder(t)
	made, err := e.Make(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(filepath.Dir(made.Path))
	if err := os.Remove(filepath.Join(home, marker)); err != nil {
		t.Fatal(err)
	}
	unlock, err := e.lock(t.Context(), home+".lock")
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan string, 10)
	e.Say = func(text string) { waiting <- text }
	ctx, cancel := context.WithCancelCause(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := e.Make(ctx, opts)
		result <- err
	}()
	if got := <-waiting; !strings.Contains(got, "waiting for another process") {
		t.Errorf("it said %q", got)
	}
	reason := errors.New("no longer wanted")
	cancel(reason)
	if err := <-result; !errors.Is(err, reason) {
		t.Errorf("error %v", err)
	}
	unlock()
	if _, err := e.Make(t.Context(), opts); err != nil {
		t.Error(err)
	}
}

func TestEnvironmentSaysWhatIsMissing(t *testing.T) {
	e, opts, _ := newBuilder(t)
	fake(t, opts.Explicit, `{"version": "3.11.2"}`)
	if _, err := e.Make(t.Context(), opts); err == nil || !strings.Contains(err.Error(), installVenv()) {
		t.Errorf("without venv: %v", err)
	}
	fake(t, opts.Explicit, `{"version": "3.8.2", "venv": true}`)
	var none *NoBaseError
	if _, err := e.Make(t.Context(), opts); !errors.As(err, &none) || !strings.Contains(err.Error(), "find a Python 3.9 or later") {
		t.Errorf("too old: %v", err)
	}
	script(t, opts.Explicit, "#!/bin/sh\nsleep 1000\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := e.Make(ctx, opts); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without time: %v", err)
	}
}

func TestEnvironmentIsMadeWithTheFirstThatCan(t *testing.T) {
	w := newWorld(t)
	fake(t, w.at("bin/python3"), `{"version": "3.8.2", "venv": true}`)
	fake(t, w.at("bin/python"), `{"version": "3.9.2"}`)
	fake(t, w.at("bin/python3.12"), `{"version": "3.12.2", "venv": true}`)
	fake(t, w.at("home/.pyenv/versions/3.9.18/bin/python"), `{"version": "3.9.18", "venv": true}`)
	fake(t, w.at("home/.pyenv/versions/3.13.0/bin/python"), `{"version": "3.13.0", "venv": true}`)
	w.env["HOME"] = w.at("home")
	for _, c := range []struct {
		versions Versions
		want     string
	}{
		{Versions{}, "bin/python3.12"},
		{Versions{Oldest: [2]int{3, 8}}, "bin/python3"},
		{Versions{Newest: [2]int{3, 11}}, "home/.pyenv/versions/3.9.18/bin/python"},
		{Versions{Oldest: [2]int{3, 13}}, "home/.pyenv/versions/3.13.0/bin/python"},
		{Versions{Preferred: [2]int{3, 12}}, "bin/python3.12"},
		{Versions{Preferred: [2]int{3, 13}}, "home/.pyenv/versions/3.13.0/bin/python"},
	} {
		got, err := baseInterpreter(t.Context(), w.options(), c.versions)
		if err != nil || got.path != w.at(c.want) {
			t.Errorf("%+v: %q, %v", c.versions, got.path, err)
		}
	}
	_, err := baseInterpreter(t.Context(), w.options(), Versions{Oldest: [2]int{3, 10}, Newest: [2]int{3, 11}})
	if err == nil || !strings.Contains(err.Error(), "find a Python 3.10 to 3.11") || !strings.Contains(err.Error(), "Python 3.13.0 is too new") {
		t.Errorf("none that fits: %v", err)
	}
}
