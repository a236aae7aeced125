package running

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzStatus has something answer in the place of a docserve: it is one, with a
// process and an output directory, or a stranger.
func FuzzStatus(f *testing.F) {
	var code int
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write(body)
	}))
	f.Cleanup(server.Close)
	for _, text := range []string{
		`{"settled":true,"output":"/o","processes":{"docserve":12}}`, `{"output":1}`, `{"processes":{"docserve":-1}}`, `{"processes":{"docserve":99999999999999999999}}`, `{"processes":[]}`,
		"<html>", "", "null", `{"output":"/o"`, `{}{}`,
	} {
		f.Add(uint16(200), []byte(text))
		f.Add(uint16(404), []byte(text))
	}
	f.Fuzz(func(t *testing.T, status uint16, data []byte) {
		if code, body = 200+int(status)%400, data; code == http.StatusNoContent || code == http.StatusNotModified {
			body = nil // these have none
		}
		found, err := Identify(t.Context(), server.URL+"/")
		switch {
		case err == nil:
			if code >= 300 || found.PID <= 0 || found.Secret != "" || found.URL != server.URL+"/" {
				t.Fatalf("%d %q is %+v", code, data, found)
			}
		case !errors.Is(err, ErrStranger):
			t.Fatalf("%d %q: %v", code, data, err)
		}
	})
}
