package livereload

import (
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"docserve/internal/digest"
	"docserve/internal/origin"
)

// A guest is a client that docserve has not put into a page: a browser extension,
// an editor, or livereload-js in a page that asks for it. Guests speak LiveReload's
// protocol 7 (http://livereload.com/protocols/official-7, as livereload-js of
// npm has it). They know no token, and are told nothing but paths of the site.
//
// The protocol has no word for how new the page is that a client shows, so a guest
// is not told what it has missed, nor how true its page is. An alert would be a
// window in the reader's way; none is sent.

// protocol7 is the name of the protocol in a handshake.
const protocol7 = "http://livereload.com/protocols/official-7"

// maxGuests bounds the guests at a time. Tabs of docserve's own are counted apart,
// so that guests cannot take their place.
const maxGuests = 256

// official is what guests speak. After the handshake they send info, or url, with
// the address that they show; what else they send is none of our business.
type official struct {
	page    func(address *url.URL) string // the page at an address, "" for none
	greeted bool                          // of the reading side: the guest has said hello
	met     bool                          // of the writing side: our hello was said
}

// command is a message of a guest.
type command struct {
	Command   string   `json:"command"`
	Protocols []string `json:"protocols"`
	URL       string   `json:"url"`
}

// hear turns hello, info and url into a hello, with the page if there is one.
func (o *official) hear(data []byte) (hello, bool, error) {
	var msg command
	if json.Unmarshal(data, &msg) != nil {
		return hello{}, false, errNonsense
	}
	switch {
	case msg.Command == "hello":
		if !slices.Contains(msg.Protocols, protocol7) {
			return hello{}, false, errors.New("greet: the client does not speak LiveReload's protocol 7")
		}
		o.greeted = true
		return hello{}, true, nil
	case !o.greeted:
		return hello{}, false, errors.New("greet: the client has not said hello")
	case msg.Command == "info" || msg.Command == "url":
		return hello{Page: o.shows(msg.URL)}, true, nil
	}
	return hello{}, false, nil
}

// shows returns the page that a guest shows; "" when that cannot be known, and
// everything may concern it.
func (o *official) shows(address string) string {
	u, err := url.Parse(address)
	if err != nil || o.page == nil {
		return ""
	}
	page := o.page(u)
	if !validPage(page) {
		return ""
	}
	return page
}

// greeting7 is the server's part of the handshake.
type greeting7 struct {
	Command   string   `json:"command"`
	Protocols []string `json:"protocols"`
	Server    string   `json:"serverName"`
}

// reload7 asks a guest to show something anew. By its path a client knows style
// sheets and images, which it can exchange; for anything else it loads its page.
type reload7 struct {
	Command string `json:"command"`
	Path    string `json:"path"` // from the root of the site
	CSS     bool   `json:"liveCSS"`
	Images  bool   `json:"liveImg"`
}

// say puts a message into the words of the protocol. The first that a guest is
// sent is the hub's answer to its hello.
func (o *official) say(e envelope) []any {
	var words []any
	if !o.met {
		o.met = true
		words = append(words, greeting7{"hello", []string{protocol7}, "docserve"})
	}
	var paths []string
	switch e.Kind {
	case Update, Reload:
		paths = []string{e.Page}
	case Style, Image:
		paths = e.Paths
	}
	for _, path := range paths {
		words = append(words, reload7{"reload", "/" + path, true, true})
	}
	return words
}

// guestRefusal says why a request must not become a guest's websocket, or "".
// Programs send no Origin, and extensions have one of their own; both have been
// installed by the user. Another web site has neither.
func (h *Hub) guestRefusal(r *http.Request) string {
	if h.opts.Hosts != nil && !h.opts.Hosts(r.Host) {
		return "the Host header names another server"
	}
	if origin.Extension(r) {
		return ""
	}
	return origin.Foreign(r, h.opts.Origins...)
}

// clientScript is the release build of the npm package livereload-js, 4.0.2. Its
// licence is beside it, and that of core-js, of which it contains a part.
//
//go:embed client/livereload.js
var clientScript string

var clientTag = `"` + digest.Of([]byte(clientScript)).String() + `"`

// Guests returns the handler for guests: of their websocket, and, for a path that
// ends in ".js", of the script that some of them load.
func (h *Hub) Guests() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".js") {
			h.connect(w, r, h.guestRefusal(r), &h.guests, &official{page: h.opts.Page})
			return
		}
		head := w.Header()
		head.Set("Content-Type", "text/javascript; charset=utf-8")
		head.Set("Cache-Control", "no-cache")
		head.Set("ETag", clientTag)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(clientScript))
	})
}
