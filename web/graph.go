package web

import (
	"context"
	"net/http"
	"net/url"
)

// Graph answers what depends on what.
type Graph interface {
	// Ask answers the parameters of a request with a status and a value for
	// encoding/json. It is called from many goroutines.
	Ask(ctx context.Context, query url.Values) (status int, answer any)
}

// serveGraph answers a question. Like the status, the answer is for everybody who
// may see the pages.
func (h *Handler) serveGraph(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "The parameters cannot be understood: "+err.Error()+".", http.StatusBadRequest)
		return
	}
	status, answer := h.opts.Graph.Ask(r.Context(), query)
	h.sendJSON(w, r, status, answer)
}
