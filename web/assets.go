package web

import (
	_ "embed"
	"net/http"
	"strings"

	"docserve/internal/digest"
)

// The client is kept in files of one concern each, and goes out as one script.
var (
	//go:embed client/start.js
	clientStart string
	//go:embed client/patch.js
	clientPatch string
	//go:embed client/update.js
	clientUpdate string
	//go:embed client/assets.js
	clientAssets string
	//go:embed client/indicator.js
	clientIndicator string
	//go:embed client/socket.js
	clientSocket string

	// idiomorph is the release build of the npm package of this name; its
	// licence is beside it.
	//go:embed client/idiomorph.js
	idiomorph string
)

// asset is a file that docserve itself brings along.
type asset struct {
	body []byte
	kind string
	etag string
}

// assets returns docserve's own files by URL path, and a name for the version
// of all of them together.
func assets() (byPath map[string]asset, version string) {
	client := "(() => {\n\"use strict\";\n" +
		strings.Join([]string{clientStart, clientIndicator, clientAssets, clientPatch, clientUpdate, clientSocket}, "\n") + "})();\n"
	byPath = map[string]asset{}
	for path, text := range map[string]string{clientPath: client, reserved + "idiomorph.js": idiomorph} {
		body := []byte(text)
		byPath[path] = asset{body: body, kind: contentType(path), etag: `"` + digest.Of(body).String() + `"`}
	}
	return byPath, digest.Of([]byte(client + idiomorph)).String()[:12]
}

// serve answers with the asset. Under its versioned address it never changes,
// so that a browser has it at hand when the next page comes.
func (a asset) serve(w http.ResponseWriter, r *http.Request, version string) {
	head := w.Header()
	head.Set("Content-Type", a.kind)
	head.Set("ETag", a.etag)
	head.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == version {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if matches(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, http.StatusOK, a.body)
}
