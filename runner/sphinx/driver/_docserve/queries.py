"""What each page asks of others: the names that it refers to, and whether it shows navigation.

A page can show a name only if its doctree asks for it. Which names its
references will find is not known before they are resolved (look-ups ignore
case, try prefixes, search the ends of names), so both are cut into tokens; a
page that shares none with the names that have changed cannot show any of them.
What is left is resolved, and compared with what the page shows.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, NamedTuple

from docutils import nodes
from sphinx import addnodes

# Look-ups try parts of names between dots, colons, slashes, spaces; hyphens are
# part of a name for all of them.
_WORD = re.compile(r'[\w-]+')

# Packages whose nodes show nothing of other documents, but for references
# inside them, which are found by themselves.
_PLAIN = (
    'docutils.', 'sphinx.addnodes', 'sphinx.ext.graphviz', 'sphinx.ext.inheritance_diagram', 'sphinx.ext.autosummary',
    'sphinx.ext.ifconfig', 'sphinx.ext.viewcode', 'sphinx_design', 'sphinx_tabs', 'sphinx_inline_tabs', 'sphinx_togglebutton',
    'sphinxcontrib.mermaid', 'sphinx_copybutton',
)


class Query(NamedTuple):
    """What one document asks of others."""

    tokens: frozenset[str]
    toctrees: bool  # it shows titles and headings of other documents
    volatile: bool  # it has nodes of extensions, which may show anything
    ordered: bool  # what it finds may depend on the order of names
    looks: bool  # how it was read depended on which documents there are

    def asks(self, tokens: set[str], navigation: bool) -> bool:
        """Whether the page may show one of the changed names, or changed navigation."""
        return self.volatile or self.toctrees and navigation or not self.tokens.isdisjoint(tokens)


class Queries:
    """The queries of all documents, taken from doctrees as they are read."""

    def __init__(self, app: Any) -> None:
        self.known: dict[str, Query] = {}
        app.connect('doctree-read', self._note, priority=999)

    def _note(self, app: Any, doctree: Any) -> None:
        self.known[app.env.docname] = query(doctree)

    def adopt(self, known: dict[str, tuple]) -> None:
        """Take over the queries of an earlier session."""
        self.known = {doc: Query(*each) for doc, each in known.items()}

    def asking(self, tokens: set[str], navigation: bool) -> set[str]:
        """The documents whose pages may show changed names or navigation."""
        return {doc for doc, each in self.known.items() if each.asks(tokens, navigation)}

    def looking(self, docs: set[str]) -> set[str]:
        """The documents that may have been read otherwise when others are new or gone.

        MyST (0.18 to 5.0) asks for the document while it parses a link to it.
        """
        tokens = {token for doc in docs for token in tokens_of(doc)}
        return {doc for doc, each in self.known.items() if each.looks and not each.tokens.isdisjoint(tokens)}

    def ordered(self, docs: Iterable[str]) -> bool:
        """Whether the order of names matters for one of the documents."""
        return any(doc not in self.known or self.known[doc].ordered for doc in docs)


def query(doctree: Any) -> Query:
    """Find out what a doctree asks of others."""
    tokens: set[str] = set()
    toctrees = volatile = ordered = looks = False
    for node in doctree.findall(nodes.Element):
        if isinstance(node, addnodes.pending_xref):
            tokens |= tokens_of(str(node.get('reftarget', '')))
            looks = looks or node.get('refdomain') == 'doc' or node.get('reftype') == 'myst'
            ordered = ordered or node.get('reftype') == 'any' or bool(node.get('refspecific'))
        elif isinstance(node, addnodes.toctree):
            toctrees = True
        elif not type(node).__module__.startswith(_PLAIN) and type(node).__name__ != 'todo_node':
            volatile = True
    return Query(frozenset(tokens), toctrees, volatile, ordered or volatile, looks)


def tokens_of(name: str) -> set[str]:
    """Cut a name into what any look-up of it must share with it."""
    folded = name.casefold()
    return set(_WORD.findall(folded)) or {folded}
