package web

import (
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
