package main

import "testing"

func TestDifference(t *testing.T) {
	page := func(article string) []byte {
		return []byte(`<html><body><div class="sidebar">side</div><div class="body" role="main">` + article + `</div></body></html>`)
	}
	tests := []struct {
		name        string
		first, last string
		same        bool
	}{
		{"equal", "<p>One two</p>", "<p>One\n two</p>", true},
		{"text", "<p>One two</p>", "<p>One three</p>", false},
		{
			"reference resolved later",
			`<p>See <span class="xref std std-ref">label</span>.</p>`,
			`<p>See <a class="reference internal" href="x.html#label"><span class="std std-ref">The title</span></a>.</p>`,
			true,
		},
		{
			"code reference resolved later",
			`<p><code class="xref py py-func docutils literal">f()</code></p>`,
			`<p><a class="reference internal" href="#f"><code class="xref py py-func docutils literal">f()</code></a></p>`,
			true,
		},
		{"reference missing", `<p>See <span class="xref">x</span>.</p>`, `<p>See .</p>`, false},
		{"toctree", `<p>One</p><div class="toctree-wrapper"></div>`, `<p>One</p><div class="toctree-wrapper"><ul><li>Two</li></ul></div>`, true},
		{"navigation", `<p>One</p>`, `<p>One</p><div class="related" role="navigation">Next: Two</div>`, true},
		{"injected script", `<p>One</p><script>1</script>`, `<p>One</p>`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := difference(page(test.first), page(test.last))
			if err != nil || (got == "") != test.same {
				t.Errorf("difference is %q, %v, want same: %v", got, err, test.same)
			}
		})
	}
	bare := []byte(`<div id="bd"><section id="t"><h1>T</h1><section>One</section></section></div>`)
	if got, err := difference(bare, page("<h1>T</h1>One")); err != nil || got != "" {
		t.Errorf("difference is %q, %v, want none from a theme without signs", got, err)
	}
	if _, err := difference([]byte("<p>plain</p>"), page("<p>One</p>")); err == nil {
		t.Error("no error for a page without an article")
	}
}
