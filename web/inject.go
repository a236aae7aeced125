package web

import (
	"bytes"
	"cmp"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// clientPath is where the client script lies; look finds its own work by it.
const clientPath = reserved + "client.js"

// tag is what the client script is told about the page that it stands in.
type tag struct {
	page    string // site path
	hash    string // of the bytes before injection; "" when the page is not there yet
	state   string // a livereload.State
	note    string
	token   string
	version string // of the script, so that it can be cached for good
	root    string // where the site begins, seen from the page: "../"; "" means "/"
	follow  bool   // go where something is edited
	plain   bool   // do not show what has changed
	stand   string // "waiting" or "missing" in a page that stands for another; "" in a real one
}

// String returns the script element. It is pure ASCII, so that it is right in
// whatever encoding the page has.
func (t tag) String() string {
	var b strings.Builder
	b.WriteString(`<script src="`)
	writeASCII(&b, cmp.Or(t.root, "/")+strings.TrimPrefix(clientPath, "/"))
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
	for _, a := range [...]struct {
		name string
		set  bool
	}{{"follow", t.follow}, {"plain", t.plain}} {
		if a.set {
			b.WriteString(" data-" + a.name)
		}
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

// place is what a look at a page tells: where the element goes, and what the
// page says of itself.
type place struct {
	from, to int      // the range of the page that the element takes
	charset  string   // that the page declares; "" when it declares none
	based    bool     // it has a base element, so that relative addresses mean something else
	policies []string // the content security policies that it sets itself
}

// put returns page with the element in its place.
func (p place) put(page []byte, element string) []byte {
	out := make([]byte, 0, len(page)+len(element))
	out = append(out, page[:p.from]...)
	out = append(out, element...)
	return append(out, page[p.to:]...)
}

// look finds the place for the element: before </head>, or else before the last
// </body>, or else at the end, but before a tag that has none. A client element that
// is already there is replaced, so that a page which somebody saved from docserve
// still is right. A real tokenizer looks for it, since "</head>" may stand in a
// comment, a script or an attribute; with a head, as every Sphinx page has one, it
// reads no further than that.
func look(page []byte) place {
	z := html.NewTokenizer(bytes.NewReader(page))
	p := place{from: len(page), to: len(page)}
	body := false
	for offset := 0; ; {
		kind := z.Next()
		raw := len(z.Raw())
		if kind == html.ErrorToken {
			switch {
			case z.Err() != io.EOF:
				p.from, p.to = len(page), len(page)
			case !body:
				p.from, p.to = offset, offset
			}
			return p
		}
		switch kind {
		case html.EndTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "head":
				p.from, p.to = offset, offset
				return p
			case "body":
				p.from, p.to, body = offset, offset, true
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch string(name) {
			case "script":
				if more && isClient(z) {
					p.from, p.to = offset, offset+raw+restOfScript(z)
					return p
				}
			case "meta":
				p.note(attributes(z, more))
			case "base":
				p.based = p.based || attributes(z, more)["href"] != ""
			}
		}
		offset += raw
	}
}

// note takes over what a meta element says of the page.
func (p *place) note(meta map[string]string) {
	if charset := strings.ToLower(strings.TrimSpace(meta["charset"])); p.charset == "" {
		p.charset = charset
	}
	if strings.EqualFold(strings.TrimSpace(meta["http-equiv"]), "Content-Security-Policy") {
		p.policies = append(p.policies, meta["content"])
	}
}

// isClient says whether the script tag that z stands on is ours.
func isClient(z *html.Tokenizer) bool {
	path, _, _ := strings.Cut(attributes(z, true)["src"], "?")
	up, ours := strings.CutSuffix(path, strings.TrimPrefix(clientPath, "/"))
	return ours && (up == "/" || up == "./" || up != "" && strings.ReplaceAll(up, "../", "") == "")
}

// attributes returns those of the tag that z stands on; of one that is there
// twice, the first counts.
func attributes(z *html.Tokenizer, more bool) map[string]string {
	all := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := all[string(key)]; !twice {
			all[string(key)] = string(value)
		}
	}
	return all
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
