package running

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// serve answers as a docserve with a certain number would.
func serve(t *testing.T, pid int, output string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Header.Get(SecretHeader) != "secret" {
			http.Error(w, "no secret", http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"output": output, "processes": map[string]int{"docserve": pid}})
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func TestAnnounceAndFind(t *testing.T) {
	state := filepath.Join(t.TempDir(), "doctrees", ".docserve")
	if _, ok := Find(t.Context(), state); ok {
		t.Error("found a server where there is no directory")
	}
	s := Server{URL: serve(t, 17, "/out"), PID: 17, Output: "/out", Secret: "secret"}
	if err := Announce(state, s); err != nil {
		t.Fatal(err)
	}
	if err := Announce(state, s); err != nil { // again, after make clean
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(state, name))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the secret: %v", info.Mode())
	}
	if got, ok := Find(t.Context(), state); !ok || got != s {
		t.Errorf("found %v, %v", got, ok)
	}
	if err := s.Ask(t.Context(), http.MethodPost, "verify", nil); err != nil {
		t.Error(err)
	}
	stranger := s
	stranger.Secret = "guess"
	var refused *StatusError
	if err := stranger.Ask(t.Context(), http.MethodPost, "verify", nil); !errors.As(err, &refused) || refused.Code != http.StatusForbidden {
		t.Errorf("got %v", err)
	}

	other := s
	other.PID = 18
	if err := Withdraw(state, other); err != nil {
		t.Fatal(err)
	}
	if _, ok := Find(t.Context(), state); !ok {
		t.Error("another server's withdrawal removed the file")
	}
	if err := Withdraw(state, s); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(state); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestWhoIsGoneIsNotFound(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for what, s := range map[string]Server{
		"nobody answers":            {URL: closed.URL + "/", PID: 17, Output: "/out"},
		"another process has it":    {URL: serve(t, 18, "/out"), PID: 17, Output: "/out"},
		"it serves something else":  {URL: serve(t, 17, "/other"), PID: 17, Output: "/out"},
		"the file says nothing":     {},
		"the address is no address": {URL: "::", PID: 17, Output: "/out"},
	} {
		state := t.TempDir()
		if err := Announce(state, s); err != nil {
			t.Fatal(err)
		}
		if got, ok := Find(t.Context(), state); ok {
			t.Errorf("%s: found %v", what, got)
		}
	}
	state := t.TempDir()
	if err := os.WriteFile(filepath.Join(state, name), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := Find(t.Context(), state); ok {
		t.Error("found a server in a damaged file")
	}
}
