package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// maxClient is what the client may weigh on the wire, in bytes, all of its
// scripts together.
const maxClient = 16 << 10

func TestClientIsSmall(t *testing.T) {
	byPath, _ := ownAssets()
	total := 0
	for path, a := range byPath {
		t.Logf("%s: %d bytes, %d packed", path, len(a.body), len(a.packed))
		total += len(a.packed)
	}
	if total > maxClient {
		t.Errorf("the client has %d bytes on the wire, and may have %d", total, maxClient)
	}
}

func TestAssetsArePacked(t *testing.T) {
	byPath, version := ownAssets()
	a := byPath[clientPath]
	for _, test := range []struct {
		accept string
		packed bool
	}{
		{"", false}, {"gzip, deflate, br", true}, {"GZIP", true}, {"br", false}, {"gzip;q=0", false}, {"gzip; q=0.0", false}, {"gzip;q=0.5", true},
	} {
		r := httptest.NewRequest(http.MethodGet, clientPath+"?v="+version, nil)
		r.Header.Set("Accept-Encoding", test.accept)
		w := httptest.NewRecorder()
		a.serve(w, r, version)
		want := a.body
		if test.packed {
			want = a.packed
		}
		if got := w.Body.String(); got != string(want) || (w.Header().Get("Content-Encoding") == "gzip") != test.packed {
			t.Errorf("Accept-Encoding %q: %d bytes, encoding %q", test.accept, len(got), w.Header().Get("Content-Encoding"))
		}
	}
}

// BenchmarkClientScript is what the first start of a handler costs.
func BenchmarkClientScript(b *testing.B) {
	for b.Loop() {
		clientScript()
	}
}
