package web

import (
	"context"
	"net/url"
	"strings"
	"testing"
)

// fakeGraph knows one document.
type fakeGraph struct{}

func (fakeGraph) Ask(_ context.Context, query url.Values) (int, any) {
	if query.Get("doc") != "index" {
		return 404, map[string]string{"error": "there is no such document"}
	}
	return 200, map[string]string{"doc": "index"}
}

func TestGraph(t *testing.T) {
	s, _ := newFake(t)
	h, err := New(Options{Site: s, Root: s.dir, Graph: fakeGraph{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, method, target string
		headers              []string
		status               int
		body                 string
	}{
		{name: "a document", method: "GET", target: "/__docserve/graph?doc=index", status: 200, body: `"doc": "index"`},
		{name: "another one", method: "GET", target: "/__docserve/graph?doc=x", status: 404, body: `"error"`},
		{name: "head", method: "HEAD", target: "/__docserve/graph?doc=index", status: 200},
		{name: "parameters", method: "GET", target: "/__docserve/graph?doc=%zz", status: 400, body: "cannot be understood"},
		{name: "it is read-only", method: "POST", target: "/__docserve/graph?doc=index", status: 405, body: "GET"},
		{name: "another host", method: "GET", target: "/__docserve/graph?doc=index", headers: []string{"Host: evil.test"}, status: 421},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := ask(h, test.method, test.target, test.headers...)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.body) {
				t.Errorf("got %d: %s", w.Code, w.Body)
			}
			for name := range w.Result().Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("tells other sites that they may: %s", name)
				}
			}
		})
	}
	if h, err = New(Options{Site: s, Root: s.dir}); err != nil {
		t.Fatal(err)
	}
	if w := ask(h, "GET", "/__docserve/graph?doc=index"); w.Code != 404 {
		t.Errorf("without a graph: %d", w.Code)
	}
}
