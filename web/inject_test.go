package web

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// inject puts an element into a page.
func inject(page []byte, element string) (out []byte, charset string) {
	p := look(page)
	return p.put(page, element), p.charset
}

func TestInject(t *testing.T) {
	const it = `<script src="/__docserve/client.js" defer></script>`
	for _, test := range []struct{ name, page, want, charset string }{
		{"head", `<html><head><title>t</title></head><body>x</body></html>`, `<html><head><title>t</title>` + it + `</head><body>x</body></html>`, ""},
		{"upper case", `<HEAD></HEAD><BODY>`, `<HEAD>` + it + `</HEAD><BODY>`, ""},
		{"space in the end tag", "<head></head\n ><body>", "<head>" + it + "</head\n ><body>", ""},
		{"in a comment", `<head><!-- </head> --><meta name="a"></head>`, `<head><!-- </head> --><meta name="a">` + it + `</head>`, ""},
		{"in a script", `<head><script>"</head>"</script></head>`, `<head><script>"</head>"</script>` + it + `</head>`, ""},
		{"in a style", `<head><style>a:after{content:"</head>"}</style></head>`, `<head><style>a:after{content:"</head>"}</style>` + it + `</head>`, ""},
		{"in a title", `<head><title></head></title></head>`, `<head><title></head></title>` + it + `</head>`, ""},
		{"in an attribute", `<head><meta content="</head>"></head>`, `<head><meta content="</head>">` + it + `</head>`, ""},
		{"no head", `<body><p>x</p></body></html>`, `<body><p>x</p>` + it + `</body></html>`, ""},
		{"two bodies", `<p></body><p></body>`, `<p></body><p>` + it + `</body>`, ""},
		{"fragment", `<p>x</p>`, `<p>x</p>` + it, ""},
		{"empty", ``, it, ""},
		{"unfinished comment", `<p><!-- </body>`, `<p><!-- </body>` + it, ""},
		{"a header is no head", `<header></header></head>`, `<header></header>` + it + `</head>`, ""},
		{"charset", `<head><meta charset="ISO-8859-1" /></head>`, `<head><meta charset="ISO-8859-1" />` + it + `</head>`, "iso-8859-1"},
		{"already there", `<head><script src="/__docserve/client.js?v=1" data-page="a"></script><b></head>`, `<head>` + it + `<b></head>`, ""},
		{"already there, from below", `<head><script src="../../__docserve/client.js?v=1"></script></head>`, `<head>` + it + `</head>`, ""},
		{"already there, from beside", `<head><script src="./__docserve/client.js"></script></head>`, `<head>` + it + `</head>`, ""},
		{"a script that ends alike", `<head><script src="x/../__docserve/client.js"></script></head>`, `<head><script src="x/../__docserve/client.js"></script>` + it + `</head>`, ""},
		{"another script", `<head><script src="/static/client.js"></script></head>`, `<head><script src="/static/client.js"></script>` + it + `</head>`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, charset := inject([]byte(test.page), it)
			if string(got) != test.want || charset != test.charset {
				t.Errorf("got  %s (%q)\nwant %s (%q)", got, charset, test.want, test.charset)
			}
		})
	}
}

// For any soup of markup: the page around the element is untouched, injecting
// again replaces the element rather than adding one, and a real HTML parser finds
// it where it can run, unless the page ends within something unfinished.
func TestInjectProperties(t *testing.T) {
	pieces := []string{"<html>", "<head>", "</head>", "<body>", "</body>", "</html>", "<p>", "</p>", "text", "<!--", "-->", "<script>", "</script>",
		"<style>", "</style>", "<title>", "</title>", `<meta charset="x">`, `<a title="</head>">`, "<!DOCTYPE html>", "</", "<", ">", `"`, "</head ", "é", "\x00", "<br/>"}
	rapid.Check(t, func(t *rapid.T) {
		page := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "pieces"), "")
		one := tag{page: "a", state: "fresh", hash: "1"}.String()
		two := tag{page: "a", state: "failed", hash: "2"}.String()
		once, _ := inject([]byte(page), one)
		if strings.Replace(string(once), one, "", 1) != page {
			t.Fatalf("%q became %q", page, once)
		}
		if !findable(t, once) {
			return // appended to something unfinished
		}
		direct, _ := inject([]byte(page), two)
		again, _ := inject(once, two)
		if !bytes.Equal(again, direct) {
			t.Fatalf("%q became %q, and then %q", page, once, again)
		}
	})
}

func findable(t *rapid.T, page []byte) bool {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "script" && len(n.Attr) > 0 && strings.HasPrefix(n.Attr[0].Val, clientPath) {
			return true
		}
	}
	return false
}

// What is in the element comes out of a parser as it went in, and does not leave
// its attribute.
func TestTagProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab\"'<>&;=é…😀 \n/"))).Draw(t, "text")
		element := tag{page: text, note: text, state: "fresh", token: "t", version: "v"}.String()
		for _, c := range []byte(element) {
			if c > '~' || c < ' ' {
				t.Fatalf("%q is not ASCII", element)
			}
		}
		z := html.NewTokenizer(strings.NewReader(element))
		z.Next()
		got := map[string]string{}
		for _, a := range z.Token().Attr {
			got[a.Key] = a.Val
		}
		if got["data-page"] != text || got["data-note"] != text || got["src"] != clientPath+"?v=v" || len(got) != 7 {
			t.Fatalf("%q became %q: %q", text, element, got)
		}
	})
}

func BenchmarkInject(b *testing.B) {
	page := []byte("<html><head>" + strings.Repeat(`<link rel="x" href="y"/>`, 30) + "</head><body>" + strings.Repeat("<p>text</p>\n", 10000) + "</body></html>")
	element := tag{page: "a", state: "fresh"}.String()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		inject(page, element)
	}
}
