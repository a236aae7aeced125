package doctor

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// write makes files below dir.
func write(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// listing names all that is below dir.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTry(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"x": ""})
	p := try(t.Context(), dir, true)
	if !p.Done || p.Err != nil || p.Watch != nil || !p.Event || p.Skew.Abs() > tolerable {
		t.Errorf("got %+v", p)
	}
	if got := listing(t, dir); len(got) != 2 {
		t.Errorf("left behind: %v", got)
	}
	if p := try(t.Context(), filepath.Join(dir, "none"), true); p.Err == nil || p.Watch == nil || p.Event {
		t.Errorf("of a directory that is not there: %+v", p)
	}
	if p := try(t.Context(), dir, false); p.Err != nil || p.Event {
		t.Errorf("without watching: %+v", p)
	}
}

func TestFindPlace(t *testing.T) {
	dir := t.TempDir()
	got := findPlace(filepath.Join(dir, "a", "b"))
	if got.Exists || got.Nearest != dir {
		t.Errorf("got %+v", got)
	}
	if got := findPlace(dir); !got.Exists || got.Nearest != dir {
		t.Errorf("got %+v", got)
	}
	if system := runtime.GOOS; (system == "linux" || system == "darwin" || system == "windows") && (got.Type == "" || !got.Disk.Known) {
		t.Errorf("not known: %+v", got)
	}
}

func TestWalk(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, dir, map[string]string{"a.rst": "", "sub/b.rst": "", "sub/C.rst": "", "_build/x.html": ""})
	write(t, elsewhere, map[string]string{"d.rst": ""})
	now := time.Now()
	for name, ahead := range map[string]time.Duration{"a.rst": time.Hour, "sub/b.rst": 2 * time.Hour, "_build/x.html": 3 * time.Hour, "sub/C.rst": time.Second} {
		if err := os.Chtimes(filepath.Join(dir, name), now, now.Add(ahead)); err != nil {
			t.Fatal(err)
		}
	}
	ignored := func(path string) string {
		if filepath.Base(path) == "_build" {
			return "output directory"
		}
		return ""
	}
	want := Tree{Dirs: 2, Files: 3, Future: 2, Ahead: filepath.Join(dir, "sub", "b.rst"), AheadBy: 2 * time.Hour}
	if os.Symlink(elsewhere, filepath.Join(dir, "linked")) == nil && os.Symlink(dir, filepath.Join(elsewhere, "loop")) == nil &&
		os.Symlink("nowhere", filepath.Join(dir, "broken")) == nil {
		want.Dirs, want.Files = 3, 4
	}
	got := walk(t.Context(), []string{dir, dir}, ignored, now)
	got.AheadBy = got.AheadBy.Round(time.Second)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if os.WriteFile(filepath.Join(dir, "sub", "c.rst"), nil, 0o666) == nil {
		entries, err := os.ReadDir(filepath.Join(dir, "sub"))
		if err != nil {
			t.Fatal(err)
		}
		if got := walk(t.Context(), []string{dir}, ignored, now); (len(entries) == 3) != (got.Clashes[0] != "") {
			t.Errorf("of %d files: %v", len(entries), got.Clashes)
		}
	}
}

func TestLimits(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has none")
	}
	l := limits(nil)
	if l.OpenFiles == 0 || runtime.GOOS == "linux" && (l.Watches == 0 || l.Instances == 0) {
		t.Errorf("got %+v", l)
	}
	if !alive(os.Getpid()) {
		t.Error("this process is not alive")
	}
}

// options are those of a port.
func portOptions(host string, port int, asked bool) Options {
	return Options{Host: host, Port: port, PortSet: asked, Listen: func() (net.Listener, error) {
		if asked {
			return nil, fmt.Errorf("it is taken")
		}
		return net.Listen("tcp", "127.0.0.1:0")
	}}
}

func TestFindPort(t *testing.T) {
	port := func(address string) int { return mustPort(t, address) }
	free := findPort(t.Context(), portOptions("127.0.0.1", 0, true))
	if free.Err != nil || free.Loopback != nil {
		t.Errorf("a free one: %+v", free)
	}

	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	if p := findPort(t.Context(), portOptions("127.0.0.1", port(web.Listener.Addr().String()), false)); !p.Taken || p.Who != HTTP || p.Next == 0 || p.Loopback != nil {
		t.Errorf("a web server: %+v", p)
	}
	if p := findPort(t.Context(), portOptions("127.0.0.1", port(web.Listener.Addr().String()), true)); !p.Taken || p.Next != 0 {
		t.Errorf("a web server, and the port was asked for: %+v", p)
	}

	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"output": "/x", "processes": map[string]int{"docserve": 17}})
	}))
	defer peer.Close()
	if p := findPort(t.Context(), portOptions("127.0.0.1", port(peer.Listener.Addr().String()), true)); p.Who != Docserve || p.PID != 17 {
		t.Errorf("a docserve: %+v", p)
	}

	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	go func() {
		for {
			conn, err := mute.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("220 mail.example ready\r\n"))
			conn.Close()
		}
	}()
	if p := findPort(t.Context(), portOptions("127.0.0.1", port(mute.Addr().String()), true)); !p.Taken || p.Who != Other {
		t.Errorf("a mail server: %+v", p)
	}
	if p := findPort(t.Context(), portOptions("no.such.host.invalid", 0, true)); p.Err == nil || p.Taken {
		t.Errorf("no host: %+v", p)
	}
}

func mustPort(t *testing.T, address string) int {
	t.Helper()
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return resolved.Port
}

func TestIdentity(t *testing.T) {
	home, name, _ := identity(func(string) string { return "" })
	if home == "" && name == "" {
		t.Skip("this user has neither home nor name")
	}
	f := healthy()
	f.home, f.user = home, name
	f.Project.Err = fmt.Errorf("look at %s", filepath.Join(home, "x"))
	if text := f.Report().Text(nil); len(home) > 1 && strings.Contains(text, home) {
		t.Errorf("%s is in the report:\n%s", home, text)
	}
}
