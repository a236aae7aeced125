package inplace

import (
	"fmt"
	"testing"

	"docserve/internal/testenv"
)

// TestInlineTabs: tabs of sphinx-inline-tabs come, change and go in place; the
// chosen ones stay chosen, and those of one name still change together.
func TestInlineTabs(t *testing.T) {
	// Those with nothing in between would be one set.
	tabs := func(first, second, texts string) string {
		return fmt.Sprintf(".. tab:: %s\n\n   %s one\n\n.. tab:: %s\n\n   %s two\n\n", first, texts, second, texts)
	}
	p := newProject(t, testenv.Extensions(t), map[string]string{
		"conf.py": "project = 'tabs'\nextensions = ['sphinx_inline_tabs']\nexclude_patterns = ['_build']\n",
		"index.rst": "Start\n=====\n\nWords.\n\n" + tabs("Linux", "Windows", "install") + "Between.\n\n" + tabs("Linux", "Windows", "run") +
			"Then.\n\n" + tabs("Water", "Steam", "state") + "End.\n",
	})
	p.show("index.html")
	shown := func(text string) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".tab-content")].find((e) => e.textContent.trim() === %q)?.getClientRects().length > 0`, text)
	}
	choose := func(name string, nth int) {
		p.Run(fmt.Sprintf(`[...document.querySelectorAll(".tab-label")].filter((e) => e.textContent.trim() === %q)[%d].click()`, name, nth))
	}
	choose("Windows", 0)
	p.Until(shown("install two") + ` && ` + shown("run two") + ` && ` + shown("state one"))
	for _, edit := range []struct{ name, from, to, seen string }{
		{"text beside", "Words.", "Other words.", "Other words."},
		{"text in a tab", "run two", "run it two", "run it two"},
		{"a set above", "Other words.", "Other words.\n\n" + tabs("Cat", "Dog", "pet") + "Meanwhile.", "pet one"},
		{"a set of tied ones", "End.", "Also.\n\n" + tabs("Linux", "Windows", "remove") + "End.", "remove two"},
		{"a tab more", "   state two\n\n", "   state two\n\n.. tab:: Ice\n\n   state three\n\n", "state three"},
	} {
		p.replace("index.rst", edit.from, edit.to)
		p.Until(fmt.Sprintf(`document.querySelector("[role=main]").textContent.includes(%q)`, edit.seen))
		if mark := p.Get(`window.mark`); mark != "kept" {
			t.Fatalf("%s: the page was loaded anew: %s", edit.name, p.Said())
		}
	}
	p.Want(shown("install two"), "true")
	p.Want(shown("run it two"), "true")
	p.Want(shown("state one"), "true")
	p.Want(shown("pet one"), "true")
	p.Want(`[...document.querySelectorAll(".tab-set")].every((e) => e.querySelectorAll(":scope > input:checked").length === 1)`, "true")
	choose("Linux", 2)
	p.Until(shown("install one") + ` && ` + shown("run one") + ` && ` + shown("remove one"))
	choose("Ice", 0)
	p.Until(shown("state three") + ` && !(` + shown("state one") + `)`)
	choose("Dog", 0)
	p.Until(shown("pet two"))
	p.quiet()
}
