package web

import (
	"context"
	"net/http"
)

// action is what a request to an address of its own sets off.
type action func(context.Context) error

// action returns what a POST to an address does, nil for an address that only
// shows something.
func (h *Handler) action(path string) action {
	b := h.opts.Builder
	if b == nil {
		return nil
	}
	switch path {
	case reserved + "rebuild":
		return func(ctx context.Context) error {
			b.Rebuild(ctx)
			return ctx.Err()
		}
	case reserved + "clear-cache":
		return b.ClearCache
	}
	return nil
}

// serveAction sets off what a page of this server, or a program that knows its
// token, asks for, and answers with the status of the moment after it.
func (h *Handler) serveAction(w http.ResponseWriter, r *http.Request, does action) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "docserve knows only POST here.", http.StatusMethodNotAllowed)
		return
	}
	if h.refuses(w, r) {
		return
	}
	// Whoever asked may leave: what was begun goes on.
	if err := does(context.WithoutCancel(r.Context())); err != nil {
		h.log.Error("could not do what was asked for", "path", r.URL.Path, "err", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.sendJSON(w, r, http.StatusAccepted, h.opts.Site.Status())
}
