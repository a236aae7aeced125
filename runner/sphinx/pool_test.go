package sphinx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"docserve/internal/testenv"
)

// running starts a pool that ends with the test.
func running(t *testing.T, python string) (*Pool, context.Context) {
	t.Helper()
	pool, err := NewPool(PoolOptions{Python: python})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		if _, err := os.Stat(pool.Dir()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the private directory is still there: %v", err)
		}
	})
	return pool, ctx
}

func dial(t *testing.T, pool *Pool) net.Conn {
	t.Helper()
	network, address, _ := strings.Cut(pool.address, ":")
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestStrangersAreRefused(t *testing.T) {
	pool, _ := running(t, "python3")
	for name, hello := range map[string]any{
		"wrong token": greeting{Token: "0123", Role: "worker", Ident: "worker-1"},
		"no token":    greeting{Role: "worker", Ident: "worker-1"},
		"no greeting": "hello",
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, pool)
			data, err := json.Marshal(hello)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write(frame(data)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(c); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Logf("closed with %v", err)
			}
			select {
			case event := <-pool.Events():
				t.Errorf("a stranger was let in: %+v", event)
			default:
			}
		})
	}
}

func TestFrames(t *testing.T) {
	for _, data := range []string{"", "{}", strings.Repeat("x", 1<<20)} {
		got, err := readFrame(bytes.NewReader(frame([]byte(data))), maxFrame)
		if err != nil || string(got) != data {
			t.Errorf("frame of %d bytes: %d bytes, %v", len(data), len(got), err)
		}
	}
	if _, err := readFrame(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff}), maxFrame); err == nil {
		t.Error("a frame of 4 GB was accepted")
	}
	if _, err := readFrame(bytes.NewReader(frame([]byte("{}"))[:5]), maxFrame); err == nil {
		t.Error("half a frame was accepted")
	}
}

// TestPythonPrintsIntoNothing has conf.py write to the standard streams, close
// them, and read its input: none of it may reach the protocol.
func TestPythonPrintsIntoNothing(t *testing.T) {
	pool, ctx := running(t, testenv.Python(t, "9.0"))
	source := t.TempDir()
	conf := "import os, sys\nprint('x' * 1000000)\nsys.stderr.write('y' * 1000000)\nassert sys.stdin.read() == ''\nos.write(1, b'z')\nos.close(0)\n"
	for name, text := range map[string]string{"conf.py": conf, "index.rst": "Start\n=====\n"} {
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := pool.Spawn(ctx, "worker-1"); err != nil {
		t.Fatal(err)
	}
	conn := next(t, pool).Conn
	if conn == nil || conn.Role != "worker" {
		t.Fatalf("no worker has connected: %+v", conn)
	}
	options := Options{Source: source, Config: source, Output: filepath.Join(source, "out"), Doctrees: filepath.Join(source, "trees"), Builder: "html"}
	if _, err := conn.Send("open", map[string]any{"options": options}); err != nil {
		t.Fatal(err)
	}
	answer := next(t, pool).Reply
	if answer == nil || answer.Failure != nil {
		t.Fatalf("open: %+v", answer)
	}
	if !strings.HasSuffix(pool.Output("worker-1", 10), "z") {
		t.Errorf("output ends with %q", pool.Output("worker-1", 10))
	}
	pool.Kill("worker-1")
}

// next returns the next news, beside that of progress.
func next(t *testing.T, pool *Pool) Event {
	t.Helper()
	select {
	case event := <-pool.Events():
		if event.Progress {
			return next(t, pool)
		}
		return event
	case <-time.After(time.Minute):
		t.Fatal("no news from the pool")
		return Event{}
	}
}

// TestDriverIsOldPython parses the driver as the oldest Python that it must run on.
func TestDriverIsOldPython(t *testing.T) {
	python := testenv.Python(t, "9.0")
	script := "import ast, sys\nfor name in sys.argv[1:]:\n    ast.parse(open(name, encoding='utf-8').read(), name, feature_version=(3, 9))\n"
	names, err := filepath.Glob("driver/_docserve/*.py")
	if err != nil || len(names) < 8 {
		t.Fatalf("found %d modules of the driver, %v", len(names), err)
	}
	if out, err := exec.Command(python, append([]string{"-c", script, "driver/driver.py"}, names...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
