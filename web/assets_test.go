package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// maxClient is what the client may weigh on the wire, in bytes, all of its
// scripts together.
const maxClient = 16_000

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

// TestAssetsAreTheSamePacked: whatever docserve brings along is the same for
// browsers that take it packed.
func TestAssetsAreTheSamePacked(t *testing.T) {
	all, _ := ownAssets()
	all = maps.Clone(all)
	maps.Copy(all, newStatusPage().own)
	for path, a := range all {
		r, err := gzip.NewReader(bytes.NewReader(a.packed))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if body, err := io.ReadAll(r); err != nil || !bytes.Equal(body, a.body) {
			t.Errorf("%s: %d bytes packed, %d otherwise, %v", path, len(body), len(a.body), err)
		}
	}
}

// BenchmarkClientScript is what the first start of a handler costs.
func BenchmarkClientScript(b *testing.B) {
	for b.Loop() {
		clientScript()
	}
}

// asked is what a handler asks for problems.
type asked struct{ questions []string }

func (a *asked) Problems(page string, here bool) any {
	a.questions = append(a.questions, fmt.Sprint(page, " ", here))
	return map[string]string{"page": page}
}

func TestProblemsAreAskedFor(t *testing.T) {
	site, _ := newFake(t)
	knows := &asked{}
	h, err := New(Options{Site: site, Root: site.dir, Problems: knows, AllowedHosts: []string{"docs.test"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, remote := range []string{"127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "192.0.2.1:1", "nonsense"} {
		r := httptest.NewRequest(http.MethodGet, "http://docs.test/__docserve/problems?page=guide/a.html", nil)
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Cross-Origin-Resource-Policy") != "same-site" {
			t.Errorf("%s: %d %v", remote, w.Code, w.Header())
		}
	}
	want := []string{"guide/a.html true", "guide/a.html true", "guide/a.html true", "guide/a.html false", "guide/a.html false"}
	if !slices.Equal(knows.questions, want) {
		t.Errorf("asked %q, want %q", knows.questions, want)
	}
	_, none := newFake(t)
	if w := ask(none, "GET", "/__docserve/problems?page=a"); w.Code != http.StatusNotFound {
		t.Errorf("without anybody who knows: %d", w.Code)
	}
}

func TestOptionsReachTheClient(t *testing.T) {
	for _, test := range []struct {
		t    tag
		want string
	}{
		{tag{}, `data-token="" defer>`}, {tag{follow: true}, `data-token="" data-follow defer>`}, {tag{plain: true}, `data-token="" data-plain defer>`},
	} {
		if got := test.t.String(); !strings.Contains(got, test.want) {
			t.Errorf("%+v is %s", test.t, got)
		}
	}
}
