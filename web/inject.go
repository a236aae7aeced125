package web

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// clientPath is where the client script lies; inject finds its own work by it.
const clientPath = reserved + "client.js"

// tag is what the client script is told about the page that it stands in.
type tag struct {
	page    string // site path
	hash    string // of the bytes before injection; "" when the page is not there yet
	state   string // a livereload.State
	note    string
	token   string
	version string // of the script, so that it can be cached for good
	stand   string // "waiting" or "missing" in a page that stands for another; "" in a real one
}

// String returns the script element. It is pure ASCII, so that it is right in
// whatever encoding the page has.
func (t tag) String() string {
	var b strings.Builder
	b.WriteString(`<script src="` + clientPath)
	if t.version != "" {
		b.WriteString("?v=" + t.version)
	}
	b.WriteByte('"')
	for _, a := range [...]struct{ name, value string }{
		{"page", t.page}, {"hash", t.hash}, {"state", t.state}, {"note", t.note}, {"token", t.token}, {"stand", t.stand},
	} {
		if a.name == "stand" && a.value == "" {
			continue
		}
		b.WriteString(" data-" + a.name + `="`)
		writeASCII(&b, a.value)
		b.WriteByte('"')
	}
	b.WriteString(" defer></script>")
	return b.String()
}

// writeASCII writes an attribute's value: all but plain characters as character
// references.
func writeASCII(b *strings.Builder, s string) {
	for _, r := range s {
		if r < ' ' || r > '~' || strings.ContainsRune(`"&<>'`, r) {
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
			continue
		}
		b.WriteRune(r)
	}
}

// inject returns page with the element in it, and the character set that the
// page declares ("" when it declares none). The element goes before </head>, or
// else before the last </body>, or else at the end; a client element that is
// already there is replaced, so that a page which somebody saved from docserve
// still is right.
func inject(page []byte, element string) (out []byte, charset string) {
	from, to, charset := spot(page)
	out = make([]byte, 0, len(page)+len(element))
	out = append(out, page[:from]...)
	out = append(out, element...)
	return append(out, page[to:]...), charset
}

// spot returns the range of page that the element takes. A real tokenizer looks
// for it, since "</head>" may stand in a comment, a script or an attribute; with
// a head, as every Sphinx page has one, it reads no further than that.
func spot(page []byte) (from, to int, charset string) {
	z := html.NewTokenizer(bytes.NewReader(page))
	from = len(page)
	to = from
	for offset := 0; ; {
		kind := z.Next()
		raw := len(z.Raw())
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				return len(page), len(page), charset
			}
			return from, to, charset
		}
		switch kind {
		case html.EndTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "head":
				return offset, offset, charset
			case "body":
				from, to = offset, offset
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch string(name) {
			case "script":
				if more && isClient(z) {
					return offset, offset + raw + restOfScript(z), charset
				}
			case "meta":
				if declared := charsetOf(z, more); charset == "" {
					charset = declared
				}
			}
		}
		offset += raw
	}
}

// isClient says whether the script tag that z stands on is ours.
func isClient(z *html.Tokenizer) bool {
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		if string(key) == "src" {
			path, _, _ := bytes.Cut(value, []byte("?"))
			return string(path) == clientPath
		}
	}
	return false
}

// restOfScript returns how many bytes the script's content and end tag have.
func restOfScript(z *html.Tokenizer) int {
	n := 0
	for {
		kind := z.Next()
		n += len(z.Raw())
		if kind == html.EndTagToken || kind == html.ErrorToken {
			return n
		}
	}
}

// charsetOf returns what a meta tag says about the character set.
func charsetOf(z *html.Tokenizer, more bool) string {
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if string(key) == "charset" {
			return strings.ToLower(strings.TrimSpace(string(value)))
		}
	}
	return ""
}
