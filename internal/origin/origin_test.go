package origin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
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

func request(host string, headers http.Header) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host, r.Header = host, headers
	return r
}

func TestRefusalBehindProxy(t *testing.T) {
	own := []string{"https://docs.test", "http://localhost:8000"}
	for origin, ok := range map[string]bool{
		"https://docs.test": true, "https://docs.test:443": true, "https://DOCS.test": true, "http://localhost:8000": true,
		"http://docs.test": false, "https://docs.test:8443": false, "https://evil.test": false, "https://docs.test.evil.test": false,
		"http://localhost:8001": false, "null": false, "": false,
	} {
		// The proxy sends its own idea of Host; what it forwards is not believed.
		r := request("127.0.0.1:8000", http.Header{"Origin": {origin}, "X-Forwarded-Host": {"evil.test"}, "Forwarded": {"host=evil.test"}})
		if reason := Refusal(r, own...); (reason == "") != ok {
			t.Errorf("%q: refusal is %q", origin, reason)
		}
	}
}

func TestForeign(t *testing.T) {
	for _, test := range []struct {
		name    string
		headers http.Header
		ok      bool
	}{
		{"a program", http.Header{}, true},
		{"our own page", http.Header{"Sec-Fetch-Site": {"same-origin"}}, true},
		{"our own page, with an origin", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"http://localhost:8000"}}, true},
		{"our own page, without TLS", http.Header{"Origin": {"http://localhost:8000"}}, true},
		{"the address bar", http.Header{"Sec-Fetch-Site": {"none"}}, true},
		{"another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, false},
		{"another port", http.Header{"Sec-Fetch-Site": {"same-site"}}, false},
		{"said twice", http.Header{"Sec-Fetch-Site": {"none", "cross-site"}}, false},
		{"another site, an old browser", http.Header{"Origin": {"http://evil.test"}}, false},
		{"a file", http.Header{"Origin": {"null"}}, false},
		{"two origins", http.Header{"Origin": {"http://localhost:8000", "http://evil.test"}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if reason := Foreign(request("localhost:8000", test.headers)); (reason == "") != test.ok {
				t.Errorf("foreign is %q", reason)
			}
		})
	}
}

func TestExtension(t *testing.T) {
	for origin, want := range map[string]bool{
		"chrome-extension://abcdef": true, "moz-extension://1-2-3": true, "safari-web-extension://A": true,
		"http://localhost": false, "chrome-extension:": false, "https://chrome-extension": false, "null": false, "": false,
	} {
		if got := Extension(request("localhost", http.Header{"Origin": {origin}})); got != want {
			t.Errorf("%q: %v, want %v", origin, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://docs.test/a/": "https://docs.test", "https://docs.test:443/": "https://docs.test", "http://docs.test:443/": "http://docs.test:443", "http://[::1]:80/": "http://[::1]",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := Of(u); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
