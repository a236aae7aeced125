package web

import (
	"path"
	"strings"
)

// contentTypes are the types of what a documentation site consists of. The
// table of package mime reads the system's files, so that it would differ from
// machine to machine.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8", ".xhtml": "application/xhtml+xml",
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".json": "application/json", ".map": "application/json", ".ipynb": "application/json", ".webmanifest": "application/manifest+json",
	".xml": "text/xml; charset=utf-8", ".rss": "application/rss+xml", ".atom": "application/atom+xml", ".xsl": "text/xml; charset=utf-8",
	".wasm": "application/wasm", ".inv": "application/octet-stream",

	".txt": "text/plain; charset=utf-8", ".rst": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8",
	".py": "text/plain; charset=utf-8", ".pyi": "text/plain; charset=utf-8", ".c": "text/plain; charset=utf-8",
	".h": "text/plain; charset=utf-8", ".cpp": "text/plain; charset=utf-8", ".rs": "text/plain; charset=utf-8",
	".go": "text/plain; charset=utf-8", ".sh": "text/plain; charset=utf-8", ".diff": "text/plain; charset=utf-8",
	".patch": "text/plain; charset=utf-8", ".log": "text/plain; charset=utf-8", ".toml": "text/plain; charset=utf-8",
	".yaml": "text/plain; charset=utf-8", ".yml": "text/plain; charset=utf-8", ".ini": "text/plain; charset=utf-8",
	".cfg": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".dot": "text/plain; charset=utf-8",
	".tex": "text/plain; charset=utf-8", ".bib": "text/plain; charset=utf-8",

	".svg": "image/svg+xml", ".png": "image/png", ".apng": "image/apng", ".gif": "image/gif", ".jpg": "image/jpeg",
	".jpeg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon", ".bmp": "image/bmp",
	".tif": "image/tiff", ".tiff": "image/tiff",

	".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf", ".otf": "font/otf", ".eot": "application/vnd.ms-fontobject",

	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav",
	".flac": "audio/flac", ".vtt": "text/vtt; charset=utf-8",

	".pdf": "application/pdf", ".epub": "application/epub+zip", ".zip": "application/zip", ".gz": "application/gzip",
	".tgz": "application/gzip", ".xz": "application/x-xz", ".bz2": "application/x-bzip2", ".tar": "application/x-tar",
	".whl": "application/zip", ".glb": "model/gltf-binary", ".gltf": "model/gltf+json",
}

// contentType returns the type of a file by its name. With nosniff a wrong guess
// does harm, so what is not known is a download.
func contentType(name string) string {
	if t, ok := contentTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

func isHTML(name string) bool { return strings.HasPrefix(contentType(name), "text/html") }
