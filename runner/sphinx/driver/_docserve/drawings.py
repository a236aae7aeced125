"""Toctrees of templates that were drawn before, and are what they were (Sphinx 5.3 to 9.2).

A theme like furo asks for the whole toctree of the site on every page. To draw it
takes longer than all the rest of a page where there are hundreds of them, and
from one save of a page to the next it is nearly always the same.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from sphinx.environment.adapters.toctree import TocTree

# How long a toctree must be to be kept, in characters: to draw a shorter one takes
# no longer than to find out that nothing has changed.
WORTH = 20_000

# How many are kept: those of the pages that are being worked on.
KEPT = 8

# What a toctree consists of, but for what stands in titles.
_NODES = ('bullet_list', 'list_item', 'compact_paragraph', 'reference', 'title')


class Drawings:
    """The last toctrees that were drawn; none when anything that they are made from may have changed.

    A toctree is made from titles, tables of contents, numbers and metadata of
    documents, from which documents there are, and from options. Options are those
    of one process. Reading is watched; who changes the rest must say so. From a
    change on, nothing is kept before the next update: only then a document that
    was read has its numbers.
    """

    def __init__(self, app: Any, journal: Any) -> None:
        self.env, self.journal = app.env, journal
        self._root = app.config.root_doc
        self._kept: dict[tuple[str, str], str] = {}
        self._settled = False  # nothing has changed since the last update
        self._before: Optional[list[str]] = None  # of the document that is being read
        self._known = _drawn_by_sphinx(app)

    def draw(self, docname: str, arguments: str, draw: Callable[[], str]) -> str:
        """What a page gets for arguments of toctree()."""
        if not self._settled or not self._known:
            return draw()
        kept = self._kept.get((docname, arguments))
        if kept is not None:
            return kept
        said = len(self.journal.entries)
        text = draw()
        if len(text) >= WORTH and len(self.journal.entries) == said:  # warnings are of each page
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[docname, arguments] = text
        return text

    def forget(self) -> None:
        """Something else may be drawn now."""
        self._kept.clear()

    # -- around the reading of a document, and from there to the update

    def before(self, doc: str) -> None:
        """Note what a document gives to toctrees."""
        self._before = self._given(doc) if self._settled else None
        self._settled = False

    def after(self, doc: str) -> None:
        """Go on with what is kept if it gives the same now, and is not the one whose toctrees these are."""
        self._settled = self._before is not None and doc != self._root and self._before == self._given(doc)

    def listed(self) -> None:
        """The list of documents is another one."""
        self._settled = False

    def updated(self, differs: bool) -> None:
        """What was read has its place and its numbers; says whether they may differ."""
        if differs or not self._settled:
            self.forget()
        self._settled = True

    def _given(self, doc: str) -> list[str]:
        env = self.env
        trees = [each.pformat() for each in (env.tocs.get(doc), env.titles.get(doc)) if each is not None]
        # A document without metadata has None or {}, as a toctree with it was drawn or not.
        metadata = env.metadata.get(doc) or {}
        return [*trees, repr((env.toctree_includes.get(doc), doc in env.numbered_toctrees, metadata))]


def _drawn_by_sphinx(app: Any) -> bool:
    """Whether Sphinx itself draws toctrees: what an extension has put in its place may look at anything."""
    builder, translator = app.builder, app.builder.get_translator_class()
    methods = [getattr(builder, '_get_local_toctree', None), builder.render_partial, TocTree.resolve]
    methods += [getattr(translator, f'{way}_{name}', None) for name in _NODES for way in ('visit', 'depart')]
    replaced = {name for handlers in app.registry.translation_handlers.values() for name in handlers}
    own = all((getattr(each, '__module__', None) or '').startswith(('sphinx.', 'docutils.')) for each in methods)
    return own and replaced.isdisjoint(_NODES)
