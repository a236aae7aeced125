// Package origin tells requests of docserve's own pages from those of other
// sites. Browsers send the header Origin with everything that can change
// something, and let no script change it. The package knows nothing of what a
// request asks for; who else may ask is up to a token.
//
// Headers that proxies add, as X-Forwarded-Host, are not read: whoever reaches
// the port can send them. Under which other origins a server is seen is said to
// the functions here, by who started it.
package origin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Refusal says why a request does not come from a page of this server, or "".
// Its pages have the origin that the Host header names, or one of own
// ("https://docs.example.com"), under which a proxy shows them.
func Refusal(r *http.Request, own ...string) string {
	origins := r.Header.Values("Origin")
	if len(origins) != 1 {
		return "no Origin header"
	}
	u, err := url.Parse(origins[0])
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "the Origin header is not a web site"
	}
	if strings.EqualFold(bare(u.Scheme, u.Host), bare(u.Scheme, r.Host)) ||
		slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(trim(o), trim(origins[0])) }) {
		return ""
	}
	return "the Origin header names another site"
}

// Foreign says why a request comes from the page of another site, or "". Other
// than Refusal it lets programs through, which say nothing of where they come
// from, and what a person typed into the address bar. Browsers leave Origin out of
// plain requests, but say Sec-Fetch-Site with them, at least to servers on the
// same machine and through TLS.
func Foreign(r *http.Request, own ...string) string {
	switch site := r.Header.Values("Sec-Fetch-Site"); {
	case len(site) == 0:
	case len(site) > 1 || site[0] != "same-origin" && site[0] != "none":
		return "the Sec-Fetch-Site header names another site"
	}
	if len(r.Header.Values("Origin")) == 0 {
		return ""
	}
	return Refusal(r, own...)
}

// extensions are the schemes under which browsers run what their user has
// installed. No site can have one.
var extensions = []string{"chrome-extension", "moz-extension", "safari-web-extension"}

// Extension says whether a request comes from an extension of the browser.
func Extension(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) != 1 {
		return false
	}
	u, err := url.Parse(origins[0])
	return err == nil && u.Host != "" && slices.Contains(extensions, u.Scheme)
}

// Of returns the origin of an address: its scheme and host.
func Of(address *url.URL) string { return trim(address.Scheme + "://" + address.Host) }

// trim drops the port from an origin that its scheme has anyway.
func trim(origin string) string {
	scheme, host, _ := strings.Cut(origin, "://")
	return scheme + "://" + bare(scheme, host)
}

// bare drops the port that a scheme has anyway: browsers leave it out of
// Origin, some proxies put it into Host.
func bare(scheme, host string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
