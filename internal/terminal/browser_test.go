package terminal

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBrowserCommand(t *testing.T) {
	const url = "http://127.0.0.1:8000/"
	tests := []struct {
		system, browser, installed string
		want                       []string
	}{
		{"linux", "", "xdg-open firefox", []string{"/bin/xdg-open", url}},
		{"linux", "", "gio", []string{"/bin/gio", "open", url}},
		{"linux", "", "", nil},
		{"linux", "firefox", "xdg-open firefox", []string{"/bin/firefox", url}},
		{"linux", "firefox --new-window '%s'", "firefox", []string{"/bin/firefox", "--new-window", url}},
		{"linux", "chromium:firefox", "firefox", []string{"/bin/firefox", url}},
		{"linux", "chromium", "xdg-open", []string{"/bin/xdg-open", url}},
		{"linux", "'", "xdg-open", []string{"/bin/xdg-open", url}},
		{"darwin", "", "", []string{"/usr/bin/open", url}},
		{"windows", "", "", []string{"rundll32", "url.dll,FileProtocolHandler", url}},
	}
	for _, tt := range tests {
		find := func(name string) string {
			if slices.Contains(strings.Fields(tt.installed), name) {
				return "/bin/" + name
			}
			return ""
		}
		browser := strings.ReplaceAll(tt.browser, ":", string(os.PathListSeparator))
		if got := browserCommand(tt.system, url, browser, find); !slices.Equal(got, tt.want) {
			t.Errorf("%s, BROWSER=%q, %s: got %q, want %q", tt.system, tt.browser, tt.installed, got, tt.want)
		}
	}
}

func TestOpenBrowser(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	shown := filepath.Join(dir, "shown")
	script := filepath.Join(dir, "browser")
	// The browser takes longer than the command that starts it.
	text := "#!/bin/sh\nsleep 1.5\necho \"$1\" > '" + shown + ".part'\nmv '" + shown + ".part' '" + shown + "'\n"
	if runtime.GOOS != "linux" {
		text = strings.Replace(text, "sleep 1.5\n", "", 1)
	}
	if err := os.WriteFile(script, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
	env := func(name string) string {
		if name == "BROWSER" {
			return script
		}
		return os.Getenv(name)
	}
	if err := OpenBrowser(t.Context(), "http://127.0.0.1:1/?a=b&c=d", env); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		if got, err := os.ReadFile(shown); err == nil {
			if string(got) != "http://127.0.0.1:1/?a=b&c=d\n" {
				t.Errorf("got %q", got)
			}
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("no browser was started")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestNoBrowser(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("there is always one")
	}
	err := OpenBrowser(t.Context(), "http://127.0.0.1:1/", func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "set BROWSER") {
		t.Errorf("got %v", err)
	}
}
