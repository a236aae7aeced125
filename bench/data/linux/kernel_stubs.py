"""Directives that need the kernel's sources or tools, accepted and left empty."""

from docutils.parsers.rst import Directive, directives

NAMES = (
    "kernel-abi",
    "kernel-doc",
    "kernel-feat",
    "kernel-figure",
    "kernel-image",
    "kernel-include",
    "kernel-render",
    "maintainers-include",
)

OPTIONS = (
    "align",
    "alt",
    "caption",
    "debug",
    "doc",
    "export",
    "functions",
    "height",
    "identifiers",
    "internal",
    "name",
    "no-identifiers",
    "nodocs",
    "nosymbols",
    "rst",
    "scale",
    "symbols",
    "width",
)


class Ignored(Directive):
    """Takes what the real directive takes, and shows nothing."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {name: directives.unchanged for name in OPTIONS}

    def run(self):
        return []


def setup(app):
    for name in NAMES:
        app.add_directive(name, Ignored)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
