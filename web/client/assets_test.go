package client_test

import (
	"testing"

	"docserve/livereload"
)

const colour = `getComputedStyle(document.querySelector("h1")).color`

// Sphinx and people write the same name in several ways.
func TestImagesWithAnyName(t *testing.T) {
	svg := func(width string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" width="` + width + `" height="10"></svg>`
	}
	for _, test := range []struct{ name, written string }{
		{"Screenshot (1).svg", "Screenshot%20%281%29.svg"},
		{"Screenshot (1).svg", "Screenshot (1).svg"},
		{"it's.svg", "it%27s.svg"},
		{"a+b@2x.svg", "a+b@2x.svg"},
		{"a+b@2x.svg", "a%2Bb%402x.svg"},
		{"kessel-größe.svg", "kessel-gr%C3%B6%C3%9Fe.svg"},
		{"100%.svg", "100%25.svg"},
	} {
		t.Run(test.written, func(t *testing.T) {
			s := newSite(t).withStatic()
			s.Write("_images/"+test.name, svg("10"))
			s.Write("index.html", page(`<img id="one" src="_images/`+test.written+`"><img src="%ff.svg">`, ""))
			b := s.open("/")
			b.Until(`one.naturalWidth === 10`)
			s.Write("_images/"+test.name, svg("20"))
			s.Hub.Publish(livereload.Message{Kind: livereload.Image, Paths: []string{"_images/" + test.name}})
			b.Until(`one.naturalWidth === 20`)
			b.Want(`window.mark`, "not reloaded")
		})
	}
}

// An image that only a style sheet shows comes with the page that is loaded anew.
func TestImageOfAStyleSheet(t *testing.T) {
	s := newSite(t).withStatic()
	svg := func(width string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" width="` + width + `" height="10"></svg>`
	}
	s.Write("_static/paper.svg", svg("10"))
	s.Write("_static/other.svg", svg("10"))
	s.Write("_static/theme.css", `h1 { background: url("paper.svg") }`)
	s.Write("index.html", page(`<img id="one" src="_static/other.svg">`, ""))
	b := s.open("/")
	width := func(name string) string {
		return `(window.drawn ||= {}, drawn["` + name + `"] ||= Object.assign(new Image(), { src: "_static/` + name + `" })).naturalWidth`
	}
	b.Until(width("paper.svg") + ` === 10 && one.naturalWidth === 10`)
	s.Write("_static/other.svg", svg("20"))
	s.Hub.Publish(livereload.Message{Kind: livereload.Image, Paths: []string{"_static/other.svg"}})
	b.Until(`one.naturalWidth === 20`)
	b.Want(`window.mark`, "not reloaded")
	s.Write("_static/paper.svg", svg("30"))
	s.Hub.Publish(livereload.Message{Kind: livereload.Image, Paths: []string{"_static/paper.svg"}})
	b.Until(`!window.mark`)
	b.Until(width("paper.svg") + ` === 30`)
}

// A style sheet that is saved again while its swap is under way is shown as it is
// in the end, and so is one that was not there for a moment.
func TestStyleIsSwappedOnTheWay(t *testing.T) {
	s := newSite(t).withStatic()
	s.Write("_static/other.css", "")
	s.Write("index.html", page("text", ""))
	b := s.open("/")
	b.Run(`const real = fetch; window.fetch = async (...given) => {
		if (String(given[0]).endsWith("other.css")) await new Promise((go) => { window.release = go });
		return real(...given);
	}`)
	theme := []string{"_static/theme.css"}
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: append([]string{"_static/other.css"}, theme...)})
	b.Until(`window.release`)
	s.Write("_static/theme.css", "h1 { color: rgb(4, 5, 6); }")
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: theme})
	b.Until(colour + ` === "rgb(4, 5, 6)" && document.querySelectorAll("link[rel=stylesheet]").length === 1`)
	s.Write("_static/theme.css", "h1 { color: rgb(7, 8, 9) }")
	b.Run(`release()`)
	b.Until(colour + ` === "rgb(7, 8, 9)"`)

	s.Remove("_static/theme.css")
	gets := s.count("_static/theme.css")
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: theme})
	for s.count("_static/theme.css") < gets+2 { // by the client, and by the new link
		b.Get(`0`)
	}
	b.Until(`document.querySelectorAll("link[rel=stylesheet]").length === 1`)
	b.Want(colour, "rgb(7, 8, 9)")
	s.Write("_static/theme.css", "h1 { color: rgb(1, 1, 1) }")
	s.Hub.Publish(livereload.Message{Kind: livereload.Style, Paths: theme})
	b.Until(colour + ` === "rgb(1, 1, 1)" && document.querySelectorAll("link[rel=stylesheet]").length === 1`)
	b.Want(`window.mark`, "not reloaded")
}
