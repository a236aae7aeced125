package web

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reserved is the path below which docserve answers for itself.
const reserved = "/__docserve/"

// sitePath turns the decoded path of a URL into a site path: no leading slash,
// no empty segments, and "index.html" behind a trailing slash. It says false
// for what no site has and some attack needs: backslashes, control characters,
// text that is not UTF-8, and segments with a leading dot, which covers "." and
// ".." as well as dot files.
func sitePath(url string) (path string, ok bool) {
	if !strings.HasPrefix(url, "/") || !utf8.ValidString(url) ||
		strings.ContainsRune(url, '\\') || strings.ContainsFunc(url, unicode.IsControl) {
		return "", false
	}
	var segments []string
	for segment := range strings.SplitSeq(url, "/") {
		switch {
		case segment == "":
		case segment[0] == '.':
			return "", false
		default:
			segments = append(segments, segment)
		}
	}
	if strings.HasSuffix(url, "/") {
		segments = append(segments, "index.html")
	}
	path = strings.Join(segments, "/")
	return path, filepath.IsLocal(filepath.FromSlash(path)) // device names on Windows
}

// unprefixed returns a request as if it had been made without the prefix of the
// public address ("/docs/"). Some proxies take it off, others pass it on; whether
// it is there tells. The second result is true for the prefix without its last
// slash, which is no address of the site.
func unprefixed(r *http.Request, prefix string) (_ *http.Request, bare bool) {
	if prefix == "" || prefix == "/" {
		return r, false
	}
	if r.URL.Path == strings.TrimSuffix(prefix, "/") {
		return r, true
	}
	path, found := strings.CutPrefix(r.URL.Path, prefix)
	raw, rawFound := strings.CutPrefix(r.URL.RawPath, prefix)
	if !found || r.URL.RawPath != "" && !rawFound {
		return r, false
	}
	inner := new(http.Request)
	*inner = *r
	inner.URL = new(url.URL)
	*inner.URL = *r.URL
	inner.URL.Path = "/" + path
	if r.URL.RawPath != "" {
		inner.URL.RawPath = "/" + raw
	}
	return inner, false
}

// rootFrom returns the root of the site relative to the path of a URL, as a
// browser resolves it: each slash is a step, also an empty one.
func rootFrom(escaped string) string {
	up := strings.Count(escaped, "/") - 1
	if up < 1 {
		return "./"
	}
	return strings.Repeat("../", up)
}

// PageAt returns a function that says which page a browser shows at an address:
// its site path, "" when the address cannot be that of a page. Prefix is as in
// Options.
func PageAt(prefix string) func(*url.URL) string {
	return func(address *url.URL) string {
		r, _ := unprefixed(&http.Request{URL: address}, prefix)
		if path, ok := sitePath(r.URL.Path); ok && isHTML(path) {
			return path
		}
		return ""
	}
}

// forGuests says whether a request is for what LiveReload's protocol has at fixed
// addresses. A page called livereload is no less a page.
func forGuests(r *http.Request) bool {
	switch r.URL.Path {
	case "/livereload.js":
		return true
	case "/livereload":
		return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	}
	return false
}
