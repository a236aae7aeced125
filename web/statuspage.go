package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"docserve/internal/digest"
)

// The status page comes with what there is to see at that moment, so that it is
// of use without any script; its script then keeps it up to date. It knows the
// status only by its JSON, as every program does, and its files by relative
// addresses, so that a proxy may put a prefix before them.
var (
	//go:embed statuspage/page.html
	statusText string
	//go:embed statuspage/page.css
	statusStyle string
	//go:embed statuspage/base.js
	statusBase string
	//go:embed statuspage/overview.js
	statusOverview string
	//go:embed statuspage/builds.js
	statusBuilds string
	//go:embed statuspage/warnings.js
	statusWarnings string
	//go:embed statuspage/picture.js
	statusPicture string
	//go:embed statuspage/actions.js
	statusActions string
	//go:embed statuspage/feed.js
	statusFeed string
)

var statusTemplate = template.Must(template.New("status").Funcs(template.FuncMap{
	"took": took, "below": below,
}).Parse(statusText))

// statusPolicy lets the page load its own script and style sheet, and talk to
// this server; nothing else, and nobody may frame it: a click on it has effects.
const statusPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// statusPage is what the page consists of beside its HTML.
type statusPage struct {
	own     map[string]asset // by URL path
	version string
}

func newStatusPage() statusPage {
	script := "(() => {\n\"use strict\";\n" + strings.Join([]string{
		statusBase, statusOverview, statusBuilds, statusWarnings, statusPicture, statusActions, statusFeed,
	}, "\n") + "})();\n"
	p := statusPage{own: map[string]asset{}, version: digest.Of([]byte(script + statusStyle)).String()[:12]}
	for name, text := range map[string]string{"statuspage.js": script, "statuspage.css": statusStyle} {
		p.own[reserved+name] = newAsset(name, []byte(text))
	}
	return p
}

// glance is what the page shows before its script runs.
type glance struct {
	Version, Token string // of the page's files; of the run
	Name           string // of the project
	Settled        bool
	Failed         bool
	Phase          string
	Done, Total    int
	Documents      int
	Engine         string
	Source, Output string
	Interpreter    string
	Sphinx, Python string
	Theme          string
	Docserve       string
	Stale          []string
	Diagnostics    []struct {
		Severity, Path, Doc, Message string
		Line, Column                 int
	}
	Builds []struct { // newest first
		Start          time.Time
		Changed        []string
		Reason         string
		Initial        bool
		Failed         bool
		Visible, Total time.Duration
	}
	Tabs []struct {
		Page string
		Tabs int
	}
	Processes map[string]int
}

// Headline says in a few words how things are.
func (g glance) Headline() string {
	switch {
	case g.Phase == "failed":
		return "Cannot be built"
	case g.Settled && g.Failed:
		return "Some of it cannot be built"
	case g.Settled:
		return "Up to date"
	case g.Phase == "settled": // a few pages are no phase
		return "building"
	case g.Total > 0:
		return fmt.Sprintf("%s, %d of %d", g.Phase, g.Done, g.Total)
	}
	return g.Phase
}

// State is the colour of the page's dot.
func (g glance) State() string {
	switch {
	case g.Failed:
		return "failed"
	case g.Settled:
		return "fresh"
	}
	return "building"
}

func (h *Handler) serveStatusPage(w http.ResponseWriter, r *http.Request) {
	text, err := json.Marshal(h.opts.Site.Status())
	var page glance
	if err == nil {
		err = json.Unmarshal(text, &page)
	}
	page.Version, page.Token, page.Name = h.page.version, h.opts.Token, filepath.Base(page.Source)
	slices.Reverse(page.Builds)
	var body bytes.Buffer
	if err == nil {
		err = statusTemplate.Execute(&body, page)
	}
	if err != nil {
		h.log.Error("could not fill in the status page", "err", err)
		http.Error(w, "docserve could not make its status page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	head := w.Header()
	notFresh(w)
	head.Set("Content-Type", contentType("page.html"))
	head.Set("Content-Security-Policy", statusPolicy)
	head.Set("Referrer-Policy", "no-referrer")
	send(w, r, http.StatusOK, body.Bytes())
}

// took gives a duration as the page's script does.
func took(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < time.Second:
		return fmt.Sprintf("%d ms", max(1, d.Milliseconds()))
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// below gives a path as people know it: relative to a directory, if it is in there.
func below(dir, path string) string {
	if relative, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(relative) {
		return filepath.ToSlash(relative)
	}
	return path
}
