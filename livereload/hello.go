package livereload

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"docserve/internal/digest"
	"docserve/internal/origin"
)

// hello is the first message of a tab, and the only kind that the hub reads.
// A tab says it again when it shows something else.
type hello struct {
	Page  string        `json:"page"`            // site path of the page
	Hash  digest.Digest `json:"hash"`            // of its bytes; "" when it shows none yet
	Token string        `json:"token"`           // from the page, which only this site could read
	Epoch *uint64       `json:"epoch,omitempty"` // last epoch that was heard of; absent after loading
	Age   int64         `json:"age,omitempty"`   // milliseconds since the page began to load

	Seen   bool `json:"seen,omitempty"`   // the tab is in view
	Follow bool `json:"follow,omitempty"` // it goes where something is edited
}

// maxPage bounds a page's path, as file systems do.
const maxPage = 4096

// errToken is told apart from other errors because a tab recovers from it: it
// fetches its page, and finds the token of this run.
var errToken = errors.New("check hello: the token is not of this run")

// check says what is wrong with a hello.
func (h hello) check(token string) error {
	if token == "" || subtle.ConstantTimeCompare([]byte(h.Token), []byte(token)) != 1 {
		return errToken
	}
	if !validPage(h.Page) || h.Age < 0 {
		return errors.New("check hello: not a page")
	}
	return nil
}

// validPage says whether a text can be the path of a page.
func validPage(page string) bool {
	return page != "" && len(page) <= maxPage && utf8.ValidString(page) && !strings.ContainsAny(page, "\x00\\")
}

// refusal says why a request must not become a websocket, or "". A foreign site
// that opens one to this server is told apart by its Origin.
func (h *Hub) refusal(r *http.Request) string {
	if h.opts.Hosts != nil && !h.opts.Hosts(r.Host) {
		return "the Host header names another server"
	}
	return origin.Refusal(r, h.opts.Origins...)
}
