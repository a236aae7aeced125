package web

import (
	"crypto/subtle"
	"errors"
	"net/http"

	"docserve/internal/origin"
)

// tokenHeader carries the token of a request that asks for more than pages. A
// form of another site cannot send it, and a script of another site could only
// after a preflight, which is not answered.
const tokenHeader = "X-Docserve-Token"

// serveVerify starts a verification (POST), ends it (DELETE), and tells how it
// goes (GET). What begins or ends one must be a page of this server, or a program
// that knows its token.
func (h *Handler) serveVerify(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.sendJSON(w, r, http.StatusOK, h.opts.Verifier.Answer())
		return
	case http.MethodPost, http.MethodDelete:
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, DELETE")
		http.Error(w, "docserve knows GET, HEAD, POST and DELETE here.", http.StatusMethodNotAllowed)
		return
	}
	if h.refuses(w, r) {
		return
	}
	if r.Method == http.MethodDelete {
		h.opts.Verifier.Stop()
		h.sendJSON(w, r, http.StatusOK, h.opts.Verifier.Answer())
		return
	}
	switch err := h.opts.Verifier.Start(r.URL.Query().Get("keep") == "1"); {
	case errors.Is(err, ErrBusy):
		http.Error(w, err.Error(), http.StatusConflict)
	case err != nil:
		h.log.Error("could not verify", "err", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		h.sendJSON(w, r, http.StatusAccepted, h.opts.Verifier.Answer())
	}
}

// refuses answers a request that may have no effect, and reports whether it did.
// Every address at which a request has one asks it first.
func (h *Handler) refuses(w http.ResponseWriter, r *http.Request) bool {
	reason := h.refusal(r)
	if reason == "" {
		return false
	}
	h.log.Warn("refused a request that has an effect", "path", r.URL.Path, "reason", reason, "remote", r.RemoteAddr)
	http.Error(w, "docserve does not do this for you: "+reason+".", http.StatusForbidden)
	return true
}

// refusal says why a request may have no effect, or "".
func (h *Handler) refusal(r *http.Request) string {
	if reason := origin.Refusal(r, h.opts.Origins...); reason != "" {
		return reason
	}
	given := r.Header.Get(tokenHeader)
	if h.opts.Token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(h.opts.Token)) != 1 {
		return "the token is not of this run"
	}
	return ""
}
