package origin

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRefusal(t *testing.T) {
	for _, test := range []struct {
		name, host string
		origin     []string
		ok         bool
	}{
		{"same", "localhost:8000", []string{"http://localhost:8000"}, true},
		{"behind TLS", "docs.test", []string{"https://docs.test"}, true},
		{"case", "docs.test", []string{"http://DOCS.test"}, true},
		{"default port", "docs.test", []string{"http://docs.test:80"}, true},
		{"no origin", "localhost:8000", nil, false},
		{"two origins", "localhost:8000", []string{"http://localhost:8000", "http://evil.test"}, false},
		{"another site", "localhost:8000", []string{"http://evil.test"}, false},
		{"another port", "localhost:8000", []string{"http://localhost:8001"}, false},
		{"null", "localhost:8000", []string{"null"}, false},
		{"a file", "localhost:8000", []string{"file://"}, false},
		{"malformed", "localhost:8000", []string{"http://[::1"}, false},
		{"an origin that begins alike", "docs.test", []string{"http://docs.test.evil.test"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Host = test.host
			r.Header["Origin"] = test.origin
			if reason := Refusal(r); (reason == "") != test.ok {
				t.Errorf("refusal is %q", reason)
			}
		})
	}
}
