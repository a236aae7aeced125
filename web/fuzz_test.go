package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

const secret = "what no request may show"

// FuzzRequest asks for any path. The answer is one of the few that there are; a
// file of the site comes whole and only under its own path, nothing that lies
// outside comes at all, and a redirect stays where it is.
func FuzzRequest(f *testing.F) {
	top := f.TempDir()
	s := &fakeSite{dir: filepath.Join(top, "html"), files: map[string]File{}, errors: map[string]error{"slow.html": ErrNotYet}}
	for name, text := range map[string]string{
		"index.html": samplePage, "guide/index.html": samplePage, "guide/a b.html": samplePage, "_static/theme.css": "h1 {}",
		".buildinfo": secret, ".doctrees/index": secret, "guide/.hidden": secret, "../outside.html": secret, "../html2/index.html": secret,
	} {
		name = filepath.Join(s.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			f.Fatal(err)
		}
	}
	for name, target := range map[string]string{"out.html": "../outside.html", "outdir": "..", "absolute": top} {
		if err := os.Symlink(target, filepath.Join(s.dir, name)); err != nil {
			f.Skip("needs symbolic links")
		}
	}
	h, err := New(Options{Site: s, Root: s.dir, Token: "token", Wait: 1})
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range []string{
		"/", "/guide", "/guide/", "//guide", "/guide/a b.html", "/_static/theme.css", "/none", "/none/", "/slow.html", "/slow", "", "*", "guide",
		"/../outside.html", "/guide/../../outside.html", "/..", "/.", "/.buildinfo", "/.doctrees/index", "/guide/.hidden", "/out.html", "/outdir/outside.html",
		"/absolute/outside.html", "/outdir", `/..\outside.html`, "/a\x00", "/\xff", "/%2e%2e/outside.html", "//evil.test/..", "/guide//", "/__docserve/status",
		"/__docserve/../outside.html", "/__docserve/client.js", "/index.html/x", "/http://evil.test", "/guide/index.html/", "/c:/x", "/con",
	} {
		f.Add(path, "a=b", "bytes=0-3")
	}
	f.Fuzz(func(t *testing.T, path, query, ranges string) {
		if strings.ContainsAny(query, " #") || strings.ContainsFunc(query, unicode.IsControl) {
			return // no browser sends it
		}
		r := &http.Request{Method: http.MethodGet, Host: "localhost", URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}}
		r.Header.Set("Range", ranges)
		r.Header.Set("If-None-Match", query)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(t.Context()))
		if strings.Contains(w.Body.String(), secret) {
			t.Fatalf("%q shows what is outside", path)
		}
		name, ok := sitePath(path)
		switch w.Code {
		case http.StatusOK, http.StatusNotModified, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
			if strings.HasPrefix(path, reserved) {
				break
			}
			data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
			if !ok || err != nil {
				t.Fatalf("%q is %d; %q, %v", path, w.Code, name, err)
			}
			if got := w.Body.Len(); w.Code == http.StatusOK && got < len(data) {
				t.Fatalf("%q has %d bytes of %d", path, got, len(data))
			}
		case http.StatusFound:
			checkRedirect(t, r.URL, name, w.Header().Get("Location"))
		case http.StatusNotFound:
			if file := filepath.Join(s.dir, filepath.FromSlash(name)); ok && !strings.HasPrefix(path, reserved) && inside(s.dir, file) {
				t.Fatalf("%q is there, and not found", path)
			}
		case http.StatusServiceUnavailable:
			if s.errors[name] == nil {
				t.Fatalf("%q is not on its way", path)
			}
		default:
			t.Fatalf("%q: %d %s", path, w.Code, w.Body)
		}
	})
}

// inside reports whether a path is a file of the directory, not through a link.
func inside(dir, file string) bool {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return false
	}
	dir, err = filepath.EvalSymlinks(dir)
	return err == nil && strings.HasPrefix(real, dir+string(filepath.Separator))
}

// checkRedirect follows a redirect from "/dir" as a browser does: to "/dir/" of
// the same server.
func checkRedirect(t *testing.T, from *url.URL, name, location string) {
	t.Helper()
	asked := &url.URL{Scheme: "http", Host: "localhost", Path: from.Path}
	asked, err := url.Parse(asked.String()) // what was sent
	if err != nil {
		t.Fatal(err)
	}
	to, err := asked.Parse(location)
	if err != nil || to.Host != "localhost" || to.Scheme != "http" || path.Clean(to.Path) != "/"+name || !strings.HasSuffix(to.Path, "/") || to.RawQuery != from.RawQuery {
		t.Fatalf("%q is redirected to %q: %v, %v", from.Path, location, to, err)
	}
}

// FuzzInject puts the client into any page: all bytes of the page are still
// there, in order, around exactly one element; only a client that was there
// before is gone. Where a browser finds the element, doing it once more replaces
// it.
func FuzzInject(f *testing.F) {
	for _, page := range []string{
		"", samplePage, "<head><!-- </head> --></head>", `<script>"</head>"</script></head>`, "<body></body></body>", "<p><!-- </body>", "<HEAD></HEAD >",
		`<script src="/__docserve/client.js?v=1"></script></head>`, `<script src="/__docserve/client.js">`, `<script src=/__docserve/client.js></script`,
		"<plaintext></head>", "<textarea></head></textarea></head>", "<svg><![CDATA[</head>]]></svg>", "<noscript></head></noscript>", "<meta charset='\xff'>", "\x00</head>",
		"<xmp></head></xmp><iframe></head></iframe>", "<template></head></template>", "</head", "<title></head>", "<!-- <script src=\"/__docserve/client.js\"> -->",
	} {
		f.Add([]byte(page), "index.html", "a note")
	}
	f.Fuzz(func(t *testing.T, page []byte, name, note string) {
		one := tag{page: name, note: note, state: "fresh", hash: "1"}.String()
		two := tag{page: name, note: note, state: "failed", hash: "2"}.String()
		once, charset := inject(page, one)
		from, to := look(page).from, look(page).to
		if want := string(page[:from]) + one + string(page[to:]); string(once) != want {
			t.Fatalf("%q became %q", page, once)
		}
		if gone := page[from:to]; len(gone) > 0 && !(bytes.EqualFold(gone[:min(7, len(gone))], []byte("<script")) && isOurs(gone)) {
			t.Fatalf("%q lost %q", page, gone)
		}
		setCharset(http.Header{}, charset)
		if !runs(once) {
			return // behind something unfinished
		}
		direct, _ := inject(page, two)
		if again, _ := inject(once, two); !bytes.Equal(again, direct) {
			t.Fatalf("%q became %q, and then %q", page, once, again)
		}
	})
}

// isOurs reports whether text begins with a script tag of the client.
func isOurs(text []byte) bool {
	z := html.NewTokenizer(bytes.NewReader(text))
	z.Next()
	_, more := z.TagName()
	return more && isClient(z)
}

// runs reports whether a browser finds the client in a page.
func runs(page []byte) bool {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return false // nested deeper than the parser goes
	}
	for n := range root.Descendants() {
		if n.Data == "script" && n.Namespace == "" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
			path, _, _ := strings.Cut(a.Val, "?")
			return a.Key == "src" && path == clientPath
		}) {
			return true
		}
	}
	return false
}

// FuzzHost asks under any name: it is let in only as an address, as a name of
// this machine, or as a name that was allowed.
func FuzzHost(f *testing.F) {
	allowed := AllowHosts("docs.lan", []string{".sub.example"})
	for _, host := range []string{
		"localhost", "localhost:80", "127.0.0.1", "[::1]:80", "::1", "docs.lan.", "a.sub.example", "sub.example", "evil.test", "evil.test#localhost", "evil.test:80:localhost",
		"[::1", "[localhost]", "localhost.evil.test", "evil@localhost", "0x7f.1", "1.2.3.4.evil.test", "fe80::1%localhost", "LOCALHOST", " localhost", ".localhost",
	} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if !allowed(host) {
			return
		}
		u, err := url.Parse("http://" + host + "/")
		if _, bare := netip.ParseAddr(host); bare == nil {
			return // an address without brackets, which no browser sends
		}
		if err != nil {
			t.Fatalf("%q is let in: %v", host, err)
		}
		name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
		_, address := netip.ParseAddr(name)
		if address != nil && name != "localhost" && name != "docs.lan" && name != "sub.example" &&
			!strings.HasSuffix(name, ".localhost") && !strings.HasSuffix(name, ".sub.example") {
			t.Fatalf("%q is let in as %q", host, name)
		}
	})
}
