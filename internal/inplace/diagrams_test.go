package inplace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/proc"
	"docserve/internal/testenv"
)

// mermaid returns mermaid itself as the module that sphinxcontrib-mermaid imports.
// mermaidx brings it along as a script, whose variable is nobody else's in a module.
func mermaid(t *testing.T, python string) string {
	t.Helper()
	find := `import importlib.util; print(importlib.util.find_spec("mermaidx").submodule_search_locations[0], end="")`
	found, err := proc.Run(t.Context(), proc.Spec{Argv: []string{python, "-I", "-c", find}})
	if err != nil || found.ExitCode != 0 {
		t.Fatalf("find mermaid: %v\n%s", err, found.Output)
	}
	text, err := os.ReadFile(filepath.Join(string(found.Output), "assets", "mermaid.js"))
	if err != nil {
		t.Fatal(err)
	}
	const end, export = `globalThis["mermaid"] = globalThis.__esbuild_esm_mermaid_nm`, `export default __esbuild_esm_mermaid_nm`
	if !strings.Contains(string(text), end) {
		t.Fatalf("mermaid does not end with %s", end)
	}
	return strings.Replace(string(text), end, export, 1)
}

// drawn is a project with two diagrams. More is put behind mermaid's own module.
func drawn(t *testing.T, more string) *project {
	t.Helper()
	python := testenv.Extensions(t)
	return newProject(t, python, map[string]string{
		"conf.py": "project = 'drawn'\nextensions = ['sphinxcontrib.mermaid']\nexclude_patterns = ['_build']\nhtml_static_path = ['_static']\n" +
			"mermaid_use_local = 'mermaid.mjs'\n",
		"_static/mermaid.mjs": mermaid(t, python) + more,
		"index.rst": "Start\n=====\n\nWords.\n\n.. mermaid::\n\n   graph LR; first[Cold water]-->second[Hot steam]\n\n" +
			".. code-block:: python\n\n   x = 1\n\n.. mermaid::\n\n   sequenceDiagram\n      Alice->>Bob: Hello\n\nEnd.\n",
	})
}

// shows is whether all diagrams are drawn and framed, once each, with these labels.
func shows(labels ...string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(".mermaid-container > .mermaid")].map((e) => e.parentElement.querySelectorAll(".mermaid-fullscreen-btn").length + [...e.querySelectorAll(":scope > svg")].map((svg) =>
		":" + [...svg.querySelectorAll(".nodeLabel, .messageText")].map((e) => e.textContent).join(","))).join(" ") === %q &&
		document.querySelectorAll(".mermaid").length === %d && document.querySelectorAll("svg[id^=mermaid]").length === %[2]d`,
		"1:"+strings.Join(labels, " 1:"), len(labels))
}

// TestDiagramsAreLoadedAnew: what sets up a diagram cannot be asked to do so
// again, so that a new one loads the page, once, and text beside it does not.
func TestDiagramsAreLoadedAnew(t *testing.T) {
	p := drawn(t, "")
	p.show("index.html")
	p.Until(shows("Cold water,Hot steam", "Hello"))
	p.replace("index.rst", "Words.", "Other words.\n\n.. code-block:: python\n\n   y = 1")
	p.Until(`document.body.textContent.includes("Other words.")`)
	if mark := p.Get(`window.mark`); mark != "kept" {
		t.Errorf("the page was loaded anew: %s", p.Said())
	}
	p.Want(shows("Cold water,Hot steam", "Hello"), "true")
	p.replace("index.rst", "Hot steam", "Steam")
	p.Until(`window.mark === undefined && ` + shows("Cold water,Steam", "Hello"))
	p.quiet()
}

// TestFiftyEditsOfDiagrams saves a page with diagrams fifty times: they come,
// change and go, among edits of text, and of blocks that others set up.
func TestFiftyEditsOfDiagrams(t *testing.T) {
	p := drawn(t, "")
	p.show("index.html")
	p.Until(shows("Cold water,Hot steam", "Hello"))
	labels := []string{"Cold water,Hot steam", "Hello"}
	for i := range 50 {
		mark := fmt.Sprintf("Words%s.", after(i-1))
		edit := []string{mark, fmt.Sprintf("Words%s.", after(i))}
		anew := true
		switch i % 15 {
		case 3:
			was := labels[0]
			labels[0] = fmt.Sprintf("Cold water,Steam %d", i)
			edit = append(edit, was[len("Cold water,"):], labels[0][len("Cold water,"):])
		case 7:
			was := labels[1]
			labels[1] = fmt.Sprintf("Hello %d", i)
			edit = append(edit, "Bob: "+was, "Bob: "+labels[1])
		case 10:
			labels = append(labels, "New")
			edit = append(edit, "End.", ".. mermaid::\n\n   graph LR; first[New]\n\nEnd.")
		case 13:
			labels = labels[:2]
			edit = append(edit, ".. mermaid::\n\n   graph LR; first[New]\n\n", "")
		default:
			anew = false
			edit[1] = []string{"", "* item\n* item\n\n", fmt.Sprintf(".. code-block:: python\n\n   edit = %d\n\n", i), ".. note::\n\n   Mind.\n\n"}[i%4] + edit[1]
		}
		p.replace("index.rst", edit...)
		p.Until(fmt.Sprintf(`document.querySelector("[role=main]")?.textContent.includes("Words%s.") && (window.mark === undefined) === %t`, after(i), anew))
		p.Until(shows(labels...))
		p.Run(`window.mark = "kept"`)
	}
	p.quiet()
}

// TestDiagramsChangeOnTheWay changes diagrams while mermaid waits for what it needs
// to draw the first: one that it has not come to is read as it is then, and one
// that it has read already loads the page anew.
func TestDiagramsChangeOnTheWay(t *testing.T) {
	p := drawn(t, `;__esbuild_esm_mermaid_nm.mermaid.default.registerIconPacks([{ name: "late", loader: () =>
		new Promise((go) => { window.release = () => go({ prefix: "late", icons: { drop: { body: "<circle/>" } } }) }) }])`)
	p.show("index.html")
	p.Until(shows("Cold water,Hot steam", "Hello"))
	p.replace("index.rst", "first[Cold water]-->", `first@{ icon: "late:drop", label: "Cold water" }; first-->`)
	p.Until(`window.release`)
	p.Run(`window.mark = "kept"`)
	p.replace("index.rst", "Hello", "Goodbye")
	p.Until(`document.querySelector("[role=main]").textContent.includes("Goodbye")`)
	p.Want(`window.mark`, "kept")
	p.replace("index.rst", "Hot steam", "Steam")
	p.Until(`window.mark === undefined && window.release`)
	p.Run(`release()`)
	p.Until(shows("Cold water,Steam", "Goodbye"))
	p.quiet()
}
