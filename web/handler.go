// Package web owns HTTP: it turns URLs into site paths, serves what the Site
// says is current, puts the browser client into pages as they go out, and keeps
// out who has no business here.
//
// It refuses to know how pages come about (it asks Site and waits), to change a
// file, and to serve anything that lies outside the directories that it was
// given.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"time"

	"docserve/internal/digest"
)

// Errors of Site.Fetch that have an answer of their own.
var (
	// ErrNotFound means that the site has no such file, and that none is on
	// its way.
	ErrNotFound = errors.New("no such file in the site")
	// ErrNotYet means that the file belongs to the site and was never written,
	// or not within the time that ctx allowed. Page, State and Note of the File
	// that comes with it may be set: with State "failed" it cannot be written
	// before something is repaired.
	ErrNotYet = errors.New("not written yet")
)

// defaultWait is how long a request waits for a page that was never written: long
// enough for nearly every page that a warm worker writes, short enough that
// nobody reaches for the reload button. For newer bytes of one that was, Site
// decides, and does not wait as long.
const defaultWait = 2 * time.Second

// Options are what a Handler is made from. Site and Root are needed.
type Options struct {
	Site         Site
	Socket       http.Handler // the live reload hub, at /__docserve/ws; nil serves no websockets
	Root         string       // the output directory; absolute
	Also         []string     // further directories that files of Site may lie in, as that of previews; absolute
	Hidden       []string     // directories of which nothing is served, as that of the doctrees; absolute
	Logger       *slog.Logger // nil discards
	Guests       http.Handler // clients that speak LiveReload's protocol, at /livereload and /livereload.js; nil serves none
	Events       http.Handler // the stream of events, at /__docserve/events; nil serves none
	Verifier     Verifier     // at /__docserve/verify; nil verifies nothing
	Graph        Graph        // at /__docserve/graph; nil answers nothing
	Problems     Problems     // at /__docserve/problems; nil knows of none
	Follow       bool         // the client goes where something is edited, until somebody says otherwise there
	NoHighlight  bool         // the client does not show what has changed
	Builder      Builder      // at /__docserve/rebuild and /__docserve/clear-cache; nil builds nothing anew
	Token        string       // what the client must say to Socket, and with what asks for more than pages
	AllowedHosts []string     // further names for the Host header, see AllowHosts
	Host         string       // the address or name that the server is bound to
	Origins      []string     // origins of the site beside the one that the Host header names
	Prefix       string       // path of the public address, as "/docs/", which a proxy may pass on; "" and "/" are none
	Wait         time.Duration
}

// Handler is the site as an http.Handler.
type Handler struct {
	opts    Options
	log     *slog.Logger
	allowed func(host string) bool
	own     map[string]asset // by URL path
	version string           // of the client
	hidden  []string         // Options.Hidden as far as they lie in the output directory: relative, with slashes, lower case
	muted   told             // policies that keep the client out of pages
	page    statusPage
}

// New returns the handler of a site. Its error says what is missing in opts.
func New(opts Options) (*Handler, error) {
	if opts.Site == nil || opts.Root == "" {
		return nil, errors.New("serve site: Options.Site and Options.Root are needed")
	}
	if opts.Wait == 0 {
		opts.Wait = defaultWait
	}
	h := &Handler{opts: opts, log: opts.Logger, allowed: AllowHosts(opts.Host, opts.AllowedHosts)}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	h.own, h.version = ownAssets()
	for _, dir := range opts.Hidden {
		if rel, err := filepath.Rel(opts.Root, dir); err == nil && rel != "." && filepath.IsLocal(rel) {
			h.hidden = append(h.hidden, strings.ToLower(filepath.ToSlash(rel))+"/")
		}
	}
	h.page = newStatusPage()
	return h, nil
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	// Scripts and images of an unpublished site are no business of other sites.
	head.Set("Cross-Origin-Resource-Policy", "same-site")
	if !h.allowed(r.Host) {
		h.log.Warn("refused a request for another host", "host", r.Host, "remote", r.RemoteAddr)
		refuseHost(w, r.Host)
		return
	}
	r, bare := unprefixed(r, h.opts.Prefix)
	if bare {
		redirectInto(w, r, strings.Trim(h.opts.Prefix, "/"))
		return
	}
	if r.URL.Path == reserved+"verify" && h.opts.Verifier != nil {
		h.serveVerify(w, r)
		return
	}
	if action := h.action(r.URL.Path); action != nil {
		h.serveAction(w, r, action)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "docserve only shows pages: GET and HEAD.", http.StatusMethodNotAllowed)
		return
	}
	if strings.HasPrefix(r.URL.Path, reserved) {
		h.serveOwn(w, r)
		return
	}
	if h.opts.Guests != nil && forGuests(r) {
		h.opts.Guests.ServeHTTP(w, r)
		return
	}
	if r.URL.Path+"/" == reserved {
		redirectInto(w, r, strings.Trim(reserved, "/"))
		return
	}
	name, ok := sitePath(r.URL.Path)
	if !ok {
		http.Error(w, "There is nothing at this address.", http.StatusNotFound)
		return
	}
	h.serveSite(w, r, name)
}

// serveOwn answers below /__docserve/. What is there may have buttons, so no other
// site may show it in a frame and have them pressed.
func (h *Handler) serveOwn(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
	switch r.URL.Path {
	case reserved + "ws":
		if h.opts.Socket != nil {
			h.opts.Socket.ServeHTTP(w, r)
			return
		}
	case reserved + "events":
		if h.opts.Events != nil {
			h.opts.Events.ServeHTTP(w, r)
			return
		}
	case reserved + "status":
		h.serveStatus(w, r)
		return
	case reserved + "graph":
		if h.opts.Graph != nil {
			h.serveGraph(w, r)
			return
		}
	case reserved + "problems":
		if h.opts.Problems != nil {
			h.sendJSON(w, r, http.StatusOK, h.opts.Problems.Problems(r.URL.Query().Get("page"), isHere(r)))
			return
		}
	case reserved:
		h.serveStatusPage(w, r)
		return
	}
	if a, ok := h.page.own[r.URL.Path]; ok {
		a.serve(w, r, h.page.version)
		return
	}
	if a, ok := h.own[r.URL.Path]; ok {
		a.serve(w, r, h.version)
		return
	}
	http.Error(w, "docserve has nothing at this address.", http.StatusNotFound)
}

func (h *Handler) serveStatus(w http.ResponseWriter, r *http.Request) {
	h.sendJSON(w, r, http.StatusOK, h.opts.Site.Status())
}

func (h *Handler) sendJSON(w http.ResponseWriter, r *http.Request, code int, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		h.log.Error("could not encode an answer", "path", r.URL.Path, "err", err)
		http.Error(w, "docserve could not encode its answer: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	send(w, r, code, append(body, '\n'))
}

// isHere says whether a request comes from this machine, as far as its address
// tells; one from behind a proxy on this machine does.
func isHere(r *http.Request) bool {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && address.Addr().Unmap().IsLoopback()
}

// serveSite answers for a file of the site, and waits for it if need be.
func (h *Handler) serveSite(w http.ResponseWriter, r *http.Request, name string) {
	ctx, cancel := context.WithTimeout(r.Context(), h.opts.Wait)
	defer cancel()
	got, err := h.load(ctx, name)
	if errors.Is(err, ErrNotFound) && !strings.HasSuffix(r.URL.Path, "/") && h.isDirectory(ctx, name) {
		redirectInto(w, r, name)
		return
	}
	if r.Context().Err() != nil {
		return // nobody is there any more
	}
	switch {
	case err == nil:
		defer got.close()
		h.serveContent(w, r, name, got)
	case errors.Is(err, ErrNotYet):
		h.serveWaiting(w, r, name, got.File)
	case errors.Is(err, ErrNotFound):
		h.serveMissing(w, r, ctx, name)
	default:
		h.log.Error("could not serve a file", "path", name, "err", err)
		h.serveTrouble(w, r, name, err)
	}
}

// isDirectory says whether a site path is a directory with an index.
func (h *Handler) isDirectory(ctx context.Context, name string) bool {
	_, err := h.opts.Site.Fetch(ctx, name+"/index.html")
	return err == nil || errors.Is(err, ErrNotYet) || errors.Is(err, context.DeadlineExceeded)
}

// redirectInto sends the browser from "/dir" to "/dir/", so that the index's
// relative links are right. The location is relative to the request, which keeps
// it on this site whatever the path looks like, also behind a proxy's prefix; it
// is temporary, because the next build may put a page at "/dir".
func redirectInto(w http.ResponseWriter, r *http.Request, name string) {
	to := url.URL{Path: "./" + path.Base(name) + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusFound)
}

// serveContent answers with a file that is there.
func (h *Handler) serveContent(w http.ResponseWriter, r *http.Request, name string, c content) {
	head := w.Header()
	head.Set("Cache-Control", "no-cache")
	head.Set("Content-Type", contentType(name))
	if c.Page == "" || c.data == nil || !isHTML(name) {
		head.Set("ETag", c.etag())
		boundRanges(r)
		// No modification time: Sphinx's and docserve's rules for it have
		// nothing to do with when the content changed.
		http.ServeContent(w, r, "", time.Time{}, c.reader())
		return
	}
	state := c.State
	if state == "" {
		state = "fresh"
	}
	hash := digest.Of(c.data).String()
	spot := look(c.data)
	element := h.element(r, spot, tag{page: c.Page, hash: hash, state: state, note: c.Note})
	setCharset(head, spot.charset)
	etag := `"` + hash + "-" + digest.Of([]byte(element)).String()[:16] + `"`
	head.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		head.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, http.StatusOK, spot.put(c.data, element))
}

// element returns the script element for a page; "" for one whose own policy keeps
// scripts like ours out. It names the script relative to the request, so that it
// is found behind a proxy with whatever prefix.
func (h *Handler) element(r *http.Request, p place, t tag) string {
	if rule := forbids(p.policies, r.Host, h.opts.Origins); rule != "" {
		if h.muted.first(p.policies) {
			h.log.Warn("docserve's script is not put into pages with this content security policy, so they do not change by themselves", "page", t.page, "rule", rule)
		}
		return ""
	}
	t.token, t.version, t.root = h.opts.Token, h.version, h.opts.Prefix
	t.follow, t.plain = h.opts.Follow, h.opts.NoHighlight
	if !p.based {
		t.root = rootFrom(r.URL.EscapedPath())
	}
	return t.String()
}
