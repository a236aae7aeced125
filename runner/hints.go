package runner

import "strings"

// distribution names the package that has a module, where its name differs from
// the module's in more than dashes.
func distribution(module string) string {
	name := strings.SplitN(module, ".", 2)[0]
	if known, ok := map[string]string{
		"yaml": "PyYAML", "PIL": "Pillow", "bs4": "beautifulsoup4", "myst_nb": "myst-nb",
	}[name]; ok {
		return known
	}
	if name == "sphinxcontrib" || name == "sphinx_ext" {
		return strings.NewReplacer("_", "-", ".", "-").Replace(module)
	}
	return strings.ReplaceAll(name, "_", "-")
}
