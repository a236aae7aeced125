package python

import (
	"regexp"
	"strings"
)

// distributions names the package to install for modules and themes whose name
// does not lead to it by the rules of distribution. A key matches itself and
// what is inside it; the longest one wins.
var distributions = map[string]string{
	"IPython":                         "ipython",
	"ablog":                           "ablog",
	"autoapi":                         "sphinx-autoapi",
	"autodocsumm":                     "autodocsumm",
	"bootstrap":                       "sphinx-bootstrap-theme",
	"breathe":                         "breathe",
	"enum_tools":                      "enum-tools",
	"exhale":                          "exhale",
	"furo":                            "furo",
	"hoverxref":                       "sphinx-hoverxref",
	"insipid":                         "insipid-sphinx-theme",
	"jupyter_sphinx":                  "jupyter-sphinx",
	"linuxdoc":                        "linuxdoc",
	"m2r":                             "m2r",
	"m2r2":                            "m2r2",
	"matplotlib":                      "matplotlib",
	"myst_nb":                         "myst-nb",
	"myst_parser":                     "myst-parser",
	"nbsphinx":                        "nbsphinx",
	"notfound":                        "sphinx-notfound-page",
	"numpydoc":                        "numpydoc",
	"pallets_sphinx_themes":           "pallets-sphinx-themes",
	"press":                           "sphinx-press-theme",
	"recommonmark":                    "recommonmark",
	"rinoh":                           "rinohtype",
	"rst2pdf":                         "rst2pdf",
	"shibuya":                         "shibuya",
	"sphinxarg":                       "sphinx-argparse",
	"sphinxawesome":                   "sphinxawesome-theme",
	"sphinxawesome_theme":             "sphinxawesome-theme",
	"sphinxcontrib.cairosvgconverter": "sphinxcontrib-svg2pdfconverter",
	"sphinxcontrib.details.directive": "sphinxcontrib-details-directive",
	"sphinxcontrib.fulltoc":           "sphinxcontrib-fulltoc",
	"sphinxcontrib.inkscapeconverter": "sphinxcontrib-svg2pdfconverter",
	"sphinxcontrib.matlab":            "sphinxcontrib-matlabdomain",
	"sphinxcontrib.rsvgconverter":     "sphinxcontrib-svg2pdfconverter",
	"sphinxext.opengraph":             "sphinxext-opengraph",
	"sphinxext.rediraffe":             "sphinxext-rediraffe",
	"versionwarning":                  "sphinx-version-warning",
}

// distribution returns the name of the package that contains a module or a
// theme. It is not known, but the likeliest guess, for a name that follows no
// custom of Sphinx's extensions: that may well be a file of the project.
func distribution(module string) (name string, known bool) {
	for prefix := module; prefix != ""; {
		if name, ok := distributions[prefix]; ok {
			return name, true
		}
		prefix = prefix[:max(0, strings.LastIndexByte(prefix, '.'))]
	}
	parts := strings.Split(module, ".")
	dashed := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "-")) }
	switch {
	case parts[0] == "sphinxcontrib" && len(parts) > 1:
		return "sphinxcontrib-" + dashed(parts[1]), true
	case strings.HasPrefix(parts[0], "sphinx_"), strings.HasPrefix(parts[0], "sphinxcontrib_"),
		strings.HasPrefix(parts[0], "sphinx-"), // sphinx-prompt was imported under that name
		strings.HasSuffix(parts[0], "_theme"):
		return dashed(parts[0]), true
	}
	return dashed(parts[0]), false
}

// The ways in which Sphinx and Python say that something is not installed.
var (
	noModule    = regexp.MustCompile(`No module named '?([\w.-]+)'?`)
	noTheme     = regexp.MustCompile(`no theme named '([\w.-]+)' found`)
	noBaseTheme = regexp.MustCompile(`inherits from '([\w.-]+)', which (?:is not|does not)`)
	noRTD       = regexp.MustCompile(`(sphinx_rtd_theme) is no longer a hard dependency`)
)

// named returns the module or theme that an error message says is not there, or
// "". Of a traceback the last such line counts.
func named(message string) string {
	for _, pattern := range []*regexp.Regexp{noModule, noTheme, noBaseTheme, noRTD} {
		if all := pattern.FindAllStringSubmatch(message, -1); len(all) > 0 {
			return all[len(all)-1][1]
		}
	}
	return ""
}
