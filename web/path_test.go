package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSitePath(t *testing.T) {
	for _, test := range []struct {
		url, want string
		ok        bool
	}{
		{"/", "index.html", true},
		{"/guide/", "guide/index.html", true},
		{"/guide", "guide", true},
		{"/guide/a b.html", "guide/a b.html", true},
		{"//guide//a.html", "guide/a.html", true},
		{"/ünï.html", "ünï.html", true},
		{"/a..b/c...html", "a..b/c...html", true},
		{"", "", false},
		{"guide", "", false},
		{"*", "", false},
		{"/../etc/passwd", "", false},
		{"/guide/../../etc/passwd", "", false},
		{"/guide/..", "", false},
		{"/./a.html", "", false},
		{"/.buildinfo", "", false},
		{"/.doctrees/index.doctree", "", false},
		{"/.well-known/x", "", false},
		{"/guide/.git/config", "", false},
		{`/..\..\windows`, "", false},
		{`/a\b.html`, "", false},
		{"/a\x00.html", "", false},
		{"/a\nb.html", "", false},
		{"/a\x7f", "", false},
		{"/a\xff.html", "", false},
	} {
		if got, ok := sitePath(test.url); ok != test.ok || ok && got != test.want {
			t.Errorf("sitePath(%q) = %q, %v; want %q, %v", test.url, got, ok, test.want, test.ok)
		}
	}
}

// Whatever comes out is a clean path that stays inside, and comes out again when
// it is asked for.
func TestSitePathProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"/", "..", ".", "a", ".b", "index.html", `\`, "\x00", "é", "%2e", " ", "c:"}))
		url := "/" + strings.Join(parts.Draw(t, "parts"), "")
		got, ok := sitePath(url)
		if !ok {
			return
		}
		if got != path.Clean(got) || path.IsAbs(got) || strings.HasPrefix(got, ".") || strings.Contains(got, "/.") || strings.ContainsAny(got, "\\\x00") {
			t.Fatalf("sitePath(%q) = %q", url, got)
		}
		if again, ok := sitePath("/" + got); !ok || again != got {
			t.Fatalf("sitePath(%q) = %q, and of that %q, %v", url, got, again, ok)
		}
	})
}

func TestAllowHosts(t *testing.T) {
	none := AllowHosts("127.0.0.1", nil)
	some := AllowHosts("docs.lan", []string{"Other.example.", ".sub.example", " padded.example "})
	every := AllowHosts("", []string{"*"})
	for _, test := range []struct {
		host              string
		none, some, every bool
	}{
		{"localhost:8000", true, true, true},
		{"localhost", true, true, true},
		{"LOCALHOST.", true, true, true},
		{"docs.localhost:1", true, true, true},
		{"127.0.0.1:8000", true, true, true},
		{"127.8.8.8", true, true, true},
		{"192.168.1.20:8000", true, true, true},
		{"[::1]:8000", true, true, true},
		{"[::1]", true, true, true},
		{"docs.lan:8000", false, true, true},
		{"other.example", false, true, true},
		{"padded.example", false, true, true},
		{"sub.example", false, true, true},
		{"a.b.sub.example:1", false, true, true},
		{"notsub.example", false, false, true},
		{"evil.test", false, false, true},
		{"localhost.evil.test", false, false, true},
		{"127.0.0.1.evil.test", false, false, true},
		{"", false, false, false},
		{":8000", false, false, false},
		{"::1", true, true, true},
		{"[localhost]", false, false, false},
		{"[::1", false, false, false},
		{"[::1]x", false, false, false},
		{"localhost:port", false, false, false},
		{"a/b", false, false, false},
		{"user@localhost", false, false, false},
		{"evil.test#localhost", false, false, false},
		{"fe80::1%eth0", false, false, false},
	} {
		for name, check := range map[string]struct {
			allowed func(string) bool
			want    bool
		}{"none": {none, test.none}, "some": {some, test.some}, "every": {every, test.every}} {
			if got := check.allowed(test.host); got != check.want {
				t.Errorf("%q with %s: %v, want %v", test.host, name, got, check.want)
			}
		}
	}
}

func TestContentType(t *testing.T) {
	for name, want := range map[string]string{
		"index.html": "text/html; charset=utf-8", "A.HTML": "text/html; charset=utf-8", "theme.css": "text/css; charset=utf-8",
		"a.js": "text/javascript; charset=utf-8", "a.mjs": "text/javascript; charset=utf-8", "a.json": "application/json",
		"a.svg": "image/svg+xml", "a.woff2": "font/woff2", "a.webp": "image/webp", "a.avif": "image/avif",
		"a.wasm": "application/wasm", "sitemap.xml": "text/xml; charset=utf-8", "a.rst.txt": "text/plain; charset=utf-8",
		"objects.inv": "application/octet-stream", "Makefile": "application/octet-stream", "a.unknown": "application/octet-stream",
	} {
		if got := contentType(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestUnprefixed(t *testing.T) {
	for _, test := range []struct {
		target, prefix, path, raw string
		bare                      bool
	}{
		{"/guide/a.html", "", "/guide/a.html", "", false},
		{"/guide/a.html", "/", "/guide/a.html", "", false},
		{"/docs/guide/a.html", "/docs/", "/guide/a.html", "", false},
		{"/guide/a.html", "/docs/", "/guide/a.html", "", false},
		{"/docs/", "/docs/", "/", "", false},
		{"/docs", "/docs/", "/docs", "", true},
		{"/docsx", "/docs/", "/docsx", "", false},
		{"/docs/docs/a.html", "/docs/", "/docs/a.html", "", false},
		{"/a/b/c", "/a/b/", "/c", "", false},
		{"/docs/a%2Fb", "/docs/", "/a/b", "/a%2Fb", false},
		{"/d%6Fcs/a%2Fb", "/docs/", "/docs/a/b", "/d%6Fcs/a%2Fb", false},
		{"/docs//evil.test", "/docs/", "//evil.test", "", false},
	} {
		u, err := url.Parse(test.target)
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{URL: u}
		got, bare := unprefixed(r, test.prefix)
		if got.URL.Path != test.path || got.URL.RawPath != test.raw || bare != test.bare {
			t.Errorf("%s without %s is %q %q, %v", test.target, test.prefix, got.URL.Path, got.URL.RawPath, bare)
		}
		if r.URL.String() != test.target {
			t.Errorf("%s was changed to %s", test.target, r.URL)
		}
	}
}

// Whatever a page's address, a browser finds the root from there.
func TestRootFromProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"/", "//", "a", "b.html", "%2F", "%2e%2e", "é", " ", ":", "?"}))
		page := url.URL{Scheme: "https", Host: "docs.test", Path: "/" + strings.Join(parts.Draw(t, "parts"), "")}
		page = *page.JoinPath() // as http has it: no dot segments
		for _, prefix := range []string{"", "/docs", "/a/b"} {
			outside, err := url.Parse("https://docs.test" + prefix + page.EscapedPath())
			if err != nil {
				t.Fatal(err)
			}
			root, err := outside.Parse(rootFrom(page.EscapedPath()))
			if err != nil || root.Path != prefix+"/" {
				t.Fatalf("from %s, %q leads to %v, %v", outside, rootFrom(page.EscapedPath()), root, err)
			}
		}
	})
}

func TestPageAt(t *testing.T) {
	for address, want := range map[string]string{
		"http://localhost:8000/": "index.html", "http://localhost:8000/docs/guide/?a=b#c": "guide/index.html", "https://docs.test/docs/a%20b.html": "a b.html",
		"http://localhost/a.css": "", "http://localhost/..%2fa.html": "", "file:///home/me/a.html": "home/me/a.html", "mailto:me": "", "/docs": "",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := PageAt("/docs/")(u); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
