package anywhere

import (
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"

	"docserve/livereload"
)

const pixel = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>`

// livereload-js as npm has it connects, loads its page anew when that was changed
// and not when another one was, and exchanges style sheets and images.
func TestLiveReloadClient(t *testing.T) {
	s := newSite(t, options{deaf: true})
	const head = `<link rel="stylesheet" href="/_static/theme.css?v=1"><script src="/livereload.js?snipver=1"></script>`
	text := func(text string) string { return page(text+`</p><img id="picture" src="/_images/a.svg"><p>`, head) }
	s.Write("guide/index.html", text("old"))
	s.Write("_static/theme.css", "h1 { color: rgb(1, 2, 3) }")
	s.Write("_images/a.svg", pixel)
	b := openTab(t)
	b.navigate(s.server.URL + "/guide/")
	s.shown("guide/index.html")
	b.Want("window.LiveReload.connector.protocol", "7")

	s.Write("_static/theme.css", "h1 { color: rgb(4, 5, 6) }")
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: []string{"_static/theme.css"}})
	b.Until("getComputedStyle(document.querySelector('h1')).color === 'rgb(4, 5, 6)'")
	b.Until("document.querySelectorAll('link').length === 1") // the old one is gone
	s.Hub.Publish(livereload.Message{Kind: livereload.Image, Paths: []string{"_images/a.svg"}})
	b.Until("document.getElementById('picture').src.includes('livereload=')")
	b.Want("window.mark", "not reloaded")

	s.Push("other.html", page("other", head))
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: []string{"_static/theme.css"}})
	b.Until("document.querySelectorAll('link').length > 1 || performance.getEntriesByType('resource').filter((e) => e.name.includes('theme.css')).length > 2")
	b.Want("window.mark", "not reloaded") // messages keep their order: the other page has come and gone

	s.Push("guide/index.html", text("new"))
	b.Until("document.getElementById('text').textContent === 'new' && !window.mark")
	s.shown("guide/index.html") // it is back
	s.Hub.Publish(livereload.Message{Kind: livereload.Reload})
	b.Until("performance.getEntriesByType('navigation')[0].type === 'reload'")
}

// The client can be told that the site is under a path.
func TestLiveReloadClientUnderPrefix(t *testing.T) {
	s := newSite(t, options{deaf: true, prefix: "/docs/"})
	s.Write("index.html", page("old", `<script src="livereload.js?path=docs/livereload"></script>`))
	b := openTab(t)
	b.navigate(s.server.URL + "/docs/")
	s.shown("index.html")
	s.Push("index.html", page("new", ""))
	b.Until("document.getElementById('text').textContent === 'new'")
}

// Behind a proxy with TLS, which shows the site under a path and says a host of its
// own, a page finds its script, its socket and its events, and is updated in place.
func TestProxyInBrowser(t *testing.T) {
	for _, strip := range []bool{true, false} {
		name := "passes the path on"
		if strip {
			name = "takes the path off"
		}
		t.Run(name, func(t *testing.T) {
			proxy := &httputil.ReverseProxy{ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
			front := httptest.NewUnstartedServer(proxy)
			front.Config.ErrorLog = proxy.ErrorLog // Chromium tries a certificate before it takes it
			front.StartTLS()
			t.Cleanup(func() { front.CloseClientConnections(); front.Close() })
			s := newSite(t, options{origin: front.URL, prefix: "/preview/"})
			proxy.Rewrite = func(r *httputil.ProxyRequest) {
				r.SetURL(s.address())
				if strip {
					r.Out.URL.Path = "/" + strings.TrimPrefix(r.In.URL.Path, "/preview/")
				}
			}
			for _, path := range []string{"index.html", "guide/index.html", "guide/deep/page.html"} {
				s.Write(path, page("old", ""))
			}
			for address, path := range map[string]string{
				"/preview/": "index.html", "/preview/guide": "guide/index.html", "/preview/guide/deep/page.html": "guide/deep/page.html",
			} {
				b := openTab(t)
				b.navigate(front.URL + address)
				s.shown(path)
				s.Push(path, page("new", ""))
				b.Until("document.getElementById('text').textContent === 'new'")
				b.Want("window.mark", "not reloaded")
				b.Want("location.pathname.startsWith('/preview/')", "true")
				b.listen("/preview/__docserve/events")
				b.navigate("about:blank")
				s.gone()
			}
		})
	}
}

// Where a page's policy lets the client through, as docserve reads it, Chromium does
// so too; and a page that does not goes out without it.
func TestPoliciesInBrowser(t *testing.T) {
	s := newSite(t, options{})
	host := s.address().Host
	for _, policy := range []string{
		"default-src 'self'; style-src 'unsafe-inline'",
		"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'",
		"script-src * ; connect-src *",
		"script-src http:; connect-src ws: http:",
		"script-src http://" + host + "; connect-src ws://" + host,
		"script-src " + host + "; connect-src ws:",
		"script-src 127.0.0.1:*; connect-src ws://127.0.0.1:*",
		"script-src 'none'; script-src-elem 'self'",
	} {
		t.Run(policy, func(t *testing.T) {
			s.Write("index.html", page("old", `<meta http-equiv="Content-Security-Policy" content="`+policy+`">`))
			b := openTab(t)
			b.navigate(s.server.URL + "/")
			s.shown("index.html")
			b.navigate("about:blank")
			s.gone()
		})
	}
	s.Write("index.html", page("old", `<script>window.violations = []; addEventListener("securitypolicyviolation", (e) => violations.push(e.blockedURI))</script>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`))
	b := openTab(t)
	b.navigate(s.server.URL + "/")
	b.Until("document.readyState === 'complete'")
	b.Want("document.scripts.length", "1")
	b.Want("violations.length", "0")
}
