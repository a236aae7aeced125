package web

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// sampleStatus has the form of the real one, with what must be escaped.
type sampleStatus struct{ fakeSite }

func (s *sampleStatus) Status() any {
	return map[string]any{
		"phase": "writing", "done": 3, "total": 9, "documents": 9, "source": "/home/ada/<docs>", "output": "/home/ada/out", "engine": "worker",
		"sphinx": "9.0.4", "python": "3.13.1", "docserve": "docserve 1",
		"stale":       []string{"guide", "<i>"},
		"diagnostics": []any{map[string]any{"severity": "warning", "path": "/home/ada/<docs>/guide.rst", "line": 3, "column": 7, "message": `<script>alert("x")</script>`}},
		"builds": []any{
			map[string]any{"start": time.Unix(0, 0), "initial": true, "total": 2 * time.Second},
			map[string]any{"start": time.Unix(9, 0), "changed": []string{"guide.rst"}, "total": 120 * time.Millisecond, "failed": true},
		},
		"tabs": []any{map[string]any{"page": "guide/index.html", "tabs": 2}}, "processes": map[string]int{"worker": 42},
	}
}

// TestStatusPage: the page is of use without its script, and nothing in it is
// taken for HTML.
func TestStatusPage(t *testing.T) {
	s, _ := newFake(t)
	h, err := New(Options{Site: &sampleStatus{*s}, Root: s.dir, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(h, "GET", "/__docserve/")
	body := w.Body.String()
	for _, want := range []string{
		"<h1>&lt;docs&gt;</h1>", "writing, 3 of 9", "2 pages are out of date", "&lt;i&gt;", "guide.rst:3:7<", "&lt;script&gt;alert(",
		"first build", "2.0 s", "120 ms", "guide/index.html", "9.0.4", "3.13.1", "docserve 1", `data-token="secret"`, "42",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("it lacks %s", want)
		}
	}
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "ZgotmplZ") {
		t.Errorf("not escaped: %s", body)
	}
	if first, last := strings.Index(body, "120 ms"), strings.Index(body, "2.0 s"); first > last {
		t.Error("the newest build is not the first")
	}
	if cache := w.Header().Get("Cache-Control"); cache != "no-store" {
		t.Errorf("it has a token, and may be kept: %q", cache)
	}
}

var reference = regexp.MustCompile(`(?:src|href|action)="([^"]*)"`)

// TestStatusPageStaysHere: nothing on the page leads elsewhere, everything is
// found below any prefix, and the policy forbids whatever a mistake would bring.
func TestStatusPageStaysHere(t *testing.T) {
	_, h := newFake(t)
	w := ask(h, "GET", "/__docserve/")
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
	body := w.Body.String()
	for _, match := range reference.FindAllStringSubmatch(body, -1) {
		if to := match[1]; strings.HasPrefix(to, "/") || strings.Contains(to, "//") {
			t.Errorf("%s is not relative", to)
		}
	}
	for _, inline := range []string{"<style", " style=", "onclick=", "<script>"} {
		if strings.Contains(body, inline) {
			t.Errorf("the policy forbids %s", inline)
		}
	}
	outside := regexp.MustCompile(`(?i)https?://|@import|url\([^#]`)
	for name, a := range h.page.own {
		for _, found := range outside.FindAll(a.body, -1) {
			if !strings.Contains(string(a.body), "http://www.w3.org/2000/svg") || string(found) != "http://" {
				t.Errorf("%s has %s", name, found)
			}
		}
		src := strings.TrimPrefix(name, reserved)
		if !strings.Contains(body, `"`+src+"?v="+h.page.version+`"`) {
			t.Errorf("the page does not use %s", src)
		}
		if w := ask(h, "GET", name+"?v="+h.page.version); !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "–", time.Microsecond: "1 ms", 58 * time.Millisecond: "58 ms", 1250 * time.Millisecond: "1.2 s", 266 * time.Second: "4 min 26 s",
	} {
		if got := took(d); got != want {
			t.Errorf("%v: %s, not %s", d, got, want)
		}
	}
}
