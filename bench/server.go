package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// server is a running docserve or sphinx-autobuild.
type server struct {
	*process
	url    string // with a slash at the end
	client *http.Client
}

// address is how both servers announce themselves.
var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+\b`)

// serve waits until the process says where it serves.
func serve(ctx context.Context, p *process) (*server, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	url, err := p.find(ctx, address)
	if err != nil {
		p.kill()
		return nil, err
	}
	return &server{
		process: p,
		url:     url + "/",
		client:  &http.Client{Timeout: time.Minute, Transport: &http.Transport{}},
	}, nil
}

// freePort finds a port for a server that cannot choose one by itself.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// get fetches a path below the site's root.
func (s *server) get(ctx context.Context, path string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", "text/html,*/*")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// served asks for a page until it is answered with mark in it, and returns
// the moment of that and the page.
func (s *server) served(ctx context.Context, path, mark string) (time.Time, []byte, error) {
	const pause = 2 * time.Millisecond // small against what is measured, and no load
	for {
		status, body, err := s.get(ctx, path)
		at := time.Now()
		if err == nil && status == http.StatusOK && bytes.Contains(body, []byte(mark)) {
			return at, body, nil
		}
		if s.ended() {
			return at, nil, fmt.Errorf("wait for %s: the server ended%s", path, s.tail())
		}
		select {
		case <-ctx.Done():
			return at, nil, fmt.Errorf("wait for %s with %s: %w (last answer: status %d, %v)%s", path, mark, ctx.Err(), status, err, s.tail())
		case <-time.After(pause):
		}
	}
}

// status is what docserve says of itself.
type status struct {
	Settled   bool           `json:"settled"`
	Failed    bool           `json:"failed"`
	Changes   int            `json:"changes"`
	Processes map[string]int `json:"processes"`
}

func (s *server) status(ctx context.Context) (status, error) {
	code, body, err := s.get(ctx, "__docserve/status")
	if err != nil {
		return status{}, fmt.Errorf("ask for the status: %w", err)
	}
	if code != http.StatusOK {
		return status{}, fmt.Errorf("ask for the status: answered %d", code)
	}
	var answer status
	if err := json.Unmarshal(body, &answer); err != nil {
		return status{}, fmt.Errorf("ask for the status: %w", err)
	}
	return answer, nil
}

// settled waits until docserve says that nothing is left to do, and returns
// the moment of that.
func (s *server) settled(ctx context.Context) (time.Time, error) {
	began := time.Now()
	for {
		answer, err := s.status(ctx)
		if err == nil && answer.Settled {
			return time.Now(), nil
		}
		if s.ended() {
			return time.Time{}, fmt.Errorf("wait until settled: docserve ended%s", s.tail())
		}
		select {
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("wait until settled: %w (last answer: %+v, %w)%s", ctx.Err(), answer, orNone(err), s.tail())
		case <-time.After(leisurely(time.Since(began)) / 2):
		}
	}
}

// orNone makes an error that may be nil printable.
func orNone(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

// startDocserve starts docserve on the workspace's sources.
func (w *workspace) startDocserve(ctx context.Context, out string, flags ...string) (*server, error) {
	argv := append([]string{w.docserve, "--port", "0"}, flags...)
	p, err := start(append(argv, w.source, out), w.env.active(), w.dir, w.logName("docserve"))
	if err != nil {
		return nil, err
	}
	return serve(ctx, p)
}

// startAutobuild starts sphinx-autobuild, which announces itself before it
// serves, and waits for the edited page.
func (w *workspace) startAutobuild(ctx context.Context, out string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	argv := []string{w.env.bin("sphinx-autobuild"), "--port", port, w.source, out}
	p, err := start(argv, w.env.active(), w.dir, w.logName("autobuild"))
	if err != nil {
		return nil, err
	}
	s := &server{process: p, url: "http://127.0.0.1:" + port + "/", client: &http.Client{Timeout: time.Minute}}
	if _, _, err := s.served(ctx, w.site.page(), w.edited.mark); err != nil {
		p.kill()
		return nil, fmt.Errorf("start sphinx-autobuild: %w", err)
	}
	return s, nil
}

// build runs plain Sphinx and returns how long it took, and the most memory
// that it and its children had.
func (w *workspace) build(ctx context.Context, out string, flags ...string) (time.Duration, int64, error) {
	argv := append([]string{w.env.bin("sphinx-build"), "-q", "-b", "html"}, flags...)
	p, err := start(append(argv, w.source, out), w.env.active(), w.dir, w.logName("sphinx-build"))
	if err != nil {
		return 0, 0, err
	}
	watch := p.watchPeak(ctx)
	took, err := p.wait(ctx)
	most := watch.stop()
	if err != nil {
		return 0, 0, fmt.Errorf("run sphinx-build %s: %w", strings.Join(flags, " "), err)
	}
	return took, most, nil
}
