package extensions

import (
	"bytes"
	"compress/zlib"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// origin is a site elsewhere, on this machine, of which a project wants
// something. In stories its address is called ORIGIN, and files below "served"
// are what it has; until it has any, it answers nothing but errors.
type origin struct {
	url   string
	mu    sync.Mutex // guards files
	files map[string][]byte
}

func newOrigin(t *testing.T) *origin {
	o := &origin{files: map[string][]byte{}}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	data, ok := o.files[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		http.Error(w, "not there", http.StatusServiceUnavailable)
		return
	}
	w.Write(data)
}

// put serves a file from now on. An inventory is written in a story as lines,
// and served as Sphinx writes it.
func (o *origin) put(name, text string) {
	data := []byte(text)
	if strings.HasSuffix(name, ".inv") {
		var packed bytes.Buffer
		packed.WriteString("# Sphinx inventory version 2\n# Project: elsewhere\n# Version: 1\n" +
			"# The remainder of this file is compressed using zlib.\n")
		z := zlib.NewWriter(&packed)
		z.Write([]byte(strings.TrimSpace(text) + "\n"))
		z.Close()
		data = packed.Bytes()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files[name] = data
}
