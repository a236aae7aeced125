package web

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestForbids(t *testing.T) {
	origins := []string{"https://docs.test"}
	for _, test := range []struct {
		policy string
		rule   string // "" when the client is let in
	}{
		{"", ""},
		{"img-src 'none'; style-src 'self'", ""},
		{"default-src 'self'", ""},
		{"default-src 'none'", "default-src 'none'"},
		{"default-src", "default-src"},
		{"default-src 'none'; script-src 'self'; connect-src 'self'", ""},
		{"default-src 'none'; script-src 'self'", "default-src 'none'"},
		{"script-src 'none'", "script-src 'none'"},
		{"SCRIPT-SRC 'NONE'", "script-src 'NONE'"},
		{"script-src 'none'; script-src 'self'", "script-src 'none'"},
		{"script-src 'none'; script-src-elem 'self'", ""},
		{"script-src 'self'; script-src-elem https://cdn.test", "script-src-elem https://cdn.test"},
		{"script-src 'nonce-abc' 'unsafe-inline'", "script-src 'nonce-abc' 'unsafe-inline'"},
		{"script-src 'self' 'strict-dynamic' 'nonce-abc'", "script-src 'self' 'strict-dynamic' 'nonce-abc'"},
		{"script-src 'sha256-abc' 'self'", ""},
		{"script-src *; connect-src *", ""},
		{"script-src http:", ""},
		{"script-src https:", ""}, // seen through TLS it is let in
		{"script-src data:", "script-src data:"},
		{"script-src localhost:8000", ""},
		{"script-src localhost:*", ""},
		{"script-src http://LOCALHOST:8000/", ""},
		{"script-src localhost", "script-src localhost"},
		{"script-src localhost:9000", "script-src localhost:9000"},
		{"script-src localhost:8000/_static/", "script-src localhost:8000/_static/"},
		{"script-src docs.test", ""},
		{"script-src *.test", ""},
		{"script-src *.docs.test", "script-src *.docs.test"},
		{"script-src ftp://docs.test", "script-src ftp://docs.test"},
		{"connect-src 'none'", "connect-src 'none'"},
		{"connect-src ws://localhost:8000", ""},
		{"connect-src wss:", ""},
		{"connect-src http: https:", "connect-src http: https:"},
		{"connect-src localhost:8000", "connect-src localhost:8000"},
		{"connect-src docs.test", "connect-src docs.test"},
		{"connect-src https://api.test", "connect-src https://api.test"},
	} {
		if got := forbids([]string{test.policy}, "localhost:8000", origins); got != test.rule {
			t.Errorf("%s: %q, want %q", test.policy, got, test.rule)
		}
	}
	if forbids([]string{"script-src 'self'", "connect-src 'none'"}, "localhost:8000", nil) == "" {
		t.Error("of two policies, only the first counts")
	}
}

// A page whose policy keeps the client out goes out as it is, and that is said
// once for all pages with this policy.
func TestPolicyIsRespected(t *testing.T) {
	s, h := newFake(t)
	var log bytes.Buffer
	h.log = slog.New(slog.NewTextHandler(&log, nil))
	strict := `<head><meta content="script-src 'sha256-x'" http-equiv="content-security-policy"></head>a`
	loose := `<head><meta http-equiv="Content-Security-Policy" content="script-src &#39;self&#39;"></head>`
	s.write(t, "a.html", strict)
	s.write(t, "b.html", strings.Replace(strict, "head>a", "head>b", 1))
	s.write(t, "c.html", loose)
	s.write(t, "404.html", strict)
	for _, target := range []string{"/a.html", "/b.html", "/a.html", "/none.html"} {
		if w := ask(h, "GET", target); strings.Contains(w.Body.String(), "__docserve") || !strings.HasPrefix(w.Body.String(), strict[:len(strict)-1]) {
			t.Errorf("%s became %s", target, w.Body)
		}
	}
	if w := ask(h, "GET", "/c.html"); !strings.Contains(w.Body.String(), "__docserve/client.js") {
		t.Errorf("c.html became %s", w.Body)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "page=a.html") || !strings.Contains(text, "script-src 'sha256-x'") {
		t.Errorf("said:\n%s", text)
	}
}

func TestToldIsBounded(t *testing.T) {
	var told told
	said := 0
	for i := range 3 * maxTold {
		if told.first([]string{strings.Repeat("x", i)}) {
			said++
		}
	}
	if said != maxTold || len(told.said) != maxTold {
		t.Errorf("said %d, remembers %d", said, len(told.said))
	}
}

func TestPageWithBase(t *testing.T) {
	s, h := newFake(t)
	s.write(t, "guide/based.html", `<head><base href="elsewhere/"></head>`)
	if w := ask(h, "GET", "/guide/based.html"); !strings.Contains(w.Body.String(), `src="/__docserve/client.js`) {
		t.Errorf("got %s", w.Body)
	}
	if w := ask(h, "GET", "/guide/page.html"); !strings.Contains(w.Body.String(), `src="../__docserve/client.js`) {
		t.Errorf("got %s", w.Body)
	}
}
