package web

import (
	"net/http"
	"strings"
	"testing"
)

// fakeVerifier counts what is asked of it.
type fakeVerifier struct {
	busy          bool
	started, kept int
	stopped       int
}

func (v *fakeVerifier) Start(keep bool) error {
	if v.busy {
		return ErrBusy
	}
	v.started++
	if keep {
		v.kept++
	}
	return nil
}

func (v *fakeVerifier) Stop()       { v.stopped++ }
func (v *fakeVerifier) Answer() any { return map[string]bool{"running": v.started > 0} }

func TestVerify(t *testing.T) {
	const own, token = "Origin: http://localhost:8000", "X-Docserve-Token: secret"
	for _, test := range []struct {
		name, method, target string
		headers              []string
		busy                 bool
		status               int
		started, kept, stops int
	}{
		{name: "asking changes nothing", method: "GET", target: "/__docserve/verify", status: 200},
		{name: "a page of our own", method: "POST", target: "/__docserve/verify", headers: []string{own, token}, status: 202, started: 1},
		{name: "keep", method: "POST", target: "/__docserve/verify?keep=1", headers: []string{own, token}, status: 202, started: 1, kept: 1},
		{name: "stop", method: "DELETE", target: "/__docserve/verify", headers: []string{own, token}, status: 200, stops: 1},
		{name: "busy", method: "POST", target: "/__docserve/verify", headers: []string{own, token}, busy: true, status: 409},
		{name: "no token", method: "POST", target: "/__docserve/verify", headers: []string{own}, status: 403},
		{name: "another token", method: "POST", target: "/__docserve/verify", headers: []string{own, "X-Docserve-Token: guess"}, status: 403},
		{name: "no origin", method: "POST", target: "/__docserve/verify", headers: []string{token}, status: 403},
		{name: "another site", method: "POST", target: "/__docserve/verify", headers: []string{"Origin: http://evil.test", token}, status: 403},
		{name: "another site stops", method: "DELETE", target: "/__docserve/verify", headers: []string{"Origin: http://evil.test", token}, status: 403},
		{name: "another host", method: "POST", target: "/__docserve/verify", headers: []string{"Host: evil.test", "Origin: http://evil.test", token}, status: 421},
		{name: "a preflight", method: "OPTIONS", target: "/__docserve/verify", headers: []string{"Origin: http://evil.test"}, status: 405},
		{name: "elsewhere", method: "POST", target: "/__docserve/status", headers: []string{own, token}, status: 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := &fakeVerifier{busy: test.busy}
			s, _ := newFake(t)
			h, err := New(Options{Site: s, Root: s.dir, Token: "secret", Verifier: v})
			if err != nil {
				t.Fatal(err)
			}
			w := ask(h, test.method, test.target, test.headers...)
			if w.Code != test.status || v.started != test.started || v.kept != test.kept || v.stopped != test.stops {
				t.Errorf("got %d, %+v: %s", w.Code, *v, w.Body)
			}
			for name := range w.Result().Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("tells other sites that they may: %s", name)
				}
			}
		})
	}
	s, _ := newFake(t)
	h, err := New(Options{Site: s, Root: s.dir, Token: "", Verifier: &fakeVerifier{}})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(h, http.MethodPost, "/__docserve/verify", own, "X-Docserve-Token: "); w.Code != 403 {
		t.Errorf("without any token: %d", w.Code)
	}
}
