package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	"docserve/internal/digest"
)

// The client is kept in files of one concern each, and goes out as one script
// without comments and spaces. Idiomorph is the release build of the npm package
// of this name; its licence is beside it.
//
//go:embed client/*.js client/*.css
var clientFiles embed.FS

// clientParts are the files of the client in the order in which they are run.
var clientParts = []string{"idiomorph", "start", "indicator", "highlight", "follow", "overlay", "assets", "known", "patch", "update", "socket"}

// asset is a file that docserve itself brings along.
type asset struct {
	body   []byte
	packed []byte // the same, as gzip packs it
	kind   string
	etag   string // weak: the same for both
}

// ownAssets are docserve's own files by URL path, and a name for their version.
// They are made once, in some milliseconds, when the first handler is.
var ownAssets = sync.OnceValues(func() (map[string]asset, string) {
	body := []byte(clientScript())
	return map[string]asset{clientPath: newAsset(clientPath, body)}, digest.Of(body).String()[:12]
})

// newAsset makes an asset of the content of a file of that name.
func newAsset(name string, body []byte) asset {
	return asset{body: body, packed: pack(body), kind: contentType(name), etag: `W/"` + digest.Of(body).String() + `"`}
}

// clientFile returns an embedded file. That one is missing is a mistake in this
// file, which no test survives.
func clientFile(name string) string {
	text, err := clientFiles.ReadFile("client/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// clientScript puts the client together.
func clientScript() string {
	small := minify.New()
	sheet, err := json.Marshal(shrink(small, css.Minify, clientFile("indicator.css")))
	if err != nil {
		panic(err) // a string can be encoded
	}
	parts := []string{`(() => {"use strict";`, "const sheet = " + string(sheet) + ";"}
	for _, name := range clientParts {
		parts = append(parts, clientFile(name+".js"))
	}
	return shrink(small, js.Minify, strings.Join(append(parts, "})();"), "\n"))
}

// shrink takes out what only people read. What cannot be parsed is a mistake in
// the client's files, which no test survives.
func shrink(m *minify.M, by minify.MinifierFunc, text string) string {
	var out bytes.Buffer
	if err := by(m, &out, strings.NewReader(text), nil); err != nil {
		panic(fmt.Sprintf("minify the client: %v", err))
	}
	return out.String()
}

func pack(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is one of gzip's own
	_, _ = w.Write(body)                                    // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// serve answers with the asset. Under its versioned address it never changes,
// so that a browser has it at hand when the next page comes.
func (a asset) serve(w http.ResponseWriter, r *http.Request, version string) {
	head := w.Header()
	head.Set("Content-Type", a.kind)
	head.Set("ETag", a.etag)
	head.Set("Vary", "Accept-Encoding")
	head.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == version {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if matches(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		head.Set("Content-Encoding", "gzip")
		send(w, r, http.StatusOK, a.packed)
		return
	}
	send(w, r, http.StatusOK, a.body)
}

// takesGzip says whether an Accept-Encoding header names gzip, and does not
// refuse it with a weight of 0.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), "0.") != "" || weight == ""
		}
	}
	return false
}
