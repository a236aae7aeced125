package web

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"net/http"
	"path"
	"strings"
)

//go:embed pages/page.html
var pageText string

// pageTemplate is the one page that docserve shows in place of the site's own.
var pageTemplate = template.Must(template.New("page").Parse(pageText))

// standIn is what pageTemplate is filled with.
type standIn struct {
	Title  string
	Text   string
	Detail string
	State  string // "building", "failed" or "missing": the colour of the dot
	Busy   bool
	Client template.HTML
}

// serveWaiting answers for a file that is not there yet. A browser that
// navigates gets a page that replaces itself, others a short text.
func (h *Handler) serveWaiting(w http.ResponseWriter, r *http.Request, name string, f File) {
	w.Header().Set("Retry-After", "1")
	if !wantsPage(r, name) {
		notFresh(w)
		http.Error(w, name+" is being built.", http.StatusServiceUnavailable)
		return
	}
	page := standIn{
		Title: "Building " + name, State: "building", Busy: true, Detail: f.Note,
		Text: "This page has not been written yet. It will appear here by itself.",
	}
	if f.State == "failed" {
		page.Title, page.State, page.Busy = "Cannot build "+name, "failed", false
		page.Text = "This page will appear here by itself once the problem is solved."
	}
	h.serveStandIn(w, r, http.StatusServiceUnavailable, page, tag{page: pageOf(f, name), state: page.State, note: f.Note, stand: "waiting"})
}

// serveMissing answers for a file that the site does not have: with the
// project's own 404.html, if it has one.
func (h *Handler) serveMissing(w http.ResponseWriter, r *http.Request, ctx context.Context, name string) {
	if !wantsPage(r, name) {
		notFresh(w)
		http.Error(w, name+" does not exist.", http.StatusNotFound)
		return
	}
	t := tag{page: pageOf(File{}, name), state: "fresh", stand: "missing"}
	if own, err := h.load(ctx, "404.html"); err == nil {
		defer own.close()
		if own.data != nil {
			notFresh(w)
			spot := look(own.data)
			w.Header().Set("Content-Type", contentType("404.html"))
			setCharset(w.Header(), spot.charset)
			send(w, r, http.StatusNotFound, spot.put(own.data, h.element(r, spot, t)))
			return
		}
	}
	h.serveStandIn(w, r, http.StatusNotFound, standIn{
		Title: "There is no " + name, State: "missing",
		Text: "The site has no such page. If you write it, it will appear here by itself.",
	}, t)
}

// serveTrouble answers when docserve itself could not do its work.
func (h *Handler) serveTrouble(w http.ResponseWriter, r *http.Request, name string, err error) {
	h.serveStandIn(w, r, http.StatusInternalServerError, standIn{
		Title: "Cannot serve " + name, Text: "docserve could not read this page.", State: "failed", Detail: err.Error(),
	}, tag{page: pageOf(File{}, name), state: "failed", note: err.Error(), stand: "waiting"})
}

func (h *Handler) serveStandIn(w http.ResponseWriter, r *http.Request, status int, page standIn, t tag) {
	notFresh(w)
	page.Client = template.HTML(h.element(r, place{}, t)) // made of escaped attributes
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, page); err != nil {
		h.log.Error("could not fill in a page", "err", err)
		http.Error(w, page.Title, status)
		return
	}
	w.Header().Set("Content-Type", contentType("page.html"))
	send(w, r, status, body.Bytes())
}

// notFresh keeps an answer out of every cache: it may be wrong in a moment.
func notFresh(w http.ResponseWriter) {
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
}

// wantsPage says whether an answer that is not the file itself should be a page
// for people.
func wantsPage(r *http.Request, name string) bool {
	return isHTML(name) || path.Ext(name) == "" || strings.Contains(r.Header.Get("Accept"), "text/html")
}

// pageOf returns the site path under which news of a file's page will come.
func pageOf(f File, name string) string {
	if f.Page != "" {
		return f.Page
	}
	return name
}

// refuseHost answers a request whose Host header names another server.
func refuseHost(w http.ResponseWriter, host string) {
	text := "docserve does not answer for this host name. It answers for localhost, for IP addresses, and for the names that it was told.\n"
	if name, ok := hostName(host); ok {
		text += "If \"" + name + "\" is right, start docserve with: --allowed-host " + name + "\n"
	}
	notFresh(w)
	http.Error(w, text, http.StatusMisdirectedRequest)
}
