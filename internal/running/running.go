// Package running tells where a docserve is running for an output directory,
// so that another one on the same machine can talk to it.
//
// It owns the file server.json in the state directory. The file is a hint, and
// never a lock: a server that was killed leaves it behind, so whoever it names
// is asked whether it is really there.
package running

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Server is a docserve that serves.
type Server struct {
	URL    string `json:"url"` // with a slash at the end
	PID    int    `json:"pid"`
	Output string `json:"output"` // absolute
	Secret string `json:"secret"` // the token of its run, with which it can be asked for more than pages
}

// name is the file in the state directory.
const name = "server.json"

// Announce writes the file, for nobody but the user to read.
func Announce(state string, s Server) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("announce the server: %w", err)
	}
	if err := os.MkdirAll(state, 0o777); err != nil {
		return fmt.Errorf("announce the server: %w", err)
	}
	// Made anew and put into place whole: an old file may have other rights.
	file, err := os.CreateTemp(state, name+".*~")
	if err != nil {
		return fmt.Errorf("announce the server: %w", err)
	}
	_, err = file.Write(append(data, '\n'))
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(state, name))
	}
	if err != nil {
		return fmt.Errorf("announce the server: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// Withdraw removes the file, if it is still about this server.
func Withdraw(state string, s Server) error {
	if found, err := read(state); err != nil || found != s {
		return nil // another one's, or none
	}
	if err := os.Remove(filepath.Join(state, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("withdraw the server: %w", err)
	}
	return nil
}

func read(state string) (Server, error) {
	var s Server
	data, err := os.ReadFile(filepath.Join(state, name))
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	return s, err
}

// answerTimeout is how long a server on this machine may take to say that it is
// there: it answers from memory, but the machine may be busy.
const answerTimeout = 5 * time.Second

// Find returns the server that the state directory names, if it is there. The
// second result is false when there is none.
func Find(ctx context.Context, state string) (Server, bool) {
	s, ok := Announced(state)
	if !ok {
		return Server{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	// After a crash somebody else may have the port, or another docserve.
	if found, err := Identify(ctx, s.URL); err != nil || found.Output != s.Output || found.PID != s.PID {
		return Server{}, false
	}
	return s, true
}

// Announced returns the server that the state directory names, whether it is
// there or not. The second result is false when it names none.
func Announced(state string) (Server, bool) {
	s, err := read(state)
	return s, err == nil && s.URL != "" && s.PID > 0
}

// ErrStranger says that what answers is no docserve.
var ErrStranger = errors.New("no docserve answers there")

// Identify asks who answers at url, which ends in a slash, and returns the server
// without its secret. If something answers that is no docserve, the error is
// ErrStranger.
func Identify(ctx context.Context, url string) (Server, error) {
	s := Server{URL: url}
	var status struct {
		Output    string
		Processes map[string]int
	}
	var (
		refused  *StatusError
		nonsense *json.SyntaxError
		strange  *json.UnmarshalTypeError
	)
	err := s.Ask(ctx, http.MethodGet, "status", &status)
	switch {
	case errors.As(err, &refused), errors.As(err, &nonsense), errors.As(err, &strange):
		return Server{}, ErrStranger
	case err != nil:
		return Server{}, err
	}
	s.Output, s.PID = status.Output, status.Processes["docserve"]
	if s.PID <= 0 {
		return Server{}, ErrStranger
	}
	return s, nil
}

// StatusError is an answer that says no.
type StatusError struct {
	Code int
	Text string
}

// Error returns what the server said.
func (e *StatusError) Error() string { return e.Text }

// client takes no proxy: the server is on this machine.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// Ask sends a request to what is below /__docserve/, with the secret, and
// decodes the answer into result, unless that is nil.
func (s Server) Ask(ctx context.Context, method, path string, result any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.URL+"__docserve/"+path, nil)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	request.Header.Set("Origin", strings.TrimSuffix(s.URL, "/"))
	request.Header.Set(SecretHeader, s.Secret)
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return fmt.Errorf("ask the server: %w", err)
	case response.StatusCode >= 300:
		return &StatusError{response.StatusCode, string(bytes.TrimSpace(body))}
	case result == nil:
		return nil
	}
	if err := json.Unmarshal(body, result); err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	return nil
}

// SecretHeader is the header of a request that carries the secret. No form of
// another site can send it.
const SecretHeader = "X-Docserve-Token"
