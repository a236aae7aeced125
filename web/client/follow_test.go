package client_test

import (
	"testing"

	"docserve/livereload"
)

func (s *site) edited(page string, spot *livereload.Spot) {
	s.Hub.Publish(livereload.Message{Kind: livereload.Edited, Page: page, Spot: spot})
}

// seen waits until the hub knows that the tab is in view.
func (b *tab) seen() {
	b.T.Helper()
	b.Until(`document.visibilityState === "visible"`)
}

func TestOffer(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("index.html", page("text", ""))
	s.Write("guide/other.html", page("other", ""))
	b := s.open("/")
	b.seen()
	s.edited("guide/other.html", &livereload.Spot{ID: "p90", Text: "Paragraph 90"})
	b.Until(`!` + in(".offer") + `.hidden`)
	b.Want(in(".offer span")+`.textContent`, "guide/other.html changed")
	b.Run(in(".offer .x") + `.click()`)
	b.Want(in(".offer")+`.hidden`, "true")
	b.Want(`window.mark`, "not reloaded")
	s.edited("guide/other.html", &livereload.Spot{ID: "p90", Text: "Paragraph 90"})
	b.Until(`!` + in(".offer") + `.hidden`)
	b.Run(in(".offer .go") + `.click()`)
	b.Until(`location.pathname === "/guide/other.html" && document.readyState === "complete"`)
	b.Until(`scrollY > 0 && p90.getBoundingClientRect().top > 0 && p90.getBoundingClientRect().bottom < innerHeight`)
}

func TestFollow(t *testing.T) {
	for _, asked := range []bool{true, false} {
		name := "by option"
		if !asked {
			name = "by the switch"
		}
		t.Run(name, func(t *testing.T) {
			s := newSite(t).withStatic()
			s.stop()
			s.opts.Follow = asked
			s.start()
			s.Write("index.html", page("text", ""))
			s.Write("other.html", page("other", ""))
			b := s.open("/")
			b.seen()
			if !asked {
				b.Run(in(".pill") + `.click(); ` + in("footer input") + `.click()`)
			}
			b.Want(in("footer input")+`.checked`, "true")
			s.edited("other.html", &livereload.Spot{ID: "p90", Text: "Paragraph 90"})
			b.Until(`location.pathname === "/other.html" && document.readyState === "complete" && scrollY > 0`)
			b.Until(`p90.getBoundingClientRect().top > 0 && p90.getBoundingClientRect().bottom < innerHeight`)
			b.Until(in("footer input") + `.checked`)
			b.ready()

			// On the page itself it scrolls to what was edited, when that is there.
			s.Push("other.html", replace(page("other", ""), "Paragraph 5 ", "Paragraph five "))
			s.edited("other.html", &livereload.Spot{ID: "p5", Text: "Paragraph five"})
			b.Until(`p5.textContent.startsWith("Paragraph five") && p5.getBoundingClientRect().top > 0`)
		})
	}
}

// What changed is marked by an animation, which leaves the document as it was,
// and not at all if that is not wanted.
func TestHighlight(t *testing.T) {
	for _, off := range []bool{false, true} {
		s := newSite(t).withStatic()
		s.stop()
		s.opts.NoHighlight = off
		s.start()
		s.Write("index.html", page("before", ""))
		b := s.open("/")
		b.Run(`window.shown = ""; const animate = Element.prototype.animate;
			Element.prototype.animate = function (...given) { shown += this.id + " "; return animate.apply(this, given) }`)
		height := b.Get(`document.documentElement.scrollHeight`)
		s.Push("index.html", page("after", ""))
		b.Until(`document.querySelector("#text").textContent === "after"`)
		want := "text "
		if off {
			want = ""
		}
		b.Want(`shown`, want)
		b.Want(`document.documentElement.scrollHeight`, height)
		b.Want(`document.querySelector("#text").outerHTML`, `<p id="text">after</p>`)
	}
}
