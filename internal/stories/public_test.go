package stories

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"docserve/runner"
)

var onThisMachine = regexp.MustCompile(`on this machine: (http://\S+)`)

// elsewhere waits until docserve says a public address, and takes the one on this
// machine for the session.
func (s *session) elsewhere(public string) {
	s.t.Helper()
	s.await("docserve says its addresses", func() error {
		found := onThisMachine.FindStringSubmatch(s.out.String())
		if found == nil || !strings.Contains(s.out.String(), "docserve: "+public+"\n") {
			return errors.New("no address yet")
		}
		s.url = found[1]
		return nil
	})
}

// asks for a path under the name of another host, and returns the status.
func (s *session) asks(host, path string) int {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Host = host
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// TestPublicURL: the public address is told, its host is answered, and a page is
// found with its path and without.
func TestPublicURL(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.launch("--port", "0", "--public-url", "https://docs.test/preview", p.source, p.output)
	s.elsewhere("https://docs.test/preview/")
	s.shows("first.html", "Text of the first page.")
	s.shows("preview/first.html", "Text of the first page.")
	for host, want := range map[string]int{"docs.test": 200, "docs.test:443": 200, "evil.test": 421} {
		if got := s.asks(host, "first.html"); got != want {
			t.Errorf("%s: %d, want %d", host, got, want)
		}
	}
	s.end()
}

// TestForwardedPort: where a port is forwarded, the address is known.
func TestForwardedPort(t *testing.T) {
	story(t)
	if runtime.GOOS == "windows" {
		t.Skip("needs env")
	}
	p := newProject(t, "9.0", small)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	free.Close()
	p.prefix = []string{"env", "CODESPACE_NAME=fluffy", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN=app.test"}
	s := p.launch("--port", port, p.source, p.output)
	s.elsewhere("https://fluffy-" + port + ".app.test/")
	s.printed("the one of GitHub Codespaces")
	s.shows("first.html", "Text of the first page.")
	if got := s.asks("fluffy-"+port+".app.test", "first.html"); got != http.StatusOK {
		t.Errorf("the forwarded host: %d", got)
	}
	s.end()
}

// TestIPv6: docserve serves on an IPv6 address.
func TestIPv6(t *testing.T) {
	story(t)
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("there is no IPv6 here: %v", err)
	}
	probe.Close()
	p := newProject(t, "9.0", small)
	s := p.start("--host", "::1")
	if !strings.HasPrefix(s.url, "http://[::1]:") {
		t.Errorf("the address is %s", s.url)
	}
	s.shows("first.html", "Text of the first page.")
	s.end()
}

// TestEvents: who listens is told the status, what is built, and what browsers are
// told; docserve ends although somebody listens.
func TestEvents(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"__docserve/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	var status runner.Status
	if name := nextEvent(t, lines, &status); name != "status" || !status.Settled || status.Documents != 3 {
		t.Fatalf("the first event is %s, %+v", name, status)
	}
	p.replace("first.rst", "Text of the first page.", "Edited text.")
	var build runner.Build
	var changed, built, settled bool
	for !built || !changed || !settled {
		var data json.RawMessage
		switch name := nextEvent(t, lines, &data); name {
		case "change":
			changed = changed || strings.Contains(string(data), `"kind":"update","page":"first.html"`)
		case "build":
			built = true
			if err := json.Unmarshal(data, &build); err != nil || build.Differ != 1 || fmt.Sprint(build.Changed) != "[first.rst]" {
				t.Errorf("the build is %s, %v", data, err)
			}
		case "status":
			settled = built && strings.Contains(string(data), `"settled":true`)
		default:
			t.Fatalf("the stream ended: %v", lines.Err())
		}
	}
	s.end()
	for nextEvent(t, lines, new(json.RawMessage)) != "" {
		continue
	}
}

// nextEvent reads an event, decodes its data, and returns its name; "" at the end.
func nextEvent(t *testing.T, lines *bufio.Scanner, data any) (name string) {
	t.Helper()
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case key == "event":
			name = value
		case key == "data":
			if err := json.Unmarshal([]byte(value), data); err != nil {
				t.Fatalf("the data of %s: %v", name, err)
			}
		case key == "" && name != "":
			return name
		}
	}
	return ""
}
