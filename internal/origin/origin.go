// Package origin tells requests of docserve's own pages from those of other
// sites. Browsers send the header Origin with everything that can change
// something, and let no script change it. The package knows nothing of what a
// request asks for; who else may ask is up to a token.
package origin

import (
	"net/http"
	"net/url"
	"strings"
)

// Refusal says why a request does not come from a page of this server, or "".
func Refusal(r *http.Request) string {
	origins := r.Header.Values("Origin")
	if len(origins) != 1 {
		return "no Origin header"
	}
	u, err := url.Parse(origins[0])
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "the Origin header is not a web site"
	}
	if !strings.EqualFold(bare(u.Scheme, u.Host), bare(u.Scheme, r.Host)) {
		return "the Origin header names another site"
	}
	return ""
}

// bare drops the port that a scheme has anyway: browsers leave it out of
// Origin, some proxies put it into Host.
func bare(scheme, host string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
