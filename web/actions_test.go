package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// fakeBuilder counts what is asked of it.
type fakeBuilder struct {
	rebuilt, cleared int
	err              error
}

func (b *fakeBuilder) Rebuild(context.Context) { b.rebuilt++ }

func (b *fakeBuilder) ClearCache(context.Context) error {
	b.cleared++
	return b.err
}

// TestActions: what has an effect is done for pages of this server, and for
// programs that know its token; each line that is refused fails without one of
// the protections.
func TestActions(t *testing.T) {
	const own, token = "Origin: http://localhost:8000", "X-Docserve-Token: secret"
	for _, test := range []struct {
		name, method string
		headers      []string
		status       int
		done         bool
	}{
		{name: "a page of our own", method: "POST", headers: []string{own, token}, status: 202, done: true},
		{name: "a page of our own, as browsers say it", method: "POST", headers: []string{own, token, "Sec-Fetch-Site: same-origin"}, status: 202, done: true},
		{name: "asking changes nothing", method: "GET", headers: []string{own, token}, status: 405},
		{name: "nor does a link", method: "HEAD", status: 405},
		{name: "no token", method: "POST", headers: []string{own}, status: 403},
		{name: "another token", method: "POST", headers: []string{own, "X-Docserve-Token: guess"}, status: 403},
		{name: "no origin", method: "POST", headers: []string{token}, status: 403},
		{name: "another site", method: "POST", headers: []string{"Origin: http://evil.test", token}, status: 403},
		{name: "another site of this machine", method: "POST", headers: []string{"Origin: http://localhost:9000", token}, status: 403},
		{name: "a sandboxed frame", method: "POST", headers: []string{"Origin: null", token}, status: 403},
		{name: "another host", method: "POST", headers: []string{"Host: evil.test", "Origin: http://evil.test", token}, status: 421},
		{name: "a preflight", method: "OPTIONS", headers: []string{"Origin: http://evil.test", "Access-Control-Request-Method: POST"}, status: 405},
	} {
		for _, address := range []string{"rebuild", "clear-cache"} {
			t.Run(address+"/"+test.name, func(t *testing.T) {
				b := &fakeBuilder{}
				h := newWithBuilder(t, b, "secret")
				w := ask(h, test.method, "/__docserve/"+address, test.headers...)
				want := fakeBuilder{}
				if test.done && address == "rebuild" {
					want.rebuilt = 1
				} else if test.done {
					want.cleared = 1
				}
				if w.Code != test.status || *b != want {
					t.Errorf("got %d, %+v: %s", w.Code, *b, w.Body)
				}
				for name := range w.Result().Header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("tells other sites that they may: %s", name)
					}
				}
			})
		}
	}
}

func TestActionsWithoutAToken(t *testing.T) {
	b := &fakeBuilder{}
	h := newWithBuilder(t, b, "")
	for _, address := range []string{"rebuild", "clear-cache"} {
		if w := ask(h, http.MethodPost, "/__docserve/"+address, "Origin: http://localhost:8000", "X-Docserve-Token: "); w.Code != 403 || *b != (fakeBuilder{}) {
			t.Errorf("%s: %d, %+v", address, w.Code, *b)
		}
	}
}

func TestActionFails(t *testing.T) {
	h := newWithBuilder(t, &fakeBuilder{err: errors.New("the disk is on fire")}, "secret")
	w := ask(h, http.MethodPost, "/__docserve/clear-cache", "Origin: http://localhost:8000", "X-Docserve-Token: secret")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "the disk is on fire") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

func newWithBuilder(t *testing.T, b Builder, token string) *Handler {
	t.Helper()
	s, _ := newFake(t)
	h, err := New(Options{Site: s, Root: s.dir, Token: token, Builder: b})
	if err != nil {
		t.Fatal(err)
	}
	return h
}
